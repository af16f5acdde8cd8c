//! STATE-024.

use crate::experiments::altered::{AFTERWARDS, FROM_FINAL, UNALTERED};
use crate::experiments::altered_verdict::Kind;
use crate::experiments::experiment::experiment;
use crate::experiments::half_state::halves;
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::state_file::Made;
use crate::experiments::{Conclusion, Launches};
use crate::rules::Level;

experiment! {
    /// A stream that a GLOBAL state does not list is not read from the beginning, or makes the others start over.
    ///
    /// # What it checks
    /// The incremental read is made with the final GLOBAL state without every other stream in `stream_states`, and then with those
    /// streams alone; `shared_state` stays as it was. Streams that are left out must deliver everything that came
    /// from the beginning, and the others must not deliver again nearly everything that the state keeps away. A missing record
    /// counts only if it is missing twice and a read from the beginning still has it; starting over only if it happens
    /// twice, and not from the whole state. Whether changes are lost between the snapshot and the log can't be seen here.
    ///
    /// # Why it matters
    /// When a user adds a table to a connection with change data capture, the platform hands over the state without that table.
    /// Without a snapshot, the rows that nobody changes never arrive; with one of all tables, a sync takes days.
    ///
    /// # Example
    /// A catalog of `orders` and `events`, and a GLOBAL state:
    /// ```json
    /// bad:  {"shared_state":{"lsn":7},"stream_states":[{"stream_descriptor":{"name":"orders"},"stream_state":{"done":true}}]}   (no record of events)
    /// good: (the same state: all events, then what is new in the log)
    /// ```
    ///
    /// # How to mend it
    /// Compare the catalog with `stream_states` before the log is read: what is not listed gets a snapshot, and is listed from
    /// then on. The Java and Kotlin CDKs do so for sources that say which streams are new.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests do not feed GLOBAL states back. The Java CDK's tests of CDC sources try one new table.
    run {
        code: "STATE-024",
        name: "new-stream-of-global-state",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte documentation: change data capture",
        depth: Certification,
        launches: [
            FROM_FINAL,
            Launches::up_to(0, 2, "read.global-of-some", "incremental, with a GLOBAL state that lists every other stream"),
            Launches::up_to(0, 2, "read.global-of-some", "the same once more").on_doubt(),
            AFTERWARDS,
            UNALTERED,
        ],
    }
}

const fn kind(id: &'static str, given: &'static str) -> Kind {
    Kind { id, given, lost: Level::Should, over: Level::Should, refused: Some(Level::Should) }
}

const KINDS: [Kind; 2] = [
    kind("read.global-of-some", "a GLOBAL state of every other stream"),
    kind("read.global-of-some-others", "a GLOBAL state of the other streams"),
];

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    halves(lab, STATEMENT, Made::Global, &KINDS)
}
