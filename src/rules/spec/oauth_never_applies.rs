use crate::protocol::Kind;
use crate::protocol::oauth::{Applicability, Predicate, Reached};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// No configuration can fulfil the predicate of `advanced_auth`, so OAuth is never offered.
    ///
    /// # What it checks
    /// `predicate_key` is an array of names, and leads to a property of `connectionSpecification`, through branches of
    /// `oneOf` where there are any. One of the properties there can have the `predicate_value`: its `const` or one of its
    /// `enum` is that word, in the same case, or it has neither. Without a key OAuth applies to all configurations, and
    /// without a value to all that have something at the key. A path behind a `$ref` is not judged.
    ///
    /// # Why it matters
    /// The platform offers OAuth, and puts its own client id and secret into the configuration, only where the value at
    /// the key is that one. Here it never is. Nothing fails: the button just does not appear.
    ///
    /// # Example
    /// With `"auth_type": {"type": "string", "const": "oauth2.0"}` in a branch of `credentials`:
    /// ```json
    /// bad:  {"predicate_key":["credentials","auth_type"],"predicate_value":"OAuth2.0"}
    /// good: {"predicate_key":["credentials","auth_type"],"predicate_value":"oauth2.0"}
    /// ```
    ///
    /// # How to mend it
    /// Copy the `const` of the OAuth branch's discriminator into `predicate_value`, and write its path as an array, one
    /// name for each level; `oneOf` takes no place in it.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests look whether the path exists. They do not compare the value, but for that of the first branch.
    OauthNeverApplies {
        code: "SPEC-036",
        name: "oauth-never-applies",
        level: Must,
        commands: [Spec],
        authority: ProtocolSchema,
        source: "ConnectorSpecification.advanced_auth.predicate_key; platform: how the predicate is tested",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct OauthNeverApplies;

impl Observer for OauthNeverApplies {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let (Some(auth), Some(form)) = (look.advanced_auth(), look.connection_specification()) else { return };
        let violation = match auth.applies(form) {
            Applicability::Always | Applicability::Where(_) | Applicability::Unsure => return,
            Applicability::NoPath(key) => Violation::new(
                "`predicate_key` is no path",
                "`predicate_key` of `advanced_auth` is not an array of names",
            )
            .expected("an array of names", text::json(key, 80)),
            Applicability::Nowhere(predicate) => nowhere(&predicate),
            Applicability::Never(predicate, found) => never(&predicate, &found),
        };
        findings.report("never", || violation.part(look.line, "/spec/advanced_auth", auth.raw()));
    }
}

fn nowhere(predicate: &Predicate<'_>) -> Violation {
    let key = predicate.key.join(".");
    Violation::new(
        "`predicate_key` leads nowhere",
        format!("`{key}`, the `predicate_key` of `advanced_auth`, is no property of `connectionSpecification`"),
    )
    .expected("the path of a property", format!("`{key}`, which is not declared"))
}

fn never(predicate: &Predicate<'_>, found: &[Reached<'_>]) -> Violation {
    const SHOWN: usize = 5;
    let key = predicate.key.join(".");
    let value = predicate.value.as_deref().unwrap_or_default();
    let known = |found: &Reached<'_>| {
        let values = found.schema.get("const").or_else(|| found.schema.get("enum"));
        values.map_or(String::new(), |values| text::json(values, 60))
    };
    let known: Vec<String> = found.iter().take(SHOWN).map(known).collect();
    let more = if found.len() > SHOWN { ", …" } else { "" };
    Violation::new(
        "`predicate_value` is the value of no branch",
        format!("`{key}` is never `{value}`, which is the `predicate_value` of `advanced_auth`"),
    )
    .expected(format!("{}{more}", known.join(" or ")), format!("\"{value}\""))
}
