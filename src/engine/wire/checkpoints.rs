//! Where the cursor of each stream stood at its states.

use crate::capture::{Decoded, Line, Summary};
use crate::engine::facts::round;
use crate::protocol::{ConfiguredCatalog, Cursor, Message, StateScope, SyncMode, cursor_in_state};
use crate::verdict::Checkpoint;
use serde_json::Value;
use std::collections::BTreeMap;

/// How many states of a stream are kept; every other one goes where they are more, and more often than not they are evenly spread.
const KEPT: usize = 96;
/// How many streams are looked at.
const STREAMS: usize = 200;

/// The states of a read, by the stream's place in the catalog.
#[derive(Debug, Default)]
pub(super) struct Checkpoints {
    streams: BTreeMap<usize, Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    points: Vec<Checkpoint>,
    /// The cursor of the last state, kept or not.
    last: Option<Cursor>,
    /// One state in so many is kept.
    every: u64,
    seen: u64,
}

impl Checkpoints {
    /// Takes a state into account: its own stream's, or each that a global one lists.
    pub fn state(&mut self, line: &Line<'_>, summary: &Summary, catalog: &ConfiguredCatalog) {
        let Decoded::Message(Message::State(state)) = &line.decoded else { return };
        match &state.scope {
            StateScope::Stream { state, .. } => {
                if let Some(place) = line.stream {
                    self.add(place, state, (line, summary, catalog));
                }
            }
            StateScope::Global { .. } => {
                let listed = state.payload.pointer("/global/stream_states").and_then(Value::as_array);
                for entry in listed.into_iter().flatten().take(STREAMS) {
                    let text =
                        |name: &str| entry.pointer(&format!("/stream_descriptor/{name}")).and_then(Value::as_str);
                    let is_it = |stream: &crate::protocol::Descriptor| {
                        Some(stream.name.as_str()) == text("name") && stream.namespace.as_deref() == text("namespace")
                    };
                    let place = catalog.streams.iter().position(|known| is_it(&known.stream.descriptor));
                    if let (Some(place), Some(state)) = (place, entry.get("stream_state")) {
                        self.add(place, state, (line, summary, catalog));
                    }
                }
            }
            StateScope::Legacy { .. } | StateScope::Misshapen { .. } => {}
        }
    }

    fn add(
        &mut self,
        place: usize,
        state: &Value,
        (line, summary, catalog): (&Line<'_>, &Summary, &ConfiguredCatalog),
    ) {
        if self.streams.len() >= STREAMS && !self.streams.contains_key(&place) {
            return;
        }
        let Some(entry) = catalog.streams.get(place) else { return };
        let cursor = cursor_in_state(state, &entry.cursor_field);
        let kept = self.streams.entry(place).or_default();
        // The order of a full refresh is the source's own: what counts pages begins anew with each partition.
        let goes_back = entry.sync_mode == SyncMode::Incremental
            && kept.last.as_ref().zip(cursor.as_ref()).is_some_and(|(last, now)| now < last);
        let point = Checkpoint {
            message: line.number,
            at: round(line.at.as_secs_f64()),
            stream: entry.stream.descriptor.clone(),
            records: summary.streams.get(place).map_or(0, |stream| stream.records),
            cursor: cursor.as_ref().map(Cursor::describe),
            goes_back,
        };
        kept.last = cursor.or(kept.last.take());
        kept.add(point);
    }

    pub fn finish(self) -> Vec<Checkpoint> {
        self.streams.into_values().flat_map(|kept| kept.points).collect()
    }
}

impl Kept {
    fn add(&mut self, point: Checkpoint) {
        self.every = self.every.max(1);
        self.seen += 1;
        if point.goes_back || (self.seen - 1).is_multiple_of(self.every) {
            self.points.push(point);
        }
        if self.points.len() > KEPT {
            self.every *= 2;
            let mut place = 0;
            let many_go_back = self.points.iter().filter(|point| point.goes_back).count() > KEPT / 2;
            self.points.retain(|point| {
                place += 1;
                place % 2 == 1 || (point.goes_back && !many_go_back)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Descriptor;

    #[test]
    fn many_states_are_thinned_and_what_goes_back_stays() {
        let mut kept = Kept::default();
        for message in 0..100_000 {
            let (stream, goes_back) = (Descriptor::named("orders"), message == 777);
            kept.add(Checkpoint { message, at: 0.0, stream, records: 0, cursor: None, goes_back });
        }
        assert!(kept.points.len() <= KEPT, "{}", kept.points.len());
        assert!(kept.points.iter().any(|point| point.goes_back));
        assert!(kept.points.is_sorted_by_key(|point| point.message));
    }
}
