//! Whether two schemas say the same of a value, word by word: what nobody validates by is not looked at.

use crate::protocol::schema::canonical;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Every keyword of draft-07 that says what a value must be, in the order in which they are proven. All others are annotations.
pub(in crate::compat) const ASSERTIONS: [&str; 34] = [
    "$ref",
    "type",
    "const",
    "enum",
    "required",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "properties",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "dependencies",
    "items",
    "additionalItems",
    "contains",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
];

/// The formats that validators of Airbyte's assert; all others say something to people.
const ASSERTED_FORMATS: [&str; 3] = ["date", "time", "date-time"];

/// Compares schemas, and takes so many steps off what it may take.
pub(super) struct Comparison<'s> {
    pub steps: &'s mut usize,
    /// Whether a reference means the same in both documents.
    pub refs_agree: bool,
}

impl Comparison<'_> {
    /// Whether both say the same. False in doubt.
    pub fn is_same(&mut self, one: &Value, other: &Value) -> bool {
        let Some(left) = self.steps.checked_sub(1) else { return false };
        *self.steps = left;
        match (one, other) {
            (Value::Bool(one), Value::Bool(other)) => one == other,
            (Value::Bool(true), Value::Object(other)) => says_nothing(other),
            (Value::Object(one), Value::Bool(true)) => says_nothing(one),
            (Value::Object(one), Value::Object(other)) => {
                ASSERTIONS.iter().all(|keyword| self.keyword(keyword, one.get(*keyword), other.get(*keyword)))
            }
            _ => false,
        }
    }

    fn keyword(&mut self, keyword: &str, one: Option<&Value>, other: Option<&Value>) -> bool {
        let (one, other) = match (one, other) {
            (None, None) => return true,
            (Some(one), Some(other)) => (one, other),
            (Some(only), None) | (None, Some(only)) => return is_idle(keyword, only),
        };
        match keyword {
            "$ref" => self.refs_agree && is_definition(one) && one == other,
            "type" | "enum" | "required" => as_set(one) == as_set(other),
            "properties" | "patternProperties" => match (one, other) {
                (Value::Object(one), Value::Object(other)) => self.members(one, other),
                _ => one == other,
            },
            "allOf" | "anyOf" | "oneOf" => match (one, other) {
                (Value::Array(one), Value::Array(other)) => self.list(one, other),
                _ => one == other,
            },
            "items" => match (one, other) {
                (Value::Array(one), Value::Array(other)) => self.list(one, other),
                _ => self.is_same(one, other),
            },
            "not"
            | "if"
            | "then"
            | "else"
            | "additionalProperties"
            | "additionalItems"
            | "propertyNames"
            | "contains" => self.is_same(one, other),
            "format" => one == other || !(is_asserted(one) || is_asserted(other)),
            _ => canonical(one) == canonical(other),
        }
    }

    fn members(&mut self, one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
        one.len() == other.len()
            && one.iter().all(|(name, schema)| other.get(name).is_some_and(|now| self.is_same(schema, now)))
    }

    fn list(&mut self, one: &[Value], other: &[Value]) -> bool {
        one.len() == other.len() && one.iter().zip(other).all(|(one, other)| self.is_same(one, other))
    }
}

fn says_nothing(schema: &Map<String, Value>) -> bool {
    ASSERTIONS.iter().all(|keyword| schema.get(*keyword).is_none_or(|value| is_idle(keyword, value)))
}

/// Whether a keyword with this value takes everything.
fn is_idle(keyword: &str, value: &Value) -> bool {
    match keyword {
        "additionalProperties" | "additionalItems" | "propertyNames" => {
            value == &Value::Bool(true) || value.as_object().is_some_and(says_nothing)
        }
        "required" => value.as_array().is_some_and(Vec::is_empty),
        "properties" | "patternProperties" | "dependencies" => value.as_object().is_some_and(Map::is_empty),
        "uniqueItems" => value == &Value::Bool(false),
        "minLength" | "minItems" | "minProperties" => value.as_f64() == Some(0.0),
        "format" => !is_asserted(value),
        _ => false,
    }
}

/// Whether a `format` is one that is asserted.
pub(super) fn is_asserted(format: &Value) -> bool {
    format.as_str().is_some_and(|format| ASSERTED_FORMATS.contains(&format))
}

fn is_definition(reference: &Value) -> bool {
    reference.as_str().is_some_and(|text| text.starts_with("#/definitions/") || text.starts_with("#/$defs/"))
}

fn as_set(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Array(items) => items.iter().map(canonical).collect(),
        single => BTreeSet::from([canonical(single)]),
    }
}

/// Whether references into `definitions` mean the same in both documents.
pub(super) fn refs_agree(before: &Value, after: &Value) -> bool {
    ["definitions", "$defs"].iter().all(|keyword| before.get(keyword) == after.get(keyword))
}
