//! A source and a destination together: what came out of the one, what is in the other, and how fast that was.

use super::limits::Context;
use crate::report::wording::{pace_of, rows_of, same};
use crate::verdict::{PipeFacts, PipeStream, PipeSync};
use serde::Serialize;

/// The pair.
#[derive(Serialize)]
pub(super) struct View<'r> {
    facts: &'r PipeFacts,
    streams: Vec<Row<'r>>,
    /// Streams that have no room.
    more: usize,
    syncs: Vec<Pace<'r>>,
    /// Streams that were not piped, as far as there is room.
    left_out: &'r [String],
}

#[derive(Serialize)]
struct Row<'r> {
    name: String,
    facts: &'r PipeStream,
    rows: String,
    keys: &'static str,
    state: &'static str,
}

#[derive(Serialize)]
struct Pace<'r> {
    facts: &'r PipeSync,
    source: String,
    destination: String,
}

pub(super) fn of<'r>(context: &Context<'r>) -> Option<View<'r>> {
    let facts = context.results.pipe.as_ref()?;
    let room = context.limits.streams;
    let row = |facts: &'r PipeStream| Row {
        name: facts.stream.to_string(),
        rows: rows_of(facts),
        keys: same(facts.keys_equal),
        state: same(facts.state_equal),
        facts,
    };
    let pace =
        |facts: &'r PipeSync| Pace { source: pace_of(&facts.source), destination: pace_of(&facts.destination), facts };
    Some(View {
        streams: facts.streams.iter().take(room).map(row).collect(),
        more: facts.streams.len().saturating_sub(room),
        syncs: facts.syncs.iter().map(pace).collect(),
        left_out: &facts.left_out[..facts.left_out.len().min(room)],
        facts,
    })
}
