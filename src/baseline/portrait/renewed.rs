//! A snapshot that was made before a rule of `normalize`, as the same read would show itself with the rule.

use super::shape::REACHES;
use super::stream::NAMED_BY_HASH;
use crate::baseline::Subject;
use crate::baseline::normalise::{Normaliser, StreamNormaliser};
use serde_json::{Map, Value};

/// The content of a snapshot, made alike. What is alike already stays as it is.
///
/// None where the content does not tell what the read would show: records that no key tells apart are chosen by a hash of
/// all that they say, so that others are chosen once something in them is masked, or once the key is.
pub(in crate::baseline) fn renewed(subject: &Subject, content: Value, normaliser: &Normaliser) -> Option<Value> {
    let Some(stream) = subject.stream() else { return Some(content) };
    let rules = normaliser.of_stream(stream);
    match subject {
        _ if rules.is_idle() => Some(content),
        Subject::Records(_) => records(content, &rules),
        Subject::Shape(_) => Some(shape(content, &rules)),
        _ => Some(content),
    }
}

fn records(mut content: Value, rules: &StreamNormaliser) -> Option<Value> {
    let shown = content.get_mut("records").and_then(Value::as_object_mut);
    for (key, record) in shown.into_iter().flatten() {
        let Value::Object(members) = record else { continue };
        let before = members.clone();
        rules.apply(members);
        if before != *members && (key.starts_with(NAMED_BY_HASH) || is_key_masked(key, &before, members)) {
            return None;
        }
    }
    Some(content)
}

/// Whether a value that stands in the record's name is another now.
fn is_key_masked(key: &str, before: &Map<String, Value>, now: &Map<String, Value>) -> bool {
    before.iter().filter(|(name, value)| now.get(*name) != Some(value)).any(|(name, value)| match value {
        Value::Object(members) => {
            let within = now.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
            let nested = |key: &str| key.strip_prefix(name.as_str())?.strip_prefix('.').map(str::to_owned);
            parts(key).filter_map(nested).any(|part| is_key_masked(&part, members, &within))
        }
        value => parts(key).any(|part| part.starts_with(&format!("{name}={value}"))),
    })
}

/// The key from each of its parts on.
fn parts(key: &str) -> impl Iterator<Item = &str> {
    std::iter::once(key).chain(key.match_indices(',').map(|(at, _)| &key[at + 1..]))
}

fn shape(mut content: Value, rules: &StreamNormaliser) -> Value {
    if let Some(fields) = content.get_mut("fields").and_then(Value::as_object_mut) {
        fields.retain(|path, field| {
            let names: Vec<&str> = path.split('/').collect();
            if let Some(field) = field.as_object_mut().filter(|_| rules.masks(&names)) {
                REACHES.iter().for_each(|reach| drop(field.remove(*reach)));
            }
            // What is left out takes along what is in it.
            !(1..=names.len()).any(|end| rules.drops(&names[..end]))
        });
    }
    content
}

#[cfg(test)]
mod tests {
    use super::super::tests::{finished, portrait, read, record, rules};
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_made_before_a_rule_is_as_if_made_with_it() {
        let output = read(0..200, 1);
        let plain = portrait(&output, &Normaliser::default());
        let normaliser = rules(&plain, &portrait(&read(0..200, 2), &Normaliser::default()));
        let with_rules = finished(&portrait(&output, &normaliser)).snapshots;
        for (before, after) in finished(&plain).snapshots.into_iter().zip(with_rules) {
            let renewed = renewed(&before.subject, before.content, &normaliser);
            assert!(renewed.is_none_or(|renewed| renewed == after.content), "{:?}", before.subject);
        }
    }

    #[test]
    fn a_sample_without_a_key_cannot_be_renewed_once_something_in_it_is_masked() {
        let events = |round: u64| -> String {
            (0..20).map(|at| record("events", &json!({"n": at, "seen": at + 1_000 * round}))).collect()
        };
        let (first, second) = (events(1), events(2));
        let plain = portrait(&first, &Normaliser::default());
        let normaliser = rules(&plain, &portrait(&second, &Normaliser::default()));
        let subject = Subject::Records(crate::protocol::Descriptor::named("events"));
        let sample = |portrait| finished(portrait).snapshots.into_iter().find(|one| one.subject == subject);
        let raw = sample(&plain).expect("a sample").content;
        assert_eq!(renewed(&subject, raw, &normaliser), None);
        let masked = sample(&portrait(&first, &normaliser)).expect("a sample").content;
        assert_eq!(renewed(&subject, masked.clone(), &normaliser), Some(masked));
    }
}
