//! Which stream a message is of.

use super::{Message, StateScope, TraceBody};

impl Message<'_> {
    /// The name and the namespace of the stream that it is of: a record, or a state or status of a single stream.
    pub fn stream(&self) -> Option<(&str, Option<&str>)> {
        let descriptor = match self {
            Message::Record(record) => return Some((&record.stream, record.namespace.as_deref())),
            Message::State(state) => match &state.scope {
                StateScope::Stream { descriptor, .. } => descriptor,
                _ => return None,
            },
            Message::Trace(trace) => match &trace.body {
                TraceBody::StreamStatus(status) => &status.stream_descriptor,
                _ => return None,
            },
            _ => return None,
        };
        Some((&descriptor.name, descriptor.namespace.as_deref()))
    }
}
