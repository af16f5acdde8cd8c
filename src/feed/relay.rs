//! Messages of a source as a destination gets them, and states as the source gets them back.
//!
//! As the platform does it: each stream is put into a namespace of the destination, and each state is given an `id` by which
//! it is known again. All of it is done to the text, so that no number loses a digit and nothing that no schema knows is lost.

use super::Relocation;
use crate::protocol::{Descriptor, members};
use std::borrow::Cow;

/// What the platform adds to a state, by which it knows that one again.
const ID: &str = "id";

/// What a destination adds to a state.
const STATS: &str = "destinationStats";

/// A RECORD as one of that stream. None where the line is none.
pub fn record_to(line: &str, there: &Descriptor) -> Option<String> {
    let mut message = Object::parse(line)?;
    message.change("record", |record| place(record, "stream", there))?;
    Some(message.text())
}

/// A stream's status as one of that stream. None where the line is none.
pub fn status_to(line: &str, there: &Descriptor) -> Option<String> {
    let mut message = Object::parse(line)?;
    let moved = message.change("trace", |trace| {
        trace.change("stream_status", |status| {
            status.change("stream_descriptor", |stream| place(stream, "name", there))
        })?
    })?;
    moved?;
    Some(message.text())
}

/// A STATE with that id, of the destination's streams. None where the line is none, or where it is of a
/// single stream that stands in no known namespace.
pub fn state_to(line: &str, id: u64, relocation: &Relocation) -> Option<String> {
    let mut message = Object::parse(line)?;
    let moved = message.change("state", |state| {
        move_streams(state, &|own| relocation.there(own))?;
        state.set(ID, id.to_string());
        Some(())
    })?;
    moved?;
    Some(message.text())
}

/// A state that a destination gave back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnedState {
    /// The id that it was sent with; None where it bears none.
    pub id: Option<u64>,
    /// What `state` holds, as the source sent it: without what the platform and the destination added, and of its own streams.
    pub state: String,
}

/// The state on a line of a destination's output. None where there is none.
pub fn returned_state(line: &str, relocation: &Relocation) -> Option<ReturnedState> {
    let mut message = Object::parse(line)?;
    let mut id = None;
    message.change("state", |state| {
        id = state.get(ID).and_then(|text| text.parse::<f64>().ok()).filter(|id| *id >= 0.0 && id.fract() == 0.0);
        // A stream in a namespace that was never sent stays as it is: it is no state of ours.
        let _as_it_is = move_streams(state, &|there| relocation.own(there));
        state.remove(ID);
        state.remove(STATS);
    })?;
    Some(ReturnedState { id: id.map(|id| id as u64), state: message.get("state")?.to_owned() })
}

/// What `state` holds on a line of a source, without an `id` of its own: the platform's takes its place.
pub fn state_of_line(line: &str) -> Option<String> {
    let mut message = Object::parse(line)?;
    message.change("state", |state| state.remove(ID))?;
    message.get("state").map(str::to_owned)
}

/// Where a stream moves to. None where that is not known.
type Move<'m> = &'m dyn Fn(&Descriptor) -> Option<Descriptor>;

/// Moves the streams that a state is of. None where it is of a single stream, and that can't be moved.
fn move_streams(state: &mut Object<'_>, to: Move<'_>) -> Option<()> {
    if state.get("stream").is_some_and(|stream| stream != "null") {
        let moved = state
            .change("stream", |stream| stream.change("stream_descriptor", |descriptor| move_stream(descriptor, to)));
        moved???;
    }
    if state.get("global").is_some_and(|global| global != "null") {
        state.change("global", |global| {
            let listed = global.get("stream_states").and_then(crate::protocol::items);
            let moved: Vec<String> = listed?
                .map(|entry| {
                    let Some(mut whole) = Object::parse(entry) else { return entry.to_owned() };
                    whole.change("stream_descriptor", |descriptor| move_stream(descriptor, to));
                    whole.text()
                })
                .collect();
            global.set("stream_states", format!("[{}]", moved.join(",")));
            Some(())
        });
    }
    Some(())
}

fn move_stream(descriptor: &mut Object<'_>, to: Move<'_>) -> Option<()> {
    let own = serde_json::from_str::<Descriptor>(&descriptor.text()).ok()?;
    place(descriptor, "name", &to(&own)?);
    Some(())
}

