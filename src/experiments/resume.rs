//! Going on from a state in the middle of a read: where from, what is lost by it, and whether that is sure.

use super::experiment::{Conclusion, Fault, evidence};
use super::lab::{Halt, Lab, Ran};
use super::trail::{Absent, Checkpoint, Entry, Form, Missing, Trail, cursor_of, find, never_came};
use crate::plan::Ask;
use crate::protocol::schema::escaped;
use crate::protocol::{ConfiguredStream, cursor_in_state, cursor_place};
use crate::rules::{Evidence, Level, Statement};
use crate::text;
use serde_json::Value;
use std::collections::HashMap;

/// How many states are tried again, where records seem lost behind more.
const CONFIRMED: usize = 3;

/// A state to go on from.
pub struct Start {
    /// The id of the launch.
    pub id: String,
    /// The content of its `--state` file.
    pub state: Value,
    /// By place in the catalog, the line up to which records came before that state; 0 where it has none of the stream.
    pub cut: Vec<u64>,
    /// By place in the catalog, the number of the checkpoint, and of how many.
    pub numbers: Vec<Option<(u64, u64)>>,
    /// By place in the catalog, the checkpoint.
    at: Vec<Option<Checkpoint>>,
    /// By place in the catalog, whether there is something that could be lost.
    is_telling: Vec<bool>,
    /// The read that put the state out and was killed behind it; none where the first read, which is whole, did.
    killed: Option<String>,
}

/// States to go on from in the middle of a read, at most so many: the first goes on from the most telling state of each stream.
/// Halts where there is none.
pub fn starts(first: &Ran, most: usize, id: &str) -> Result<Vec<Start>, Halt> {
    let trail = first.trail()?;
    let cannot = |reason: &str| Err(Halt::Cannot(reason.to_owned()));
    trail.checkpoints.can_be_given()?;
    match trail.checkpoints.form {
        Form::None => return cannot("inconclusive: the read emitted no state"),
        Form::Mixed => return cannot("inconclusive: its states are of several forms, or of one that can't be read"),
        Form::Stream | Form::Whole => {}
    }
    let chosen: Vec<Vec<&Checkpoint>> =
        (0..trail.streams.len()).map(|place| trail.checkpoints.choose(place, most)).collect();
    let count = chosen.iter().map(Vec::len).max().unwrap_or(0);
    if count == 0 {
        return cannot("inconclusive: no record came after a state that was not the last of its stream");
    }
    Ok((0..count).map(|turn| start(trail, &chosen, turn, format!("{id}-{}", turn + 1))).collect())
}

fn start(trail: &Trail, chosen: &[Vec<&Checkpoint>], turn: usize, id: String) -> Start {
    // A stream that has fewer states than others is done with: it goes on from its last one.
    let at = |place: usize| chosen[place].get(turn).copied().or_else(|| trail.checkpoints.last_of(place));
    let places = 0..trail.streams.len();
    let at: Vec<Option<&Checkpoint>> = places.map(at).collect();
    let number = |(place, at): (usize, &Option<&Checkpoint>)| {
        at.map(|checkpoint| (checkpoint.number, trail.checkpoints.count_of(place)))
    };
    let numbers: Vec<Option<(u64, u64)>> = at.iter().enumerate().map(number).collect();
    Start {
        id,
        cut: at.iter().map(|at| at.map_or(0, |checkpoint| checkpoint.line)).collect(),
        // Records come after it.
        is_telling: numbers.iter().map(|number| number.is_some_and(|(number, count)| number < count)).collect(),
        numbers,
        killed: None,
        state: trail.checkpoints.assemble(at.iter().copied()),
        at: at.into_iter().map(Option::<&Checkpoint>::cloned).collect(),
    }
}

