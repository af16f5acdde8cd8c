//! EXP-05.

use crate::experiments::changed::{Followed, conclude, sought_of, steps_of};
use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::{Conclusion, Launches};
use crate::rules::Level;
use crate::suite::When;

experiment! {
    /// A change that is made between two reads is never delivered.
    ///
    /// # What it checks
    /// Only where the suite's author controls the data, and has written `changes` into the scenario. All changes that are made
    /// `between` reads are made after every other launch, and a read goes on from the final state of the first one: each record
    /// that a change `delivers` must be in it, or in the read after it. If not, and a read from the beginning has it, it is lost.
    /// A record that shares the cursor of the last one that was read is the change to try: it proves that the connector does
    /// not ask for what is strictly greater. What the author does not change is not tried; a record that no read has is
    /// inconclusive.
    ///
    /// # Why it matters
    /// Two orders in the same second, of which one was written after the sync had read the other: whoever asks for what is
    /// later than that second never sees it. It happens every day, at random, and to nobody's notice.
    ///
    /// # Example
    /// With the state at `2024-06-09T10:00:00Z`, and order 8 made in that second after the read:
    /// ```json
    /// bad:  {"type":"LOG","log":{"level":"INFO","message":"GET /orders?updated_after=2024-06-09T10:00:00Z: 0 orders"}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":8,"updated_at":"2024-06-09T10:00:00Z"},"emitted_at":1717927200000}}
    /// ```
    ///
    /// # How to mend it
    /// Ask for `>=` the cursor of the state and let the destination remove what comes twice; or keep the keys that were read at
    /// that cursor in the state. Where the API's clock is coarse, a lookback window of one unit does the same (Low-code:
    /// `lookback_window`).
    ///
    /// # What Airbyte's tests see
    /// Nothing: neither the acceptance tests nor the CDK's standard tests change data, and both are content with a second
    /// read that delivers nothing.
    run {
        code: "EXP-05",
        name: "change-between-reads-lost",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: incremental sync mode",
        depth: Standard,
        launches: [
            Launches::one("read.after-changes", "incremental, from the final state, after the suite's changes").after_changes(),
            Launches::one("read.after-changes-again", "and from its final state, where a change was not delivered").after_changes().on_doubt(),
            Launches::one("read.with-changes", "from the beginning, where a change was not delivered").after_changes().on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let sought = sought_of(lab, When::Between)?;
    let first = lab.incremental()?;
    first.complete()?;
    let mut ask = lab.read_like(first, "read.after-changes", "incremental, after the suite's changes")?.late();
    ask.before = steps_of(lab, When::Between);
    let ask = ask.looking_for(sought.clone()).resuming(&first.id, first.final_state()?);
    let second = lab.launch(ask)?;
    let followed =
        Followed { sought, before: None, second, again: "read.after-changes-again", whole: "read.with-changes" };
    conclude(lab, STATEMENT, Level::Must, first, &followed)
}
