//! EXP-12.

use crate::experiments::abnormal::Recognised;
use crate::experiments::altered::{AFTERWARDS, Due, End, FROM_FINAL, Measure, Probe, UNALTERED, probe};
use crate::experiments::altered_verdict::{Kind, Verdicts, asked_for};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::state_file::{of_each, with_each};
use crate::experiments::{Conclusion, Launches};
use crate::protocol::Descriptor;
use crate::rules::Level;
use serde_json::Value;

experiment! {
    /// A state that makes no sense is taken for one that says all was read.
    ///
    /// # What it checks
    /// Reads from the final state, altered in each stream whose cursor is recognised: a word for it, an empty text, no
    /// cursor at all, or another stream's state; a cursor in 2000 or at 0; one far in the future; and one
    /// more member. The connector may refuse with a TRACE/ERROR or start over. It may not crash without one; deliver
    /// nothing and succeed where there are records; lose records that are beyond a cursor of long ago, or behind the member that
    /// it does not know; or raise a cursor from the future further. A fault must show in two attempts, and the records must
    /// still be there. What it refuses and says why is fine. Tokens and positions of logs are not altered.
    ///
    /// # Why it matters
    /// States are edited by hand, outlive versions of the connector, and come from other sources by mistake. A read that
    /// then succeeds with nothing, sync after sync, is found months later.
    ///
    /// # Example
    /// ```json
    /// bad:  {"revision":"no cursor"}   (no record, exit code 0)
    /// good: {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1717200000000,"error":{"message":"The state's revision is no number. Reset the stream.","failure_type":"config_error"}}}
    /// ```
    ///
    /// # How to mend it
    /// Parse the state's cursor when the read begins, and either fail with a message that names stream and value, or warn
    /// and start over. Don't compare values as text.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests read from a state in the future that you write by hand, and ask that no record and at least one
    /// state come. Nothing else is tried.
    run {
        code: "EXP-12",
        name: "abnormal-state-swallows-records",
        level: Should,
        commands: [Read],
        authority: Inference,
        source: "follows from the protocol's state: nothing is lost silently (STATE-025)",
        depth: Certification,
        launches: [
            FROM_FINAL,
            Launches::up_to(0, 7, "read.abnormal", "incremental, from a state that no read emits"),
            Launches::up_to(0, 7, "read.abnormal", "the same once more").on_doubt(),
            AFTERWARDS,
            UNALTERED,
        ],
    }
}

const fn kind(id: &'static str, given: &'static str) -> Kind {
    Kind { id, given, lost: Level::Should, over: Level::Info, refused: None }
}

const KINDS: [Kind; 7] = [
    kind("read.abnormal-type", "a word for the cursor in its state"),
    kind("read.abnormal-text", "an empty text for the cursor in its state"),
    kind("read.abnormal-gone", "a state without its cursor"),
    kind("read.abnormal-swapped", "the state of another stream"),
    kind("read.abnormal-past", "a cursor of long ago in its state"),
    kind(FUTURE, "a cursor far in the future in its state"),
    kind("read.abnormal-more", "one more member in its state"),
];

const FUTURE: &str = "read.abnormal-future";

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let by = Measure::by_final_state(lab)?;
    let mut verdicts = Verdicts::of(STATEMENT, &by);
    let known = recognised(&by)?;
    if known.iter().all(Option::is_none) {
        return Err(Halt::Cannot("inconclusive: no single cursor of a known order in any state".to_owned()));
    }
    for (place, known) in known.iter().enumerate() {
        if known.is_none() {
            verdicts.note(place, Err("inconclusive: no single cursor of a known order in its state".to_owned()));
        }
    }
    for kind in asked_for(lab, &KINDS) {
        let altered: Vec<Option<Value>> = (0..known.len()).map(|place| altered(kind.id, &known, place)).collect();
        if altered.iter().all(Option::is_none) {
            continue;
        }
        let due = |place: usize| {
            altered[place].as_ref()?;
            Some(if kind.id == "read.abnormal-more" { Due::Rest } else { Due::Whole })
        };
        let state = with_each(&by.state, |stream, _| altered[place_of(&by, stream)?].clone());
        let ask = by.ask(lab, kind.id, &format!("incremental, with {}", kind.given))?.state(state);
        let due_now = |place: usize| due(place).filter(|_| kind.id != FUTURE);
        let mut probe = probe(lab, &by, &due_now, ask)?;
        keep_what_counts(kind.id, &known, &mut probe);
        verdicts.judge(kind, &by, &due_now, &probe)?;
        if kind.id == FUTURE {
            judge_future(&mut verdicts, kind, &by, &known, &altered, &probe)?;
        }
    }
    verdicts.conclude(&by)
}

