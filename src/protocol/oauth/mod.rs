//! OAuth in a specification (protocol: `advanced_auth`): to which configurations it applies, what goes in and comes out,
//! and where in a configuration that is.

mod reach;
mod secrecy;

pub use reach::{Reach, Reached, default_branch, reach};
pub use secrecy::OutputSecrecy;

use super::schema::escaped;
use serde_json::{Map, Value};

/// How many properties of one schema are looked at. Specifications are hostile.
const PROPERTIES: usize = 100;

/// One of the four schemas of an OAuth flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowSchema {
    /// What the flow needs of the configuration.
    UserInput,
    /// What the flow puts into the configuration.
    Output,
    /// What an administrator gives the flow.
    ServerInput,
    /// What of that goes into the configuration.
    ServerOutput,
}

impl FlowSchema {
    /// All four.
    pub const ALL: [FlowSchema; 4] =
        [FlowSchema::UserInput, FlowSchema::Output, FlowSchema::ServerInput, FlowSchema::ServerOutput];

    /// Those that put something into the configuration.
    pub const OUTPUTS: [FlowSchema; 2] = [FlowSchema::Output, FlowSchema::ServerOutput];

    /// Its name in the protocol.
    pub fn name(self) -> &'static str {
        match self {
            FlowSchema::UserInput => "oauth_user_input_from_connector_config_specification",
            FlowSchema::Output => "complete_oauth_output_specification",
            FlowSchema::ServerInput => "complete_oauth_server_input_specification",
            FlowSchema::ServerOutput => "complete_oauth_server_output_specification",
        }
    }

    /// JSON pointer to it, from the specification.
    pub fn pointer(self) -> String {
        format!("/advanced_auth/oauth_config_specification/{}", self.name())
    }
}

/// A property of one of the four schemas.
#[derive(Debug, Clone, Copy)]
pub struct FlowProperty<'s> {
    /// The schema.
    pub of: FlowSchema,
    /// The property's name.
    pub name: &'s str,
    /// What is said of it; an object, unless the connector is wrong.
    pub schema: &'s Value,
}

impl<'s> FlowProperty<'s> {
    /// JSON pointer to it, from the specification.
    pub fn pointer(&self) -> String {
        format!("{}/properties/{}", self.of.pointer(), escaped(self.name))
    }

    /// A member of it that is not null.
    pub fn member(&self, name: &str) -> Option<&'s Value> {
        self.schema.get(name).filter(|value| !value.is_null())
    }

    /// The path in the configuration, where there is one and it is well-formed.
    pub fn path(&self) -> Option<Vec<&'s str>> {
        path(self.member("path_in_connector_config")?)
    }

    /// In words for people: `` `client_id` in `complete_oauth_server_output_specification` ``.
    pub fn describe(&self) -> String {
        format!("`{}` in `{}`", self.name, self.of.name())
    }
}

/// A path as the protocol writes it: an array of names, at least one.
pub fn path(value: &Value) -> Option<Vec<&str>> {
    let names = value.as_array()?.iter().map(Value::as_str).collect::<Option<Vec<&str>>>()?;
    (!names.is_empty()).then_some(names)
}

/// `advanced_auth` of a specification.
#[derive(Debug, Clone, Copy)]
pub struct AdvancedAuth<'s> {
    raw: &'s Value,
}

impl<'s> AdvancedAuth<'s> {
    /// That of a SPEC's payload, where it has one and it is an object.
    pub fn of(specification: &'s Value) -> Option<Self> {
        let raw = specification.get("advanced_auth").filter(|raw| raw.is_object())?;
        Some(AdvancedAuth { raw })
    }

