//! The read that goes on from the state of the future that a suite's author has written.

use super::lab::{Halt, Lab, Ran};
use super::state_file::{Made, made, of_each, only};
use crate::protocol::{Descriptor, SyncMode};
use crate::suite::FutureState;
use serde_json::Value;

/// What the launch is called, and what it is.
pub const FUTURE: (&str, &str) = ("read.future-state", "incremental, from a state that is later than all data");

/// The read, and what it was given.
pub struct FutureRead<'l> {
    /// What the author says of it.
    pub future: &'l FutureState,
    /// The state, of the streams that were read.
    pub state: Value,
    /// What was left behind.
    pub read: &'l Ran,
}

/// Makes the read: of the streams that are in the state, each once. Halts where the suite has no such state.
pub fn future_read<'l>(lab: &Lab<'l>) -> Result<FutureRead<'l>, Halt> {
    let cannot = |reason: &str| Err(Halt::Cannot(reason.to_owned()));
    let Some(future) = lab.scenario.expected.future_state.as_ref() else {
        return cannot("the scenario has no `future_state`");
    };
    if let Some(reason) = &future.reason {
        return Err(Halt::Cannot(format!("the suite leaves the state of the future out: {reason}")));
    }
    let Some(state) = future.state.as_deref() else {
        return cannot("the scenario's `future_state` names no file");
    };
    let base = lab.incremental()?.complete()?;
    let is_left_out = |stream: &Descriptor| future.missing.iter().any(|missing| is_named(stream, &missing.stream));
    let listed = of_each(state);
    let is_listed =
        |stream: &Descriptor| made(state) != Made::OfStreams || listed.iter().any(|(own, _)| is_named(stream, own));
    let catalog = base.catalog()?.retain(|entry| {
        let stream = &entry.stream.descriptor;
        entry.sync_mode == SyncMode::Incremental && is_listed(stream) && !is_left_out(stream)
    });
    if catalog.streams.is_empty() {
        return cannot("no stream that is read incrementally is in the state of the future");
    }
    let is_read = |own: &Descriptor| catalog.streams.iter().any(|entry| is_named(&entry.stream.descriptor, own));
    let state = only(state, is_read);
    let ask = lab.read_like(base, FUTURE.0, FUTURE.1)?.catalog(catalog.raw).state(state.clone()).unjudged();
    Ok(FutureRead { future, state, read: lab.launch(ask)? })
}

/// Whether a stream is meant: by its name, and by its namespace where one is given.
pub fn is_named(stream: &Descriptor, meant: &Descriptor) -> bool {
    stream.name == meant.name && (meant.namespace.is_none() || stream.namespace == meant.namespace)
}
