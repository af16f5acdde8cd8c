use crate::protocol::Kind;
use crate::protocol::oauth::{Applicability, default_branch};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

rule! {
    /// OAuth is not the first way to authenticate that the form offers.
    ///
    /// # What it checks
    /// Where `predicate_key` of `advanced_auth` leads into a `oneOf`, the first branch is one that `predicate_value`
    /// selects. A predicate that selects no branch is SPEC-036's.
    ///
    /// # Why it matters
    /// The form opens with the first branch. Users who could log in with one click see fields for tokens, and do not
    /// learn that there is another way.
    ///
    /// # Example
    /// With `"predicate_value": "oauth2.0"`:
    /// ```json
    /// bad:  {"oneOf":[{"properties":{"auth_type":{"const":"api_key"}}},{"properties":{"auth_type":{"const":"oauth2.0"}}}]}
    /// good: {"oneOf":[{"properties":{"auth_type":{"const":"oauth2.0"}}},{"properties":{"auth_type":{"const":"api_key"}}}]}
    /// ```
    ///
    /// # How to mend it
    /// Move the OAuth branch to the front. Stored configurations stay valid, since branches are told apart by their
    /// discriminator and not by their place. Where another way is meant to come first, turn the rule off for the connector.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests want the same, unless `auth_default_method` is off with a reason.
    OauthNotDefault {
        code: "SPEC-047",
        name: "oauth-not-default",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_oauth_is_default_method",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct OauthNotDefault;

impl Observer for OauthNotDefault {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let (Some(auth), Some(form)) = (look.advanced_auth(), look.connection_specification()) else { return };
        let Applicability::Where(predicate) = auth.applies(form) else { return };
        let Some((pointer, first)) = default_branch(form, &predicate) else { return };
        findings.report("not first", || {
            let title = first.get("title").and_then(Value::as_str);
            let first_is = title.map_or("another branch".to_owned(), |title| format!("\"{title}\""));
            Violation::new(
                "OAuth is not the default",
                format!("`{}` chooses among branches, and the first is {first_is}, not OAuth", predicate.key.join(".")),
            )
            .part(look.line, format!("/spec/connectionSpecification{pointer}"), first)
            .expected("the OAuth branch first", first_is)
        });
    }
}
