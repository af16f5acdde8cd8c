//! From findings to verdicts: what the suite says about levels and waivers, what the run as a whole comes to, and the
//! results file that every report is made from.
//!
//! Nothing here renders.

mod assemble;
mod gravity;
mod lane;
mod merge;
mod merged;
mod pipe;
mod question;
mod reading;
mod results;
mod since;
mod waivers;
mod wire;

pub use assemble::{LaunchJudgement, LevelOf, Policy, assemble};
pub use gravity::gravity;
pub use lane::Lane;
pub use merge::{digest_of_suites, together};
pub use merged::{Mixed, Once, merge};
pub use pipe::{PipeFacts, PipePace, PipeStream, PipeSync};
pub use question::{DifferenceFacts, DifferenceLine, DifferencePiece, QuestionFacts};
pub use reading::{Unreadable, read};
pub use results::{
    ConnectorFacts, Doubt, FindingResult, LaunchFacts, LaunchState, NO_INCREMENTAL_STREAM, Reproduction, Results,
    RunFacts, RunPart, SCHEMA_VERSION, SettingFacts, StreamFacts, SuiteFacts, Tally, Verdict,
};
pub use since::{Fixed, Flaky, Same, Since, SinceMark, compare};
pub use wire::{Checkpoint, Course, Wire, WireLine};

use serde::{Deserialize, Serialize};

/// What a rule or an experiment comes to.
///
/// `fail` means that the connector is wrong; `error` that we, the machine or the network are. `off` is switched off by
/// the suite; `skip` says what made it impossible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Switched off.
    Off,
    /// Could not be judged.
    Skip,
    /// Judged, and nothing was found that weighs more than INFO; or what was found is waived.
    Pass,
    /// Violated at SHOULD.
    Warn,
    /// Violated at MUST.
    Fail,
    /// Could not be judged, through no fault of the connector's.
    Error,
}

impl Status {
    /// All of them, from the mildest.
    pub const ALL: [Status; 6] = [Status::Off, Status::Skip, Status::Pass, Status::Warn, Status::Fail, Status::Error];

    /// The word in results and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Off => "off",
            Status::Skip => "skip",
            Status::Pass => "pass",
            Status::Warn => "warn",
            Status::Fail => "fail",
            Status::Error => "error",
        }
    }

    /// What it means, for legends.
    pub fn meaning(self) -> &'static str {
        match self {
            Status::Off => "switched off by the suite",
            Status::Skip => "could not be judged; the reason says why",
            Status::Pass => "judged, and nothing was found at MUST or SHOULD",
            Status::Warn => "breaks a SHOULD: it works, with less than it should",
            Status::Fail => "breaks a MUST: it breaks the protocol or loses data",
            Status::Error => "not judged because of this machine, the network or airproof, not the connector",
        }
    }
}