fn place_of(by: &Measure<'_>, stream: &Descriptor) -> Option<usize> {
    by.whole.catalog.as_ref()?.streams.iter().position(|entry| entry.stream.descriptor == *stream)
}

fn recognised(by: &Measure<'_>) -> Result<Vec<Option<Recognised>>, Halt> {
    let catalog = by.whole.catalog()?;
    let mut known: Vec<Option<Recognised>> = catalog.streams.iter().map(|_| None).collect();
    for (stream, blob) in of_each(&by.state) {
        if let Some(place) = place_of(by, &stream) {
            known[place] = Recognised::of(&blob, &catalog.streams[place].cursor_field);
        }
    }
    Ok(known)
}

/// The state of a stream, altered; None where that can't be done.
fn altered(id: &str, known: &[Option<Recognised>], place: usize) -> Option<Value> {
    let own = known[place].as_ref()?;
    match id {
        "read.abnormal-type" => Some(own.of_another_type()),
        "read.abnormal-text" => Some(own.empty_text()),
        "read.abnormal-gone" => Some(own.without_cursor()),
        "read.abnormal-past" => own.far_behind(),
        "read.abnormal-more" => Some(own.with_more()),
        FUTURE => own.far_ahead(),
        // Of a stream whose cursor has another name: else it may well be its own.
        _ => known.iter().flatten().find(|other| other.field != own.field).map(|other| other.blob.clone()),
    }
}

/// Of a state that makes no sense, only nothing at all is told; of a cursor of long ago, what is beyond it.
fn keep_what_counts(id: &str, known: &[Option<Recognised>], probe: &mut Probe<'_>) {
    for (place, stream) in probe.streams.iter_mut().enumerate() {
        match (id, known[place].as_ref()) {
            ("read.abnormal-more", _) => {}
            ("read.abnormal-past", Some(own)) => {
                let beyond = own.far_behind().and_then(|blob| Recognised::of(&blob, &own.field));
                stream.lost.retain(|missing| beyond.as_ref().is_some_and(|beyond| missing.entry.cursor > beyond.key));
            }
            _ if stream.came > 0 => stream.lost.clear(),
            _ => {}
        }
    }
}

/// A cursor from the future may stay or come down to what was read; it may not rise.
fn judge_future(
    verdicts: &mut Verdicts,
    kind: &Kind,
    by: &Measure<'_>,
    known: &[Option<Recognised>],
    given: &[Option<Value>],
    probe: &Probe<'_>,
) -> Result<(), Halt> {
    if probe.end != End::Came {
        return Ok(());
    }
    for (place, own) in known.iter().enumerate() {
        let (Some(own), Some(given)) = (own, &given[place]) else { continue };
        let stream = &by.whole.catalog()?.streams[place].stream.descriptor;
        let Some(given) = Recognised::of(given, &own.field) else { continue };
        let emitted = probe.read.summary.final_state.of_stream(stream);
        let emitted = emitted.and_then(|blob| Recognised::of(blob, &own.field)).filter(|it| it.kind == given.kind);
        match emitted {
            None => verdicts.note(place, Err(format!("inconclusive: {} ended without a cursor of it", probe.read.id))),
            Some(emitted) if emitted.key > given.key => {
                verdicts.found(Some(place), by, raised(kind, probe, &given, &emitted))?;
            }
            Some(_) => verdicts.note(place, Ok(())),
        }
    }
    Ok(())
}

fn raised(kind: &Kind, probe: &Probe<'_>, given: &Recognised, emitted: &Recognised) -> Fault {
    let told = |it: &Recognised| crate::experiments::trail::cursor_of(it.kind, it.key).describe();
    Fault {
        cause: "raised",
        level: Level::Should,
        title: "a cursor from the future is raised further".to_owned(),
        message: format!("{} was given {}, {}, and ended at {}", probe.read.id, kind.given, told(given), told(emitted)),
        evidence: vec![evidence(&probe.read.id, None, format!("{} at most", told(given)), told(emitted))],
        case: Some(probe.read.id.clone()),
    }
}
