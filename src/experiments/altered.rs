//! Reads that are given a state which was altered: what is due of each stream, what is missing of it, what comes again
//! though the unaltered state kept it away, and whether that is sure.

use super::experiment::Launches;
use super::lab::{Halt, Lab, Ran};
use super::resume::starts;
use super::trail::{Absent, Entry, Missing, find, in_step};
use crate::launch::ExitFacts;
use crate::plan::Ask;
use serde_json::Value;

/// Of a stream with fewer records that the state keeps away, nothing is said about whether they come again.
pub const ENOUGH: u64 = 5;

/// The share of the records that the state keeps away, from which on a read starts over.
const STARTS_OVER: f64 = 0.9;

/// The launches that altered states are measured by.
pub const FROM_FINAL: Launches = Launches::one("read.from-final-state", "incremental, from the final state");
pub const FROM_MIDDLE: Launches = Launches::one("read.checkpoint", "incremental, from a state in the middle");
/// The launches that are made only to confirm what altered states seem to break.
pub const AFTERWARDS: Launches =
    Launches::one("read.afterwards", "from the beginning, to see whether they are still there").on_doubt();
pub const UNALTERED: Launches =
    Launches::one("read.unaltered", "once more from the state as it was, to see whether that still works").on_doubt();

/// The unaltered state, and the reads that an altered one is measured by.
#[derive(Clone)]
pub struct Measure<'l> {
    /// The incremental read from the beginning.
    pub whole: &'l Ran,
    /// The read that goes on from the state.
    pub rest: &'l Ran,
    /// The state.
    pub state: Value,
    ask: Ask,
}

impl<'l> Measure<'l> {
    /// By the final state of the incremental read. Halts where a read of the two did not succeed.
    pub fn by_final_state(lab: &Lab<'l>) -> Result<Measure<'l>, Halt> {
        let whole = lab.incremental()?.complete()?;
        let ask = lab.read_like(whole, "read.from-final-state", "incremental, from the final state")?;
        let state = whole.final_state()?;
        Measure::by(lab, whole, state.clone(), ask.resuming(&whole.id, state))
    }

    /// By the most telling state in the middle of the incremental read. Halts where there is none.
    pub fn by_middle_state(lab: &Lab<'l>) -> Result<Measure<'l>, Halt> {
        let whole = lab.incremental()?.complete()?;
        let start = starts(whole, 1, "read.checkpoint")?.remove(0);
        let ask = lab.read_like(whole, &start.id, "incremental, from a state in the middle")?;
        Measure::by(lab, whole, start.state.clone(), ask.resuming(&whole.id, start.state))
    }

    /// By a state in the middle, and where there is none, by the final one.
    pub fn by_any_state(lab: &Lab<'l>) -> Result<Measure<'l>, Halt> {
        match Measure::by_middle_state(lab) {
            Err(Halt::Cannot(_)) => Measure::by_final_state(lab),
            other => other,
        }
    }

    fn by(lab: &Lab<'l>, whole: &'l Ran, state: Value, ask: Ask) -> Result<Measure<'l>, Halt> {
        let rest = lab.launch(ask.clone())?.complete()?;
        Ok(Measure { whole, rest, state, ask })
    }

    /// A read like the two, by the experiment alone.
    pub fn ask(&self, lab: &Lab<'_>, id: &str, purpose: &str) -> Result<Ask, Halt> {
        Ok(lab.read_like(self.whole, id, purpose)?.unjudged())
    }
}

/// What a stream has to deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// All that came from the beginning: it has no state that counts.
    Whole,
    /// What came from the unaltered state, and nothing from before it.
    Rest,
    /// What came from the unaltered state, or more.
    RestAtLeast,
}

/// What came of one stream.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Records that were due.
    pub due: u64,
    /// Those that never came, in two attempts, and are still there.
    pub lost: Vec<Missing>,
    /// Those that did not come at first, and may have moved.
    pub doubtful: u64,
    /// Records that the unaltered state keeps away, and those of them that came again in each attempt.
    pub old: u64,
    /// See `old`.
    pub again: u64,
    /// Records that came at all.
    pub came: u64,
    /// One of those that came again: its line in the read from the beginning.
    pub example: Option<u64>,
}

impl Tally {
    /// Whether nearly everything comes again that the unaltered state keeps away.
    pub fn starts_over(&self) -> bool {
        self.old >= ENOUGH && self.again as f64 >= STARTS_OVER * self.old as f64
    }
}

/// How a read with an altered state ended.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// With exit code 0.
    Came,
    /// It failed, again and again, where the unaltered state works: how, and what its TRACE/ERROR says, if it has one.
    Refused { how: String, error: Option<String> },
    /// That says nothing, and why.
    Unknown(String),
}

/// A read with an altered state, looked at.
pub struct Probe<'l> {
    /// The read.
    pub read: &'l Ran,
    /// How it ended.
    pub end: End,
    /// By place in the catalog of the read from the beginning.
    pub streams: Vec<Tally>,
}

