//! No secret gets into a baseline: one in which a value of the config's secret fields stands is not made.

use crate::baseline::{Snapshot, Subject};
use crate::capture::{REDACTED, Secrets};
use crate::protocol::Descriptor;
use crate::text::{shorten, visible};
use serde_json::Value;

/// A snapshot that is not made, since a secret stands in it. Nothing of it is a secret.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "there is no baseline of {what}: a secret of the config stands in it at `{place}`. Take it out of what the connector \
     puts out, or name the field in `normalize` with `replace: true`"
)]
pub struct Refused {
    /// What it would have been about; a name with a secret in it is redacted.
    pub subject: Subject,
    /// Where the secret stands, as a JSON pointer. Names with a secret in them are redacted, long ones cut.
    pub place: String,
    what: String,
}

/// The snapshot, if no secret stands in it.
pub(super) fn without_secrets(snapshot: Snapshot, secrets: &Secrets) -> Result<Snapshot, Refused> {
    let mut place = String::new();
    let is_named = snapshot.subject.stream().is_some_and(|stream| is_in_name(stream, secrets));
    if !is_named && !finds(&snapshot.content, secrets, &mut place) {
        return Ok(snapshot);
    }
    let subject = redacted(snapshot.subject, secrets);
    let what = describe(&subject);
    Err(Refused { subject, place, what })
}

/// Looks for a secret, and says where it is.
fn finds(value: &Value, secrets: &Secrets, place: &mut String) -> bool {
    let before = place.len();
    let found = match value {
        Value::Object(members) => members.iter().any(|(name, value)| {
            place.truncate(before);
            place.push('/');
            let is_secret = secrets.is_in(name);
            place.push_str(if is_secret { REDACTED } else { "" });
            if !is_secret {
                place.push_str(&visible(&shorten(name, 100)).replace('~', "~0").replace('/', "~1"));
            }
            is_secret || finds(value, secrets, place)
        }),
        Value::Array(items) => items.iter().enumerate().any(|(at, item)| {
            place.truncate(before);
            place.push_str(&format!("/{at}"));
            finds(item, secrets, place)
        }),
        Value::String(text) => secrets.is_in(text),
        Value::Number(number) => secrets.is_in(&number.to_string()),
        Value::Bool(_) | Value::Null => false,
    };
    if !found {
        place.truncate(before);
    }
    found
}

fn is_in_name(stream: &Descriptor, secrets: &Secrets) -> bool {
    secrets.is_in(&stream.name) || stream.namespace.as_ref().is_some_and(|namespace| secrets.is_in(namespace))
}

fn redacted(subject: Subject, secrets: &Secrets) -> Subject {
    let name = |stream: Descriptor| Descriptor {
        name: secrets.redact(&stream.name).into_owned(),
        namespace: stream.namespace.map(|namespace| secrets.redact(&namespace).into_owned()),
    };
    match subject {
        Subject::Catalog(stream) => Subject::Catalog(name(stream)),
        Subject::Records(stream) => Subject::Records(name(stream)),
        Subject::Shape(stream) => Subject::Shape(name(stream)),
        Subject::State(stream) => Subject::State(name(stream)),
        Subject::IncrementalState(stream) => Subject::IncrementalState(name(stream)),
        other => other,
    }
}

fn describe(subject: &Subject) -> String {
    let of = |what: &str, stream: &Descriptor| format!("{what} of `{}`", visible(&shorten(&stream.to_string(), 100)));
    match subject {
        Subject::Specification => "the specification".to_owned(),
        Subject::Messages => "the order of messages".to_owned(),
        Subject::Exits => "the exits".to_owned(),
        Subject::GlobalState => "the state of all streams".to_owned(),
        Subject::GlobalIncrementalState => "the state of all streams after an incremental read".to_owned(),
        Subject::Catalog(stream) => of("the catalog entry", stream),
        Subject::Records(stream) => of("the records", stream),
        Subject::Shape(stream) => of("the fields", stream),
        Subject::State(stream) => of("the state", stream),
        Subject::IncrementalState(stream) => of("the state after an incremental read", stream),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::SecretValue;
    use serde_json::json;

    fn refused(content: Value) -> Option<String> {
        let secret = |value: &str| SecretValue { value: value.into(), marked: true };
        let secrets = Secrets::new(&[secret("tok-9f8e7d6c"), secret("postgres")]);
        let snapshot = Snapshot { subject: Subject::Records(Descriptor::named("orders")), content };
        without_secrets(snapshot, &secrets).err().map(|refused| refused.to_string())
    }

    #[test]
    fn a_secret_is_refused_and_not_shown() {
        let told =
            refused(json!({"records": {"id=1": {"a": [1, {"url": "https://x/?t=tok-9f8e7d6c"}]}}})).expect("refused");
        assert!(told.contains("the records of `orders`") && told.contains("`/records/id=1/a/1/url`"), "{told}");
        assert!(!told.contains("9f8e"), "{told}");
        let named = refused(json!({"x": 1, "id=tok-9f8e7d6c": {}})).expect("refused");
        assert!(named.contains("`/***`") && !named.contains("9f8e"), "{named}");
    }

    #[test]
    fn an_everyday_word_is_a_secret_only_by_itself() {
        assert!(refused(json!({"user": "postgres"})).is_some());
        assert_eq!(refused(json!({"about": "a postgres database", "user": "me"})), None);
    }
}
