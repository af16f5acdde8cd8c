//! States as a platform keeps them: the latest of each stream, as text.

use super::Exact;
use crate::protocol::{Descriptor, pick};
use indexmap::IndexMap;

/// The latest states of a connection. Grows with the number of streams, not of states.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Persisted {
    streams: IndexMap<Descriptor, String>,
    global: Option<String>,
    legacy: Option<String>,
}

impl Persisted {
    /// Takes a state over, what `state` holds on the wire; a later one of the same scope takes the place of the earlier. What is
    /// no state is left.
    pub fn absorb(&mut self, state: String) {
        let part = |path: &[&str]| pick(&state, &path.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>());
        let is_there = |text: &&str| *text != "null";
        if let Some(stream) = part(&["stream", "stream_descriptor"]) {
            if let Ok(stream) = serde_json::from_str::<Descriptor>(stream) {
                self.streams.insert(stream, state);
            }
        } else if part(&["global"]).filter(is_there).is_some() {
            self.global = Some(state);
        } else if let Some(blob) = part(&["data"]).filter(is_there) {
            self.legacy = Some(blob.to_owned());
        }
    }

    /// The content of a `--state` file: a list of states, or the bare blob of an old one. None where there is no state.
    pub fn to_input(&self) -> Option<String> {
        match (&self.global, &self.legacy) {
            (Some(global), _) => Some(format!("[{global}]")),
            (None, _) if !self.streams.is_empty() => {
                let states: Vec<&str> = self.streams.values().map(String::as_str).collect();
                Some(format!("[{}]", states.join(",")))
            }
            (None, legacy) => legacy.clone(),
        }
    }

    /// The state that a stream goes on from: its own, or that of all streams. None where there is none.
    pub fn of(&self, stream: &Descriptor) -> Option<Exact> {
        let text = self.streams.get(stream).or(self.global.as_ref()).or(self.legacy.as_ref())?;
        Exact::of(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(name: &str, blob: &str) -> String {
        format!(r#"{{"type":"STREAM","stream":{{"stream_descriptor":{{"name":"{name}"}},"stream_state":{blob}}}}}"#)
    }

    #[test]
    fn the_latest_of_each_stream_is_kept_to_its_last_digit() {
        let mut kept = Persisted::default();
        assert_eq!(kept.to_input(), None);
        for (name, blob) in [("a", "1"), ("b", "{}"), ("a", "9007199254740993")] {
            kept.absorb(state(name, blob));
        }
        let wanted = format!("[{},{}]", state("a", "9007199254740993"), state("b", "{}"));
        assert_eq!(kept.to_input(), Some(wanted));
        assert!(kept.of(&Descriptor::named("c")).is_none());
        assert_eq!(kept.of(&Descriptor::named("b")), Exact::of(&state("b", "{ }")).ok());
    }

    #[test]
    fn a_state_of_all_streams_is_the_state_of_each() {
        let mut kept = Persisted::default();
        kept.absorb(r#"{"type":"GLOBAL","global":{"stream_states":[]}}"#.to_owned());
        assert!(kept.of(&Descriptor::named("a")).is_some());
        let mut old = Persisted::default();
        old.absorb(r#"{"data":{"n":1}}"#.to_owned());
        assert_eq!(old.to_input().as_deref(), Some(r#"{"n":1}"#));
    }
}
