//! A single change between two versions, and what it does to those who used the former one.

use super::rules::Rule;
use crate::protocol::Descriptor;
use serde_json::Value;

/// What a change does to configs and connections that were set up with the former version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Nothing: texts, order, what nobody reads.
    Cosmetic,
    /// They go on, and something is otherwise.
    Behavioural,
    /// Some of them stop, or what they have stored no longer fits.
    Breaking,
}

impl Class {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Cosmetic => "cosmetic",
            Class::Behavioural => "behavioural",
            Class::Breaking => "breaking",
        }
    }
}

/// The part of a version number that has to grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The third number.
    Patch,
    /// The second.
    Minor,
    /// The first.
    Major,
}

impl Step {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Step::Patch => "patch",
            Step::Minor => "minor",
            Step::Major => "major",
        }
    }

    /// What these changes demand together. None where nothing changed.
    pub fn demanded_by(changes: &[Change]) -> Option<Step> {
        changes.iter().map(Change::step).max()
    }
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // Each is its own words.
pub enum What {
    FieldAdded,
    FieldRemoved,
    FieldRenamed,
    Required,
    Type,
    Values,
    Pattern,
    Bounds,
    Format,
    AirbyteType,
    Default,
    Secret,
    Choice,
    OtherFields,
    Constraint,
    Description,
    Title,
    Order,
    Annotation,
    Oauth,
    DestinationModes,
    Ability,
    StreamAdded,
    StreamRemoved,
    StreamRenamed,
    Namespace,
    SyncModes,
    PrimaryKey,
    SourceDefinedCursor,
    DefaultCursor,
    Resumable,
    FileBased,
    StreamMember,
}

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Of which stream, where it is about one.
    pub stream: Option<Descriptor>,
    /// JSON pointer into what the new version says, or into what the former one said where nothing stands there any more:
    /// of a specification from its payload, of a stream from its entry in the catalog.
    pub pointer: String,
    /// What stood there.
    pub before: Option<Value>,
    /// What does now.
    pub after: Option<Value>,
    /// Why it is what it is.
    pub rule: &'static Rule,
}

impl Change {
    pub(super) fn new(rule: &'static Rule, pointer: String, values: [Option<&Value>; 2]) -> Change {
        let [before, after] = values.map(|value| value.cloned());
        Change { stream: None, pointer, before, after, rule }
    }

    /// What changed.
    pub fn what(&self) -> What {
        self.rule.what
    }

    /// What it does.
    pub fn class(&self) -> Class {
        self.rule.class
    }

    /// What it demands of the version.
    pub fn step(&self) -> Step {
        self.rule.step
    }
}
