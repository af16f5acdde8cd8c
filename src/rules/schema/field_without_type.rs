use crate::protocol::Kind;
use crate::protocol::schema::vocabulary::CONSTRAINTS;
use crate::protocol::schema::{Place, kinds};
use crate::rules::{Described, Findings, Level, Look, Observer, Watch, rule};
use serde_json::Value;

/// Keywords that are about objects.
const OF_OBJECTS: [&str; 7] = [
    "properties",
    "patternProperties",
    "additionalProperties",
    "required",
    "minProperties",
    "maxProperties",
    "propertyNames",
];

/// Keywords that are about values of some type, besides those that constrain them.
const OF_VALUES: [&str; 4] = ["format", "airbyte_type", "contentEncoding", "items"];

rule! {
    /// A field has no type.
    ///
    /// # What it checks
    /// The schema of each field, at any level, has a `type`, or a `oneOf` whose branches have one. Where something in it
    /// implies a type that is not said (`enum`, `format`, `items`, `maximum`), this is a MUST. Where it says nothing at
    /// all (`{}`, `true`, a description alone), or implies an object, it is reported at SHOULD. Fields with a `$ref` are
    /// SCHEMA-002's, those with `allOf` or `not` SCHEMA-003's; a missing type of an array's items is SCHEMA-013's, and of
    /// the root DISC-006's.
    ///
    /// # Why it matters
    /// Destinations make a column of each field by its `type`. Without one they take it for an object, or for something
    /// unknown: a text with the JSON of each value, null, or a failed sync. An `enum` or a `format` alone tells
    /// them nothing.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"object","properties":{"state":{"enum":["open","closed"]}}}
    /// good: {"type":"object","properties":{"state":{"type":"string","enum":["open","closed"]}}}
    /// ```
    ///
    /// # How to mend it
    /// Add the `type`. Where the API really sends anything, say `{"type":["null","object"]}` for objects, or make text
    /// of the value and say `string`. Pydantic leaves the type out for `Any`, and older versions for `Literal`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look at this.
    FieldWithoutType {
        code: "SCHEMA-005",
        name: "field-without-type",
        level: Must,
        commands: [Discover],
        authority: ProtocolText,
        source: "supported data types: The types; Objects",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct FieldWithoutType;

impl Observer for FieldWithoutType {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.described().filter(needs_type) {
            let keyword = told(|keyword| place.keyword(keyword).is_some());
            let (what, level) = match keyword {
                _ if place.schema.is_boolean() => (format!("is {} instead of a type", place.schema), Level::Should),
                Some((keyword, level)) => (format!("has `{keyword}` and no `type`"), level),
                None => ("says nothing of its type".to_owned(), Level::Should),
            };
            findings.report_stream(&what, place.descriptor(), || {
                let expected = match (keyword, kinds(place.root(), place.schema).as_deref()) {
                    (_, Some([word])) => format!("\"type\": \"{word}\""),
                    (_, Some(words @ [_, ..])) => format!("\"type\": {words:?}"),
                    (Some(("items", _)), _) => "\"type\": \"array\"".to_owned(),
                    (Some((_, Level::Should)), _) => "\"type\": \"object\"".to_owned(),
                    _ => "`type`, or `oneOf`".to_owned(),
                };
                let message = format!("the schema of {} {what}", place.owner());
                let title = format!("a field's schema {what}");
                place.violation(look, "", title, message).expected(expected, "none").level(level)
            });
        }
    }
}

/// Whether it is here that a type should stand, and none does.
fn needs_type(place: &Described<'_, '_>) -> bool {
    let has = |schema: &Value, keywords: &[&str]| keywords.iter().any(|keyword| schema.get(keyword).is_some());
    let is_column = match place.place {
        Place::Property { .. } => true,
        // Items that say what they may be, and not of which type: SCHEMA-013 leaves them alone.
        Place::Items => has(place.schema, &["enum", "const"]),
        Place::Branch { keyword: "oneOf" | "anyOf", parent } => {
            !place.field.is_empty() && !has(parent, &["type", "properties", "$ref"])
        }
        _ => false,
    };
    let is_schema = place.schema.is_object() || place.schema.is_boolean();
    let is_divided = has(place.schema, &["oneOf", "anyOf"]) && !has(place.schema, &["properties"]);
    is_column && is_schema && !is_divided && !has(place.schema, &["type", "$ref", "allOf", "not"])
}

/// The keyword that implies a type, and how much it weighs that the type is not said.
fn told(has: impl Fn(&str) -> bool) -> Option<(&'static str, Level)> {
    // Destinations take what has no type for an object, and rightly here.
    let of_objects = OF_OBJECTS.into_iter().map(|keyword| (keyword, Level::Should));
    let of_values = OF_VALUES.into_iter().chain(CONSTRAINTS).map(|keyword| (keyword, Level::Must));
    of_objects.chain(of_values).find(|(keyword, _)| has(keyword))
}