/// The last state that a killed read put out of each stream, and what came before it. Halts where its states can't be
/// fed back.
pub fn start_behind(first: &Ran, killed: &Ran, number: usize) -> Result<Start, Halt> {
    let trail = killed.trail()?;
    trail.checkpoints.can_be_given()?;
    if trail.checkpoints.form == Form::Mixed {
        return Err("inconclusive: its states are of several forms, or of one that can't be read".to_owned().into());
    }
    let at: Vec<Option<&Checkpoint>> = (0..trail.streams.len()).map(|place| trail.checkpoints.last_of(place)).collect();
    Ok(Start {
        id: format!("read.after-kill-{number}"),
        cut: at.iter().map(|at| at.map_or(0, |checkpoint| checkpoint.line)).collect(),
        numbers: at.iter().map(|at| at.map(|checkpoint| (checkpoint.number, checkpoint.number))).collect(),
        is_telling: first.trail()?.streams.iter().map(|stream| stream.records > 0).collect(),
        state: trail.checkpoints.assemble(at.iter().copied()),
        at: at.into_iter().map(Option::<&Checkpoint>::cloned).collect(),
        killed: Some(killed.id.clone()),
    })
}

/// What is missing after one resumed read.
pub struct Loss<'l> {
    /// Where it went on from.
    pub start: Start,
    /// The read that went on.
    pub read: &'l Ran,
    /// What neither came before nor after; or why that can't be told.
    pub absent: Result<Absent, String>,
}

