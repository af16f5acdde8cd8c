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
pub enum What {
    /// A field is new.
    FieldAdded,
    /// A field is gone.
    FieldRemoved,
    /// A field has another name.
    FieldRenamed,
    /// Whether a field must be given.
    Required,
    /// The types of a field.
    Type,
    /// The values that a field takes, by `enum` or `const`.
    Values,
    /// The pattern of a text.
    Pattern,
    /// A bound of a number, a length or a count.
    Bounds,
    /// The format of a text.
    Format,
    /// The `airbyte_type` beside a type.
    AirbyteType,
    /// What a field that is left out means.
    Default,
    /// Whether a field is secret.
    Secret,
    /// A choice, or one of its branches.
    Choice,
    /// Whether others than the declared fields may be given.
    OtherFields,
    /// A condition that no other word tells of.
    Constraint,
    /// A description.
    Description,
    /// A title.
    Title,
    /// Where a field stands in the form.
    Order,
    /// A keyword that says nothing of values.
    Annotation,
    /// How to authenticate by OAuth.
    Oauth,
    /// The modes in which a destination writes.
    DestinationModes,
    /// What a connector says that it can do.
    Ability,
    /// A stream is new.
    StreamAdded,
    /// A stream is gone.
    StreamRemoved,
    /// A stream has another name.
    StreamRenamed,
    /// The namespace of a stream.
    Namespace,
    /// The modes in which a stream can be read.
    SyncModes,
    /// The primary key of a stream.
    PrimaryKey,
    /// Whether the source chooses the cursor.
    SourceDefinedCursor,
    /// The cursor where nobody chooses one.
    DefaultCursor,
    /// Whether a read of a stream can be resumed.
    Resumable,
    /// Whether a stream delivers files.
    FileBased,
    /// A member of a stream that the protocol does not know.
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
