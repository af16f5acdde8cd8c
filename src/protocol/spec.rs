//! The connector's specification (protocol: `ConnectorSpecification`), and which values of a config are secret.

use super::schema::escaped;
use serde_json::Value;

/// A SPEC message's payload.
#[derive(Debug, Clone)]
pub struct Specification {
    /// As the connector wrote it.
    pub raw: Value,
}

impl Specification {
    /// The JSON Schema of the configuration; null where the payload has none.
    pub fn connection_specification(&self) -> &Value {
        self.raw.get("connectionSpecification").unwrap_or(&Value::Null)
    }

    /// Whether the specification is a destination's.
    pub fn is_destination(&self) -> bool {
        Self::names_destination_modes(&self.raw)
    }

    /// Whether a payload names modes in which a destination writes: that alone tells it from a source's.
    pub fn names_destination_modes(payload: &Value) -> bool {
        let modes = payload.get("supported_destination_sync_modes").and_then(Value::as_array);
        modes.is_some_and(|modes| !modes.is_empty())
    }
}

/// Property names that hold a secret wherever they appear: those that Airbyte's own acceptance tests know (SPEC-027).
const AGREED_SECRETS: [&str; 17] = [
    "access_token",
    "api_token",
    "app_id",
    "appid",
    "certificate",
    "client_secret",
    "client_token",
    "credentials",
    "jwt",
    "key",
    "password",
    "refresh_token",
    "secret",
    "service_account",
    "service_account_info",
    "tenant_id",
    "token",
];

/// Property names that the acceptance tests do not know, and that mean a secret all the same.
const LIKELY_SECRETS: [&str; 5] = ["api_key", "passphrase", "private_key", "secret_access_key", "secret_key"];

/// Ends of names that mean a secret, behind whose it is: `db_password`.
const LIKELY_ENDS: [&str; 9] = [
    "_access_token",
    "_api_key",
    "_auth_token",
    "_bearer_token",
    "_client_secret",
    "_passphrase",
    "_password",
    "_private_key",
    "_secret_access_key",
];

/// Whether a property of this name holds a secret, marked or not: whether its words are written with `_`, with `-` or in
/// camel case.
pub fn is_secret_name(name: &str) -> bool {
    let name = snake_case(name);
    let is_known = |list: &[&str]| list.contains(&name.as_str());
    let is_end = || LIKELY_ENDS.iter().any(|end| name == end[1..] || name.ends_with(end));
    is_known(&AGREED_SECRETS) || is_known(&LIKELY_SECRETS) || is_end()
}

/// A name in lower case, with `_` between its words.
fn snake_case(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut before = '_';
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            words.push('_');
        }
        words.push(if letter == '-' || letter == ' ' { '_' } else { letter.to_ascii_lowercase() });
        before = letter;
    }
    words
}

/// Whether a property of this name holds a secret by Airbyte's own agreement.
pub fn is_agreed_secret_name(name: &str) -> bool {
    AGREED_SECRETS.contains(&name.to_ascii_lowercase().as_str())
}

/// A secret value of a config.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretValue {
    /// As written in JSON: a string without its quotes, a number's digits.
    pub value: String,
    /// Whether the specification marks it `airbyte_secret`; else only its name tells.
    pub marked: bool,
}

/// Whether a secret is no everyday word: finding `postgres` in a log says nothing, finding `xK29-fw8q` does.
pub fn is_distinctive(value: &str) -> bool {
    let length = value.chars().count();
    let letters_only = value.chars().all(|letter| letter.is_ascii_lowercase());
    length >= 20 || (length >= 8 && !letters_only)
}

/// Where a secret stands in a config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretPlace {
    /// JSON pointer into the config.
    pub pointer: String,
    /// What stands there.
    pub secret: SecretValue,
}

/// The secrets of a config, in its order: each string or number under a property that the specification marks
/// `airbyte_secret`, or whose name is a known secret's. Without a specification the names alone decide.
pub fn secret_places(config: &Value, specification: Option<&Value>) -> Vec<SecretPlace> {
    let mut found = Vec::new();
    walk(config, specification.into_iter().collect(), Secrecy::Open, String::new(), &mut found);
    found
}

/// The secret values of a config, each once: see [`secret_places`].
pub fn secret_values(config: &Value, specification: Option<&Value>) -> Vec<SecretValue> {
    let places = secret_places(config, specification).into_iter();
    let mut found: Vec<SecretValue> = places.map(|place| place.secret).collect();
    found.sort_by(|one, other| (&one.value, other.marked).cmp(&(&other.value, one.marked)));
    found.dedup_by(|later, first| later.value == first.value);
    found
}

/// Every text of a config that is long enough to be a secret: what is taken for one where no specification says.
pub fn possible_secrets(config: &Value) -> Vec<SecretValue> {
    const SHORTEST: usize = 8;
    match config {
        Value::String(text) if text.len() >= SHORTEST => vec![SecretValue { value: text.clone(), marked: false }],
        Value::Array(items) => items.iter().flat_map(possible_secrets).collect(),
        Value::Object(members) => members.values().flat_map(possible_secrets).collect(),
        _ => Vec::new(),
    }
}

/// The config with a canary in place of each text that the specification marks `airbyte_secret`: `canary` makes one out
/// of the text's place. What has a form of its own stays as it is, since a connector may stumble over any other before
/// it comes to use it: values that the schema constrains, key files, texts of several lines.
pub fn with_canaries(config: &Value, specification: &Value, canary: &dyn Fn(&str) -> String) -> Value {
    plant(config, vec![specification], false, String::new(), canary)
}

