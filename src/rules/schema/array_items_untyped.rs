use crate::protocol::Kind;
use crate::protocol::schema::Place;
use crate::rules::{Findings, Look, Observer, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// An array's items have no type, or one for each place.
    ///
    /// # What it checks
    /// Where a stream's schema says `"type": "array"`, at any level, it has `items`, and that is one schema with a type
    /// or branches. A list of schemas (a tuple) is reported as well: the protocol allows destinations to loosen it. The
    /// arrays within the schema of a JSON column are not meant. `items` that are no schema are SCHEMA-001's; types that do
    /// not exist are SCHEMA-006's.
    ///
    /// # Why it matters
    /// A typed destination makes text of an array whose items it does not know, or drops it. Users then have a column
    /// of JSON text to take apart.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":["null","array"]}
    /// bad:  {"type":["null","array"],"items":{}}
    /// good: {"type":["null","array"],"items":{"type":["null","string"]}}
    /// ```
    ///
    /// # How to mend it
    /// Declare what an item is, `object` with its `properties` where it is one. In Python and Low-code look into the
    /// stream's schema; a schema that was inferred from an empty array has no items. In Java it is
    /// `JsonSchemaType.builder(…ARRAY).withItems(…)`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look at `items`.
    ArrayItemsUntyped {
        code: "SCHEMA-013",
        name: "array-items-untyped",
        level: Should,
        commands: [Discover],
        authority: ProtocolText,
        source: "supported data types: Arrays",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct ArrayItemsUntyped;

impl Observer for ArrayItemsUntyped {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.described() {
            // What is excluded or only a condition describes no column.
            if matches!(place.place, Place::Branch { keyword: "not" | "if", .. }) || !is_array(place.schema) {
                continue;
            }
            let items = place.keyword("items");
            let (cause, what) = match items {
                None | Some(Value::Null) => ("no items", "is an array, and nothing says of what"),
                Some(Value::Array(tuple)) if !tuple.is_empty() => {
                    ("a tuple", "is an array with a schema for each place")
                }
                Some(items) if is_untyped(items) => ("no type", "is an array whose items have no type"),
                _ => continue,
            };
            findings.report_stream(cause, place.descriptor(), || {
                let title = match cause {
                    "a tuple" => "an array's items have a type for each place",
                    _ => "an array's items have no type",
                };
                place
                    .violation(look, "", title, format!("{} {what}", place.owner()))
                    .expected("`items` with one type", items.map_or("none".to_owned(), |items| text::json(items, 80)))
            });
        }
    }
}

fn is_array(schema: &Value) -> bool {
    match schema.get("type") {
        Some(Value::Array(words)) => words.iter().any(|word| word == "array"),
        word => word.is_some_and(|word| word == "array"),
    }
}

/// Whether a schema leaves open what a value is.
fn is_untyped(schema: &Value) -> bool {
    let telling = ["type", "oneOf", "anyOf", "allOf", "$ref", "enum", "const"];
    match schema {
        Value::Object(members) => !telling.iter().any(|keyword| members.contains_key(*keyword)),
        other => other.is_boolean(),
    }
}
