use crate::protocol::schema::{SchemaDefect, defects};
use crate::protocol::{Kind, Message};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

/// How many places of one schema are told.
const PLACES: usize = 50;

rule! {
    /// `connectionSpecification` is missing, or is no valid JSON Schema.
    ///
    /// # What it checks
    /// The SPEC's `connectionSpecification` is an object, and draft-07's meta-schema accepts it: each `type` is one of
    /// the seven, `required` is an array of names, `properties` holds schemas. Keywords that only describe (`title`,
    /// `description`, `examples`) are reported at SHOULD. Where a `$ref` leads and what a `pattern` means is not looked
    /// at; nor is a schema nested deeper than 128 levels, which is reported at SHOULD as a whole.
    ///
    /// # Why it matters
    /// The platform drops a SPEC without `connectionSpecification`. It validates every configuration with that schema:
    /// a keyword that is written wrong is ignored or makes the validation fail, so users get past wrong settings or
    /// can't save right ones.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"object","properties":{"api_url":{"type":"strnig","required":true}}}
    /// good: {"type":"object","required":["api_url"],"properties":{"api_url":{"type":"string"}}}
    /// ```
    ///
    /// # How to mend it
    /// Mend the keyword at the pointer given. `required` stands beside `properties` and lists names. Python CDK: the
    /// schema is `connectionSpecification` in `spec.json` or `spec.yaml`; Low-code: `spec.connection_specification` in
    /// the manifest; Java and Kotlin: `spec.json`, or the annotations on the specification class.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests load the schema when they validate a configuration, and see only what breaks that.
    SpecSchemaInvalid {
        code: "SPEC-003",
        name: "spec-schema-invalid",
        level: Must,
        commands: [Spec],
        authority: ProtocolSchema,
        source: "ConnectorSpecification.connectionSpecification; protocol: Actor Specification",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct SpecSchemaInvalid;

impl Observer for SpecSchemaInvalid {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(specification) = look.specification() else { return unread(look, findings) };
        let schema = specification.get("connectionSpecification").unwrap_or(&Value::Null);
        if !schema.is_object() {
            findings.report("no object", || {
                let found = if schema.is_null() { "none".to_owned() } else { text::json(schema, 60) };
                Violation::new(
                    "`connectionSpecification` is no object",
                    format!(
                        "the SPEC's `connectionSpecification` is no object: found {found}; the platform drops the SPEC"
                    ),
                )
                .on(look.line)
                .pointer("/spec/connectionSpecification")
                .expected("an object", found)
            });
            return;
        }
        for defect in defects(schema, PLACES, |_| true) {
            findings.report(&defect.pointer, || describe(&defect, schema, look));
        }
    }
}

/// A first SPEC that no tree can hold.
fn unread(look: &Look<'_>, findings: &mut Findings<'_>) {
    let Some(Message::Spec(spec)) = look.message() else { return };
    if look.summary.count(Kind::Spec) > 1 {
        return;
    }
    let Err(error) = serde_json::from_str::<Value>(spec.payload.get()) else { return };
    findings.report("unread", || {
        Violation::new(
            "the SPEC can't be judged",
            format!("the SPEC is nested deeper than 128 levels, or holds too large a number or half a surrogate pair: {error}"),
        )
        .on(look.line)
        .level(Level::Should)
    });
}

fn describe(defect: &SchemaDefect, schema: &Value, look: &Look<'_>) -> Violation {
    let found = text::json(schema.pointer(&defect.pointer).unwrap_or(&Value::Null), 80);
    let what = defect.keyword.as_deref().map_or("a schema".to_owned(), |keyword| format!("`{keyword}`"));
    let owner = defect.pointer.rsplit_once('/').map_or("", |(owner, _)| owner);
    let described = Violation::new(
        format!("{what} in `connectionSpecification` is not valid in draft-07"),
        format!("`{}` in `connectionSpecification` is {found}, not {}", defect.pointer, defect.expected),
    )
    .part(
        look.line,
        format!("/spec/connectionSpecification{}", defect.pointer),
        schema.pointer(owner).unwrap_or(schema),
    )
    .expected(defect.expected.clone(), found);
    if defect.is_annotation() { described.level(Level::Should) } else { described }
}
