//! COMPAT-003.

use crate::compat::Class;
use crate::experiments::answer::{Answer, describe};
use crate::experiments::compat_findings::{level_of_run, or_else};
use crate::experiments::control::{Control, Shown, differs};
use crate::experiments::experiment::{Fault, experiment};
use crate::experiments::lab::{Halt, Lab, Ran, limit_after};
use crate::experiments::same_records::{end_of, fails};
use crate::experiments::{Conclusion, Launches};
use crate::plan::Ask;
use crate::protocol::Command;
use crate::protocol::schema::CompiledSchema;
use crate::rules::Level;

experiment! {
    /// What works with one version does not with the other.
    ///
    /// # What it checks
    /// `airproof compare` gives both versions the same config: whether `check` takes it, and whether the streams that both have can be
    /// read. What worked and no longer does, in two attempts, is breaking: a MUST, or a SHOULD where the label of the target begins a new major
    /// version. What works only now is told at INFO. A config that the target's specification refuses is told by COMPAT-001 alone.
    ///
    /// # Why it matters
    /// Every connection that is like it stops with the upgrade.
    ///
    /// # Example
    /// ```text
    /// bad:  check of 1.4.0: SUCCEEDED; of 1.5.0: FAILED, with the same config
    /// good: SUCCEEDED by both
    /// ```
    ///
    /// # How to mend it
    /// Carry old configs over when they are read; where that cannot be, begin a new major version.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests do not run `check` and `read` of the former version.
    run {
        code: "COMPAT-003",
        name: "outcome-changed",
        level: Must,
        commands: [Check, Read],
        authority: PlatformBehaviour,
        source: "platform: connections outlive versions",
        depth: Quick,
        launches: [
            Launches::one("spec.control", "the specification of the other version").of_control().on_doubt(),
            Launches::one("check.control", "the same config, in the other version").of_control(),
            Launches::one("check.control-again", "and once more").of_control().on_doubt(),
            Launches::one("check.target-again", "the config once more").of_control().on_doubt(),
            Launches::one("read.control", "the streams of both, in the other version").of_control(),
            Launches::one("read.target-retried", "the same read once more").of_control().on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let both = Control::of(lab)?;
    let (check, control) = (lab.check()?, both.check()?);
    let mut conclusion = Conclusion::of(STATEMENT, check);
    control.exit()?;
    let (was, is) = (Answer::of(control), Answer::of(check));
    if was == Answer::Accepted && is.is_no() {
        if specification_says_so(lab, &both)? {
            conclusion
                .inconclusive(None, "check refuses the config, and so does the specification: COMPAT-001 tells of it");
            return Ok(conclusion);
        }
        let again = Ask::of(Command::Check, "check.target-again", "the config once more").unjudged().round(1);
        if Answer::of(lab.launch(again.within(limit_after(check)))?).is_no() {
            conclusion.found(None, refuses(lab, control, check));
            return Ok(conclusion);
        }
    }
    let refused_again = || {
        let again = both.ask(Command::Check, "check.control-again", "the same config, in the other version, once more");
        let again = lab.launch(again.round(1).within(limit_after(control)))?;
        Ok::<_, Halt>(Answer::of(again) == Answer::Refused)
    };
    if was == Answer::Refused && is == Answer::Accepted && refused_again()? {
        let shown = Shown { launch: check, expected: describe(control), actual: describe(check) };
        let message = format!(
            "{} refuses the config, in two attempts ({}), and {} takes it{}",
            control.id,
            describe(control),
            check.id,
            or_else(control)
        );
        let title = "behavioural: check takes what it refused";
        conclusion.found(None, differs("check-taken", Level::Info, title, message, shown));
        return Ok(conclusion);
    }
    let read = lab.first_read()?;
    conclusion.launch.clone_from(&read.id);
    let ask = both.read_like(read, "read.control", "the streams of both, in the other version")?;
    let former = lab.launch(ask.leaving_out(both.fields_told()?))?;
    former.exit()?;
    if former.succeeded() && fails(read) {
        let retried = lab.read_like(read, "read.target-retried", "the same read once more")?.unjudged().round(1);
        if fails(lab.launch(retried)?) {
            let level = level_of_run(Class::Breaking, lab, control);
            let shown = Shown { launch: read, expected: end_of(former), actual: end_of(read) };
            let ends = end_of(read);
            let (former, read) = (&former.id, &read.id);
            let message = format!("{former} succeeds, and {read} fails, in two attempts ({ends}){}", or_else(control));
            conclusion
                .found(None, differs("read-fails", level, "breaking: a read fails that succeeded", message, shown));
            return Ok(conclusion);
        }
    }
    conclusion.judged(None);
    Ok(conclusion)
}

/// Whether the config is valid by the control's specification and not by the target's.
fn specification_says_so(lab: &Lab<'_>, both: &Control<'_, '_>) -> Result<bool, Halt> {
    let takes = |ran: &Ran| {
        let schema = ran.summary.specification.as_ref().and_then(|payload| payload.get("connectionSpecification"));
        let compiled = schema.and_then(|schema| CompiledSchema::compile(schema).ok());
        compiled.map(|compiled| compiled.accepts(&lab.scenario.config))
    };
    Ok(takes(both.spec()?) == Some(true) && takes(lab.spec()?) == Some(false))
}

fn refuses(lab: &Lab<'_>, control: &Ran, check: &Ran) -> Fault {
    let (was, is) = (describe(control), describe(check));
    let message = format!(
        "{} takes the config ({was}), and {} does not, in two attempts ({is}){}",
        control.id,
        check.id,
        or_else(control)
    );
    let shown = Shown { launch: check, expected: was, actual: is };
    let level = level_of_run(Class::Breaking, lab, control);
    differs("check-refused", level, "breaking: check refuses what it took", message, shown)
}
