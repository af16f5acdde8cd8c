use crate::protocol::Kind;
use crate::protocol::oauth::{FlowProperty, FlowSchema};
use crate::rules::oauth::at_property;
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// A schema of `advanced_auth` is nested, or a property of it says no type.
    ///
    /// # What it checks
    /// The properties of the four schemas in `oauth_config_specification` are schemas, and have a `type` (or `const` or
    /// `enum`), which is reported at INFO. Those of `oauth_user_input_from_connector_config_specification`,
    /// `complete_oauth_server_input_specification` and `complete_oauth_server_output_specification` are no objects.
    ///
    /// # Why it matters
    /// The platform handles these values as a flat list of names and texts. It does not look into a nested object, so
    /// neither the administrator's form nor the configuration ever gets what is in it.
    ///
    /// # Example
    /// In `complete_oauth_server_input_specification`:
    /// ```json
    /// bad:  {"app":{"type":"object","properties":{"client_id":{"type":"string"}}}}
    /// good: {"client_id":{"type":"string"}}
    /// ```
    ///
    /// # How to mend it
    /// List the values side by side, each with its `type`. Where a value belongs deeper in the configuration,
    /// `path_in_connector_config` says so; where it comes from deeper in the answer, `path_in_oauth_response`.
    ///
    /// # What Airbyte's tests see
    /// Neither Airbyte's acceptance tests nor the CDK's standard tests look at this.
    OauthSchemaNotFlat {
        code: "SPEC-039",
        name: "oauth-schema-not-flat",
        level: Should,
        commands: [Spec],
        authority: ProtocolSchema,
        source: "OAuthConfigSpecification: a valid non-nested JSON",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct OauthSchemaNotFlat;

impl Observer for OauthSchemaNotFlat {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(auth) = look.advanced_auth() else { return };
        for property in FlowSchema::ALL.into_iter().flat_map(|schema| auth.properties(schema)) {
            // Of what the flow brings, the protocol does not say that it is flat.
            let must_be_flat = property.of != FlowSchema::Output;
            if !property.schema.is_object() {
                findings.report("no schema", || {
                    at(look, &property, "is no schema").expected("a schema", text::json(property.schema, 60))
                });
            } else if must_be_flat && is_nested(property.schema) {
                findings
                    .report("nested", || at(look, &property, "is an object").expected("a single value", "an object"));
            } else if !says_type(&property) {
                findings.report("no type", || {
                    at(look, &property, "has no `type`").expected("a `type`", "none").level(Level::Info)
                });
            }
        }
    }
}

fn at(look: &Look<'_>, property: &FlowProperty<'_>, what: &str) -> Violation {
    at_property(look, property, format!("an OAuth property {what}"), format!("{} {what}", property.describe()))
}

fn is_nested(schema: &Value) -> bool {
    let is_object = match schema.get("type") {
        Some(Value::Array(words)) => words.iter().any(|word| word == "object"),
        Some(word) => word == "object",
        None => false,
    };
    is_object || schema.get("properties").is_some_and(Value::is_object)
}

fn says_type(property: &FlowProperty<'_>) -> bool {
    ["type", "const", "enum", "oneOf", "anyOf", "allOf", "$ref"].iter().any(|word| property.member(word).is_some())
}
