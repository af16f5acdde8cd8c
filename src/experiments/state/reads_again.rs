//! EXP-01.

use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::trail::{CursorKind, Entry, cursor_of, in_step, key_of};
use crate::experiments::{Conclusion, Launches};
use crate::protocol::{SyncMode, cursor_in_state};
use crate::rules::Level;
use crate::text;
use serde_json::Value;

/// Of a stream with fewer records before its state, nothing is said.
const ENOUGH: u64 = 5;

/// The share of records before the state that a read delivers again when it ignores the state.
const EVERYTHING: f64 = 0.9;

/// No lookback window is as long: who reads further back than this, in days, does not look back but ignores its state.
const LONGEST_LOOKBACK: i64 = 400;

experiment! {
    /// A read from the final state of another delivers again what came before that state.
    ///
    /// # What it checks
    /// Two launches: an incremental read without state, then one that is given the final state of the first. Of each stream, all records
    /// of the first read are looked for in the second, by primary key. Records at the state's own
    /// cursor may come again. Where nearly all records from before the state come again, the connector starts over: at MUST
    /// where they reach back further than any lookback window does (400 days, or a cursor that is a number), else at SHOULD.
    /// Where some come again, that is told at INFO, since a lookback window does so on purpose. Streams without a cursor that
    /// can be put in order, states of many partitions, and streams with fewer than five records before the state are
    /// inconclusive.
    ///
    /// # Why it matters
    /// An incremental sync that starts over costs what a full one costs, each time: API quota, time, and in append mode every
    /// row once more in the user's tables.
    ///
    /// # Example
    /// With the state at 2024-06-01:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"updated_at":"2022-01-03"},"emitted_at":1717200000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":9,"updated_at":"2024-06-01"},"emitted_at":1717200000000}}
    /// ```
    ///
    /// # How to mend it
    /// See that the state is read at all (`--state` is an array of states, one for each stream), that its cursor reaches the
    /// request (Low-code: `start_time_option` and `datetime_format` of the `DatetimeBasedCursor`), and that the state which is
    /// emitted has the form that is read.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests read once more from the final state and ask only that the two reads are not the same, record for
    /// record. A source that starts over passes as soon as one record has changed in between.
    run {
        code: "EXP-01",
        name: "incremental-read-starts-over",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: incremental sync mode; state",
        depth: Standard,
        launches: [Launches::one("read.from-final-state", "incremental, from the final state")],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let first = lab.incremental()?;
    first.complete()?;
    let ask = lab.read_like(first, "read.from-final-state", "incremental, from the final state")?;
    let second = lab.launch(ask.resuming(&first.id, first.final_state()?))?;
    let mut conclusion = Conclusion::of(STATEMENT, second);
    let looks_back = looks_back(&lab.scenario.config);
    let compared = second.complete().and_then(|second| compare(first, second));
    for (place, entry) in first.catalog()?.streams.iter().enumerate() {
        if entry.sync_mode != SyncMode::Incremental {
            continue;
        }
        let stream = Some(&entry.stream.descriptor);
        let again = match &compared {
            Err(Halt::Cannot(reason)) => Err(format!("inconclusive: {reason}")),
            Err(wants) => return Err(wants.clone()),
            Ok(compared) => compared[place].judge(),
        };
        match again {
            Err(reason) => conclusion.inconclusive(stream, reason),
            Ok(share) => match compared.as_ref().ok().and_then(|all| all[place].describe(share, second, looks_back)) {
                Some(fault) => conclusion.found(stream, fault),
                None => conclusion.judged(stream),
            },
        }
    }
    Ok(conclusion)
}

/// What came again of one stream.
#[derive(Default)]
struct Again {
    /// Where the state stands, and the kind of its cursor; None where that is not known.
    reference: Option<(CursorKind, i64)>,
    /// Records of the first read from before the state, and those of them that came again.
    before: u64,
    again: u64,
    /// Records of the second read, those that are from before the state, and the oldest of them.
    records: u64,
    older: u64,
    oldest: Option<Entry>,
}

fn compare(first: &Ran, second: &Ran) -> Result<Vec<Again>, Halt> {
    let (one, two) = (first.trail()?, second.trail()?);
    let mut streams: Vec<Again> = (0..one.streams.len())
        .map(|place| Again {
            reference: reference(first, place),
            records: two.streams[place].records,
            ..Again::default()
        })
        .collect();
    in_step([&one.records, &two.records], |group| {
        let stream = &mut streams[group.stream];
        let Some((_, reference)) = stream.reference else { return };
        let is_before = |entry: &&Entry| entry.cursor != Entry::NO_CURSOR && entry.cursor < reference;
        let has_been = group.of(0).iter().any(|entry| is_before(&entry));
        let older: Vec<&Entry> = group.of(1).iter().filter(is_before).collect();
        stream.before += u64::from(has_been);
        stream.again += u64::from(has_been && !older.is_empty());
        stream.older += older.len() as u64;
        for entry in older {
            if stream.oldest.is_none_or(|oldest| entry.cursor < oldest.cursor) {
                stream.oldest = Some(*entry);
            }
        }
    })?;
    Ok(streams)
}

/// Where the final state of a stream stands: what a read that is given it need not deliver again.
fn reference(first: &Ran, place: usize) -> Option<(CursorKind, i64)> {
    let (trail, entry) = (first.trail.as_ref()?, &first.catalog.as_ref()?.streams[place]);
    let stream = trail.streams.get(place).filter(|stream| !stream.unordered)?;
    let blob = first.summary.final_state.of_stream(&entry.stream.descriptor)?;
    let (kind, stands_at) = key_of(&cursor_in_state(blob, &entry.cursor_field)?)?;
    (stream.kind == Some(kind)).then_some((kind, stands_at.min(stream.greatest?)))
}

impl Again {
    /// The share of the first read's records from before the state that came again; why nothing can be said, if so.
    fn judge(&self) -> Result<f64, String> {
        match (self.reference, self.before) {
            (None, _) => Err("inconclusive: no single cursor of a known order in its records and its state".to_owned()),
            (_, before) if before < ENOUGH => {
                Err(format!("inconclusive: fewer than {ENOUGH} records are older than the state"))
            }
            (_, before) => Ok(self.again as f64 / before as f64),
        }
    }

    fn describe(&self, share: f64, second: &Ran, looks_back: bool) -> Option<Fault> {
        let ((kind, reference), oldest) = (self.reference?, self.oldest?);
        let (reference, first) = (cursor_of(kind, reference), cursor_of(kind, oldest.cursor));
        let days = reference.days_since(&first);
        let starts_over = share >= EVERYTHING;
        let level = match (starts_over, looks_back, days) {
            (false, ..) => Level::Info,
            (true, true, _) => Level::Should,
            (true, false, Some(days)) if days <= LONGEST_LOOKBACK => Level::Should,
            (true, false, _) => Level::Must,
        };
        let distance = days.map_or(String::new(), |days| format!(", the oldest {days} days before it"));
        let (cause, title) = match starts_over {
            true => ("starts over", "a read from the final state delivers everything again"),
            false => ("looks back", "a read from the final state delivers some records from before it"),
        };
        let percent = (share * 100.0).round();
        let message = format!(
            "{percent} % of the records before the state came again: {} of {} that the read delivered are older \
             than the state{distance}",
            text::count(self.older),
            text::plural(self.records, "record")
        );
        let (expected, actual) =
            (format!("no record before {}", reference.describe()), format!("a record at {}", first.describe()));
        Some(Fault {
            cause,
            level,
            title: title.to_owned(),
            message,
            evidence: vec![evidence(&second.id, Some(oldest.line), expected, actual)],
            case: None,
        })
    }
}

/// Whether the config asks for a lookback window, by the names that connectors give it.
fn looks_back(config: &Value) -> bool {
    match config {
        Value::Object(members) => members.iter().any(|(name, value)| {
            let name = name.to_lowercase();
            let is_window = ["lookback", "look_back", "attribution", "window"].iter().any(|word| name.contains(word));
            let is_set = !matches!(value, Value::Null | Value::Bool(false)) && value != &Value::from(0);
            (is_window && is_set) || looks_back(value)
        }),
        Value::Array(items) => items.iter().any(looks_back),
        _ => false,
    }
}
