//! One way of writing what means the same: specifications, schemas, and how launches end.

use super::Refused;
use super::refused::without_secrets;
use crate::baseline::{Snapshot, Subject};
use crate::capture::Secrets;
use crate::launch::ExitFacts;
use crate::protocol::Catalog;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Lists of words whose order says nothing, by the name of the member that they are.
const SETS: [&str; 4] = ["required", "type", "supported_sync_modes", "supported_destination_sync_modes"];

/// The same value with the members of all objects in order, and the items of lists that are sets: `required`, `type`, and
/// the modes. A schema stays a schema that says the same.
pub fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            let members = members.into_iter().map(|(name, value)| (name.clone(), canonical_member(name, value)));
            Value::Object(members.collect())
        }
        Value::Array(items) => items.iter().map(canonical).collect(),
        scalar => scalar.clone(),
    }
}

/// The same value with the members of all objects in order. Lists stay as they are.
pub(in crate::baseline) fn in_order(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            Value::Object(members.into_iter().map(|(name, value)| (name.clone(), in_order(value))).collect())
        }
        Value::Array(items) => items.iter().map(in_order).collect(),
        scalar => scalar.clone(),
    }
}

fn canonical_member(name: &str, value: &Value) -> Value {
    match value {
        Value::Array(items) if SETS.contains(&name) && items.iter().all(Value::is_string) => {
            let words: BTreeSet<&str> = items.iter().filter_map(Value::as_str).collect();
            json!(words)
        }
        other => canonical(other),
    }
}

/// The specification: the payload of a SPEC message.
pub fn specification(payload: &Value, secrets: &Secrets) -> Result<Snapshot, Refused> {
    without_secrets(Snapshot { subject: Subject::Specification, content: canonical(payload) }, secrets)
}

/// Each stream of a CATALOG, but for its name: key, cursor, modes, schema. Of streams that are there twice, the first.
pub fn catalog(catalog: &Catalog, secrets: &Secrets) -> Vec<Result<Snapshot, Refused>> {
    let mut seen = BTreeSet::new();
    let streams = catalog.streams.iter().filter(|stream| stream.raw.is_object() && seen.insert(&stream.descriptor));
    let snapshot = |stream: &crate::protocol::Stream| {
        let mut content = canonical(&stream.raw);
        if let Value::Object(members) = &mut content {
            // What its subject says.
            members.retain(|name, _| name != "name" && name != "namespace");
        }
        without_secrets(Snapshot { subject: Subject::Catalog(stream.descriptor.clone()), content }, secrets)
    };
    streams.map(snapshot).collect()
}

/// How launches end, each by what it was for: exit code, signal, and the limit that it reached. Of several that were for
/// the same, the last.
pub fn exits<'l>(launches: impl IntoIterator<Item = (&'l str, &'l ExitFacts)>) -> Snapshot {
    let mut ends: Vec<(&str, Value)> = Vec::new();
    for (launch, exit) in launches {
        let mut end = Map::new();
        if let Some(code) = exit.code {
            end.insert("code".to_owned(), json!(code));
        }
        if let Some(signal) = exit.signal {
            end.insert("signal".to_owned(), json!(signal));
        }
        let limit = match exit.ended {
            Some(ended) => Some(ended.describe()),
            None => exit.out_of_memory.then_some("out of memory"),
        };
        if let Some(limit) = limit {
            end.insert("limit".to_owned(), json!(limit));
        }
        ends.retain(|(other, _)| *other != launch);
        ends.push((launch, Value::Object(end)));
    }
    ends.sort_by_key(|(launch, _)| *launch);
    let content = ends.into_iter().map(|(launch, end)| (launch.to_owned(), end)).collect();
    Snapshot { subject: Subject::Exits, content: Value::Object(content) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::Ended;

    #[test]
    fn what_means_the_same_is_written_the_same() {
        let one = json!({"b": {"type": ["string", "null"], "required": ["y", "x"]}, "a": {"enum": [2, 1]}});
        let other = json!({"a": {"enum": [2, 1]}, "b": {"required": ["x", "y"], "type": ["null", "string"]}});
        assert_eq!(canonical(&one).to_string(), canonical(&other).to_string());
        // A property of that name is none of these lists, and the order of an enum is what a user sees.
        let schema = json!({"properties": {"required": {"enum": ["b", "a"]}}});
        assert_eq!(canonical(&schema), schema);
    }

    #[test]
    fn streams_are_told_by_what_they_are_read_by() {
        let stream = json!({"name": "orders", "namespace": "shop", "json_schema": {"type": "object"},
            "supported_sync_modes": ["incremental", "full_refresh"], "source_defined_primary_key": [["b"], ["a"]]});
        let payload = json!({"streams": [stream, {"name": "orders", "namespace": "shop"}]});
        let snapshots = catalog(&Catalog::from_value(&payload).expect("a catalog"), &Secrets::default());
        let [Ok(snapshot)] = &snapshots[..] else { panic!("{snapshots:?}") };
        let expected = json!({"json_schema": {"type": "object"}, "source_defined_primary_key": [["b"], ["a"]],
            "supported_sync_modes": ["full_refresh", "incremental"]});
        assert_eq!(snapshot.content, expected);
    }

    #[test]
    fn exits_say_code_signal_and_limit() {
        let cut = ExitFacts { code: None, signal: Some(15), ended: Some(Ended::Silent), ..ExitFacts::by_itself(0) };
        let snapshot = exits([("spec", &ExitFacts::by_itself(0)), ("read", &cut), ("check", &ExitFacts::by_itself(1))]);
        let expected =
            json!({"check": {"code": 1}, "read": {"signal": 15, "limit": "silent for too long"}, "spec": {"code": 0}});
        assert_eq!(snapshot.content, expected);
    }
}
