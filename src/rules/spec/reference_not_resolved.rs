use crate::protocol::Kind;
use crate::protocol::schema::{escaped, positions};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

/// Where the schemas of an OAuth login stand.
const OAUTH: &str = "/advanced_auth/oauth_config_specification";

rule! {
    /// The specification refers to a schema by `$ref` in place of having it.
    ///
    /// # What it checks
    /// No schema within `connectionSpecification`, nor one of OAuth below `advanced_auth`, has a `$ref`, wherever it leads.
    /// A property of that name is none. What stands behind a reference is not looked at by any other rule.
    ///
    /// # Why it matters
    /// Forms do not follow references: in place of the fields that are described elsewhere, the user sees at best a plain
    /// text box. Secrets behind a reference are not found either, and are stored in the clear.
    ///
    /// # Example
    /// ```json
    /// bad:  {"properties":{"proxy":{"$ref":"#/definitions/Proxy"}},"definitions":{"Proxy":{"type":"object","properties":{"host":{"type":"string"}}}}}
    /// good: {"properties":{"proxy":{"type":"object","properties":{"host":{"type":"string"}}}}}
    /// ```
    ///
    /// # How to mend it
    /// Write the schema where it is used, and drop `definitions`. Python CDK with Pydantic models: `schema()` leaves
    /// references, and `airbyte_cdk.utils.spec_schema_transformations.resolve_refs` puts the schemas in their place.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests refuse the key `$ref` anywhere in the SPEC, and take a property of that name for one.
    ReferenceNotResolved {
        code: "SPEC-005",
        name: "reference-not-resolved",
        level: Must,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_defined_refs_exist_in_json_spec_file",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct ReferenceNotResolved;

impl Observer for ReferenceNotResolved {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.form() {
            report(look, findings, place.schema, || (place.describe(), place.pointer_within(&["$ref"])));
        }
        let oauth = look.specification().and_then(|specification| specification.pointer(OAUTH)?.as_object());
        for (name, schema) in oauth.into_iter().flatten().filter(|(_, schema)| schema.is_object()) {
            for place in positions(schema) {
                report(look, findings, place.schema, || {
                    let owner = format!("{} of `{name}`", place.describe());
                    (owner, format!("/spec{OAUTH}/{}{}", escaped(name), place.pointer_to("$ref")))
                });
            }
        }
    }
}

/// Reports a schema that is a reference. `locate` gives its owner, for people, and where it stands.
fn report(look: &Look<'_>, findings: &mut Findings<'_>, schema: &Value, locate: impl FnOnce() -> (String, String)) {
    let Some(target) = schema.get("$ref").and_then(Value::as_str) else { return };
    findings.report("a reference", || {
        let (owner, pointer) = locate();
        let target = text::shorten(target, 120);
        Violation::new("a `$ref` is left in the specification", format!("{owner} refers to `{target}`"))
            .part(look.line, pointer, schema)
            .expected("the schema itself", format!("$ref: {target}"))
    });
}
