use crate::protocol::oauth::{FlowSchema, OutputSecrecy, Reached, reach};
use crate::protocol::{Kind, is_secret_name};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use serde_json::Value;
use std::collections::HashSet;

rule! {
    /// What an OAuth flow puts into the configuration is not marked as secret.
    ///
    /// # What it checks
    /// Each `path_in_connector_config` of `complete_oauth_output_specification` and
    /// `complete_oauth_server_output_specification` leads to a property that is marked `"airbyte_secret": true`. Ids,
    /// addresses, scopes, dates and the like may be open; where the name does not say what a value is, it is reported at
    /// INFO. Names that SPEC-027 knows are left to it, and paths that lead nowhere to SPEC-036 and SPEC-037.
    ///
    /// # Why it matters
    /// Tokens give access without a password. The platform keeps what is marked in its secret store and masks it;
    /// anything else is stored as it is, and shown to everybody who may see the configuration.
    ///
    /// # Example
    /// The property at the path of an output:
    /// ```json
    /// bad:  {"session":{"type":"string","title":"Session"}}
    /// good: {"session":{"type":"string","title":"Session","airbyte_secret":true}}
    /// ```
    ///
    /// # How to mend it
    /// Add `"airbyte_secret": true` to the property in `connectionSpecification`, beside its `type`. The mark in the OAuth
    /// schema itself has no effect.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests look at a list of names, `access_token` and `refresh_token` among them, wherever they stand.
    OauthOutputNotSecret {
        code: "SPEC-041",
        name: "oauth-output-not-secret",
        level: Should,
        commands: [Spec],
        authority: ProtocolText,
        source: "connector specification reference: Secret obfuscation",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct OauthOutputNotSecret;

impl Observer for OauthOutputNotSecret {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let (Some(auth), Some(form)) = (look.advanced_auth(), look.connection_specification()) else { return };
        let applies = auth.applies(form);
        let Some(predicate) = applies.known() else { return };
        let mut seen = HashSet::new();
        for output in FlowSchema::OUTPUTS.into_iter().flat_map(|schema| auth.properties(schema)) {
            let Some(path) = output.path() else { continue };
            let Some(name) = path.last().copied().filter(|name| !is_secret_name(name)) else { continue };
            let secrecy = match (OutputSecrecy::of(name), OutputSecrecy::of(output.name)) {
                (OutputSecrecy::Unclear, of_output) => of_output,
                (of_property, _) => of_property,
            };
            if secrecy == OutputSecrecy::Open {
                continue;
            }
            let found = reach(form, &path, predicate).found();
            for place in found.iter().filter(|place| !place.is_secret && can_hold_text(place.schema)) {
                if !seen.insert(place.pointer.clone()) {
                    continue;
                }
                let is_clear = secrecy == OutputSecrecy::Secret;
                findings.report(if is_clear { "secret" } else { "unclear" }, || {
                    let described = describe(look, place, &path.join("."), output.of.name());
                    if is_clear { described } else { described.level(Level::Info) }
                });
            }
        }
    }
}

fn describe(look: &Look<'_>, place: &Reached<'_>, path: &str, schema: &str) -> Violation {
    Violation::new(
        "an OAuth output is not marked `airbyte_secret`",
        format!("`{path}` gets its value from `{schema}`, and is not marked `airbyte_secret`"),
    )
    .part(look.line, format!("/spec/connectionSpecification{}", place.pointer), place.schema)
    .expected("\"airbyte_secret\": true", "no such mark")
}

fn can_hold_text(schema: &Value) -> bool {
    let holds = |word: &Value| ["string", "integer", "number"].iter().any(|kind| word == kind);
    let by_type = match schema.get("type") {
        Some(Value::Array(words)) => words.iter().any(holds),
        Some(word) => holds(word),
        None => true,
    };
    by_type && schema.get("const").is_none() && schema.get("enum").is_none()
}
