//! COMPAT-006.

use crate::experiments::control::Control;
use crate::experiments::experiment::experiment;
use crate::experiments::halfway::tell_upgrade;
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::{Conclusion, Launches};

experiment! {
    /// This version does not go on from the state of the other one.
    ///
    /// # What it checks
    /// `airproof compare` reads incrementally with the control, and gives the state that it ends with to both. The control shows what is to come. Where the
    /// target fails on that state, in two attempts, that is breaking: a MUST, or a SHOULD where its label begins a new major version.
    /// Where it leaves out records that the control reads after that state and had not read before, in two attempts, it is breaking as well. Where it reads most of
    /// a stream anew that the control does not, it is behavioural, a SHOULD. Where none of that shows, both are given a state out of the middle
    /// of the control's read as well: what had come behind it, and comes from the control again, must come from the target.
    ///
    /// # Why it matters
    /// That is the first sync after the upgrade, of every connection.
    ///
    /// # Example
    /// ```text
    /// bad:  the state of 1.4.0 makes 1.5.0 fail: KeyError: 'cursor'
    /// good: 1.5.0 reads on where 1.4.0 ended
    /// ```
    ///
    /// # How to mend it
    /// Read the former form of the state, too, for as long as anybody may upgrade from that version.
    ///
    /// # What Airbyte's tests see
    /// Nothing.
    run {
        code: "COMPAT-006",
        name: "upgrade-not-resumed",
        level: Must,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "platform: states outlive versions",
        depth: Standard,
        launches: [
            Launches::one("read.control-incremental", "incremental, by the other version").of_control(),
            Launches::one("read.control-resumed", "from its state, by itself").of_control(),
            Launches::one("read.upgraded", "from its state, by this version").of_control(),
            Launches::one("read.upgraded-again", "and once more").of_control().on_doubt(),
            Launches::one("read.target-incremental", "incremental, of the streams of both").of_control(),
            Launches::one("read.control-halfway", "from a state in the middle of its read, by itself").of_control(),
            Launches::one("read.upgraded-halfway", "the same by this version").of_control(),
            Launches::one("read.control-halfway-again", "and once more, by itself").of_control().on_doubt(),
            Launches::one("read.upgraded-halfway-again", "and once more").of_control().on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let both = Control::of(lab)?;
    tell_upgrade(lab, &both, STATEMENT)
}
