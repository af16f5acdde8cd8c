//! The state that a read ended with, put together as the platform does it: what the next read is given.

use super::{Descriptor, StateMessage, StateScope};
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::HashMap;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// The latest states of a read. Grows with the number of streams, not of states.
#[derive(Debug, Clone, Default)]
pub struct FinalState {
    streams: IndexMap<Descriptor, Value>,
    global: Option<Value>,
    legacy: Option<Value>,
}

impl FinalState {
    /// Takes one more state into account; a later one of the same scope replaces the earlier.
    pub fn absorb(&mut self, state: &StateMessage) {
        match &state.scope {
            StateScope::Stream { descriptor, .. } => {
                self.streams.insert(descriptor.clone(), state.payload.clone());
            }
            StateScope::Global { .. } => self.global = Some(state.payload.clone()),
            StateScope::Legacy { data } => self.legacy = Some(data.clone()),
            StateScope::Misshapen { .. } => {}
        }
    }

    /// How many streams have a state of their own.
    pub fn streams(&self) -> usize {
        self.streams.len()
    }

    /// Keeps the states of these streams alone. False, and nothing is changed, where one state is of all streams.
    pub fn cut_down(&mut self, kept: impl Fn(&Descriptor) -> bool) -> bool {
        let is_of_each = self.global.is_none() && self.legacy.is_none();
        if is_of_each {
            self.streams.retain(|descriptor, _| kept(descriptor));
        }
        is_of_each
    }

    /// Whether no usable state came.
    pub fn is_empty(&self) -> bool {
        self.streams.is_empty() && self.global.is_none() && self.legacy.is_none()
    }

    /// The content of the `--state` file: an array of `AirbyteStateMessage`, or the bare blob of a LEGACY state.
    pub fn to_input(&self) -> Value {
        if let Some(global) = &self.global {
            return Value::Array(vec![global.clone()]);
        }
        if !self.streams.is_empty() {
            return Value::Array(self.streams.values().cloned().collect());
        }
        self.legacy.clone().unwrap_or_else(|| Value::Array(Vec::new()))
    }

    /// The last state blob of a stream, from its own state or from the global one.
    pub fn of_stream(&self, descriptor: &Descriptor) -> Option<&Value> {
        if let Some(own) = self.streams.get(descriptor) {
            return own.pointer("/stream/stream_state");
        }
        let listed = self.global.as_ref()?.pointer("/global/stream_states")?.as_array()?;
        listed
            .iter()
            .find(|entry| {
                entry.pointer("/stream_descriptor/name").and_then(Value::as_str) == Some(descriptor.name.as_str())
                    && entry.pointer("/stream_descriptor/namespace").and_then(Value::as_str)
                        == descriptor.namespace.as_deref()
            })
            .and_then(|entry| entry.get("stream_state"))
    }
}

/// Notices states that say the same as the one before them of their scope. Grows with the number of streams.
#[derive(Debug, Clone, Default)]
pub struct Repeats {
    last: HashMap<usize, (u64, u64)>,
}

impl Repeats {
    /// Takes the state on a line into account, and returns the line of the one before it in its scope if that says the
    /// same. A scope is a stream's place, or any other number for what covers all streams.
    pub fn of(&mut self, scope: usize, state: &StateMessage, line: u64) -> Option<u64> {
        let content = match &state.scope {
            StateScope::Stream { state, .. } => Some(state),
            StateScope::Global { .. } => state.payload.get("global"),
            StateScope::Legacy { .. } | StateScope::Misshapen { .. } => None,
        };
        let now = fingerprint(content.filter(|content| !content.is_null())?, 0);
        let before = self.last.insert(scope, (now, line));
        before.filter(|(before, _)| *before == now).map(|(_, line)| line)
    }
}

/// A hash of what JSON means: the order of members makes no difference.
fn fingerprint(value: &Value, seed: u64) -> u64 {
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| fingerprint(value, xxh3_64(name.as_bytes())));
            xxh3_64_with_seed(&members.fold(1_u64, u64::wrapping_add).to_le_bytes(), seed)
        }
        Value::Array(items) => items.iter().fold(!seed, |so_far, item| fingerprint(item, so_far)),
        Value::String(text) => xxh3_64_with_seed(text.as_bytes(), seed),
        scalar => xxh3_64_with_seed(scalar.to_string().as_bytes(), seed.wrapping_add(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_means_the_same_is_a_repeat() {
        let mut repeats = Repeats::default();
        let mut repeated = |state: Value, line| {
            let scope = StateScope::Stream { descriptor: Descriptor::named("a"), state };
            repeats.of(0, &StateMessage { scope, record_count: None, payload: Value::Null }, line)
        };
        assert_eq!(repeated(json!({"a": 1, "b": {"c": [1, "1"], "d": null}}), 1), None);
        assert_eq!(repeated(json!({"b": {"d": null, "c": [1, "1"]}, "a": 1}), 2), Some(1));
        assert_eq!(repeated(json!({"b": {"d": null, "c": ["1", 1]}, "a": 1}), 3), None);
        assert_eq!(repeated(json!({"b": 1, "a": {"d": null, "c": ["1", 1]}}), 4), None);
        assert_eq!(repeated(Value::Null, 5), None);
    }

    fn stream_state(name: &str, cursor: u64) -> StateMessage {
        StateMessage {
            scope: StateScope::Stream { descriptor: Descriptor::named(name), state: json!({ "cursor": cursor }) },
            record_count: None,
            payload: json!({"type": "STREAM", "stream": {"stream_descriptor": {"name": name}, "stream_state": {"cursor": cursor}}}),
        }
    }

    #[test]
    fn the_latest_state_of_each_stream_is_handed_on() {
        let mut last = FinalState::default();
        for state in [stream_state("a", 1), stream_state("b", 5), stream_state("a", 2)] {
            last.absorb(&state);
        }
        assert_eq!(last.of_stream(&Descriptor::named("a")), Some(&json!({"cursor": 2})));
        assert_eq!(last.to_input().as_array().map(Vec::len), Some(2));
        assert!(last.cut_down(|descriptor| descriptor.name == "b"));
        assert_eq!(last.to_input().as_array().map(Vec::len), Some(1));
        assert!(last.of_stream(&Descriptor::named("a")).is_none());
    }
}
