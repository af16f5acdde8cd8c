use crate::protocol::Kind;
use crate::rules::{Findings, Level, Look, Observer, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// A stream's schema forbids or constrains fields that it does not name.
    ///
    /// # What it checks
    /// `additionalProperties`, where a stream's schema has it at any level, is true. A schema there (`{"type":"string"}`
    /// for a map of texts) is reported at INFO: it says something true that destinations do not read.
    ///
    /// # Why it matters
    /// Upstream APIs get new fields without notice. With `false`, each record that has one breaks its schema, though
    /// nothing about it is wrong, and the user's sync shows errors until the connector is released anew.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"object","additionalProperties":false,"properties":{"id":{"type":"integer"}}}
    /// good: {"type":"object","additionalProperties":true,"properties":{"id":{"type":"integer"}}}
    /// ```
    ///
    /// # How to mend it
    /// Write true, or leave it out, which means the same. In the Python CDK look into the files in `schemas/`, in
    /// Low-code into the inline schemas; schemas that were inferred from samples or made from typed models often have
    /// `false` everywhere.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests want true wherever the key stands, and refuse a schema there too. They also take a field of
    /// that name for the keyword.
    AdditionalPropertiesClosed {
        code: "DISC-021",
        name: "additional-properties-closed",
        level: Should,
        commands: [Discover],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_additional_properties_is_true",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct AdditionalPropertiesClosed;

impl Observer for AdditionalPropertiesClosed {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.described() {
            let Some(value) = place.keyword("additionalProperties") else { continue };
            let (cause, what, level) = match value {
                Value::Bool(false) => ("false", "forbids fields that it does not name", Level::Should),
                Value::Object(schema) if !schema.is_empty() => {
                    ("a schema", "constrains fields that it does not name", Level::Info)
                }
                // Anything else that is not true is SCHEMA-001's.
                _ => continue,
            };
            findings.report_stream(cause, place.descriptor(), || {
                let title = format!("`additionalProperties` is {cause}");
                place
                    .violation(look, "additionalProperties", title, format!("{} {what}", place.owner()))
                    .expected("true, or nothing", text::json(value, 80))
                    .level(level)
            });
        }
    }
}
