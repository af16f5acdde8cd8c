//! CLI-011.

use crate::experiments::altered::{AFTERWARDS, Due, FROM_FINAL, Measure, UNALTERED, probe};
use crate::experiments::altered_verdict::{Kind, Verdicts};
use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::{Conclusion, Launches};
use crate::rules::Level;
use serde_json::json;

experiment! {
    /// An empty array as state is not what no state is.
    ///
    /// # What it checks
    /// The incremental read is made once more with a `--state` file whose content is `[]`. It must succeed, and everything must
    /// come that came without `--state`. A failure counts only if it happens twice while reads without state and from the final state
    /// succeed; a missing record only if it is missing twice and a read from the beginning still has it. What else
    /// comes is not looked at. Other ways to say "no state" are EXP-06's.
    ///
    /// # Why it matters
    /// Platforms and other runners give the first sync `[]`. A connector that fails on it can't be set up by them; one that takes
    /// it for a state loses what lies before.
    ///
    /// # Example
    /// `read --config config.json --catalog catalog.json --state state.json`, where the state is `[]`:
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1717200000000,"error":{"message":"list index out of range","failure_type":"system_error"}}}
    /// good: the records and states of a first sync
    /// ```
    ///
    /// # How to mend it
    /// Treat an absent file, `[]` and `{}` alike before anything is read from the state. The Python and the Kotlin CDK do so; a
    /// connector that reads `--state` by itself should go through its CDK's state manager.
    ///
    /// # What Airbyte's tests see
    /// They leave `--state` out in first reads, so an empty one is never tried.
    run {
        code: "CLI-011",
        name: "empty-state-is-not-none",
        level: Should,
        commands: [Read],
        authority: CdkConvention,
        source: "Python CDK: read_state; Kotlin CDK: InputStateFactory",
        depth: Certification,
        launches: [
            FROM_FINAL,
            Launches::one("read.empty-array", "incremental, with `[]` for a state"),
            Launches::one("read.empty-array-again", "the same once more").on_doubt(),
            AFTERWARDS,
            UNALTERED,
        ],
    }
}

const EMPTY: Kind = Kind {
    id: "read.empty-array",
    given: "`[]` for a state",
    lost: Level::Should,
    over: Level::Info,
    refused: Some(Level::Should),
};

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let by = Measure::by_final_state(lab)?;
    let mut verdicts = Verdicts::of(STATEMENT, &by);
    let ask = by.ask(lab, EMPTY.id, "incremental, with `[]` for a state")?.state(json!([]));
    let due = |_| Some(Due::Whole);
    verdicts.judge(&EMPTY, &by, &due, &probe(lab, &by, &due, ask)?)?;
    verdicts.conclude(&by)
}
