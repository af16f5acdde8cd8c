//! Baselines: snapshots of a connector's behaviour, made from what it puts out, and kept in the user's repository.

pub mod normalise;
pub mod portrait;

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
    /// The form of a stream's state.
    State(Descriptor),
    /// The form of the state that all streams share.
    GlobalState,
}

/// What the connector did, in one subject: the content of one baseline file.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// What it is about.
    pub subject: Subject,
    /// What is compared: objects wherever entries have a name, in a stable order.
    pub content: serde_json::Value,
}
