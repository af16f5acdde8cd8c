//! Every place of a schema where a schema stands: what the rules about keywords look through.

use super::vocabulary::is_json_column;
use serde_json::{Map, Value};

/// How many places are looked at. Schemas are hostile: one that has more is judged by its first ones.
const PLACES: usize = 100_000;

/// How deep schemas are followed, in steps from a schema to one within it.
const DEPTH: usize = 200;

/// Where a schema stands in the one around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place<'s> {
    /// It is the whole.
    Root,
    /// Under `properties`.
    Property {
        /// The property's name.
        name: &'s str,
        /// The object that has it among its `properties`.
        parent: &'s Value,
    },
    /// Under `items`, alone or as one of a tuple's.
    Items,
    /// Under `additionalProperties` or `patternProperties`.
    OtherProperties,
    /// One of `oneOf`, `anyOf` or `allOf`, or under `not`, `if`, `then`, `else`.
    Branch {
        /// Which of them.
        keyword: &'static str,
        /// The schema that has it.
        parent: &'s Value,
    },
    /// Under `definitions` or `$defs`: described here, used elsewhere.
    Definition,
}

/// A schema within a schema.
#[derive(Debug, Clone)]
pub struct Position<'s> {
    /// JSON pointer from the root.
    pub pointer: String,
    /// The field that it describes, as people write it: `address.city`, `lines[].price`; empty for the root.
    pub field: String,
    /// How it stands in the one around it.
    pub place: Place<'s>,
    /// The schema: an object, or true or false, or what stands there instead.
    pub schema: &'s Value,
    /// Steps from the root.
    pub depth: usize,
}

impl<'s> Position<'s> {
    /// The schema's keywords; none where it is no object.
    pub fn members(&self) -> Option<&'s Map<String, Value>> {
        self.schema.as_object()
    }

    /// The value of a keyword.
    pub fn keyword(&self, name: &str) -> Option<&'s Value> {
        self.schema.get(name)
    }

    /// JSON pointer to one of its keywords.
    pub fn pointer_to(&self, keyword: &str) -> String {
        format!("{}/{}", self.pointer, escaped(keyword))
    }

    /// The field in words for people: `` `address.city` `` or `the root`.
    pub fn describe(&self) -> String {
        if self.field.is_empty() { "the root".to_owned() } else { format!("`{}`", self.field) }
    }
}

/// Every schema within `schema`, itself first, each before those within it, in the order of the document. Follows no
/// reference. Only real schemas: not the values of `default`, `examples`, `const` and `enum`, and a property named like a
/// keyword is a property.
pub fn positions(schema: &Value) -> Vec<Position<'_>> {
    let root = Position { pointer: String::new(), field: String::new(), place: Place::Root, schema, depth: 0 };
    let (mut found, mut open) = (Vec::new(), vec![root]);
    while let Some(position) = open.pop() {
        if position.depth < DEPTH {
            let mut within = within(&position);
            within.reverse();
            open.append(&mut within);
        }
        found.push(position);
        if found.len() >= PLACES {
            break;
        }
    }
    found
}

/// The places of [`positions`] that say something about records by where they stand: nothing below `definitions`, which
/// only counts where a reference uses it, and nothing within the schema of a JSON column, which is always the same.
pub fn described(schema: &Value) -> Vec<Position<'_>> {
    let mut found = positions(schema);
    // A place stands before those within it: all that follow and are deeper.
    let mut left_out: Option<usize> = None;
    found.retain(|position| {
        if left_out.is_some_and(|depth| position.depth > depth) {
            return false;
        }
        let is_definition = position.place == Place::Definition;
        left_out = (is_definition || is_json_column(position.schema)).then_some(position.depth);
        !is_definition
    });
    found
}