/// Puts a stream's name and namespace into an object that names a stream.
fn place(object: &mut Object<'_>, member: &str, stream: &Descriptor) {
    object.set(member, quoted(&stream.name));
    match &stream.namespace {
        Some(namespace) => object.set("namespace", quoted(namespace)),
        None => object.remove("namespace"),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A JSON object of which members are changed, and all others stay as they were written.
struct Object<'j>(Vec<(Cow<'j, str>, Cow<'j, str>)>);

impl<'j> Object<'j> {
    fn parse(json: &'j str) -> Option<Self> {
        Some(Object(members(json)?.map(|(name, value)| (name, Cow::Borrowed(value))).collect()))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_ref())
    }

    fn set(&mut self, name: &str, value: String) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = Cow::Owned(value),
            None => self.0.push((Cow::Owned(name.to_owned()), Cow::Owned(value))),
        }
    }

    fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    /// Changes the object that a member is. None where it is none.
    fn change<T>(&mut self, name: &str, change: impl FnOnce(&mut Object<'_>) -> T) -> Option<T> {
        let (_, value) = self.0.iter_mut().find(|(known, _)| known == name)?;
        let mut inner = Object::parse(value)?;
        let done = change(&mut inner);
        let text = inner.text();
        *value = Cow::Owned(text);
        Some(done)
    }

    fn text(&self) -> String {
        let mut text = String::with_capacity(self.0.iter().map(|(name, value)| name.len() + value.len() + 4).sum());
        for (name, value) in &self.0 {
            text.push(if text.is_empty() { '{' } else { ',' });
            text.push_str(&quoted(name));
            text.push(':');
            text.push_str(value);
        }
        text.push_str(if text.is_empty() { "{}" } else { "}" });
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relocation() -> Relocation {
        let streams = [Descriptor::named("a"), Descriptor { name: "b".to_owned(), namespace: Some("shop".to_owned()) }];
        Relocation::under("run_pipe", false, &streams)
    }

    fn there(name: &str, namespace: &str) -> Descriptor {
        Descriptor { name: name.to_owned(), namespace: Some(namespace.to_owned()) }
    }

    #[test]
    fn a_record_moves_and_keeps_every_digit() {
        let line = r#"{"type":"RECORD", "record":{"stream":"a","data":{"id":9007199254740993,"x":1.10},"namespace":null,"emitted_at":1}}"#;
        let moved = record_to(line, &there("a", "n\"1")).expect("a record");
        assert_eq!(
            moved,
            r#"{"type":"RECORD","record":{"stream":"a","data":{"id":9007199254740993,"x":1.10},"namespace":"n\"1","emitted_at":1}}"#
        );
        assert!(
            ["[]", r#"{"type":"RECORD","record":3}"#].iter().all(|line| record_to(line, &there("a", "n")).is_none())
        );
    }

    #[test]
    fn a_status_moves() {
        let line = r#"{"type":"TRACE","trace":{"type":"STREAM_STATUS","stream_status":{"stream_descriptor":{"name":"a"},"status":"COMPLETE"}}}"#;
        let moved = status_to(line, &there("p_a", "n")).expect("a status");
        assert!(moved.contains(r#""stream_descriptor":{"name":"p_a","namespace":"n"},"status":"COMPLETE""#), "{moved}");
        assert!(status_to(r#"{"type":"TRACE","trace":{"type":"ERROR","error":{}}}"#, &there("a", "n")).is_none());
    }

    #[test]
    fn a_state_goes_there_and_comes_back_as_it_was() {
        let state = r#"{"type":"STREAM","stream":{"stream_descriptor":{"name":"b","namespace":"shop"},"stream_state":{"n":9007199254740993}},"sourceStats":{"recordCount":2.0}}"#;
        let line = format!(r#"{{"type":"STATE","state":{state}}}"#);
        let sent = state_to(&line, 7, &relocation()).expect("a state");
        assert!(sent.contains(r#""namespace":"run_pipe_2""#) && sent.contains(r#""id":7"#), "{sent}");
        let back = sent.replace("\"sourceStats\"", r#""destinationStats":{"recordCount":2.0},"sourceStats""#);
        let returned = returned_state(&back, &relocation()).expect("a state");
        assert_eq!(returned, ReturnedState { id: Some(7), state: state.to_owned() });
        let strange = line.replace("shop", "other");
        assert!(state_to(&strange, 1, &relocation()).is_none());
        assert_eq!(returned_state(&strange, &relocation()).expect("a state").id, None);
    }

    #[test]
    fn a_state_of_all_streams_moves_each_of_them() {
        let state = r#"{"type":"GLOBAL","global":{"shared_state":{"lsn":1e30},"stream_states":[{"stream_descriptor":{"name":"a"},"stream_state":null},{"stream_descriptor":{"name":"b","namespace":"shop"},"stream_state":{}}]}}"#;
        let line = format!(r#"{{"type":"STATE","state":{state}}}"#);
        let sent = state_to(&line, 1, &relocation()).expect("a state");
        assert!(sent.contains(r#""name":"a","namespace":"run_pipe""#) && sent.contains("run_pipe_2"), "{sent}");
        assert_eq!(returned_state(&sent, &relocation()).expect("a state").state, state);
    }
}
