//! Baselines: snapshots of a connector's behaviour, accepted by its author and kept in the author's repository.
//!
//! What a run saw is compared with them by structure. A change becomes a pending file beside the baseline, never an
//! overwrite; changes of one shape are one question, which a person answers.

mod answer;
mod difference;
mod field;
mod file;
mod group;
mod place;
mod proposal;
mod question;
mod session;
mod show;
mod store;
mod text_difference;
mod verdict;

pub use answer::Answer;
pub use difference::{Change, What, changes};
pub use file::{Trouble, TroubleKind};
pub use proposal::Proposal;
pub use question::{Matter, Question, Spot};
pub use session::{Key, Keys, Left, review};
pub use show::{list, question_with_difference};
pub use store::{Contents, Entry, Lock, Pending, Store};
pub use text_difference::{Layout, difference};
pub use verdict::{Observed, Run, Verdict, Verdicts, plan_pending};

use crate::protocol::Descriptor;

/// What one baseline file is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The connector's specification.
    Specification,
    /// The sequence of messages in outline.
    Messages,
    /// How its launches ended.
    Exits,
    /// A stream as `discover` describes it.
    Catalog(Descriptor),
    /// A sample of a stream's records.
    Records(Descriptor),
    /// The fields of a stream's records, and what their values are like.
    Shape(Descriptor),
    /// A stream's state.
    State(Descriptor),
    /// The state that all streams share.
    GlobalState,
}

/// What the connector did, in one subject: the content of one baseline file.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// What it is about.
    pub subject: Subject,
    /// What was seen.
    pub content: serde_json::Value,
}
