use crate::protocol::Kind;
use crate::protocol::oauth::FlowSchema;
use crate::rules::oauth::at_property;
use crate::rules::{Findings, Level, Look, Observer, Watch, rule};
use crate::text;

rule! {
    /// `complete_oauth_server_output_specification` has a property that administrators are not asked for.
    ///
    /// # What it checks
    /// Each property of `complete_oauth_server_output_specification` is one of
    /// `complete_oauth_server_input_specification`, by name. Where that has no `properties` at all, it is reported at
    /// SHOULD.
    ///
    /// # Why it matters
    /// The output is what is left of the input once it has been filtered: values that an administrator gave for all users
    /// and that go into each configuration. A name that the input lacks is never asked for, so the configuration goes
    /// without it, and the connector can't refresh its tokens.
    ///
    /// # Example
    /// `complete_oauth_server_input_specification`, where the output has `client_id` and `client_secret`:
    /// ```json
    /// bad:  {"type":"object","properties":{"client_id":{"type":"string"}}}
    /// good: {"type":"object","properties":{"client_id":{"type":"string"},"client_secret":{"type":"string"}}}
    /// ```
    ///
    /// # How to mend it
    /// Add the property to `complete_oauth_server_input_specification`, or write both names alike. What the flow itself
    /// brings, a `refresh_token` for instance, belongs in `complete_oauth_output_specification`.
    ///
    /// # What Airbyte's tests see
    /// Neither Airbyte's acceptance tests nor the CDK's standard tests look at this.
    OauthOutputNotAskedFor {
        code: "SPEC-038",
        name: "oauth-output-not-asked-for",
        level: Must,
        commands: [Spec],
        authority: ProtocolSchema,
        source: "OAuthConfigSpecification.complete_oauth_server_output_specification",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct OauthOutputNotAskedFor;

impl Observer for OauthOutputNotAskedFor {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(auth) = look.advanced_auth() else { return };
        let asked = auth.declared(FlowSchema::ServerInput);
        let names = || asked.into_iter().flatten().map(|(name, _)| name.as_str());
        for property in auth.properties(FlowSchema::ServerOutput) {
            if asked.is_some_and(|asked| asked.get(property.name).is_some_and(|schema| !schema.is_null())) {
                continue;
            }
            findings.report(if asked.is_some() { "not asked for" } else { "nothing asked for" }, || {
                let near = text::nearest(property.name, names());
                let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                let (owner, input) = (property.describe(), FlowSchema::ServerInput.name());
                let what = if asked.is_some() { "is not one of the" } else { "is there without any" };
                let title = "an OAuth output is not asked for";
                let described =
                    at_property(look, &property, title, format!("{owner} {what} properties of `{input}`{hint}"))
                        .expected(format!("a property of `{input}`"), format!("`{}`", property.name));
                if asked.is_some() { described } else { described.level(Level::Should) }
            });
        }
    }
}