impl<'l> Loss<'l> {
    /// Looks what is missing of the first read's records, where `before` put out the state that `read` went on from.
    pub fn look((first, before): (&Ran, &Ran), start: Start, read: &'l Ran) -> Result<Loss<'l>, Halt> {
        let absent = match read.complete() {
            Err(Halt::Cannot(reason)) => Err(format!("inconclusive: {reason}")),
            Err(wants) => return Err(wants),
            Ok(read) => never_came(first.trail()?, (before.trail()?, &start.cut), read.trail()?),
        };
        Ok(Loss { start, read, absent })
    }

    /// The launch that shows the loss with the least: only the streams that lose records, from their own states where they
    /// have such. With the places of its streams in the first read's catalog.
    fn again(&self, lab: &Lab<'_>, first: &Ran) -> Result<(Ask, Vec<usize>), Halt> {
        let (trail, catalog) = (first.trail()?, first.catalog()?);
        let loses = |place: &usize| trail.checkpoints.form == Form::Whole || self.count_of(*place) > 0;
        let places: Vec<usize> = (0..catalog.streams.len()).filter(loses).collect();
        let is_kept = |entry: &ConfiguredStream| {
            places.iter().any(|place| catalog.streams[*place].stream.descriptor == entry.stream.descriptor)
        };
        let state = match trail.checkpoints.form {
            Form::Whole => self.start.state.clone(),
            _ => trail.checkpoints.assemble(places.iter().map(|place| self.start.at[*place].as_ref())),
        };
        let ask =
            lab.read_like(first, self.start.confirm_id(), "once more from the state behind which records are lost")?;
        let ask = ask.catalog(catalog.retain(is_kept).raw);
        let ask = ask.resuming(self.start.killed.as_deref().unwrap_or(&first.id), state);
        Ok((ask.round(1), places))
    }

    fn count_of(&self, place: usize) -> u64 {
        self.absent.as_ref().map_or(0, |absent| absent.count_of(place))
    }
}

/// Confirms what seems to be lost, and concludes.
pub fn judge_losses(lab: &Lab<'_>, statement: Statement, first: &Ran, losses: &[Loss<'_>]) -> Result<Conclusion, Halt> {
    let catalog = first.catalog()?;
    // Of each stream, the state behind which the least is lost: the smallest reproducer.
    let worst =
        |place: usize| losses.iter().filter(|loss| loss.count_of(place) > 0).min_by_key(|loss| loss.count_of(place));
    let suspects: Vec<(usize, &Loss<'_>)> =
        (0..catalog.streams.len()).filter_map(|place| Some((place, worst(place)?))).collect();
    let mut proofs: Vec<(&str, Proof<'_>)> = Vec::new();
    for (_, loss) in &suspects {
        if proofs.len() < CONFIRMED && proofs.iter().all(|(known, _)| *known != loss.start.id) {
            proofs.push((&loss.start.id, confirm(lab, first, loss)?));
        }
    }
    let last = losses.last().map_or(first, |loss| loss.read);
    let mut conclusion = Conclusion::of(statement, last);
    for (place, entry) in catalog.streams.iter().enumerate() {
        let stream = Some(&entry.stream.descriptor);
        let tried: Vec<&Loss<'_>> = losses.iter().filter(|loss| loss.start.is_telling[place]).collect();
        let judged = tried.iter().filter(|loss| loss.absent.is_ok()).count();
        let failed = tried.iter().find_map(|loss| loss.absent.as_ref().err());
        let lost = suspects.iter().find(|(suspect, _)| *suspect == place).map(|(_, loss)| *loss);
        let proof = lost.and_then(|loss| proofs.iter().find(|(known, _)| *known == loss.start.id));
        match (lost, proof, judged, failed) {
            (Some(loss), Some((_, proof)), ..) => conclude_of(&mut conclusion, (place, first), loss, proof)?,
            (Some(loss), ..) => {
                let reason = format!(
                    "inconclusive: {} did not come again after {}, and was not tried again: other streams were",
                    text::plural(loss.count_of(place), "record"),
                    loss.start.describe(place)
                );
                conclusion.inconclusive(stream, reason);
            }
            (None, _, 0, Some(reason)) => conclusion.inconclusive(stream, reason.clone()),
            (None, _, 0, None) => conclusion.inconclusive(stream, nothing_between(first.trail()?, place)),
            (None, ..) => conclusion.judged(stream),
        }
    }
    Ok(conclusion)
}

fn nothing_between(trail: &Trail, place: usize) -> String {
    match (trail.streams[place].records, trail.checkpoints.count_of(place)) {
        (0, _) => "inconclusive: it has no records".to_owned(),
        (_, 0) => "inconclusive: it has no state".to_owned(),
        (records, states) => format!(
            "inconclusive: no record came after a state but its last ({}, {})",
            text::plural(records, "record"),
            text::plural(states, "state")
        ),
    }
}

/// What became of records that seem lost, once it was tried again.
struct Proof<'l> {
    /// The read that lost them again.
    again: &'l Ran,
    /// Those that were lost again and are still there, unchanged.
    lost: Absent,
    /// How many were not.
    doubtful: u64,
}

fn confirm<'l>(lab: &Lab<'l>, first: &Ran, loss: &Loss<'_>) -> Result<Proof<'l>, Halt> {
    let absent = loss.absent.clone().unwrap_or_default();
    let (ask, places) = loss.again(lab, first)?;
    let again = lab.launch(ask)?.complete()?;
    let afterwards = lab.launch(lab.afterwards(first)?)?.complete()?;
    let found = find(again.trail()?, &absent.moved(|place| places.iter().position(|own| *own == place)))?;
    let came: HashMap<(usize, u64), Entry> =
        found.into_iter().map(|((place, identity), entry)| ((places[place], identity), entry)).collect();
    let there = find(afterwards.trail()?, &absent)?;
    let count = absent.records.len() as u64;
    let mut lost = absent;
    let is_same = |entry: &Entry, missing: &Missing| {
        entry.version == missing.entry.version
            || (entry.cursor == missing.entry.cursor && entry.cursor != Entry::NO_CURSOR)
    };
    lost.retain(|missing| {
        let key = (missing.stream, missing.identity);
        !came.contains_key(&key) && there.get(&key).is_some_and(|entry| is_same(entry, missing))
    });
    let doubtful = count - lost.records.len() as u64;
    Ok(Proof { again, lost, doubtful })
}

fn conclude_of(
    conclusion: &mut Conclusion,
    (place, first): (usize, &Ran),
    loss: &Loss<'_>,
    proof: &Proof<'_>,
) -> Result<(), Halt> {
    let trail = first.trail()?;
    let stream = &first.catalog()?.streams[place].stream.descriptor;
    let lost = proof.lost.of(place);
    if lost.is_empty() {
        let reason = format!(
            "inconclusive: {} did not come after {}, but came when it was tried again, or changed or went meanwhile: the \
             data moves",
            text::plural(loss.count_of(place), "record"),
            loss.start.describe(place)
        );
        conclusion.inconclusive(Some(stream), reason);
        return Ok(());
    }
    let cut = loss.start.cut[place];
    let entry = &first.catalog()?.streams[place];
    let told = |missing: &Missing| {
        let line = missing.entry.line;
        let side = if line > cut { "behind" } else { "before" };
        let cursor = describe_cursor(trail, place, missing.entry.cursor);
        let again = &proof.again.id;
        let (expected, actual) = match &loss.start.killed {
            None => (
                format!("it comes before the state on line {cut}, or in {again}, which goes on from it"),
                format!("it stood {side} that state{cursor}, and did not come"),
            ),
            Some(killed) => (
                format!("it comes in {killed} before its last state, or in {again}, which goes on from it"),
                format!("this record{cursor} did not come"),
            ),
        };
        let field = entry.cursor_field.iter().map(|name| format!("/{}", escaped(name))).collect::<String>();
        let pointer = (!field.is_empty()).then(|| format!("/record/data{field}"));
        Evidence { pointer, ..evidence(&first.id, Some(line), expected, actual) }
    };
    let mut cited: Vec<Evidence> = lost.iter().take(3).map(told).collect();
    cited.splice(1..1, loss.start.evidence((place, first), entry, lost.len() as u64));
    let count = text::plural(lost.len() as u64, "record");
    let moved = match proof.doubtful {
        0 => String::new(),
        more => format!(" (and {more} more that changed or came when it was tried again)"),
    };
    conclusion.found(
        Some(stream),
        Fault {
            cause: "lost",
            level: Level::Must,
            title: match loss.start.killed {
                None => "records are lost when a read goes on from a state in the middle".to_owned(),
                Some(_) => "records are lost when a read that was killed is gone on with".to_owned(),
            },
            message: format!(
                "going on from {}, {count} of `{stream}` never came, in two attempts, and a read from the beginning has {} \
                 still{moved}",
                loss.start.describe(place),
                text::them(lost.len() as u64)
            ),
            evidence: cited,
            case: Some(proof.again.id.clone()),
        },
    );
    Ok(())
}

/// `, with the cursor 2024-06-03`; nothing where its order is not known.
fn describe_cursor(trail: &Trail, place: usize, cursor: i64) -> String {
    let kind = trail.streams[place].kind.filter(|_| cursor != Entry::NO_CURSOR);
    kind.map_or(String::new(), |kind| format!(", with the cursor {}", cursor_of(kind, cursor).describe()))
}

impl Start {
    /// The id of the launch that goes on from it once more.
    pub fn confirm_id(&self) -> String {
        self.id.replace("checkpoint", "confirm").replace("after-kill", "kill-confirm")
    }

    /// In words: `state 2 of 9 (line 17)`.
    fn describe(&self, place: usize) -> String {
        match (self.numbers[place], &self.killed) {
            (Some((number, count)), None) => format!("state {number} of {count} (line {})", self.cut[place]),
            (Some((number, _)), Some(killed)) => {
                format!("the last state that {killed} put out of it (number {number}, line {})", self.cut[place])
            }
            (None, _) => "no state".to_owned(),
        }
    }

    /// The state that so many records are lost behind, with the cursor that it stands at.
    fn evidence(&self, (place, first): (usize, &Ran), entry: &ConfiguredStream, lost: u64) -> Option<Evidence> {
        let state = self.at[place].as_ref()?;
        let from = cursor_in_state(&state.payload, &entry.cursor_field)
            .map_or_else(String::new, |cursor| format!(", at the cursor {}", cursor.describe()));
        let shown = evidence(
            self.killed.as_deref().unwrap_or(&first.id),
            Some(state.line),
            "going on from this state, every record comes that had not come before it",
            format!("going on from it{from}, {} did not come", text::plural(lost, "record")),
        );
        let pointer = cursor_place(&state.payload, &entry.cursor_field).map(|place| format!("/state{place}"));
        Some(Evidence { pointer, ..shown })
    }
}
