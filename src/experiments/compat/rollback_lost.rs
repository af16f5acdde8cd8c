//! COMPAT-007.

use crate::experiments::control::Control;
use crate::experiments::experiment::experiment;
use crate::experiments::handover::Handover;
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
            Launches::one("read.control-incremental", "incremental, by the other version").of_control().on_doubt(),
            Launches::one("read.target-incremental", "incremental, of the streams of both").of_control(),
            Launches::one("read.target-resumed", "from its state, by itself").of_control(),
            Launches::one("read.rolled-back", "from its state, by the other version").of_control(),
            Launches::one("read.rolled-back-again", "and once more").of_control().on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let both = Control::of(lab)?;
    let handover = Handover::rollback(lab, &both)?;
    let conclusion = Conclusion::of(STATEMENT, handover.before);
    handover.tell(lab, &both, conclusion)
}
