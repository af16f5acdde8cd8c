//! EXP-01: a read from the final state of another delivers what is new, and not everything again.

use super::{ReadDigest, Recall};
use crate::protocol::{Command, ConfiguredCatalog, Cursor, FinalState, SyncMode, cursor_in_state};
use crate::rules::{Authority, Evidence, Finding, Judged, Level, Outcome, Statement};
use serde_json::Value;

/// Of a stream with fewer records before its state, nothing is said.
const ENOUGH: usize = 5;

/// The share of records before the state that a read delivers again when it ignores the state.
const EVERYTHING: f64 = 0.9;

/// No lookback window is as long: who reads further back than this, in days, does not look back but ignores its state.
const LONGEST_LOOKBACK: i64 = 400;

/// What is known about the experiment.
pub static READS_AGAIN: Statement = Statement {
    code: "EXP-01",
    name: "incremental-read-starts-over",
    level: Level::Must,
    authority: Authority::ProtocolText,
    source: "Airbyte protocol: incremental sync mode; state",
    commands: &[Command::Read],
    page: "\
A read from the final state of another delivers again what came before that state.

# What it checks
Two launches: an incremental read without state, then one that is given the final state of the first. Of each stream, a
sample of the first read's records is looked for in the second, by primary key and cursor. Records at the state's own
cursor may come again. Where nearly all records from before the state come again, the connector starts over: at MUST
where they reach back further than any lookback window does (400 days, or a cursor that is a number), else at SHOULD.
Where some come again, that is told at INFO, since a lookback window does so on purpose. Streams without a cursor that
can be put in order, states of many partitions, and streams with fewer than five records before the state are
inconclusive.

# Why it matters
An incremental sync that starts over costs what a full one costs, each time: API quota, time, and in append mode every
row once more in the user's tables.

# Example
With the state at 2024-06-01:
```json
bad:  {\"type\":\"RECORD\",\"record\":{\"stream\":\"orders\",\"data\":{\"id\":1,\"updated_at\":\"2022-01-03\"},\"emitted_at\":1717200000000}}
good: {\"type\":\"RECORD\",\"record\":{\"stream\":\"orders\",\"data\":{\"id\":9,\"updated_at\":\"2024-06-01\"},\"emitted_at\":1717200000000}}
```

# How to mend it
See that the state is read at all (`--state` is an array of states, one for each stream), that its cursor reaches the
request (Low-code: `start_time_option` and `datetime_format` of the `DatetimeBasedCursor`), and that the state which is
emitted has the form that is read.

# What Airbyte's tests see
The acceptance tests read once more from the final state and ask only that the two reads are not the same, record for
record. A source that starts over passes as soon as one record has changed in between.
",
};

/// One of the two reads, once it has ended.
#[derive(Debug)]
pub struct Reading<'r> {
    /// The launch's id.
    pub launch: &'r str,
    /// Whether it ended by itself with code 0.
    pub succeeded: bool,
    /// The state that it ended with.
    pub state: &'r FinalState,
}

/// The cursors that a state stands at, by place in the catalog: what a read that is given it need not deliver again.
/// None where the order of a stream's cursor is not known.
pub fn references(catalog: &ConfiguredCatalog, digest: &ReadDigest, state: &FinalState) -> Vec<Option<Cursor>> {
    let entries = catalog.streams.iter().zip(&digest.streams);
    entries
        .map(|(entry, stream)| {
            let blob = state.of_stream(&entry.stream.descriptor)?;
            let stands_at = cursor_in_state(blob, &entry.cursor_field).filter(Cursor::is_ordered)?;
            let greatest = stream.greatest.clone().filter(|_| !stream.unordered)?;
            match stands_at.partial_cmp(&greatest)? {
                std::cmp::Ordering::Greater => Some(greatest),
                _ => Some(stands_at),
            }
        })
        .collect()
}

