//! EXP-30.

use crate::experiments::Conclusion;
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::trail::Form;
use crate::protocol::SyncMode;
use crate::rules::Level;
use crate::text;

/// The most records of a stream that may come without a state, where it can be gone on with.
const MOST: u64 = 100_000;

experiment! {
    /// Many records of an incremental stream come without a state.
    ///
    /// # What it checks
    /// The incremental read from the beginning: of each stream, how many records come before its first state, and between any
    /// two. More than 100 000 are told. GLOBAL and LEGACY states are counted for all streams together. How much time goes by
    /// between two states is STATE-027's; streams that never have a state are STATE-009's.
    ///
    /// # Why it matters
    /// When a sync is interrupted, everything since the last state is read and delivered once more. If it fails sooner than a state
    /// comes, each attempt begins at the same place, and the sync never ends.
    ///
    /// # Example
    /// ```json
    /// bad:  250 000 records of orders, and one state behind the last of them
    /// good: a state after each page, or each 10 000 records
    /// ```
    ///
    /// # How to mend it
    /// Read in the order of the cursor, or in slices, and emit a state after so many records. Python: `state_checkpoint_interval`
    /// where records come in order; Low-code: `step` of the `DatetimeBasedCursor`. Java: `syncCheckpointRecords`.
    ///
    /// # What Airbyte's tests see
    /// They ask for one state per stream. Three of the states are read from, however far apart they are.
    run {
        code: "EXP-30",
        name: "records-far-between-states",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: state, principle 4 (checkpoint often)",
        depth: Standard,
        launches: [],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let read = lab.incremental()?.complete()?;
    let trail = read.trail()?;
    let mut conclusion = Conclusion::of(STATEMENT, read);
    for (place, entry) in read.catalog()?.streams.iter().enumerate() {
        let stream = Some(&entry.stream.descriptor);
        if entry.sync_mode != SyncMode::Incremental {
            continue;
        }
        let Some((records, line)) = trail.checkpoints.widest_gap(place) else {
            conclusion.inconclusive(stream, "inconclusive: it has no state");
            continue;
        };
        if records <= MOST {
            conclusion.judged(stream);
            continue;
        }
        let of = if trail.checkpoints.form == Form::Whole { " of all streams" } else { "" };
        let message = format!(
            "{}{of} came before the state on line {line}, and none in between",
            text::plural(records, "record")
        );
        conclusion.found(
            stream,
            Fault {
                cause: "far between",
                level: Level::Should,
                title: format!("more than {} records come without a state", text::count(MOST)),
                message,
                evidence: vec![evidence(
                    &read.id,
                    Some(line),
                    format!("a state after {} records at most", text::count(MOST)),
                    format!("the first after {}", text::count(records)),
                )],
                case: None,
            },
        );
    }
    Ok(conclusion)
}
