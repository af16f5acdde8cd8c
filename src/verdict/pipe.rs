//! What results say of a source that was piped into a destination.

use crate::protocol::Descriptor;
use serde::{Deserialize, Serialize};

/// A source and a destination together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PipeFacts {
    /// The source, as in `connectors`.
    pub source: String,
    /// The destination, as in `connectors`.
    pub destination: String,
    /// The syncs, in order.
    pub syncs: Vec<PipeSync>,
    /// The streams that were piped, in the catalog's order.
    pub streams: Vec<PipeStream>,
    /// Streams that were not, each with the reason in a sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

/// One sync.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PipeSync {
    /// The launch of the source.
    pub read: String,
    /// The launch of the destination.
    pub write: String,
    /// Records that the destination was given.
    pub records: u64,
    /// Bytes that the destination was given.
    pub bytes: u64,
    /// States that the destination was given.
    pub states: u64,
    /// Those that came back.
    pub states_back: u64,
    /// The pace of the source.
    pub source: PipePace,
    /// The pace of the destination.
    pub destination: PipePace,
    /// Which of the two died first, in a sentence; none where neither did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub died_first: Option<String>,
}

/// How fast one of the two was, from its start to its exit, and what it used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PipePace {
    /// How long it ran, in seconds.
    pub seconds: f64,
    /// Records in a second.
    pub records_per_second: f64,
    /// Megabytes (of 1,000,000 bytes) in a second, of the messages that were handed on.
    pub megabytes_per_second: f64,
    /// The most memory that it had, in bytes; none where nobody saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory: Option<u64>,
}

/// One stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PipeStream {
    /// The stream, as the source names it.
    #[serde(flatten)]
    pub stream: Descriptor,
    /// The namespace that it was written to.
    pub written_to: String,
    /// How it was read: `full_refresh` or `incremental`.
    pub sync_mode: String,
    /// How it was written: `append`, `overwrite` or `append_dedup`.
    pub destination_sync_mode: String,
    /// Records that the destination was given, in all syncs.
    pub records: u64,
    /// Records that could not be handed on.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub held_back: u64,
    /// How many rows there have to be; none where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_rows: Option<u64>,
    /// How many there are; none where nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Whether the keys that are stored are those that came; none where they can't be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys_equal: Option<bool>,
    /// Whether the state that is kept is the source's last one; none where the source gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_equal: Option<bool>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}