/// Judges what the second read delivered again.
pub fn judge_resume(
    catalog: &ConfiguredCatalog,
    config: &Value,
    earlier: (&Reading<'_>, &ReadDigest),
    later: (&Reading<'_>, &Recall),
) -> (Vec<Finding>, Vec<Outcome>) {
    let ((first, digest), (second, recall)) = (earlier, later);
    let looks_back = looks_back(config);
    let (mut findings, mut outcomes) = (Vec::<Finding>::new(), Vec::new());
    for (place, entry) in
        catalog.streams.iter().enumerate().filter(|(_, entry)| entry.sync_mode == SyncMode::Incremental)
    {
        let descriptor = &entry.stream.descriptor;
        let judged = if !first.succeeded || !second.succeeded {
            Err("inconclusive: one of the two reads failed".to_owned())
        } else {
            share_again(place, digest, recall)
        };
        let (judged, finding) = match judged {
            Err(reason) => (Judged::No(reason), None),
            Ok(share) => (Judged::Yes, describe(share, place, recall, second.launch, looks_back)),
        };
        outcomes.push(Outcome { rule: READS_AGAIN.code, stream: Some(descriptor.clone()), judged });
        let Some(mut finding) = finding else { continue };
        match findings.iter_mut().find(|known| known.cause == finding.cause) {
            Some(known) => {
                known.count += 1;
                known.streams.push(descriptor.clone());
                known.evidence.append(&mut finding.evidence);
            }
            None => findings.push(Finding { streams: vec![descriptor.clone()], ..finding }),
        }
    }
    (findings, outcomes)
}

/// The share of the earlier read's records from before the state that came again; why nothing can be said, if so.
fn share_again(place: usize, digest: &ReadDigest, recall: &Recall) -> Result<f64, String> {
    let Some(reference) = recall.reference(place) else {
        return Err("inconclusive: no single cursor of a known order in its records and its state".to_owned());
    };
    let before = digest.streams[place].sample.iter();
    let before = before.filter(|(_, cursor)| cursor.as_ref().is_some_and(|cursor| cursor < reference));
    let before: Vec<&u64> = before.map(|(version, _)| version).collect();
    if before.len() < ENOUGH {
        return Err(format!("inconclusive: fewer than {ENOUGH} records are older than the state"));
    }
    let again = before.iter().filter(|version| recall.streams[place].again.contains(version)).count();
    Ok(again as f64 / before.len() as f64)
}

fn describe(share: f64, place: usize, recall: &Recall, launch: &str, looks_back: bool) -> Option<Finding> {
    let stream = &recall.streams[place];
    let (oldest, line) = stream.oldest.as_ref()?;
    let reference = recall.reference(place)?;
    let days = reference.days_since(oldest);
    let starts_over = share >= EVERYTHING;
    let level = match (starts_over, looks_back, days) {
        (false, ..) => Level::Info,
        (true, true, _) => Level::Should,
        (true, false, Some(days)) if days <= LONGEST_LOOKBACK => Level::Should,
        (true, false, _) => Level::Must,
    };
    let distance = days.map_or(String::new(), |days| format!(", the oldest {days} days before it"));
    let (cause, title) = if starts_over {
        ("starts over", "a read from the final state delivers everything again")
    } else {
        ("looks back", "a read from the final state delivers some records from before it")
    };
    let percent = (share * 100.0).round();
    let message = format!(
        "{percent} % of the records before the state came again: {} of {} records that the read delivered are older \
         than the state{distance}",
        stream.older, stream.records
    );
    Some(Finding {
        rule: READS_AGAIN.code.to_owned(),
        name: READS_AGAIN.name.to_owned(),
        level,
        authority: READS_AGAIN.authority,
        cause: format!("{cause} {}", level.as_str()),
        streams: Vec::new(),
        title: title.to_owned(),
        message: message.clone(),
        count: 1,
        evidence: vec![Evidence {
            launch: launch.to_owned(),
            message: Some(*line),
            stderr: false,
            pointer: None,
            excerpt: None,
            expected: Some(format!("no record before {}", reference.describe())),
            actual: Some(format!("a record at {}", oldest.describe())),
        }],
    })
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
