//! STATE-023.

use crate::experiments::altered::{AFTERWARDS, FROM_FINAL, UNALTERED};
use crate::experiments::altered_verdict::Kind;
use crate::experiments::experiment::experiment;
use crate::experiments::half_state::halves;
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::state_file::Made;
use crate::experiments::{Conclusion, Launches};
use crate::rules::Level;

experiment! {
    /// A stream that the state does not have is not read from the beginning.
    ///
    /// # What it checks
    /// The incremental read is made with the final state without every other stream, and then with those streams alone. Streams that
    /// are left out must deliver everything that came from the beginning; the others must go on: nearly everything that their
    /// state keeps away (of five records or more) must not come again. A missing record counts only if it is missing twice and a
    /// read from the beginning still has it; starting over only if it happens twice, and not from the whole state.
    /// Only states of single streams are tried; GLOBAL ones are STATE-024's.
    ///
    /// # Why it matters
    /// This is what the platform gives a connector when a user adds a stream to a connection. If the new stream starts
    /// where another one stands, its history never arrives, and nothing tells so.
    ///
    /// # Example
    /// A catalog of `orders` and `events`, and a state of `orders` alone:
    /// ```json
    /// bad:  (no record of events, and {"trace":{"type":"STREAM_STATUS","stream_status":{"stream_descriptor":{"name":"events"},"status":"COMPLETE"}}})
    /// good: (all events, and the new orders)
    /// ```
    ///
    /// # How to mend it
    /// Look each stream's state up by name and namespace, and start where none is found. Don't take the first element of the
    /// file for the state of all, and don't keep one cursor for several streams in a variable that they share.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests give each read the states of all streams of its catalog.
    run {
        code: "STATE-023",
        name: "new-stream-not-read-from-the-start",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: per-stream state",
        depth: Certification,
        launches: [
            FROM_FINAL,
            Launches::up_to(0, 2, "read.state-of-some", "incremental, with the final state of every other stream"),
            Launches::up_to(0, 2, "read.state-of-some", "the same once more").on_doubt(),
            AFTERWARDS,
            UNALTERED,
        ],
    }
}

const fn kind(id: &'static str, given: &'static str) -> Kind {
    Kind { id, given, lost: Level::Must, over: Level::Should, refused: Some(Level::Must) }
}

const KINDS: [Kind; 2] = [
    kind("read.state-of-some", "the state of every other stream"),
    kind("read.state-of-some-others", "the state of the other streams"),
];

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    halves(lab, STATEMENT, Made::OfStreams, &KINDS)
}
