//! What a source and a destination came to together, a line for each stream and each sync.

use super::{BOLD, DIM};
use crate::report::wording::{pace_of, rows_of, same};
use crate::text;
use crate::verdict::Results;
use std::io::{self, Write};

/// How many streams are told.
const SHOWN: usize = 50;

/// Writes the streams that were piped and how fast that was, where one connector was piped into another.
pub fn write_pipe(results: &Results, out: &mut dyn Write) -> io::Result<()> {
    let Some(pipe) = &results.pipe else { return Ok(()) };
    let [source, destination] = [&pipe.source, &pipe.destination].map(|name| text::visible(name));
    writeln!(out, "{BOLD}{source} → {destination}{BOLD:#}")?;
    for stream in pipe.streams.iter().take(SHOWN) {
        let name = text::visible(&stream.stream.to_string());
        let records = text::plural(stream.records, "record");
        writeln!(
            out,
            "  {name}: {records} out, {} {DIM}({}, {}){DIM:#}; keys {}, final state {}",
            rows_of(stream),
            stream.sync_mode,
            stream.destination_sync_mode,
            same(stream.keys_equal),
            same(stream.state_equal)
        )?;
    }
    if let Some(more) = pipe.streams.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        writeln!(out, "  {DIM}and {}: see the report{DIM:#}", text::plural(more as u64, "more stream"))?;
    }
    for reason in pipe.left_out.iter().take(SHOWN) {
        writeln!(out, "  {DIM}{}{DIM:#}", text::visible(reason))?;
    }
    for sync in &pipe.syncs {
        let (read, write) = (text::visible(&sync.read), text::visible(&sync.write));
        writeln!(out, "  {DIM}{read}:{DIM:#} {}", pace_of(&sync.source))?;
        writeln!(
            out,
            "  {DIM}{write}:{DIM:#} {}; {} of {} came back",
            pace_of(&sync.destination),
            text::count(sync.states_back),
            text::plural(sync.states, "state")
        )?;
    }
    writeln!(out)
}
