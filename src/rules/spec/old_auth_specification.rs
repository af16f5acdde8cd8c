use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// The specification describes OAuth in the old way, with `authSpecification`.
    ///
    /// # What it checks
    /// The SPEC has no `authSpecification`, or a null one.
    ///
    /// # Why it matters
    /// `authSpecification` is deprecated: `advanced_auth` takes its place. It can't say for which setting OAuth applies,
    /// nor under which names the tokens come, and a platform that no longer reads it makes users type in tokens.
    ///
    /// # Example
    /// ```json
    /// bad:  {"authSpecification":{"auth_type":"oauth2.0","oauth2Specification":{"rootObject":["credentials",0],"oauthFlowOutputParameters":[["refresh_token"]]}}}
    /// good: {"advanced_auth":{"auth_flow_type":"oauth2.0","predicate_key":["credentials","auth_type"],"predicate_value":"oauth","oauth_config_specification":{"complete_oauth_output_specification":{"type":"object","properties":{"refresh_token":{"type":"string","path_in_connector_config":["credentials","refresh_token"]}}}}}}
    /// ```
    ///
    /// # How to mend it
    /// Write `advanced_auth`: what was in `oauthFlowInitParameters` goes into `complete_oauth_server_input_specification`
    /// and `complete_oauth_server_output_specification`, what was in `oauthFlowOutputParameters` into
    /// `complete_oauth_output_specification`, each property with its whole path in `path_in_connector_config`. Then take
    /// `authSpecification` out.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests looked at it years ago; now they look at `advanced_auth` alone.
    OldAuthSpecification {
        code: "SPEC-034",
        name: "old-auth-specification",
        level: Should,
        commands: [Spec],
        authority: ProtocolSchema,
        source: "ConnectorSpecification.authSpecification: deprecated",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct OldAuthSpecification;

impl Observer for OldAuthSpecification {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(specification) = look.specification() else { return };
        let Some(old) = specification.get("authSpecification").filter(|old| !old.is_null()) else { return };
        findings.report("used", || {
            let beside = if look.advanced_auth().is_some() { "beside" } else { "in place of" };
            Violation::new(
                "OAuth is described in the old way",
                format!("`authSpecification` is deprecated, and stands here {beside} `advanced_auth`"),
            )
            .part(look.line, "/spec/authSpecification", old)
            .expected("`advanced_auth` alone", "`authSpecification`")
        });
    }
}
