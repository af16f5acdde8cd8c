use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Watch, rule};
use serde_json::Value;

rule! {
    /// A stream's schema refers to another place instead of describing the field there.
    ///
    /// # What it checks
    /// No schema within a stream's `json_schema` has a `$ref`, wherever that leads: to `definitions` of the same
    /// schema, to another file, to an address, to the types that protocol version 1 was to have. `definitions` themselves
    /// are not looked through, and nothing is fetched. Other rules about schemas leave alone what stands beside a `$ref`.
    ///
    /// # Why it matters
    /// Destinations do not follow references. The field has no type for them, and becomes text, null, or a failed sync,
    /// though the schema says plainly what it is.
    ///
    /// # Example
    /// ```json
    /// bad:  {"properties":{"total":{"$ref":"#/definitions/money"}},"definitions":{"money":{"type":"number"}}}
    /// good: {"properties":{"total":{"type":"number"}}}
    /// ```
    ///
    /// # How to mend it
    /// Put what is referred to in its place before the catalog goes out. Python CDK: `ResourceSchemaLoader` does so
    /// for files in `schemas/`, with the shared ones in `schemas/shared/`; for a schema that is made otherwise (pydantic)
    /// call `expand_refs` of `airbyte_cdk.sources.utils.schema_helpers`. Low-code: a `JsonFileSchemaLoader` resolves them
    /// as well. Where a schema contains itself, describe one or two levels, and the rest as `{"type":"object"}`.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests refuse `$ref` anywhere in a stream's schema, `definitions` that nobody uses included.
    ReferenceUnresolved {
        code: "SCHEMA-002",
        name: "reference-unresolved",
        level: Must,
        commands: [Discover],
        authority: ProtocolText,
        source: "supported data types; Airbyte acceptance tests: test_defined_refs_exist_in_schema",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct ReferenceUnresolved;

impl Observer for ReferenceUnresolved {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.described() {
            // One that is no text is SCHEMA-001's.
            let Some(target) = place.keyword("$ref").and_then(Value::as_str) else { continue };
            let where_to = kind_of(target, place.root());
            findings.report_stream(where_to, place.descriptor(), || {
                let message = format!("{} is described by a `$ref`: it refers to {where_to}", place.owner());
                place
                    .violation(look, "$ref", format!("a `$ref` refers to {where_to}"), message)
                    .expected("the schema that is meant", target)
            });
        }
    }
}

/// Where a reference leads, in words.
fn kind_of(target: &str, root: &Value) -> &'static str {
    match target.strip_prefix('#') {
        Some(pointer) if root.pointer(pointer).is_some() => "another part of the schema",
        Some(_) => "a part that the schema does not have",
        None if target.starts_with("WellKnownTypes.json") => "a type of protocol version 1, which never came",
        None => "another document",
    }
}
