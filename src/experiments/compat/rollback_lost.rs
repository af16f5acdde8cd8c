//! COMPAT-007.

use crate::experiments::control::Control;
use crate::experiments::experiment::experiment;
use crate::experiments::handover::{Handover, hand_over};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::{Conclusion, Launches};

experiment! {
    /// The other version does not go on from the state of this one.
    ///
    /// # What it checks
    /// The same as COMPAT-006 the other way round: the state that this version ends with goes to both.
    ///
    /// # Why it matters
    /// A version that turns out to be broken is rolled back. Where the old one cannot read the new one's state, every connection that synced in
    /// between is stuck, or reads all of its data again.
    ///
    /// # Example
    /// ```text
    /// bad:  the state of 1.5.0 makes 1.4.0 fail
    /// good: 1.4.0 reads on where 1.5.0 ended
    /// ```
    ///
    /// # How to mend it
    /// Change the form of a state in two releases: the first reads both forms, the second writes the new one.
    ///
    /// # What Airbyte's tests see
    /// Nothing.
    run {
        code: "COMPAT-007",
        name: "rollback-not-resumed",
        level: Must,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "platform: states outlive versions",
        depth: Standard,
        launches: [
            Launches::one("read.target-incremental", "incremental, of the streams of both").of_control(),
            Launches::one("read.target-resumed", "from its state, by itself").of_control(),
            Launches::one("read.rolled-back", "from its state, by the other version").of_control(),
            Launches::one("read.rolled-back-again", "and once more").of_control().on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let both = Control::of(lab)?;
    let base = lab.incremental()?.complete()?;
    let ask = both.read_by_target(base, "read.target-incremental", "incremental, of the streams of both")?;
    let before = lab.launch(ask.clone())?.complete()?;
    let state = before.final_state()?;
    let own = |id: &str| ask.clone().named(id, "from its own state").resuming(&before.id, state.clone());
    let other = |id: &str| {
        let ask = both.read_like(base, id, "from this version's state, by the other one")?;
        Ok::<_, Halt>(ask.resuming(&before.id, state.clone()))
    };
    let handover = Handover {
        before,
        own: own("read.target-resumed"),
        other: other("read.rolled-back")?,
        again: other("read.rolled-back-again")?.round(1),
        from: "this version",
        by: "the other one",
    };
    hand_over(lab, Conclusion::of(STATEMENT, before), both.spec()?, handover)
}
