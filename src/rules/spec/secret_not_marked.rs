use crate::protocol::schema::escaped;
use crate::protocol::{Kind, is_agreed_secret_name, is_secret_name};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

/// How many schemas of a specification are looked at.
const STEPS: usize = 100_000;

rule! {
    /// A property that holds a secret is not marked `airbyte_secret`.
    ///
    /// # What it checks
    /// A property with a secret's name that can hold a string or a number has `"airbyte_secret": true`, at any depth
    /// and in every branch. The names, upper or lower case, are those of Airbyte's own acceptance tests: access_token,
    /// api_token, app_id, appid, certificate, client_secret, client_token, credentials, jwt, key, password,
    /// refresh_token, secret, service_account, service_account_info, tenant_id, token. At SHOULD also: api_key,
    /// passphrase, private_key, secret_access_key, secret_key, names that end with one of these or with password or
    /// access_token behind another word (`db_password`), and all of them in camel case (`apiKey`). Objects, arrays, booleans, `const` and `enum` are left
    /// out; a mark that is neither true nor false is SPEC-026's.
    ///
    /// # Why it matters
    /// The mark alone decides that a value goes to the secret store and shows as dots. Without it the user's password
    /// is stored with the rest of the configuration and shown to everybody who can open it.
    ///
    /// # Example
    /// ```json
    /// bad:  {"properties":{"password":{"type":"string"}}}
    /// good: {"properties":{"password":{"type":"string","airbyte_secret":true}}}
    /// ```
    ///
    /// # How to mend it
    /// Add `"airbyte_secret": true` beside the property's `type`, in every branch that declares it. Low-code: in
    /// `spec.connection_specification`. Kotlin: `@JsonSchemaInject` with `airbyte_secret`. A property that is no secret
    /// in spite of its name is best renamed; else waive the rule for it.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests look for the names of the first list, exactly as here, and not for those of the
    /// second.
    SecretNotMarked {
        code: "SPEC-027",
        name: "secret-not-marked",
        level: Must,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_secret_is_properly_marked",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct SecretNotMarked;

impl Observer for SecretNotMarked {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let schema = look.specification().and_then(|specification| specification.get("connectionSpecification"));
        let mut found = Vec::new();
        walk(schema.unwrap_or(&Value::Null), "", &mut STEPS.clone(), &mut found);
        for (name, pointer, property) in found {
            findings.report(&name.to_ascii_lowercase(), || {
                let described = Violation::new(
                    format!("`{name}` is not marked `airbyte_secret`"),
                    format!("`{pointer}` has a secret's name and no `\"airbyte_secret\": true`"),
                )
                .part(look.line, format!("/spec/connectionSpecification{pointer}"), property);
                if is_agreed_secret_name(name) { described } else { described.level(Level::Should) }
            });
        }
    }
}

/// Finds the properties with a secret's name that can hold a secret and are not marked.
fn walk<'s>(schema: &'s Value, at: &str, steps: &mut usize, found: &mut Vec<(&'s str, String, &'s Value)>) {
    *steps = steps.saturating_sub(1);
    if *steps == 0 {
        return;
    }
    for keyword in ["oneOf", "anyOf", "allOf"] {
        let branches = schema.get(keyword).and_then(Value::as_array);
        for (place, branch) in branches.into_iter().flatten().enumerate() {
            walk(branch, &format!("{at}/{keyword}/{place}"), steps, found);
        }
    }
    if let Some(items) = schema.get("items") {
        walk(items, &format!("{at}/items"), steps, found);
    }
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let pointer = format!("{at}/properties/{}", escaped(name));
        if is_secret_name(name) && can_hold_a_secret(property) && !is_marked(property) {
            found.push((name, pointer.clone(), property));
        }
        walk(property, &pointer, steps, found);
    }
}

fn can_hold_a_secret(property: &Value) -> bool {
    let holds = |word: &Value| ["string", "integer", "number"].iter().any(|kind| word == kind);
    let is_open = property.get("const").is_none() && property.get("enum").is_none();
    let of_itself = match property.get("type") {
        Some(Value::Array(types)) => types.iter().any(holds),
        Some(word) => holds(word),
        None => false,
    };
    is_open && (of_itself || branches(property).any(can_hold_a_secret))
}

fn is_marked(property: &Value) -> bool {
    let marked = property.get("airbyte_secret").is_some_and(|mark| !mark.is_null() && *mark != Value::Bool(false));
    let mut open = branches(property).filter(|branch| can_hold_a_secret(branch)).peekable();
    marked || (open.peek().is_some() && open.all(is_marked))
}

fn branches(property: &Value) -> impl Iterator<Item = &Value> {
    ["oneOf", "anyOf"].iter().filter_map(|keyword| property.get(keyword)?.as_array()).flatten()
}
