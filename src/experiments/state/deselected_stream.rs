//! STATE-022.

use crate::experiments::altered::{AFTERWARDS, Due, End, FROM_FINAL, Measure, UNALTERED, probe};
use crate::experiments::altered_verdict::{Kind, Verdicts, asked_for};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::state_file::{Made, made};
use crate::experiments::{Conclusion, Launches};
use crate::protocol::Descriptor;
use crate::rules::Level;
use serde_json::Value;

experiment! {
    /// The state of a stream that is not read disturbs the others.
    ///
    /// # What it checks
    /// The incremental read is made with the final state of all streams and a catalog that lacks one, and with a state
    /// that also has a stream which the source never had. Each must succeed, deliver no record of a stream that is not in the
    /// catalog, and deliver of the others what the same state brought before. A failure counts only if it happens twice while the
    /// read from the state itself succeeds; a missing record only if it is missing twice and still there. The stream that is left out
    /// is the last of the catalog, of two or more. LEGACY states are not tried.
    ///
    /// # Why it matters
    /// The platform keeps the state of a stream that a user has deselected, and of one that the source no longer has. If that
    /// stops the connector, the user can only reset everything.
    ///
    /// # Example
    /// A catalog of `orders` alone, and a state of `orders` and `events`:
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1717200000000,"error":{"message":"KeyError: 'events'","failure_type":"system_error"}}}
    /// good: (the new orders)
    /// ```
    ///
    /// # How to mend it
    /// Go through the streams of the catalog and look each one's state up, never through the states in search of streams.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests read single streams with the states of all streams up to there, but do not look for this: a
    /// state of a stream outside the catalog never occurs on purpose.
    run {
        code: "STATE-022",
        name: "state-of-deselected-stream",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: per-stream state is independent",
        depth: Certification,
        launches: [
            FROM_FINAL,
            Launches::up_to(0, 2, "read.stranger", "incremental, with a state of a stream that is not in the catalog"),
            Launches::up_to(0, 2, "read.stranger", "the same once more").on_doubt(),
            AFTERWARDS,
            UNALTERED,
        ],
    }
}

/// A name that no source has.
const STRANGER: &str = "airproof_stream_that_never_was";

const fn kind(id: &'static str, given: &'static str) -> Kind {
    Kind { id, given, lost: Level::Must, over: Level::Should, refused: Some(Level::Must) }
}

const KINDS: [Kind; 2] = [
    kind("read.stranger-deselected", "the state of a stream that its catalog lacks"),
    kind("read.stranger-unknown", "the state of a stream that the source never had"),
];

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let by = Measure::by_final_state(lab)?;
    let form = made(&by.state);
    if form == Made::Legacy {
        return Err(Halt::Cannot("inconclusive: its states are not of single streams".to_owned()));
    }
    let mut verdicts = Verdicts::of(STATEMENT, &by);
    let count = by.whole.catalog()?.streams.len();
    for kind in asked_for(lab, &KINDS) {
        let is_deselected = kind.id == KINDS[0].id;
        if is_deselected && count < 2 {
            continue;
        }
        let left = if is_deselected { count - 1 } else { count };
        let purpose = format!("incremental, with {}", kind.given);
        let ask = by.ask(lab, kind.id, &purpose)?;
        let ask = match is_deselected {
            true => ask.catalog(first_streams(by.whole, left)?).state(by.state.clone()),
            false => ask.state(with_stranger(&by.state, form)),
        };
        let due = |place: usize| (place < left).then_some(Due::Rest);
        let probe = probe(lab, &by, &due, ask)?;
        verdicts.judge(kind, &by, &due, &probe)?;
        let expected = match is_deselected {
            true => by.whole.catalog()?.streams[left].stream.descriptor.clone(),
            false => Descriptor::named(STRANGER),
        };
        if probe.end == End::Came && probe.read.summary.unknown_streams.contains(&expected) {
            verdicts.found(None, &by, delivered(&expected, probe.read))?;
        }
    }
    verdicts.conclude(&by)
}

/// The catalog with only so many of its streams.
fn first_streams(whole: &Ran, count: usize) -> Result<Value, Halt> {
    let mut raw = whole.catalog()?.raw.clone();
    if let Some(streams) = raw["streams"].as_array_mut() {
        streams.truncate(count);
    }
    Ok(raw)
}

/// The state, and a stream in it that the source never had.
fn with_stranger(state: &Value, form: Made) -> Value {
    let mut state = state.clone();
    let listed = match form {
        Made::Global => state.pointer_mut("/0/global/stream_states"),
        _ => Some(&mut state),
    };
    let Some(entries) = listed.and_then(Value::as_array_mut) else { return state };
    let Some(mut stranger) = entries.first().cloned() else { return state };
    let pointer = if form == Made::Global { "/stream_descriptor" } else { "/stream/stream_descriptor" };
    if let Some(descriptor) = stranger.pointer_mut(pointer) {
        descriptor["name"] = STRANGER.into();
    }
    entries.push(stranger);
    state
}

fn delivered(stream: &Descriptor, read: &Ran) -> Fault {
    Fault {
        cause: "delivered",
        level: Level::Must,
        title: "records come of a stream that is not in the catalog, since the state has it".to_owned(),
        message: format!("{} delivered records of `{stream}`, which its catalog does not have", read.id),
        evidence: vec![evidence(&read.id, None, "records of the catalog's streams", format!("records of `{stream}`"))],
        case: Some(read.id.clone()),
    }
}
