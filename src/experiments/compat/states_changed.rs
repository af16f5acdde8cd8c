//! COMPAT-005.

use crate::compat::Class;
use crate::experiments::compat_findings::{level_of, may_break};
use crate::experiments::control::{Control, Shown, differs};
use crate::experiments::experiment::experiment;
use crate::experiments::halfway::tell_upgrade;
use crate::experiments::handover::Handover;
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::state_forms::{differences, told};
use crate::experiments::{Conclusion, Launches};

experiment! {
    /// The states of the two versions are of another form.
    ///
    /// # What it checks
    /// `airproof compare` reads incrementally with both versions and compares the form of the state that each ends with: of which kind it
    /// is, which streams it has, which members, of which types. Values are not compared, and a stream of which the catalogs say that it is read by
    /// another cursor or in other ways is left out. A difference is behavioural, a SHOULD. Where one version does not go on from the state
    /// of the other, that is told instead: COMPAT-006 and COMPAT-007.
    ///
    /// # Why it matters
    /// A state is kept when the version changes, in both directions.
    ///
    /// # Example
    /// The state of `orders`, in the control `{"updated_at":"2024-01-01T00:00:00Z"}`:
    /// ```json
    /// bad:  {"cursor":1704067200}
    /// good: {"updated_at":"2024-01-02T00:00:00Z"}
    /// ```
    ///
    /// # How to mend it
    /// Keep the members that were there. Where the form has to change, read the former one, too, and test that.
    ///
    /// # What Airbyte's tests see
    /// Nothing: they know no states of another version.
    run {
        code: "COMPAT-005",
        name: "states-changed",
        level: Should,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "platform: states outlive versions",
        depth: Standard,
        launches: [
            Launches::one("read.control-incremental", "incremental, by the other version").of_control(),
            Launches::one("read.control-resumed", "from its state, by itself").of_control().on_doubt(),
            Launches::one("read.upgraded", "from its state, by this version").of_control().on_doubt(),
            Launches::one("read.upgraded-again", "and once more").of_control().on_doubt(),
            Launches::one("read.control-halfway", "from a state in the middle of its read, by itself").of_control().on_doubt(),
            Launches::one("read.upgraded-halfway", "the same by this version").of_control().on_doubt(),
            Launches::one("read.control-halfway-again", "and once more, by itself").of_control().on_doubt(),
            Launches::one("read.upgraded-halfway-again", "and once more").of_control().on_doubt(),
            Launches::one("read.target-incremental", "incremental, of the streams of both").of_control().on_doubt(),
            Launches::one("read.target-resumed", "from its state, by itself").of_control().on_doubt(),
            Launches::one("read.rolled-back", "from its state, by the other version").of_control().on_doubt(),
            Launches::one("read.rolled-back-again", "and once more").of_control().on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let both = Control::of(lab)?;
    let target = lab.incremental()?.complete()?;
    let control = lab.launch(both.incremental(target)?)?.complete()?;
    let mut conclusion = Conclusion::of(STATEMENT, target);
    let found = differences(lab, &both)?;
    let (Some(first), false) = (found.first(), found.is_empty()) else {
        conclusion.judged(None);
        return Ok(conclusion);
    };
    if goes_wrong(lab, &both)? {
        let reason = "the states are of another form, and what comes of that is told by COMPAT-006 and COMPAT-007";
        conclusion.inconclusive(None, reason);
        return Ok(conclusion);
    }
    let message = format!(
        "the state that {} ends with is of another form than that of {}: {}",
        target.id,
        control.id,
        told(&found)
    );
    let shown = Shown { launch: target, expected: first.before.clone(), actual: first.after.clone() };
    let level = level_of(Class::Behavioural, may_break(lab, control));
    let title = "behavioural: the state has another form";
    conclusion.found(None, differs("state-form", level, title, message, shown));
    Ok(conclusion)
}

/// Whether one version does not go on from the state of the other: then that is what is told.
fn goes_wrong(lab: &Lab<'_>, both: &Control<'_, '_>) -> Result<bool, Halt> {
    let rollback = || {
        let handover = Handover::rollback(lab, both)?;
        let conclusion = Conclusion::of(STATEMENT, handover.before);
        handover.tell(lab, both, conclusion)
    };
    for told in [tell_upgrade(lab, both, STATEMENT), rollback()] {
        match told {
            Ok(conclusion) if !conclusion.findings.is_empty() => return Ok(true),
            Ok(_) | Err(Halt::Cannot(_)) => {}
            Err(wants) => return Err(wants),
        }
    }
    Ok(false)
}
