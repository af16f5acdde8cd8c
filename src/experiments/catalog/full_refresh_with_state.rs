//! READ-019, EXP-21.

use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::same_records::{Demand, Variation, Words};
use crate::experiments::{Conclusion, Launches};
use crate::protocol::Descriptor;
use crate::rules::Level;
use serde_json::Value;

experiment! {
    /// A full refresh read that is given a state leaves records out.
    ///
    /// # What it checks
    /// A full refresh read is given the final state of an incremental one (EXP-21). Every record of the full refresh read without state
    /// must come again. What does not is a fault only if it does not come in a second attempt either, and a full refresh
    /// without state still has it. Streams whose full refresh emits states that it could go on from resume by design, as the
    /// concurrent Python CDK and the database CDKs do, and leave it to the platform to give them none: where records of these are missing,
    /// the experiment is inconclusive. It cannot see whether a state that stands in the middle would be heeded.
    ///
    /// # Why it matters
    /// Users who choose full refresh want everything. When a stream is switched from incremental to full refresh, an old state may
    /// still be there: a source that heeds it delivers only what is new, and the destination replaces the whole table by that.
    ///
    /// # Example
    /// ```json
    /// bad:  if state: request["since"] = state["updated_at"]
    /// good: if state and sync_mode == "incremental": request["since"] = state["updated_at"]
    /// ```
    ///
    /// # How to mend it
    /// Heed the state of a stream only if its `sync_mode` is `incremental`, or if the state is one that full refresh itself has
    /// emitted in order to resume.
    ///
    /// # What Airbyte's tests see
    /// Neither the acceptance tests nor the CDK's standard tests give a state to a full refresh read.
    run {
        code: "READ-019",
        name: "full-refresh-heeds-state",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: source sync modes",
        depth: Standard,
        launches: [
            Launches::one("read.from-final-state", "incremental, from the final state"),
            Launches::one("read.full-refresh-with-state", "full refresh, given the final state of an incremental read"),
            Launches::one("read.full-refresh-with-state-again", "the same once more").on_doubt(),
            Launches::one("read.afterwards", "full refresh, to see what is still there").on_doubt(),
        ],
    }
}

const WORDS: Words = Words {
    with: "given the final state of an incremental read",
    fails: "a full refresh read fails when it is given a state",
    lacks: "a full refresh read that is given a state leaves records out",
    levels: (Level::Must, Level::Must),
};

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let (full, incremental) = (lab.full_refresh()?.complete()?, lab.incremental()?.complete()?);
    let ask =
        lab.read_like(full, "read.full-refresh-with-state", "full refresh, given the state of an incremental read")?;
    let ask = ask.resuming(&incremental.id, incremental.final_state()?).unjudged();
    // Who can't go on from that state at all fails here too, which is no matter of the mode.
    let again = lab.read_like(incremental, "read.from-final-state", "incremental, from the final state")?;
    lab.launch(again.resuming(&incremental.id, incremental.final_state()?))?.complete()?;
    let variation = Variation { base: full, base_state: None, ask, demand: Demand::Success, has_other_fields: false };
    let varied = variation.make(lab)?;
    let mut conclusion = Conclusion::of(STATEMENT, varied.read);
    let streams = &full.catalog()?.streams;
    varied.conclude(&mut conclusion, &WORDS, |place| {
        resumes(full, &streams[place].stream.descriptor).then(|| {
            "inconclusive: records are missing, and its full refresh emits states of its own, so it may resume by design".to_owned()
        })
    })?;
    Ok(conclusion)
}

/// Whether full refresh emits a state of the stream that it could go on from. The Python CDK says by a marker that it can't.
fn resumes(full: &Ran, stream: &Descriptor) -> bool {
    let blob = full.summary.final_state.of_stream(stream).and_then(Value::as_object);
    blob.is_some_and(|members| members.keys().any(|name| name != "__ab_no_cursor_state_message"))
}
