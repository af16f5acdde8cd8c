//! The form of a state, without its values: what of it stays the same from read to read.

use crate::protocol::ConfiguredStream;
use crate::protocol::schema::escaped;
use serde_json::{Map, Value, json};

/// How deep a state is looked into, and how many of its members are.
const DEPTH: usize = 8;
const MEMBERS: usize = 200;

/// Where two forms differ.
pub(super) struct Difference {
    /// A JSON pointer, behind the name of the stream where it is about one.
    pub at: String,
    pub before: String,
    pub after: String,
}

/// The form of what a `--state` file holds: its kind, and what it has by stream; of streams that are read alone.
pub(super) fn shape(state: &Value, streams: &[ConfiguredStream]) -> Value {
    let Some(messages) = state.as_array() else { return json!({ "type": "LEGACY", "state": form(state, 0) }) };
    let is_read = |descriptor: &Value| {
        streams.iter().any(|entry| {
            let known = &entry.stream.descriptor;
            descriptor["name"] == known.name && descriptor["namespace"].as_str() == known.namespace.as_deref()
        })
    };
    let (mut found, mut kinds) = (Map::new(), Vec::new());
    for message in messages {
        let kind = message["type"].as_str().unwrap_or("LEGACY");
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
        let own = [&message["stream"]].into_iter();
        let listed = message.pointer("/global/stream_states").and_then(Value::as_array).into_iter().flatten();
        for stream in own.chain(listed).filter(|stream| is_read(&stream["stream_descriptor"])) {
            let descriptor = &stream["stream_descriptor"];
            let name = descriptor["namespace"].as_str().into_iter().chain(descriptor["name"].as_str());
            let name = name.collect::<Vec<_>>().join(".");
            found.insert(name, form(&stream["stream_state"], 0));
        }
        if let Some(shared) = message.pointer("/global/shared_state") {
            found.insert("shared state".to_owned(), form(shared, 0));
        }
    }
    kinds.sort_unstable();
    json!({ "type": kinds.join(" and "), "state": found })
}

/// Types for values. Members whose names are values themselves (slices, partitions) are many: of those the first is kept.
fn form(value: &Value, depth: usize) -> Value {
    match value {
        Value::Object(members) if depth < DEPTH => {
            members.iter().take(MEMBERS).map(|(name, value)| (name.clone(), form(value, depth + 1))).collect()
        }
        Value::Array(items) if depth < DEPTH => {
            items.first().map_or(json!([]), |first| json!([form(first, depth + 1)]))
        }
        Value::Object(_) => json!("object"),
        Value::Array(_) => json!("array"),
        Value::String(_) => json!("string"),
        Value::Number(number) if number.is_f64() => json!("number"),
        Value::Number(_) => json!("integer"),
        Value::Bool(_) => json!("boolean"),
        Value::Null => json!("null"),
    }
}

/// Where two forms differ: their kinds, and nothing else where those do. A null, an empty list and an empty object say nothing of a
/// form.
pub(super) fn difference(one: &Value, other: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    let kinds = [one, other].map(|shape| &shape["type"]);
    compare(kinds[0], kinds[1], "type".to_owned(), &mut found);
    if found.is_empty() {
        compare(&one["state"], &other["state"], String::new(), &mut found);
    }
    found
}

fn compare(one: &Value, other: &Value, at: String, found: &mut Vec<Difference>) {
    let is_open = |value: &Value| *value == json!([]) || *value == json!("null") || *value == json!({});
    match (one, other) {
        _ if one == other || is_open(one) || is_open(other) => {}
        (Value::Object(members), Value::Object(others)) => {
            for (name, value) in members {
                let at = format!("{at}/{}", escaped(name));
                match others.get(name) {
                    Some(other) => compare(value, other, at, found),
                    None => found.push(Difference { at, before: told(value), after: "nothing".to_owned() }),
                }
            }
            for (name, value) in others.iter().filter(|(name, _)| !members.contains_key(*name)) {
                let at = format!("{at}/{}", escaped(name));
                found.push(Difference { at, before: "nothing".to_owned(), after: told(value) });
            }
        }
        (Value::Array(items), Value::Array(others)) => {
            if let ([item], [other]) = (items.as_slice(), others.as_slice()) {
                compare(item, other, format!("{at}/0"), found);
            }
        }
        _ => found.push(Difference { at, before: told(one), after: told(other) }),
    }
}

fn told(form: &Value) -> String {
    const SHOWN: usize = 120;
    crate::text::shorten(&form.to_string(), SHOWN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ConfiguredCatalog;

    #[test]
    fn values_make_no_difference_and_forms_do() {
        let catalog = json!({"streams": [{"stream": {"name": "a"}}]});
        let streams = ConfiguredCatalog::from_value(&catalog).expect("a catalog").streams;
        let state = |state: Value| json!([{"type": "STREAM", "stream": {"stream_descriptor": {"name": "a"}, "stream_state": state}}]);
        let of = |one: Value, other: Value| -> Vec<String> {
            let found = difference(&shape(&state(one), &streams), &shape(&state(other), &streams));
            found.into_iter().map(|found| format!("{} {} {}", found.at, found.before, found.after)).collect()
        };
        assert!(of(json!({"at": "2024", "slices": []}), json!({"at": "2025", "slices": [{"start": 1}]})).is_empty());
        assert_eq!(of(json!({"at": "2024"}), json!({"at": 5})), ["/a/at \"string\" \"integer\""]);
        let renamed = of(json!({"at": 1}), json!({"cursor": 1}));
        assert_eq!(renamed, ["/a/at \"integer\" nothing", "/a/cursor nothing \"integer\""]);
        let global = json!([{"type": "GLOBAL", "global": {"shared_state": {"lsn": 1}, "stream_states": [
            {"stream_descriptor": {"name": "a"}, "stream_state": {"at": 2}},
        ]}}]);
        let other_kind = difference(&shape(&state(json!({"at": 1})), &streams), &shape(&global, &streams));
        let places: Vec<&str> = other_kind.iter().map(|found| found.at.as_str()).collect();
        assert_eq!(places, ["type"], "another kind is one difference");
    }
}
