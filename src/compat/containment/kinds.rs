//! Sets of the kinds of JSON values, with whole numbers apart from others: what `type` says, exactly.

use crate::protocol::schema::types;
use serde_json::Value;

/// A set of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub const NULL: Kinds = Kinds(1);
    pub const BOOLEAN: Kinds = Kinds(2);
    /// Whole numbers, `1.0` among them.
    pub const WHOLE: Kinds = Kinds(4);
    /// All other numbers.
    pub const FRACTION: Kinds = Kinds(8);
    pub const STRING: Kinds = Kinds(16);
    pub const ARRAY: Kinds = Kinds(32);
    pub const OBJECT: Kinds = Kinds(64);
    pub const NUMBER: Kinds = Kinds(4 | 8);
    pub const NONE: Kinds = Kinds(0);
    pub const ALL: Kinds = Kinds(127);

    /// The kinds that a schema's own `type` takes: all where it has none, or one that is none of JSON Schema's.
    pub fn of_schema(schema: &Value) -> Kinds {
        let Some(words) = types(schema) else { return Kinds::ALL };
        words.into_iter().fold(Kinds::NONE, |all, word| all.or(Kinds::of_word(word)))
    }

    fn of_word(word: &str) -> Kinds {
        match word {
            "null" => Kinds::NULL,
            "boolean" => Kinds::BOOLEAN,
            "integer" => Kinds::WHOLE,
            "number" => Kinds::NUMBER,
            "string" => Kinds::STRING,
            "array" => Kinds::ARRAY,
            _ => Kinds::OBJECT,
        }
    }

    pub fn of_value(value: &Value) -> Kinds {
        match value {
            Value::Null => Kinds::NULL,
            Value::Bool(_) => Kinds::BOOLEAN,
            Value::Number(number) if number.as_f64().is_some_and(|number| number.fract() == 0.0) => Kinds::WHOLE,
            Value::Number(_) => Kinds::FRACTION,
            Value::String(_) => Kinds::STRING,
            Value::Array(_) => Kinds::ARRAY,
            Value::Object(_) => Kinds::OBJECT,
        }
    }

    pub fn and(self, other: Kinds) -> Kinds {
        Kinds(self.0 & other.0)
    }

    pub fn or(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    pub fn is_within(self, other: Kinds) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether a value may be of one of these kinds.
    pub fn meets(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }

    /// Its kinds, one by one.
    pub fn each(self) -> impl Iterator<Item = Kinds> {
        (0..7).map(|bit| Kinds(1 << bit)).filter(move |kind| self.meets(*kind))
    }
}
