//! Baselines: snapshots of a connector's behaviour, accepted by its author and kept in the author's repository.
//!
//! What a run saw is compared with them by structure. A change becomes a pending file beside the baseline, never an
//! overwrite; changes of one shape are one question, which a person answers.

mod answer;
mod difference;
mod field;
mod file;
mod form;
mod group;
mod mask;
pub mod normalise;
mod place;
pub mod portrait;
mod proposal;
mod question;
mod session;
mod show;
mod stable_changes;
mod statements;
mod store;
mod text_difference;
mod verdict;

pub use answer::Answer;
pub use difference::{Change, What, changes};
pub use file::{Trouble, TroubleKind};
pub use proposal::Proposal;
pub use question::{Matter, Question, Spot};
pub use session::{Key, Keys, Left, review};
pub use show::{PlaceDifference, list, place_differences, question_with_difference, told_unusable};
pub use statements::{DIFFERS, MISSING, SECRET, STALE, STATEMENTS, VOLATILE};
pub use store::{Contents, Entry, Lock, Pending, Store};
pub use text_difference::{Layout, SignedLine, difference};
pub use verdict::{Observed, Run, Verdict, Verdicts};

use crate::protocol::Descriptor;

/// What one baseline file is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The specification.
    Specification,
    /// The order of messages in a read.
    Messages,
    /// How launches end.
    Exits,
    /// A stream as `discover` describes it.
    Catalog(Descriptor),
    /// Some records of a stream.
    Records(Descriptor),
    /// The fields of a stream's records.
    Shape(Descriptor),
    /// The form of a stream's state after a full refresh.
    State(Descriptor),
    /// The form of the state that all streams share, after a full refresh.
    GlobalState,
    /// The form of a stream's state after an incremental read: what connections keep.
    IncrementalState(Descriptor),
    /// The form of the state that all streams share, after an incremental read.
    GlobalIncrementalState,
}

/// What the connector did, in one subject: the content of one baseline file.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// What it is about.
    pub subject: Subject,
    /// What is compared: objects wherever entries have a name, in a stable order.
    pub content: serde_json::Value,
}
