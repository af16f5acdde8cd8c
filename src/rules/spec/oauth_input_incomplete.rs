use crate::protocol::Kind;
use crate::protocol::oauth::{AdvancedAuth, FlowSchema, path};
use crate::rules::oauth::at_property;
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

/// How many names are looked at.
const NAMES: usize = 200;
const AT: &str = "/spec/advanced_auth/oauth_config_specification/oauth_connector_input_specification";

rule! {
    /// The platform is to run an OAuth flow that is not described in full.
    ///
    /// # What it checks
    /// Where `oauth_connector_input_specification` is there, it has `consent_url` and `access_token_url`, texts that are
    /// not empty. `extract_output` is an array of texts, and each is a property of `complete_oauth_output_specification`
    /// (only the last name of a path counts, and what says when a token expires is left out), else that is reported at
    /// SHOULD. Without `extract_output`, each such property has a `path_in_oauth_response`.
    ///
    /// # Why it matters
    /// With this description the platform goes through consent and token exchange for the connector. Without one of the
    /// addresses, or of the paths, it stops with an error before it has a token. What is extracted and not among the
    /// outputs is dropped, and never gets into the configuration.
    ///
    /// # Example
    /// ```json
    /// bad:  {"consent_url":"https://example.com/oauth?{{client_id_param}}","extract_output":["refresh_token"]}
    /// good: {"consent_url":"https://example.com/oauth?{{client_id_param}}","access_token_url":"https://example.com/token","extract_output":["refresh_token"]}
    /// ```
    ///
    /// # How to mend it
    /// Add what is named. Low-code: `spec.advanced_auth.oauth_config_specification` in the manifest. A connector whose
    /// OAuth flow is part of the platform leaves `oauth_connector_input_specification` out.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests do not look at this member.
    OauthInputIncomplete {
        code: "SPEC-040",
        name: "oauth-input-incomplete",
        level: Must,
        commands: [Spec],
        authority: ProtocolSchema,
        source: "OAuthConfigSpecification.oauth_connector_input_specification; platform: how its output is extracted",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct OauthInputIncomplete;

impl Observer for OauthInputIncomplete {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(auth) = look.advanced_auth() else { return };
        let Some(written) = auth.connector_input() else { return };
        if !written.is_object() {
            return findings.report("no object", || no_object(look, written));
        }
        // The platform also takes the members from `properties`.
        let input = written.get("properties").filter(|inner| inner.is_object()).unwrap_or(written);
        let member = |name: &str| input.get(name).filter(|value| !value.is_null());
        for name in ["consent_url", "access_token_url"] {
            let url = member(name);
            if url.and_then(Value::as_str).is_none_or(|url| url.trim().is_empty()) {
                findings.report(name, || lacking(look, written, name, "an address", url));
            }
        }
        match member("extract_output") {
            None => without_extract_output(look, &auth, findings),
            Some(extracted) => match path(extracted) {
                Some(names) => {
                    let expiry = member("token_expiry_key").and_then(Value::as_str);
                    for name in names.iter().take(NAMES).filter(|name| !auth.keeps(name, expiry)) {
                        findings.report("uncovered", || uncovered(look, written, name));
                    }
                }
                None if extracted.as_array().is_some_and(Vec::is_empty) => {}
                None => findings.report("extract_output", || {
                    lacking(look, written, "extract_output", "an array of names", Some(extracted))
                }),
            },
        }
    }
}

fn no_object(look: &Look<'_>, input: &Value) -> Violation {
    let what = "`oauth_connector_input_specification` is no object";
    Violation::new(what, what).part(look.line, AT, input).expected("an object", text::json(input, 60))
}

fn lacking(look: &Look<'_>, input: &Value, name: &str, wanted: &str, found: Option<&Value>) -> Violation {
    let what = if found.is_some() { format!("is not {wanted}") } else { "is missing".to_owned() };
    let message = format!("`{name}` of `oauth_connector_input_specification` {what}");
    let found = found.map_or("none".to_owned(), |found| text::json(found, 80));
    Violation::new(format!("`{name}` of the OAuth flow {what}"), message)
        .part(look.line, AT, input)
        .expected(wanted, found)
}

fn uncovered(look: &Look<'_>, input: &Value, name: &str) -> Violation {
    let output = FlowSchema::Output.name();
    let message = format!("`extract_output` names `{name}`, which is no property of `{output}`");
    Violation::new("what is extracted goes nowhere", message)
        .part(look.line, AT, input)
        .expected(format!("properties of `{output}`"), format!("`{name}`"))
        .level(Level::Should)
}

fn without_extract_output(look: &Look<'_>, auth: &AdvancedAuth<'_>, findings: &mut Findings<'_>) {
    for property in auth.properties(FlowSchema::Output) {
        if property.schema.is_object() && property.member("path_in_oauth_response").and_then(path).is_none() {
            findings.report("no way out", || {
                let what = "has no `path_in_oauth_response`, and there is no `extract_output`";
                let (title, message) = ("an OAuth output is not extracted", format!("{} {what}", property.describe()));
                at_property(look, &property, title, message).expected("an array of names", "none")
            });
        }
    }
}