    /// As the connector wrote it.
    pub fn raw(&self) -> &'s Value {
        self.raw
    }

    /// A member of it that is not null.
    pub fn member(&self, name: &str) -> Option<&'s Value> {
        self.raw.get(name).filter(|value| !value.is_null())
    }

    /// How the platform is to run the flow by itself: `oauth_connector_input_specification`.
    pub fn connector_input(&self) -> Option<&'s Value> {
        let flow = self.member("oauth_config_specification")?;
        flow.get("oauth_connector_input_specification").filter(|value| !value.is_null())
    }

    /// The properties of one of the four schemas by name, those that are null left out. None where the schema has no
    /// `properties`.
    pub fn declared(&self, of: FlowSchema) -> Option<&'s Map<String, Value>> {
        self.member("oauth_config_specification")?.get(of.name())?.get("properties")?.as_object()
    }

    /// The properties of one of the four schemas.
    pub fn properties(&self, of: FlowSchema) -> impl Iterator<Item = FlowProperty<'s>> {
        let declared = self.declared(of).into_iter().flatten().filter(|(_, schema)| !schema.is_null());
        declared.take(PROPERTIES).map(move |(name, schema)| FlowProperty { of, name, schema })
    }

    /// Whether a value that the platform takes out of the answer, by this path, gets into the configuration, or says when
    /// the token expires. `expiry_key` is the name of what says so, where the connector changes it.
    pub fn keeps(&self, extracted: &str, expiry_key: Option<&str>) -> bool {
        let last = extracted.rsplit('.').next().unwrap_or(extracted);
        let is_last = |response: &Value| path(response).and_then(|path| path.last().copied()) == Some(last);
        let mut outputs = self.properties(FlowSchema::Output);
        last == expiry_key.unwrap_or("expires_in")
            || outputs.any(|output| output.name == last || output.member("path_in_oauth_response").is_some_and(is_last))
    }

    /// To which configurations of this form the flow applies.
    pub fn applies(&self, form: &'s Value) -> Applicability<'s> {
        let Some(key) = self.member("predicate_key").filter(|key| key.as_array().is_none_or(|key| !key.is_empty()))
        else {
            return Applicability::Always;
        };
        let Some(key) = path(key) else { return Applicability::NoPath(key) };
        let value = self.member("predicate_value").and_then(as_text).filter(|value| !value.trim().is_empty());
        let predicate = Predicate { key, value };
        let is_excluded = |found: &Vec<Reached<'s>>| found.iter().all(|found| predicate.excludes(found.schema));
        match reach(form, &predicate.key, None) {
            Reach::Nowhere => Applicability::Nowhere(predicate),
            Reach::There(found) if is_excluded(&found) => Applicability::Never(predicate, found),
            Reach::Perhaps(found) if is_excluded(&found) => Applicability::Unsure,
            Reach::There(_) | Reach::Perhaps(_) => Applicability::Where(predicate),
        }
    }
}

/// What a configuration must have for an OAuth flow to apply to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicate<'s> {
    /// The path in the configuration.
    pub key: Vec<&'s str>,
    /// The value there; none where any is good.
    pub value: Option<String>,
}

impl Predicate<'_> {
    /// Whether a property that is described so never has the value.
    fn excludes(&self, property: &Value) -> bool {
        matches!(fit(property, self.value.as_deref()), Fit::Other)
    }
}

/// To which configurations an OAuth flow applies.
#[derive(Debug, Clone)]
pub enum Applicability<'s> {
    /// To every one: there is no predicate.
    Always,
    /// To those that fulfil the predicate, which some can.
    Where(Predicate<'s>),
    /// To none: the key is no path.
    NoPath(&'s Value),
    /// To none: the form has no property at the key.
    Nowhere(Predicate<'s>),
    /// To none: the properties at the key have other values.
    Never(Predicate<'s>, Vec<Reached<'s>>),
    /// The form can't be followed to the key.
    Unsure,
}

impl<'s> Applicability<'s> {
    /// Whether what the flow reads and writes can be sought, and with which predicate. Not where that selects nothing:
    /// nobody knows which branch is meant.
    pub fn known(&self) -> Option<Option<&Predicate<'s>>> {
        match self {
            Applicability::Always => Some(None),
            Applicability::Where(predicate) => Some(Some(predicate)),
            _ => None,
        }
    }
}

/// Whether a property has a value, from what is said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It has others.
    Other,
    /// It may have any.
    Open,
    /// It is the value, or one of some.
    Fits,
}

fn fit(property: &Value, value: Option<&str>) -> Fit {
    let Some(value) = value else { return Fit::Fits };
    let is_value = |known: &Value| as_text(known).is_some_and(|known| known == value);
    let fits = match (property.get("const"), property.get("enum").and_then(Value::as_array)) {
        (Some(only), _) => is_value(only),
        (None, Some(some)) => some.iter().any(is_value),
        (None, None) => return Fit::Open,
    };
    if fits { Fit::Fits } else { Fit::Other }
}

