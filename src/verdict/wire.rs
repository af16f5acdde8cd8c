//! What went over the wire in a launch, as far as a report shows it: lines around what matters, checkpoints, and the
//! course of it. Bounded, whatever the connector puts out; the transcript is complete.

use crate::protocol::Descriptor;
use serde::{Deserialize, Serialize};

/// What went over the wire in a launch.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Wire {
    /// Lines in the order of their arrival: the first and the last, and those around evidence. Where the numbers of a
    /// channel jump, those between are in the transcript alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<WireLine>,
    /// The states of each stream, in order; thinned where they are many, those that go back kept the longest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checkpoints: Vec<Checkpoint>,
    /// What came in each span of time.
    #[serde(default, skip_serializing_if = "Course::is_empty")]
    pub course: Course,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct WireLine {
    /// Its number on its channel, from 1; on stdout the message's.
    pub number: u64,
    /// Whether it stands on stderr.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stderr: bool,
    /// When its end arrived, in seconds since the launch began.
    pub at: f64,
    /// The message's type on the wire; none where it is no message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The stream of a record, or of a state or status of a single stream, where the catalog has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<Descriptor>,
    /// Its whole length in bytes.
    pub length: u64,
    /// Its beginning, with secrets cut out and control characters made visible.
    pub text: String,
}

/// What one state says of a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Checkpoint {
    /// The message's number.
    pub message: u64,
    /// When it arrived, in seconds since the launch began.
    pub at: f64,
    /// The stream.
    pub stream: Descriptor,
    /// Records of the stream before it.
    pub records: u64,
    /// Where the cursor stands, where it is one value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Whether the cursor is before that of the stream's state before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub goes_back: bool,
}

/// What came in each span of time, from the launch's beginning.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Course {
    /// The length of a span, in seconds.
    pub span: f64,
    /// Records in each span; ends with the last span that had one.
    pub records: Vec<u64>,
}

impl Course {
    /// Whether nothing came.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}
