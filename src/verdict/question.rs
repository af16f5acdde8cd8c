//! What waits for an answer about baselines, as a report shows it.

use crate::protocol::Descriptor;
use serde::{Deserialize, Serialize};

/// One question: all changes of one shape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct QuestionFacts {
    /// Names it, for `airproof accept --only`.
    pub id: String,
    /// The code of its finding: BASE-001 for what differs, 002 for what is new, 003 for what is gone, 004 for a field that moves.
    pub rule: String,
    /// The connector, as in `connectors`.
    pub connector: String,
    /// What is asked, in a few words.
    pub title: String,
    /// The streams that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<Descriptor>,
    /// In how many places it shows.
    pub places: u64,
    /// The command that takes it; none where nothing is written, since the run was locked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept: Option<String>,
    /// What differs: the first place of each kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<DifferenceFacts>,
}

/// What differs in one place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DifferenceFacts {
    /// Which file, stream, scenario and member, in words.
    pub place: String,
    /// The lines of both, in one column.
    pub lines: Vec<DifferenceLine>,
    /// How many lines are left out.
    #[serde(default)]
    pub more: u64,
}

/// A line of a difference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DifferenceLine {
    /// `-` was, `+` is, a blank is in both, `⋮` stands for lines that are left out.
    pub sign: char,
    /// The text in pieces.
    pub pieces: Vec<DifferencePiece>,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DifferencePiece {
    /// The text.
    pub text: String,
    /// Whether it is what differs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub marked: bool,
}
