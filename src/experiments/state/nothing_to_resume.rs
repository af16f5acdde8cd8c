//! EXP-06.

use crate::experiments::altered::{AFTERWARDS, Due, FROM_FINAL, Measure, UNALTERED, probe};
use crate::experiments::altered_verdict::{Kind, Verdicts, asked_for};
use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::state_file::{Made, made, with_each};
use crate::experiments::{Conclusion, Launches};
use crate::rules::Level;
use serde_json::{Value, json};

experiment! {
    /// A state that says nothing is not taken for none.
    ///
    /// # What it checks
    /// The incremental read is made once more with `{}` for a state, and with the states of its streams where each
    /// `stream_state` is `null`, or is `{}`. Each of them says that nothing was read so far, so each read must succeed and deliver
    /// everything that came without `--state`. A failure counts only if it happens twice while reads without state and from
    /// the final state succeed; a missing record only if it is missing twice and a read from the beginning still has it. `null` is
    /// tried only of states that are of single streams or GLOBAL. A connector with LEGACY state is told at INFO.
    ///
    /// # Why it matters
    /// A user who refreshes one stream makes the platform hand over its state as null or leave it empty. A connector that
    /// fails on it stops the whole connection; one that keeps a cursor from elsewhere skips what was to be read again.
    ///
    /// # Example
    /// ```json
    /// bad:  (state: [{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":null}}], and the read succeeds with no record of orders)
    /// good: (the same state, and all orders come)
    /// ```
    ///
    /// # How to mend it
    /// Take a stream whose state is absent, null or has no cursor for one that was never read. Python: `state or {}` instead of
    /// `state["cursor"]`; Java and Kotlin: look for `null` before the state is converted.
    ///
    /// # What Airbyte's tests see
    /// They give the connector states that it made itself, never an empty one. The live tests compare a read from an
    /// empty state with a full refresh only by hand.
    run {
        code: "EXP-06",
        name: "empty-state-reads-less",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: AirbyteStateMessage (null resets a stream)",
        depth: Certification,
        launches: [
            FROM_FINAL,
            Launches::up_to(0, 3, "read.nothing", "incremental, with a state that says nothing: `{}`, null, or empty ones"),
            Launches::up_to(0, 3, "read.nothing", "the same once more").on_doubt(),
            AFTERWARDS,
            UNALTERED,
        ],
    }
}

const fn kind(id: &'static str, given: &'static str) -> Kind {
    Kind { id, given, lost: Level::Should, over: Level::Info, refused: Some(Level::Should) }
}

const KINDS: [Kind; 3] = [
    kind("read.nothing-object", "`{}` for a state"),
    kind("read.nothing-null", "null for the state of each stream"),
    kind("read.nothing-blank", "`{}` for the state of each stream"),
];

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let by = Measure::by_final_state(lab)?;
    let mut verdicts = Verdicts::of(STATEMENT, &by);
    let due = |_| Some(Due::Whole);
    let form = made(&by.state);
    for kind in asked_for(lab, &KINDS) {
        let state = match kind.id {
            "read.nothing-object" => json!({}),
            _ if form == Made::Legacy => continue,
            "read.nothing-null" => without_shared(with_each(&by.state, |_, _| Some(Value::Null))),
            _ => without_shared(with_each(&by.state, |_, _| Some(json!({})))),
        };
        let ask = by.ask(lab, kind.id, &format!("incremental, with {}", kind.given))?.state(state);
        let probe = probe(lab, &by, &due, ask)?;
        match form {
            Made::Legacy => {
                verdicts.judge(&Kind { lost: Level::Info, refused: Some(Level::Info), ..*kind }, &by, &due, &probe)?
            }
            _ => verdicts.judge(kind, &by, &due, &probe)?,
        }
    }
    verdicts.conclude(&by)
}

/// What a GLOBAL state shares is where the log was read to: it has no meaning once no stream has any state.
fn without_shared(mut state: Value) -> Value {
    if let Some(global) = state.pointer_mut("/0/global").and_then(Value::as_object_mut) {
        global.shift_remove("shared_state");
    }
    state
}
