//! The messages that a script is written with, as text: a number is sent with all its digits.

use crate::protocol::Descriptor;
use serde_json::Value;
use std::fmt::Display;
use std::sync::Arc;

/// Lines of a script, put together one by one.
#[derive(Debug, Clone, Default)]
pub struct Lines(Vec<u8>);

impl Lines {
    /// With this line as well, which need not be a message.
    pub fn line(mut self, line: impl AsRef<[u8]>) -> Lines {
        self.0.extend_from_slice(line.as_ref());
        self.0.push(b'\n');
        self
    }

    /// With these lines as well.
    pub fn lines(self, lines: impl IntoIterator<Item = String>) -> Lines {
        lines.into_iter().fold(self, Lines::line)
    }

    /// With these bytes as well, and no end of line.
    pub fn cut_off(mut self, bytes: &[u8]) -> Lines {
        self.0.extend_from_slice(bytes);
        self
    }
}

impl From<Lines> for Arc<[u8]> {
    fn from(lines: Lines) -> Self {
        lines.0.into()
    }
}

/// A RECORD of a stream; `data` is JSON, and it was emitted at that time in epoch milliseconds.
pub fn record(stream: &Descriptor, data: impl Display, emitted_at: i64) -> String {
    record_with(stream, data, emitted_at, "")
}

/// The same with more members of the record, each as `,"name":value`.
pub fn record_with(stream: &Descriptor, data: impl Display, emitted_at: i64, members: &str) -> String {
    let name = text(&stream.name);
    let namespace = namespace(stream);
    format!(
        r#"{{"type":"RECORD","record":{{"stream":{name}{namespace},"emitted_at":{emitted_at},"data":{data}{members}}}}}"#
    )
}

/// A STATE of one stream that says how many records came since its last one; `blob` is JSON.
pub fn state_of_stream(stream: &Descriptor, blob: impl Display, records: u64) -> String {
    state_with(stream, blob, records, "")
}

/// The same with more members of the state, each as `,"name":value`.
pub fn state_with(stream: &Descriptor, blob: impl Display, records: u64, members: &str) -> String {
    let descriptor = descriptor(stream);
    format!(
        r#"{{"type":"STATE","state":{{"type":"STREAM","stream":{{"stream_descriptor":{descriptor},"stream_state":{blob}}},"sourceStats":{{"recordCount":{records}.0}}{members}}}}}"#
    )
}

/// A GLOBAL state over streams; all blobs are JSON.
pub fn state_of_all(shared: impl Display, streams: &[(&Descriptor, String)], records: u64) -> String {
    let states = streams
        .iter()
        .map(|(stream, blob)| format!(r#"{{"stream_descriptor":{},"stream_state":{blob}}}"#, descriptor(stream)));
    let states = states.collect::<Vec<_>>().join(",");
    format!(
        r#"{{"type":"STATE","state":{{"type":"GLOBAL","global":{{"shared_state":{shared},"stream_states":[{states}]}},"sourceStats":{{"recordCount":{records}.0}}}}}}"#
    )
}

/// The status of a stream: `STARTED`, `RUNNING`, `COMPLETE` or `INCOMPLETE`.
pub fn status(stream: &Descriptor, word: &str, emitted_at: i64) -> String {
    let descriptor = descriptor(stream);
    format!(
        r#"{{"type":"TRACE","trace":{{"type":"STREAM_STATUS","emitted_at":{emitted_at}.0,"stream_status":{{"stream_descriptor":{descriptor},"status":"{word}"}}}}}}"#
    )
}

fn text(text: &str) -> String {
    Value::from(text).to_string()
}

fn namespace(stream: &Descriptor) -> String {
    stream.namespace.as_ref().map_or(String::new(), |namespace| format!(r#","namespace":{}"#, text(namespace)))
}

fn descriptor(stream: &Descriptor) -> String {
    format!(r#"{{"name":{}{}}}"#, text(&stream.name), namespace(stream))
}
