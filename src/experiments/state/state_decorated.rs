//! STATE-020.

use crate::experiments::altered::{AFTERWARDS, Due, FROM_FINAL, FROM_MIDDLE, Measure, UNALTERED, probe};
use crate::experiments::altered_verdict::{Kind, Verdicts};
use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::state_file::{Made, made};
use crate::experiments::{Conclusion, Launches};
use crate::rules::Level;
use serde_json::{Value, json};

experiment! {
    /// A state is not understood once the platform and the destination have added to it.
    ///
    /// # What it checks
    /// The connector is given one of its own states with the members that come to it on its way: `id`, `sourceStats` and
    /// `destinationStats` beside `type`. The read must succeed, deliver what the same state brought as it was, and not
    /// nearly everything (of five records or more) that it keeps away. A fault must show twice, while the state as it
    /// was still works. LEGACY states lose all that is around their blob, and are not tried.
    ///
    /// # Why it matters
    /// The platform stores the whole message that the destination sent back, and gives that to the next read. A connector that
    /// takes no member which it does not know works in every test of its own and fails in its second sync.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":7}},"id":3,"destinationStats":{"recordCount":2.0}}   (and: unknown field `id`)
    /// good: (the same state, and the read goes on from order 7)
    /// ```
    ///
    /// # How to mend it
    /// Ignore members that you do not know. Java: `FAIL_ON_UNKNOWN_PROPERTIES` off. Python: `from_dict` of the protocol's models,
    /// not a call with the members as arguments. Rust: no `deny_unknown_fields`.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests feed back what the source itself said, in which no destination had a part.
    run {
        code: "STATE-020",
        name: "platform-members-not-ignored",
        level: Must,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "Airbyte platform: the last state message is stored whole",
        depth: Certification,
        launches: [
            FROM_MIDDLE,
            FROM_FINAL,
            Launches::up_to(0, 1, "read.decorated", "incremental, from the same state with what the platform adds to it"),
            Launches::up_to(0, 1, "read.decorated-again", "the same once more").on_doubt(),
            AFTERWARDS,
            UNALTERED,
        ],
    }
}

const DECORATED: Kind = Kind {
    id: "read.decorated",
    given: "its own state with `id`, `sourceStats` and `destinationStats`",
    lost: Level::Must,
    over: Level::Must,
    refused: Some(Level::Must),
};

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let by = Measure::by_any_state(lab)?;
    if made(&by.state) == Made::Legacy {
        return Err(Halt::Cannot("inconclusive: its states are LEGACY, of which only the blob is kept".to_owned()));
    }
    let mut verdicts = Verdicts::of(STATEMENT, &by);
    let ask = by.ask(lab, DECORATED.id, &format!("incremental, with {}", DECORATED.given))?;
    let due = |_| Some(Due::Rest);
    verdicts.judge(&DECORATED, &by, &due, &probe(lab, &by, &due, ask.state(decorated(&by.state)))?)?;
    verdicts.conclude(&by)
}

fn decorated(state: &Value) -> Value {
    let mut state = state.clone();
    for (at, entry) in state.as_array_mut().into_iter().flatten().enumerate() {
        let count = entry.pointer("/sourceStats/recordCount").cloned().unwrap_or(json!(0.0));
        entry["id"] = json!(at + 1);
        entry["sourceStats"] = json!({ "recordCount": count });
        entry["destinationStats"] = json!({"recordCount": count, "rejectedRecordCount": 0.0});
    }
    state
}