/// The schemas directly within one.
fn within<'s>(position: &Position<'s>) -> Vec<Position<'s>> {
    let (mut found, parent) = (Vec::new(), position.schema);
    let mut add = |at: String, field: String, place: Place<'s>, schema: &'s Value| {
        let pointer = format!("{}/{at}", position.pointer);
        found.push(Position { pointer, field, place, schema, depth: position.depth + 1 });
    };
    let (inner, same) = (|name: &str| joined(&position.field, name), || position.field.clone());
    for (keyword, value) in position.members().into_iter().flatten() {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                for (name, schema) in properties {
                    let at = format!("properties/{}", escaped(name));
                    add(at, inner(name), Place::Property { name, parent }, schema);
                }
            }
            ("items", Value::Array(items)) => {
                for (place, schema) in items.iter().enumerate() {
                    add(format!("items/{place}"), format!("{}[]", position.field), Place::Items, schema);
                }
            }
            ("items", schema) => add("items".to_owned(), format!("{}[]", position.field), Place::Items, schema),
            ("additionalProperties", schema @ Value::Object(_)) => {
                add(keyword.clone(), inner("*"), Place::OtherProperties, schema);
            }
            ("patternProperties", Value::Object(properties)) => {
                for (name, schema) in properties {
                    add(format!("{keyword}/{}", escaped(name)), inner("*"), Place::OtherProperties, schema);
                }
            }
            ("definitions" | "$defs", Value::Object(definitions)) => {
                for (name, schema) in definitions {
                    add(format!("{keyword}/{}", escaped(name)), inner(name), Place::Definition, schema);
                }
            }
            (word, value) => {
                let Some(keyword) = BRANCHES.into_iter().find(|known| *known == word) else { continue };
                match value {
                    Value::Array(branches) => {
                        for (place, schema) in branches.iter().enumerate() {
                            add(format!("{keyword}/{place}"), same(), Place::Branch { keyword, parent }, schema);
                        }
                    }
                    schema => add(keyword.to_owned(), same(), Place::Branch { keyword, parent }, schema),
                }
            }
        }
    }
    found
}

const BRANCHES: [&str; 7] = ["oneOf", "anyOf", "allOf", "not", "if", "then", "else"];

fn joined(field: &str, name: &str) -> String {
    if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") }
}

/// A name as part of a JSON pointer.
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn schemas_are_found_and_values_are_not() {
        let schema = json!({
            "default": {"properties": {"no": {}}},
            "properties": {
                "properties": {"type": "string"},
                "a/b": {"type": "array", "items": {"properties": {"c": {}}}},
            },
            "oneOf": [{"properties": {"d": true}}],
        });
        let found: Vec<String> =
            positions(&schema).iter().map(|found| format!("{} {}", found.pointer, found.field)).collect();
        assert_eq!(
            found,
            [
                " ",
                "/properties/properties properties",
                "/properties/a~1b a/b",
                "/properties/a~1b/items a/b[]",
                "/properties/a~1b/items/properties/c a/b[].c",
                "/oneOf/0 ",
                "/oneOf/0/properties/d d",
            ]
        );
    }

    #[test]
    fn definitions_and_json_columns_are_left_out() {
        let schema = json!({
            "definitions": {"a": {"properties": {"b": {}}}, "c": {}},
            "properties": {
                "column": {"type": "object", "airbyte_type": "json", "oneOf": [{"type": "array"}, {"type": "object"}]},
                "definitions": {"properties": {"d": {}}},
            },
        });
        let fields: Vec<String> = described(&schema).into_iter().map(|found| found.field).collect();
        assert_eq!(fields, ["", "column", "definitions", "definitions.d"]);
    }

    #[test]
    fn what_is_endless_ends() {
        let deep = (0..1_000).fold(json!({}), |inner, _| json!({"items": inner}));
        assert!(positions(&deep).len() <= DEPTH + 1);
        std::mem::forget(deep);
        let wide = json!({"properties": (0..PLACES + 5).map(|n| (n.to_string(), json!({}))).collect::<Map<_, _>>()});
        assert_eq!(positions(&wide).len(), PLACES);
    }
}
