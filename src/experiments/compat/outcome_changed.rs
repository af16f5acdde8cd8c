//! COMPAT-003.

use crate::compat::Class;
use crate::experiments::answer::{Answer, describe};
use crate::experiments::compat_findings::{level_of, may_break};
use crate::experiments::control::{Control, Shown, differs};
use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab, limit_after};
use crate::experiments::same_records::{end_of, fails};
use crate::experiments::{Conclusion, Launches};
use crate::plan::Ask;
use crate::protocol::Command;

experiment! {
    /// What works with one version does not with the other.
    ///
    /// # What it checks
    /// `airproof compare` gives both versions the same config: whether `check` takes it, and whether the streams that both have can be
    /// read. What worked and no longer does, in two attempts, is breaking: a MUST, or a SHOULD where the label of the target begins a new major
    /// version. What works only now is told at INFO.
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
            Launches::one("check.control", "the same config, in the other version").of_control(),
            Launches::one("check.target-again", "the config once more").of_control().on_doubt(),
            Launches::one("read.control", "the streams of both, in the other version").of_control(),
            Launches::one("read.target-retried", "the same read once more").of_control().on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let both = Control::of(lab)?;
    let (check, control) = (lab.check()?, both.check()?);
    let level = level_of(Class::Breaking, may_break(lab, control));
    let mut conclusion = Conclusion::of(STATEMENT, check);
    let said = |ran| (Answer::of(ran) == Answer::Accepted, Answer::of(ran).is_no());
    if let ((true, _), (_, true)) = (said(control), said(check)) {
        let again = Ask::of(Command::Check, "check.target-again", "the config once more").unjudged().round(1);
        let again = lab.launch(again.within(limit_after(check)))?;
        if Answer::of(again).is_no() {
            let shown = Shown { launch: check, expected: describe(control), actual: describe(check) };
            let message = format!(
                "{} takes the config ({}), and {} does not, in two attempts ({})",
                control.id,
                describe(control),
                check.id,
                describe(check)
            );
            conclusion.found(None, differs("check", level, "breaking: check refuses what it took", message, shown));
            return Ok(conclusion);
        }
    }
    if let ((_, true), (true, _)) = (said(control), said(check)) {
        let shown = Shown { launch: check, expected: describe(control), actual: describe(check) };
        let message = format!("{} refuses the config ({}), and {} takes it", control.id, describe(control), check.id);
        let info = crate::rules::Level::Info;
        conclusion
            .found(None, differs("check taken", info, "behavioural: check takes what it refused", message, shown));
        return Ok(conclusion);
    }
    let read = lab.first_read()?;
    conclusion.launch.clone_from(&read.id);
    let ask = both.read_like(read, "read.control", "the streams of both, in the other version")?;
    let former = lab.launch(ask.leaving_out(both.fields_told()?))?;
    if former.succeeded() && fails(read) {
        let retried = lab.read_like(read, "read.target-retried", "the same read once more")?.unjudged().round(1);
        if fails(lab.launch(retried)?) {
            let shown = Shown { launch: read, expected: end_of(former), actual: end_of(read) };
            let message = format!("{} succeeds, and {} fails, in two attempts ({})", former.id, read.id, end_of(read));
            conclusion.found(None, differs("read", level, "breaking: a read fails that succeeded", message, shown));
            return Ok(conclusion);
        }
    }
    conclusion.judged(None);
    Ok(conclusion)
}
