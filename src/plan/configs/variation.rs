//! What a variation of a configuration is.

use serde_json::Value;

/// A configuration that differs from the good one in one respect.
#[derive(Debug, Clone, PartialEq)]
pub struct Variation {
    /// Unique among those made together, the same for the same input, safe in file names: `without-api-key`.
    pub id: String,
    /// In words for people, behind "a config": "without the required field `api_key`". Never has a value of the config.
    pub what: String,
    /// JSON pointer into the good configuration, to what was changed; none where that is all of it, or several places.
    pub pointer: Option<String>,
    /// In which respect it differs.
    pub kind: Kind,
    /// What is in the file.
    pub content: Content,
}

/// What a connector is given as its configuration.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A JSON document.
    Json(Value),
    /// A file of these bytes, which hold no JSON object.
    Bytes(Vec<u8>),
}

/// In which respect a variation differs from the good configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A field that is required, and that nothing else says the value of, is left out.
    MissingRequired,
    /// A secret, or each of them, has another value of the same form. Conforms to the schema, but opens nothing.
    MangledSecret,
    /// The file holds no JSON.
    NotJson,
    /// A field's value is of a type that can't be read as the declared one.
    WrongType,
    /// A field's value is not among those of its `enum`.
    OutsideEnum,
    /// The field that tells the branches of a `oneOf` apart has a value that is no branch's.
    UnknownBranch,
    /// There is no field at all.
    Empty,
    /// The file holds JSON that is no object.
    NotAnObject,
    /// A text does not match its `pattern`.
    OffPattern,
    /// A number, or the length of a text or of an array, is beyond its bounds.
    OutOfBounds,
    /// A field has another value than its `const`.
    OutsideConst,
    /// The field that tells the branches of a `oneOf` apart is left out. What else is there can tell the branch as well,
    /// so a connector that takes it breaks its specification to nobody's harm.
    MissingDiscriminator,
    /// There are fields that the specification does not know, which it allows.
    UnknownKeys,
    /// An optional field, whose value is its `default`, is left out: nothing changes its meaning.
    WithoutDefault,
    /// An optional field, whose value is not its `default`, is left out. The default counts then, and may lead elsewhere:
    /// to another host, for instance.
    WithoutOptional,
    /// Every host that it names is one at which nobody answers. Conforms to the schema.
    UnreachableHost,
    /// Another branch of a `oneOf` is taken, filled with what is known. Whether the account allows it is not known.
    OtherBranch,
}

impl Kind {
    /// Whether a configuration of this kind means the same as the good one, so that it has to work as well as that.
    pub fn keeps_meaning(self) -> bool {
        matches!(self, Kind::UnknownKeys | Kind::WithoutDefault)
    }
}
