//! The content of a `--state` file, to be altered: which streams it has, and what it says of each.

use crate::protocol::Descriptor;
use serde_json::Value;

/// How a `--state` file is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// An array of states, one for each stream.
    OfStreams,
    /// An array with one state of the whole source.
    Global,
    /// A bare blob, or anything else.
    Legacy,
}

/// How the file is made.
pub fn made(state: &Value) -> Made {
    let Some(entries) = state.as_array().filter(|entries| !entries.is_empty()) else { return Made::Legacy };
    match entries.as_slice() {
        all if all.iter().all(|entry| entry.pointer("/stream/stream_descriptor").is_some()) => Made::OfStreams,
        [one] if one.pointer("/global/stream_states").is_some_and(Value::is_array) => Made::Global,
        _ => Made::Legacy,
    }
}

/// The entries with a descriptor and a state of its stream, in either form.
fn entries(state: &mut Value) -> Vec<&mut Value> {
    let mut found = Vec::new();
    for entry in state.as_array_mut().into_iter().flatten() {
        let Some(members) = entry.as_object_mut() else { continue };
        let is_global = members.get("global").is_some_and(Value::is_object);
        let Some(inner) = members.get_mut(if is_global { "global" } else { "stream" }) else { continue };
        match is_global {
            true => found.extend(inner.get_mut("stream_states").and_then(Value::as_array_mut).into_iter().flatten()),
            false => found.push(inner),
        }
    }
    found
}

fn descriptor(entry: &Value) -> Descriptor {
    let text = |name: &str| entry.pointer(&format!("/stream_descriptor/{name}")).and_then(Value::as_str);
    Descriptor { name: text("name").unwrap_or_default().to_owned(), namespace: text("namespace").map(str::to_owned) }
}

/// The same file, with what `change` makes of each stream's state; None leaves it.
pub fn with_each(state: &Value, mut change: impl FnMut(&Descriptor, &Value) -> Option<Value>) -> Value {
    let mut state = state.clone();
    for entry in entries(&mut state) {
        let name = descriptor(entry);
        let own = entry.get("stream_state").cloned().unwrap_or(Value::Null);
        if let Some(changed) = change(&name, &own) {
            entry["stream_state"] = changed;
        }
    }
    state
}

/// What the file says of each stream, in its order.
pub fn of_each(state: &Value) -> Vec<(Descriptor, Value)> {
    let mut found = Vec::new();
    with_each(state, |name, own| {
        found.push((name.clone(), own.clone()));
        None
    });
    found
}

/// The same file with only the streams that `keep` wants.
pub fn only(state: &Value, keep: impl Fn(&Descriptor) -> bool) -> Value {
    let mut state = state.clone();
    let is_kept = |entry: &Value| keep(&descriptor(entry));
    for entry in state.as_array_mut().into_iter().flatten() {
        if let Some(listed) = entry.pointer_mut("/global/stream_states").and_then(Value::as_array_mut) {
            listed.retain(is_kept);
        }
    }
    if let Some(entries) = state.as_array_mut() {
        entries.retain(|entry| entry.get("stream").is_none_or(is_kept));
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_forms_are_altered_alike() {
        let of = |name: &str| json!({"stream_descriptor": {"name": name}, "stream_state": {"at": 1}});
        let streams = json!([{"type": "STREAM", "stream": of("a")}, {"type": "STREAM", "stream": of("b")}]);
        let global = json!([{"type": "GLOBAL", "global": {"shared_state": {}, "stream_states": [of("a"), of("b")]}}]);
        for (state, form) in [(&streams, Made::OfStreams), (&global, Made::Global)] {
            assert_eq!(made(state), form);
            let emptied = with_each(state, |name, _| (name.name == "a").then_some(Value::Null));
            let told: Vec<Value> = of_each(&emptied).into_iter().map(|(_, own)| own).collect();
            assert_eq!(told, [Value::Null, json!({"at": 1})]);
            let kept = of_each(&only(state, |name| name.name == "b"));
            assert_eq!(kept, [(Descriptor::named("b"), json!({"at": 1}))]);
        }
        assert_eq!(made(&json!({"a": {"at": 1}})), Made::Legacy);
    }
}
