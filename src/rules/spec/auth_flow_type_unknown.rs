use crate::protocol::Kind;
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;

/// What the protocol knows.
const KNOWN: [&str; 2] = ["oauth2.0", "oauth1.0"];

rule! {
    /// `advanced_auth` does not say which kind of OAuth it describes.
    ///
    /// # What it checks
    /// Where the SPEC has `advanced_auth`, it is an object, and its `auth_flow_type` is `oauth2.0` or `oauth1.0`. A
    /// missing one is reported at SHOULD, since the protocol does not list it as required.
    ///
    /// # Why it matters
    /// The platform has no word for another kind and can't read the SPEC. Where the member is missing it hands an empty
    /// description of OAuth to the form: the button is not there, and users have to get tokens by themselves.
    ///
    /// # Example
    /// ```json
    /// bad:  {"advanced_auth":{"auth_flow_type":"oauth2","oauth_config_specification":{}}}
    /// good: {"advanced_auth":{"auth_flow_type":"oauth2.0","oauth_config_specification":{}}}
    /// ```
    ///
    /// # How to mend it
    /// Write `"auth_flow_type": "oauth2.0"`, the dot and the zero included. Low-code: `spec.advanced_auth.auth_flow_type`
    /// in the manifest.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests' parser refuses a SPEC with another word, and they count it as missing. They do not miss the
    /// member.
    AuthFlowTypeUnknown {
        code: "SPEC-035",
        name: "auth-flow-type-unknown",
        level: Must,
        commands: [Spec],
        authority: ProtocolSchema,
        source: "ConnectorSpecification.advanced_auth.auth_flow_type; platform: how the form's specification is made",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct AuthFlowTypeUnknown;

impl Observer for AuthFlowTypeUnknown {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let raw = look.specification().and_then(|specification| specification.get("advanced_auth"));
        let Some(raw) = raw.filter(|raw| !raw.is_null()) else { return };
        let Some(auth) = look.advanced_auth() else {
            findings.report("no object", || {
                Violation::new("`advanced_auth` is no object", "`advanced_auth` is no object, and describes nothing")
                    .part(look.line, "/spec/advanced_auth", raw)
                    .expected("an object", text::json(raw, 60))
            });
            return;
        };
        let Some(kind) = auth.member("auth_flow_type") else {
            findings.report("missing", || {
                Violation::new(
                    "`advanced_auth` has no `auth_flow_type`",
                    "`advanced_auth` does not say whether it is OAuth 2.0 or 1.0, and the form shows no button",
                )
                .part(look.line, "/spec/advanced_auth", auth.raw())
                .expected(KNOWN.join(" or "), "none")
                .level(Level::Should)
            });
            return;
        };
        if kind.as_str().is_none_or(|kind| !KNOWN.contains(&kind)) {
            findings.report("unknown", || {
                let found = text::json(kind, 60);
                Violation::new(
                    "`auth_flow_type` is a word that the protocol does not have",
                    format!("`auth_flow_type` of `advanced_auth` is {found}"),
                )
                .part(look.line, "/spec/advanced_auth/auth_flow_type", kind)
                .expected(KNOWN.join(" or "), found)
            });
        }
    }
}
