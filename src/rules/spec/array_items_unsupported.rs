use crate::protocol::Kind;
use crate::protocol::schema::{Place, types};
use crate::rules::{Findings, Level, Look, Observer, Watch, rule};
use crate::text;
use serde_json::Value;

/// What forms have a list for.
const LISTED: [&str; 4] = ["object", "string", "number", "integer"];

rule! {
    /// An array of the specification has items that a form has no list for.
    ///
    /// # What it checks
    /// The `items` of each array within `connectionSpecification` is one schema, of type object, string, number or integer,
    /// or with an `enum`. An array without `items`, and items that may be null besides, are told at INFO. Items that are made
    /// of `$ref`, `oneOf`, `anyOf` or `allOf` are other rules'. An array within an array is told of once, and the root's
    /// `type` is SPEC-004's.
    ///
    /// # Why it matters
    /// Forms know lists of texts, of numbers and of objects. For any other array they show a list of texts, so what the user
    /// enters is of the wrong type and is refused, or they show nothing.
    ///
    /// # Example
    /// ```json
    /// bad:  {"ranges":{"type":"array","items":{"type":"array","items":{"type":"integer"}}}}
    /// good: {"ranges":{"type":"array","items":{"type":"object","properties":{"from":{"type":"integer"},"to":{"type":"integer"}}}}}
    /// ```
    ///
    /// # How to mend it
    /// Make each item an object with named properties. For a fixed set of choices give the items an `enum`. Python CDK with
    /// Pydantic: `List[str]` and lists of models are fine, `List[Any]`, `Tuple` and lists of lists are not.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests check the same. They let an array without `items` pass, and refuse items that may be null.
    ArrayItemsUnsupported {
        code: "SPEC-015",
        name: "array-items-unsupported",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_array_type",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct ArrayItemsUnsupported;

impl Observer for ArrayItemsUnsupported {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.fields().filter(|place| !matches!(place.place, Place::Root | Place::Items)) {
            let kinds = types(place.schema).unwrap_or_default();
            let is_array = kinds.contains(&"array") && kinds.iter().all(|kind| ["array", "null"].contains(kind));
            if !is_array || place.has("$ref") {
                continue;
            }
            let items = place.keyword("items").unwrap_or(&Value::Null);
            let Some((what, level)) = defect(items) else { continue };
            findings.report(what, || {
                let found = if items.is_null() { "none".to_owned() } else { text::json(items, 120) };
                let keyword = if items.is_null() { "" } else { "items" };
                let message = format!("the items of {} {what}", place.describe());
                place
                    .violation(look, keyword, format!("the items of an array {what}"), message)
                    .expected("`items` of type object, string, number or integer", found)
                    .level(level)
            });
        }
    }
}

/// What is wrong with the items of an array, and how much it weighs.
fn defect(items: &Value) -> Option<(&'static str, Level)> {
    match items {
        Value::Null | Value::Bool(true) => Some(("are not described", Level::Info)),
        Value::Array(_) => Some(("are a tuple", Level::Should)),
        Value::Object(schema) => {
            let described = ["$ref", "oneOf", "anyOf", "allOf", "enum"];
            if described.iter().any(|keyword| schema.get(*keyword).is_some_and(|value| !value.is_null())) {
                return None;
            }
            match types(items).as_deref() {
                None if schema.get("type").is_some_and(|word| !word.is_null()) => None,
                None => Some(("have no type", Level::Should)),
                Some([kind] | [kind, "null"]) if !LISTED.contains(kind) => {
                    Some(("are of a type that forms have no list for", Level::Should))
                }
                Some([_]) => None,
                Some([_, "null"] | ["null", _]) => Some(("may be null", Level::Info)),
                Some(_) => Some(("are of several types", Level::Should)),
            }
        }
        _ => None,
    }
}