fn plant(config: &Value, schemas: Vec<&Value>, above: bool, place: String, canary: &dyn Fn(&str) -> String) -> Value {
    /// What a canary may not agree with.
    const CONSTRAINTS: [&str; 6] = ["pattern", "format", "enum", "const", "minLength", "maxLength"];
    let schemas = with_branches(schemas);
    let marked = above || schemas.iter().any(|schema| is_marked(schema));
    match config {
        Value::Object(members) => {
            let below =
                |name: &String| schemas.iter().filter_map(|schema| schema.get("properties")?.get(name)).collect();
            let planted = members.iter().map(|(name, value)| {
                (name.clone(), plant(value, below(name), marked, format!("{place}/{name}"), canary))
            });
            planted.collect()
        }
        Value::Array(items) => {
            let below = || schemas.iter().filter_map(|schema| schema.get("items")).collect();
            let planted = items.iter().enumerate();
            planted.map(|(at, item)| plant(item, below(), marked, format!("{place}/{at}"), canary)).collect()
        }
        Value::String(text) if marked && !text.is_empty() => {
            let is_bound = |schema: &&Value| CONSTRAINTS.iter().any(|keyword| schema.get(keyword).is_some());
            let has_form = text.starts_with(['{', '[']) || text.contains('\n') || text.contains("://");
            let keeps = has_form || schemas.iter().any(is_bound);
            Value::String(if keeps { text.clone() } else { canary(&place) })
        }
        other => other.clone(),
    }
}

fn is_marked(schema: &Value) -> bool {
    schema.get("airbyte_secret") == Some(&Value::Bool(true))
}

#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Secrecy {
    Open,
    Named,
    Marked,
}

fn walk(config: &Value, schemas: Vec<&Value>, above: Secrecy, pointer: String, found: &mut Vec<SecretPlace>) {
    let schemas = with_branches(schemas);
    let marked = schemas.iter().any(|schema| is_marked(schema));
    let secrecy = if marked { Secrecy::Marked } else { above };
    let secret = |value: String| SecretValue { value, marked: secrecy == Secrecy::Marked };
    match config {
        Value::Object(members) => {
            for (name, value) in members {
                let below = schemas.iter().filter_map(|schema| schema.get("properties")?.get(name)).collect();
                let named = is_secret_name(name) && !value.is_object() && secrecy == Secrecy::Open;
                let pointer = format!("{pointer}/{}", escaped(name));
                walk(value, below, if named { Secrecy::Named } else { secrecy }, pointer, found);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                let below = schemas.iter().filter_map(|schema| schema.get("items")).collect();
                walk(item, below, secrecy, format!("{pointer}/{at}"), found);
            }
        }
        Value::String(text) if secrecy > Secrecy::Open && !text.is_empty() => {
            found.push(SecretPlace { pointer, secret: secret(text.clone()) });
        }
        Value::Number(number) if secrecy > Secrecy::Open => {
            found.push(SecretPlace { pointer, secret: secret(number.to_string()) });
        }
        _ => {}
    }
}

/// The schemas themselves and every branch of theirs, however deep the branches nest.
fn with_branches(schemas: Vec<&Value>) -> Vec<&Value> {
    let mut all = schemas;
    let mut next = 0;
    while next < all.len() && all.len() < 1_000 {
        for keyword in ["oneOf", "anyOf", "allOf"] {
            if let Some(branches) = all[next].get(keyword).and_then(Value::as_array) {
                all.extend(branches);
            }
        }
        next += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn canaries_stand_for_what_may_be_any_text() {
        let secret = |more: Value| {
            let mut schema = json!({"type": "string", "airbyte_secret": true});
            schema.as_object_mut().expect("an object").append(&mut more.as_object().expect("an object").clone());
            schema
        };
        let specification = json!({"properties": {
            "login": {"oneOf": [{"properties": {"token": secret(json!({}))}}]},
            "keys": {"type": "array", "items": secret(json!({}))},
            "bound": secret(json!({"pattern": "^sk-"})),
            "file": secret(json!({})),
            "region": {"type": "string"},
        }});
        let config = json!({"login": {"token": "t"}, "keys": ["a", ""], "bound": "sk-1", "file": "{}", "region": "eu"});
        let planted = json!({
            "login": {"token": "<login/token>"}, "keys": ["<keys/0>", ""], "bound": "sk-1", "file": "{}", "region": "eu",
        });
        let canary = |place: &str| format!("<{}>", place.trim_start_matches('/'));
        assert_eq!(with_canaries(&config, &specification, &canary), planted);
        assert_eq!(with_canaries(&config, &json!(null), &canary), config);
    }

    #[test]
    fn names_mean_secrets_however_they_are_written() {
        for name in ["apiKey", "clientSecret", "Password", "db_password", "personal-access-token", "api_key", "TOKEN"] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["token_url", "tokenLifetime", "secret_manager_region", "password_policy", "monkey", "apiKeyName"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn marked_and_well_known_values_are_secret() {
        let specification = json!({"properties": {
            "login": {"oneOf": [{"properties": {"pin": {"type": "integer", "airbyte_secret": true}}}]},
            "start_date": {"type": "string"},
        }});
        let config = json!({"login": {"pin": 123456}, "start_date": "2024-01-01", "password": "hunter22"});
        let secret = |value: &str, marked| SecretValue { value: value.to_owned(), marked };
        assert_eq!(secret_values(&config, Some(&specification)), [secret("123456", true), secret("hunter22", false)]);
        assert_eq!(secret_values(&config, None), [secret("hunter22", false)]);
        let places = secret_places(&config, Some(&specification));
        assert_eq!(places.iter().map(|place| &*place.pointer).collect::<Vec<_>>(), ["/login/pin", "/password"]);
        assert_eq!(possible_secrets(&config), [secret("2024-01-01", false), secret("hunter22", false)]);
    }
}
