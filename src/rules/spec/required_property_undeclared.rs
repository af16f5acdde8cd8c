use crate::protocol::{Kind, schema};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

/// How many such properties are told.
const PLACES: usize = 50;

rule! {
    /// `required` names a property that `properties` does not declare.
    ///
    /// # What it checks
    /// At every level of `connectionSpecification`, each name in `required` is declared in `properties` of the same
    /// object. Branches of `oneOf`, `anyOf` and `allOf` describe the same object as what is around them: a branch may
    /// require what the parent declares, and the parent what a branch declares. Levels with a `$ref` are left out.
    ///
    /// # Why it matters
    /// The form has no field for a property that is not declared, so nobody who uses it can ever save a valid
    /// configuration. Most often the name is misspelled, or the property was renamed in one of the two places.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"object","required":["start_dat"],"properties":{"start_date":{"type":"string"}}}
    /// good: {"type":"object","required":["start_date"],"properties":{"start_date":{"type":"string"}}}
    /// ```
    ///
    /// # How to mend it
    /// Make the two agree: mend the name, declare the property, or drop it from `required`. Python CDK: `spec.json` or
    /// `spec.yaml`; Low-code: `spec.connection_specification`.
    ///
    /// # What Airbyte's tests see
    /// Neither Airbyte's acceptance tests nor the CDK's standard tests look at this.
    RequiredPropertyUndeclared {
        code: "SPEC-017",
        name: "required-property-undeclared",
        level: Info,
        commands: [Spec],
        authority: Inference,
        source: "follows from how forms and validation read `required` and `properties`",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct RequiredPropertyUndeclared;

impl Observer for RequiredPropertyUndeclared {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let schema = look.specification().and_then(|specification| specification.get("connectionSpecification"));
        let Some(schema) = schema else { return };
        for missing in schema::undeclared_required(schema, PLACES) {
            let at = format!("{}/required", missing.pointer);
            findings.report(&format!("{at} {}", missing.name), || {
                let node = schema.pointer(&missing.pointer).unwrap_or(schema);
                let declared = node.get("properties").and_then(Value::as_object);
                let near =
                    text::nearest(&missing.name, declared.into_iter().flat_map(|map| map.keys()).map(String::as_str));
                let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                Violation::new(
                    format!("`{}` is required and not declared", missing.name),
                    format!("`{at}` names `{}`, which no `properties` of that object declares{hint}", missing.name),
                )
                .part(
                    look.line,
                    format!("/spec/connectionSpecification{at}"),
                    node.get("required").unwrap_or(node),
                )
            });
        }
    }
}
