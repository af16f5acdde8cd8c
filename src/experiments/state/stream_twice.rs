//! EXP-26.

use crate::experiments::altered::{AFTERWARDS, Due, ENOUGH, End, Measure, UNALTERED, end_of, probe};
use crate::experiments::altered_verdict::{Kind, Verdicts, asked_for};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::state_file::{Made, made};
use crate::experiments::trail::in_step;
use crate::experiments::{Conclusion, Launches};
use crate::rules::Level;
use serde_json::Value;

experiment! {
    /// A state that has a stream twice is read in a way of its own.
    ///
    /// # What it checks
    /// The incremental read is made with a file that has each stream's state from the middle and then its final one, and with
    /// the two in the other order. The last must count, as platform and CDKs have it, or the read must fail and say why. A
    /// crash without TRACE/ERROR is told at SHOULD, and so is a record that comes from none of both, if a second attempt misses it
    /// too; that the first counts, or always the greater, at INFO. States that are GLOBAL or LEGACY are not tried, and
    /// neither are streams with fewer than five records between the two states.
    ///
    /// # Why it matters
    /// The file is put together from messages of several attempts. Where the first counts, a state that was stored long ago
    /// comes back, and the same records come sync after sync.
    ///
    /// # Example
    /// ```json
    /// bad:  [{"stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":3}}},{"stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":7}}}]   (goes on from 3)
    /// good: (the same state goes on from 7)
    /// ```
    ///
    /// # How to mend it
    /// Put the states into a map by name and namespace as they come. That is also what finds each one faster.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests keep one state for each stream, so a file with two never occurs.
    run {
        code: "EXP-26",
        name: "state-has-stream-twice",
        level: Should,
        commands: [Read],
        authority: CdkConvention,
        source: "Python CDK: ConnectorStateManager; Kotlin CDK: InputStateFactory",
        depth: Certification,
        launches: [
            Launches::up_to(0, 1, "read.checkpoint", "incremental, from a state in the middle"),
            Launches::up_to(0, 1, "read.from-final-state", "incremental, from the final state"),
            Launches::up_to(0, 2, "read.twice", "incremental, with a state that has each stream twice"),
            Launches::up_to(0, 2, "read.twice", "the same once more").on_doubt(),
            AFTERWARDS,
            UNALTERED,
        ],
    }
}

const fn kind(id: &'static str, given: &'static str) -> Kind {
    Kind { id, given, lost: Level::Should, over: Level::Info, refused: None }
}

const KINDS: [Kind; 2] = [
    kind("read.twice-final-last", "a state from the middle and then the final one of each stream"),
    kind("read.twice-middle-last", "the final state and then one from the middle of each stream"),
];

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let middle = Measure::by_middle_state(lab)?;
    let by = Measure::by_final_state(lab)?;
    if made(&by.state) != Made::OfStreams || made(&middle.state) != Made::OfStreams {
        return Err(Halt::Cannot("inconclusive: its states are not of single streams".to_owned()));
    }
    let mut verdicts = Verdicts::of(STATEMENT, &by);
    for kind in asked_for(lab, &KINDS) {
        let is_final_last = kind.id == KINDS[0].id;
        let state = if is_final_last { both(&middle.state, &by.state) } else { both(&by.state, &middle.state) };
        let ask = by.ask(lab, kind.id, &format!("incremental, with {}", kind.given))?.state(state);
        // Whichever counts, what comes from the final state is due.
        let due = |_| Some(Due::RestAtLeast);
        let probe = probe(lab, &by, &due, ask)?;
        verdicts.judge(kind, &by, &due, &probe)?;
        if end_of(probe.read) != End::Came {
            continue;
        }
        for (place, between) in between(&middle, &by, probe.read)?.into_iter().enumerate() {
            if let Some(message) = between.differs(is_final_last) {
                verdicts.found(Some(place), &by, describe(kind, probe.read, &message))?;
            }
        }
    }
    verdicts.conclude(&by)
}

fn both(one: &Value, other: &Value) -> Value {
    one.as_array().into_iter().chain(other.as_array()).flatten().cloned().collect()
}

/// The records between the two states, and how many of them came.
#[derive(Default, Clone)]
struct Between {
    records: u64,
    came: u64,
}

fn between(middle: &Measure<'_>, last: &Measure<'_>, read: &Ran) -> Result<Vec<Between>, Halt> {
    let mut streams = vec![Between::default(); last.whole.trail()?.streams.len()];
    in_step([&middle.rest.trail()?.records, &last.rest.trail()?.records, &read.trail()?.records], |group| {
        if !group.of(0).is_empty() && group.of(1).is_empty() {
            streams[group.stream].records += 1;
            streams[group.stream].came += u64::from(!group.of(2).is_empty());
        }
    })?;
    Ok(streams)
}

impl Between {
    /// What counted, where that was not the last: told only where all or none of the records between came.
    fn differs(&self, is_final_last: bool) -> Option<String> {
        let counted = match self.came {
            _ if self.records < ENOUGH => return None,
            0 => "the final state counted, though the one from the middle stood behind it",
            all if all == self.records => "the state from the middle counted, though the final one stood behind it",
            _ => return None,
        };
        ((self.came == 0) != is_final_last).then(|| counted.to_owned())
    }
}

fn describe(kind: &Kind, read: &Ran, message: &str) -> Fault {
    Fault {
        cause: kind.id,
        level: Level::Info,
        title: format!("the last does not count of {}", kind.given),
        message: format!("{}: {message}", read.id),
        evidence: vec![evidence(&read.id, None, "the last state of a stream counts", message)],
        case: Some(read.id.clone()),
    }
}