/// A single value as the text that the platform compares with.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn applies(predicate_key: Value, predicate_value: Value) -> String {
        let form = json!({"properties": {
            "login": {"type": "object", "oneOf": [
                {"properties": {"by": {"const": "oauth"}}},
                {"properties": {"by": {"enum": ["token", "key"]}}},
            ]},
            "sandbox": {"const": true},
            "free": {"type": "string"},
            "elsewhere": {"$ref": "#/definitions/login"},
            "half": {"oneOf": [{"properties": {"by": {"const": "key"}}}, {"$ref": "#/definitions/oauth"}]},
        }});
        let specification =
            json!({"advanced_auth": {"predicate_key": predicate_key, "predicate_value": predicate_value}});
        match AdvancedAuth::of(&specification).expect("an object").applies(&form) {
            Applicability::Always => "always".to_owned(),
            Applicability::Where(predicate) => format!("where {predicate:?}").chars().take(5).collect(),
            Applicability::NoPath(_) => "no path".to_owned(),
            Applicability::Nowhere(_) => "nowhere".to_owned(),
            Applicability::Never(_, found) => format!("never, of {}", found.len()),
            Applicability::Unsure => "unsure".to_owned(),
        }
    }

    #[test]
    fn a_predicate_is_held_against_the_form() {
        assert_eq!(applies(json!(null), json!("x")), "always");
        assert_eq!(applies(json!([]), json!("x")), "always");
        assert_eq!(applies(json!("login.by"), json!("oauth")), "no path");
        assert_eq!(applies(json!(["login", 1]), json!("oauth")), "no path");
        assert_eq!(applies(json!(["login", "with"]), json!("oauth")), "nowhere");
        assert_eq!(applies(json!(["login", "by"]), json!("oauth")), "where");
        assert_eq!(applies(json!(["login", "by"]), json!("key")), "where");
        assert_eq!(applies(json!(["login", "by"]), json!("OAuth")), "never, of 2");
        assert_eq!(applies(json!(["login", "by"]), json!(" ")), "where");
        assert_eq!(applies(json!(["login"]), json!(null)), "where");
        assert_eq!(applies(json!(["sandbox"]), json!("true")), "where");
        assert_eq!(applies(json!(["free"]), json!("anything")), "where");
        assert_eq!(applies(json!(["elsewhere", "by"]), json!("oauth")), "unsure");
        assert_eq!(applies(json!(["half", "by"]), json!("oauth")), "unsure");
        assert_eq!(applies(json!(["half", "by"]), json!("key")), "where");
    }

    #[test]
    fn properties_are_listed_without_those_that_are_null() {
        let specification = json!({"advanced_auth": {"oauth_config_specification": {
            "complete_oauth_output_specification": {"properties": {
                "a/b": {"type": "string", "path_in_connector_config": ["login", "token"]}, "$ref": null, "odd": true,
            }},
            "complete_oauth_server_input_specification": null,
        }}});
        let auth = AdvancedAuth::of(&specification).expect("an object");
        let found: Vec<FlowProperty<'_>> =
            FlowSchema::ALL.into_iter().flat_map(|schema| auth.properties(schema)).collect();
        let told: Vec<(String, Option<Vec<&str>>)> =
            found.iter().map(|found| (found.pointer(), found.path())).collect();
        let at = |name: &str| format!("{}/properties/{name}", FlowSchema::Output.pointer());
        assert_eq!(told, [(at("a~1b"), Some(vec!["login", "token"])), (at("odd"), None)]);
        assert!(AdvancedAuth::of(&json!({"advanced_auth": null})).is_none());
    }

    #[test]
    fn what_is_extracted_is_kept_under_its_last_name() {
        let specification = json!({"advanced_auth": {"oauth_config_specification": {
            "complete_oauth_output_specification": {"properties": {
                "refresh_token": {}, "shop": {"path_in_oauth_response": ["data", "store"]},
            }},
        }}});
        let auth = AdvancedAuth::of(&specification).expect("an object");
        for name in ["refresh_token", "data.refresh_token", "store", "shop", "expires_in"] {
            assert!(auth.keeps(name, None), "{name}");
        }
        assert!(!auth.keeps("access_token", None) && !auth.keeps("expires_in", Some("expires_at")));
        assert!(auth.keeps("expires_at", Some("expires_at")));
    }
}
