use crate::protocol::reaches;
use crate::protocol::schema::escaped;
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

/// How much of a field's name is told.
const SHOWN: usize = 80;

rule! {
    /// A record has a field that the schema of its stream does not declare.
    ///
    /// # What it checks
    /// Each member of a record's `data` is among the `properties` of the stream's `json_schema` in the configured
    /// catalog. Only the top level is looked at: nested members are READ-008's, and a record that has no declared field at
    /// all is READ-009's. Where the schema says `"additionalProperties": true` the stream admits
    /// to unknown fields, and the finding is a SHOULD. A schema that names its fields by `patternProperties` or a
    /// `$ref`, or has no `properties`, is not judged. Deselected columns are missing in the catalog, too: judge with
    /// the catalog that `discover` gave, or read these findings as a list of what was emitted for nothing.
    ///
    /// # Why it matters
    /// Destinations make their columns from `properties`, and the platform cuts everything else out of the records
    /// when columns are selected. The field never reaches the table, whatever `additionalProperties` says, and nobody
    /// is told.
    ///
    /// # Example
    /// With `{"type": "object", "properties": {"id": {"type": "integer"}}}`:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"coupon":"MAY"},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Declare the field in the stream's schema, or drop it before the record is emitted (Low-code: `RemoveFields`, or
    /// the inline schema; Python CDK: the JSON file in `schemas/`, or `get_json_schema`). An API whose fields differ
    /// from user to user needs a schema made by `discover`, or one object field, `data`, that holds the whole row.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests had `fail_on_extra_columns` for this, which since 3.6 is parsed and ignored. The CDK's
    /// standard tests do not look at it.
    UndeclaredField {
        code: "READ-007",
        name: "record-field-undeclared",
        level: Must,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "platform: FieldSelector; acceptance tests: fail_on_extra_columns",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
        applies: |scene| scene.catalog.as_ref().map(drop).ok_or("no configured catalog was given"),
    }
}

#[derive(Default)]
struct UndeclaredField;

impl Observer for UndeclaredField {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let (Some(stream), Some(schema)) = (look.stream(), look.json_schema()) else { return };
        let Some(declared) = fields(schema) else { return };
        let Some(data) = look.data().and_then(Value::as_object) else { return };
        if is_foreign(look) {
            return;
        }
        let level = weight(schema);
        for (field, value) in data.iter().filter(|(field, _)| !is_declared(field, declared, schema)) {
            let shown = text::shorten(field, SHOWN);
            findings.report_stream(&format!("{shown} {}", level.as_str()), &stream.descriptor, || {
                let at = memchr::memmem::find(look.line.bytes, format!("\"{field}\"").as_bytes()).unwrap_or(0);
                Violation::new(
                    format!("`{shown}` is not declared in the schema"),
                    format!("the record has `{shown}`, which the schema of `{}` does not declare", stream.descriptor),
                )
                .around(look.line, at)
                .pointer(format!("/record/data/{}", escaped(field)))
                .expected("a field of the schema's `properties`", text::shorten(&value.to_string(), SHOWN))
                .level(level)
            });
        }
    }
}

/// What an undeclared field weighs: less where the schema admits to them.
pub(super) fn weight(schema: &Value) -> Level {
    match schema.get("additionalProperties") {
        None | Some(Value::Bool(false)) => Level::Must,
        Some(_) => Level::Should,
    }
}

/// Whether the record has fields, and none of those that its schema declares: READ-009 says so, once.
pub(in crate::rules) fn is_foreign(look: &Look<'_>) -> bool {
    let Some(schema) = look.json_schema().filter(|_| !look.surely_conforms()) else { return false };
    let Some(declared) = fields(schema).filter(|declared| !declared.is_empty()) else { return false };
    let data = look.data().and_then(Value::as_object).filter(|data| !data.is_empty());
    data.is_some_and(|data| !data.keys().any(|field| is_declared(field, declared, schema)))
}

/// Whether this rule says what a violation of that part of the schema says: READ-006 is silent then.
pub(super) fn says(schema_pointer: &str, look: &Look<'_>) -> bool {
    // With a schema for its value, `additionalProperties` constrains a field rather than forbids it.
    let forbids =
        |schema: &&Value| schema_pointer == "/additionalProperties" && schema["additionalProperties"] == false;
    look.json_schema().filter(forbids).and_then(fields).is_some()
}

/// The fields that a schema declares, where it says so in a way that can be judged.
fn fields(schema: &Value) -> Option<&serde_json::Map<String, Value>> {
    let judged = ["$ref", "patternProperties"].iter().all(|keyword| schema.get(keyword).is_none());
    schema.get("properties")?.as_object().filter(|_| judged)
}

/// Whether the schema or, unless `additionalProperties` closes it, a branch of it declares a field.
fn is_declared(field: &str, declared: &serde_json::Map<String, Value>, schema: &Value) -> bool {
    let is_closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    declared.contains_key(field) || (!is_closed && reaches(schema, &[field.to_owned()]))
}
