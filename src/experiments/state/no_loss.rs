//! EXP-02.

use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::resume::{Loss, Start, judge_losses, starts};
use crate::experiments::{Conclusion, Launches};
use crate::suite::Depth;

experiment! {
    /// Records are lost when a read goes on from a state in the middle.
    ///
    /// # What it checks
    /// An incremental read from the beginning is made, and then reads that go on from states in its middle, as after a
    /// failure. What came before a state and what comes after it must together be everything that the first read had, each
    /// record in its last version. The states are chosen where a loss is most likely: those with a record behind them whose
    /// cursor is not beyond the state's, the first, the last, and some between; in a `certification` up to forty of each stream.
    /// States of single streams are independent, so one launch goes on from one state of each stream. A loss counts only if it
    /// shows again in a second read from the same state, and if the records are still there, unchanged, in a read from the
    /// beginning that is made after it. Otherwise the data moves, and the experiment is inconclusive.
    ///
    /// # Why it matters
    /// Every sync that is interrupted goes on from the last state that was stored. A record that neither came before that state nor
    /// comes after it never reaches the user, the sync is green, and nobody learns of it.
    ///
    /// # Example
    /// A source that emits its rows ordered by `id` and keeps the greatest `updated_at` so far as its state:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"updated_at":"2024-06-09"},"emitted_at":1717200000000}}
    ///       {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"updated_at":"2024-06-09"}}}}
    ///       {"type":"RECORD","record":{"stream":"orders","data":{"id":2,"updated_at":"2024-06-03"},"emitted_at":1717200000000}}
    /// good: the rows are ordered by `updated_at`, or no state is emitted until a whole slice of them has come
    /// ```
    ///
    /// # How to mend it
    /// A state may only stand at a cursor once every record up to it has been emitted, ties included. Order the request by
    /// the cursor, or checkpoint after whole slices only; emit the state after its records, never before; and read from `>=` the
    /// state's cursor, not from `>`, unless no two records can share one.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests read from sampled states too, and ask only that no record is older than the state. Which records
    /// are missing is not looked at; the CDK's standard tests do not resume.
    run {
        code: "EXP-02",
        name: "records-lost-on-resume",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: state and the whole sync",
        depth: Standard,
        launches: [
            Launches::up_to(3, 40, "read.checkpoint", "incremental, from a state in the middle of each stream"),
            Launches::up_to(3, 3, "read.confirm", "once more from the state behind which records are lost, without what is not needed").on_doubt(),
            Launches::one("read.afterwards", "from the beginning, to see whether they are still there").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let first = lab.incremental()?;
    first.complete()?;
    let most = EXPERIMENT.launches[0].most_in(lab.depth.max(Depth::Standard));
    let starts = starts(first, most, "read.checkpoint")?;
    let starts: Vec<Start> =
        starts.into_iter().filter(|start| lab.may_ask(&start.id) || lab.may_ask(&start.confirm_id())).collect();
    let asks = starts.iter().map(|start| {
        let ask = lab.read_like(first, &start.id, "incremental, from a state in the middle")?;
        Ok(ask.resuming(&first.id, start.state.clone()))
    });
    let resumed: Vec<&Ran> = lab.launches(asks.collect::<Result<Vec<_>, Halt>>()?)?;
    let losses = starts.into_iter().zip(resumed).map(|(start, read)| Loss::look((first, first), start, read));
    let losses = losses.collect::<Result<Vec<Loss<'_>>, Halt>>()?;
    judge_losses(lab, STATEMENT, first, &losses)
}