/// Makes the read, and confirms what it seems to break. What is due is told by place in the catalog; None is not looked at.
pub fn probe<'l>(
    lab: &Lab<'l>,
    by: &Measure<'l>,
    due: &dyn Fn(usize) -> Option<Due>,
    ask: Ask,
) -> Result<Probe<'l>, Halt> {
    let read = lab.launch(ask.clone())?;
    let unknown = |reason: String| Ok(Probe { read, end: End::Unknown(reason), streams: Vec::new() });
    let end = end_of(read);
    let (mut streams, mut absent) = match end {
        End::Unknown(reason) => return unknown(reason),
        End::Refused { .. } => (Vec::new(), Absent::default()),
        End::Came => tally(by, due, read)?,
    };
    let is_over = |place: usize, stream: &Tally| due(place) == Some(Due::Rest) && stream.starts_over();
    let is_doubtful = !absent.records.is_empty() || streams.iter().enumerate().any(|(at, it)| is_over(at, it));
    if end == End::Came && !is_doubtful {
        return Ok(Probe { read, end, streams });
    }
    let again = Ask { id: format!("{}-again", ask.id), ..ask.round(1) };
    let unaltered = Ask { id: "read.unaltered".to_owned(), ..by.ask.clone().round(1).unjudged() };
    let after = lab.launches([again, unaltered, lab.afterwards(by.whole)?])?;
    let [again, unaltered, afterwards] = after[..] else { return unknown("a launch is not made".to_owned()) };
    for base in [unaltered, afterwards] {
        if let Err(Halt::Cannot(reason)) = base.complete() {
            return unknown(format!("what worked before fails now, too: {reason}"));
        }
    }
    match (&end, end_of(again)) {
        (_, End::Unknown(reason)) => return unknown(reason),
        (End::Refused { .. }, End::Refused { .. }) => return Ok(Probe { read, end, streams }),
        (End::Came, End::Came) => {}
        _ => return unknown(format!("{} and {} did not end alike", read.id, again.id)),
    }
    let (came, there) = (find(again.trail()?, &absent)?, find(afterwards.trail()?, &absent)?);
    let suspected = absent.clone();
    absent.retain(|missing| {
        let key = (missing.stream, missing.identity);
        !came.contains_key(&key) && there.get(&key).is_some_and(|entry| is_same(entry, missing))
    });
    let (second, _) = tally(by, due, again)?;
    let (base, _) = tally(by, due, unaltered)?;
    for (place, stream) in streams.iter_mut().enumerate() {
        stream.lost = absent.of(place);
        stream.doubtful = suspected.count_of(place) - absent.count_of(place);
        // What the unaltered state delivers again by now is not the altered one's doing.
        stream.again = if base[place].starts_over() { 0 } else { stream.again.min(second[place].again) };
    }
    Ok(Probe { read, end, streams })
}

fn is_same(entry: &Entry, missing: &Missing) -> bool {
    entry.version == missing.entry.version || (entry.cursor == missing.entry.cursor && entry.cursor != Entry::NO_CURSOR)
}

/// How a read ended, as far as that has to do with what it was given.
pub fn end_of(read: &Ran) -> End {
    let exit = match &read.exit {
        Ok(exit) if exit.succeeded() => return End::Came,
        Ok(exit) => exit,
        Err(reason) => return End::Unknown(format!("{} was not launched: {reason}", read.id)),
    };
    let failure = read.summary.first_error.as_ref().and_then(|(_, failure)| failure.as_deref());
    match exit.failed_by_itself() && failure != Some("transient_error") {
        true => End::Refused { how: ExitFacts::describe(exit), error: read.summary.describe_error() },
        false => End::Unknown(format!("{} did not succeed ({})", read.id, exit.describe())),
    }
}

/// Counts what is due and did not come, and what came again. The read may lack the last streams of the catalog.
fn tally(by: &Measure<'_>, due: &dyn Fn(usize) -> Option<Due>, read: &Ran) -> Result<(Vec<Tally>, Absent), Halt> {
    let (whole, rest, trail) = (by.whole.trail()?, by.rest.trail()?, read.trail()?);
    let mut streams = vec![Tally::default(); whole.streams.len()];
    let mut absent = Absent::default();
    in_step([&whole.records, &rest.records, &trail.records], |group| {
        let Some(due) = due(group.stream) else { return };
        let stream = &mut streams[group.stream];
        let reference = if due == Due::Whole { group.of(0) } else { group.of(1) };
        let came = !group.of(2).is_empty();
        stream.came += group.of(2).len() as u64;
        if let Some(last) = reference.last() {
            stream.due += 1;
            if !came {
                absent.add(Missing { stream: group.stream, identity: group.identity, entry: *last });
            }
        }
        if let ([.., last], []) = (group.of(0), group.of(1)) {
            stream.old += 1;
            stream.again += u64::from(came);
            if came {
                stream.example.get_or_insert(last.line);
            }
        }
    })?;
    Ok((streams, absent))
}
