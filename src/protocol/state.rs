//! The state that a read ended with, put together as the platform does it: what the next read is given.

use super::{Descriptor, StateMessage, StateScope};
use indexmap::IndexMap;
use serde_json::Value;

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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
    }
}
