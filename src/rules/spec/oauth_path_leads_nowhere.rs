use crate::protocol::Kind;
use crate::protocol::oauth::{FlowProperty, FlowSchema, Reach, reach};
use crate::rules::oauth::at_property;
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// An OAuth property names a path that is not in the configuration, or not in the branch that OAuth uses.
    ///
    /// # What it checks
    /// Each property of `oauth_user_input_from_connector_config_specification`, `complete_oauth_output_specification` and
    /// `complete_oauth_server_output_specification` has a `path_in_connector_config`: an array of names that leads to a
    /// property of `connectionSpecification`. Of branches, only those count that `predicate_value` selects. A missing
    /// path is reported at SHOULD. Where the predicate selects nothing (SPEC-036) no path is judged, and neither is one
    /// behind a `$ref` or within an object that does not list its properties.
    ///
    /// # Why it matters
    /// The platform writes the token to that path. The connector does not look there, so the user has gone through the
    /// consent page and the check still fails; or the configuration is refused, since its branch lacks the token.
    ///
    /// # Example
    /// With `refresh_token` in the OAuth branch of `credentials`:
    /// ```json
    /// bad:  {"refresh_token":{"type":"string","path_in_connector_config":["refresh_token"]}}
    /// good: {"refresh_token":{"type":"string","path_in_connector_config":["credentials","refresh_token"]}}
    /// ```
    ///
    /// # How to mend it
    /// Write the whole path from the root of the configuration, one name for each level and none for `oneOf`. Where the
    /// property is missing, declare it in the branch whose discriminator is `predicate_value`.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests look whether each path exists in any branch, and crash where a path is missing.
    OauthPathLeadsNowhere {
        code: "SPEC-037",
        name: "oauth-path-leads-nowhere",
        level: Must,
        commands: [Spec],
        authority: ProtocolSchema,
        source: "OAuthConfigSpecification: path_in_connector_config",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct OauthPathLeadsNowhere;

impl Observer for OauthPathLeadsNowhere {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let (Some(auth), Some(form)) = (look.advanced_auth(), look.connection_specification()) else { return };
        let applies = auth.applies(form);
        let Some(predicate) = applies.known() else { return };
        let schemas = [FlowSchema::UserInput, FlowSchema::Output, FlowSchema::ServerOutput];
        // Those that are no object are SPEC-039's.
        let properties = schemas.into_iter().flat_map(|schema| auth.properties(schema));
        for property in properties.filter(|property| property.schema.is_object()) {
            let Some(path) = property.path() else {
                no_path(look, &property, findings);
                continue;
            };
            if !matches!(reach(form, &path, predicate), Reach::Nowhere) {
                continue;
            }
            let is_elsewhere = predicate.is_some() && !matches!(reach(form, &path, None), Reach::Nowhere);
            let (cause, what, wanted) = match is_elsewhere {
                true => ("other branch", "only in a branch that OAuth does not use", "a property of the OAuth branch"),
                false => ("nowhere", "no property of `connectionSpecification`", "the path of a property"),
            };
            findings.report(cause, || {
                let (owner, path) = (property.describe(), path.join("."));
                at_property(look, &property, title(cause), format!("the path of {owner} is `{path}`, which is {what}"))
                    .expected(wanted, format!("`{path}`"))
            });
        }
    }
}

fn title(cause: &str) -> &'static str {
    if cause == "nowhere" { "an OAuth path leads nowhere" } else { "an OAuth path leads into another branch" }
}

/// A property that has no path, or one that is none.
fn no_path(look: &Look<'_>, property: &FlowProperty<'_>, findings: &mut Findings<'_>) {
    let owner = property.describe();
    match property.member("path_in_connector_config") {
        None => findings.report("missing", || {
            let message =
                format!("{owner} has no `path_in_connector_config`, so that it has no place in the configuration");
            expecting(at_property(look, property, "an OAuth property has no path", message), &Value::Null)
                .level(Level::Should)
        }),
        Some(path) => findings.report("malformed", || {
            let message = format!("`path_in_connector_config` of {owner} is no array of names");
            expecting(at_property(look, property, "an OAuth path is no array of names", message), path)
        }),
    }
}

fn expecting(violation: Violation, found: &Value) -> Violation {
    let found = if found.is_null() { "none".to_owned() } else { text::json(found, 80) };
    violation.expected("an array of names", found)
}
