//! COMPAT-005.

use crate::compat::Class;
use crate::experiments::compat_findings::{level_of, may_break};
use crate::experiments::control::{Control, Shown, differs};
use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::state_shape::{Difference, difference, shape};
use crate::experiments::{Conclusion, Launches};

experiment! {
    /// The states of the two versions are of another form.
    ///
    /// # What it checks
    /// `airproof compare` reads incrementally with both versions and compares the form of the state that each ends with: of which kind it
    /// is, which streams it has, which members, of which types. Values are not compared. A difference is behavioural, a SHOULD. What becomes of it
    /// when versions change is COMPAT-006 and COMPAT-007.
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
        launches: [Launches::one("read.control-incremental", "incremental, by the other version").of_control()],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let both = Control::of(lab)?;
    let target = lab.incremental()?.complete()?;
    let ask = both.read_like(target, "read.control-incremental", "incremental, by the other version")?;
    let control = lab.launch(ask)?.complete()?;
    let level = level_of(Class::Behavioural, may_break(lab, control));
    let mut conclusion = Conclusion::of(STATEMENT, target);
    let [was, is] = [state_of(control, target)?, state_of(target, target)?];
    for Difference { at, before, after } in difference(&was, &is) {
        let message =
            format!("at `{at}` of the state that {} ends with: {before}, and of {}: {after}", control.id, target.id);
        let shown = Shown { launch: target, expected: before, actual: after };
        let fault = differs("state form", level, "behavioural: the state has another form", message, shown);
        conclusion.found_alone(None, &at, fault);
    }
    conclusion.judged(None);
    Ok(conclusion)
}

fn state_of(ran: &Ran, of: &Ran) -> Result<serde_json::Value, Halt> {
    Ok(shape(&ran.final_state()?, &of.catalog()?.streams))
}
