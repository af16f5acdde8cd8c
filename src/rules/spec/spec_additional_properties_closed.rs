use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// The specification forbids or constrains properties that it does not name.
    ///
    /// # What it checks
    /// `additionalProperties`, where a schema within `connectionSpecification` has it, is true. False and any schema but the
    /// empty one are violations. Objects that name no property at all are SPEC-014's. The schemas of OAuth below
    /// `advanced_auth` are not looked at: false is usual there.
    ///
    /// # Why it matters
    /// The platform validates stored configurations with the specification of the connector's version in use. Once a
    /// property is removed or renamed, every configuration that still has the old one is refused.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"object","additionalProperties":false,"properties":{"api_url":{"type":"string"}}}
    /// good: {"type":"object","additionalProperties":true,"properties":{"api_url":{"type":"string"}}}
    /// ```
    ///
    /// # How to mend it
    /// Write true, or leave it out, which means the same. What keeps the branches of a `oneOf` apart is their discriminator
    /// (SPEC-012), not this. Python CDK with Pydantic: `extra = "forbid"` makes the false.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests want true wherever the key stands in `connectionSpecification`, and refuse a schema too. They
    /// also take a property of that name for the keyword.
    SpecAdditionalPropertiesClosed {
        code: "SPEC-016",
        name: "spec-additional-properties-closed",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_additional_properties_is_true",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct SpecAdditionalPropertiesClosed;

impl Observer for SpecAdditionalPropertiesClosed {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.fields().filter(|place| !place.is_empty_object()) {
            let Some(value) = place.keyword("additionalProperties") else { continue };
            let (cause, what) = match value {
                Value::Bool(false) => ("false", "forbids properties that it does not name"),
                Value::Object(schema) if !schema.is_empty() => {
                    ("a schema", "constrains properties that it does not name")
                }
                // Anything else that is not true is SPEC-003's.
                _ => continue,
            };
            findings.report(cause, || {
                let title = format!("`additionalProperties` of the specification is {cause}");
                place
                    .violation(look, "additionalProperties", title, format!("{} {what}", place.describe()))
                    .expected("true, or nothing", text::json(value, 80))
            });
        }
    }
}
