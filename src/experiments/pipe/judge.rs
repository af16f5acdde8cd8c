//! What a source and a destination come to together, when both have ended.

use super::ledger::{Keys, Ledger, StreamLedger};
use super::statements::{DESTINATION_FAILED, RECORDS_LOST, STATE_DIFFERS, VALUES_DIFFER};
use crate::experiments::experiment::{Conclusion, Fault, evidence};
use crate::feed::{Exact, Persisted};
use crate::launch::ExitFacts;
use crate::protocol::Descriptor;
use crate::rules::{Finding, Level, Outcome};
use crate::text;

/// One of the two that ended.
#[derive(Debug, Clone)]
pub struct Side {
    /// The id of its launch.
    pub launch: String,
    /// How it ended.
    pub exit: ExitFacts,
    /// The first error that it told of, without secrets.
    pub error: Option<String>,
}

/// One sync: a read whose output a write was given.
#[derive(Debug, Clone)]
pub struct Sync {
    /// The source.
    pub source: Side,
    /// The destination.
    pub destination: Side,
    /// How many states the destination was given.
    pub states_sent: u64,
    /// How many of them came back, known by their ids.
    pub states_back: u64,
    /// How many states came back with an id that none was given, or with none.
    pub states_unknown: u64,
    /// The streams of which the source never said COMPLETE.
    pub incomplete: Vec<Descriptor>,
    /// Whether the destination ended before its stdin did.
    pub is_cut_off: bool,
    /// The source's last states, of this sync and those before.
    pub sent: Persisted,
    /// Those that came back.
    pub kept: Persisted,
}

impl Sync {
    /// Whether the destination got all that the source had to give, and ended by itself: something may be stored of it.
    pub fn is_delivered(&self) -> bool {
        let destination = &self.destination.exit;
        self.source.exit.succeeded() && !self.is_cut_off && (destination.succeeded() || destination.failed_by_itself())
    }

    /// Whether both ended well.
    pub fn is_good(&self) -> bool {
        self.source.exit.succeeded() && self.destination.exit.succeeded()
    }
}

/// What a pair comes to.
#[derive(Debug, Default)]
pub struct Piped {
    /// The launch that it is told of: the last write.
    pub launch: String,
    /// What was found.
    pub findings: Vec<Finding>,
    /// What could be judged.
    pub outcomes: Vec<Outcome>,
    /// Whether the keys of a stream are the same, by its place; None where that is not known.
    pub keys_equal: Vec<Option<bool>>,
    /// How many rows there have to be, likewise.
    pub expected: Vec<Option<u64>>,
    /// Whether the state that is kept is the source's last, likewise; None where there is none.
    pub state_equal: Vec<Option<bool>>,
}

/// Judges the syncs that were made, and what is stored after the last. None where there was none.
pub fn judge(syncs: &[Sync], ledger: &mut Ledger) -> Option<Piped> {
    let last = syncs.last()?;
    let launch = last.destination.launch.as_str();
    let mut piped = Piped { launch: launch.to_owned(), ..Piped::default() };
    let mut conclusions =
        [RECORDS_LOST, VALUES_DIFFER, STATE_DIFFERS, DESTINATION_FAILED].map(|it| Conclusion::on(it, launch));
    let [lost, values, states, failed] = &mut conclusions;
    let is_good = syncs.iter().all(Sync::is_good);
    let all_keys = ledger.keys();
    for (stream, keys) in ledger.streams.iter().zip(all_keys) {
        let expected = stream.expected(&keys);
        match unknown(stream, is_good) {
            Some(reason) => {
                lost.inconclusive(Some(&stream.stream), reason.clone());
                values.inconclusive(Some(&stream.stream), reason);
                // What is there all the same is shown, and is no fault.
                let is_seen = stream.rows.is_some() && stream.unseen.is_none();
                piped.keys_equal.push(keys.as_ref().ok().filter(|_| is_seen).map(Keys::are_equal));
            }
            None => {
                compare_rows(stream, &expected, lost, launch);
                piped.keys_equal.push(compare_keys(stream, &keys, values, launch));
            }
        }
        piped.expected.push(expected.ok());
        piped.state_equal.push(compare_state(&stream.stream, syncs, states));
    }
    for sync in syncs {
        look_at_ending(sync, failed);
    }
    for conclusion in conclusions {
        piped.findings.extend(conclusion.findings);
        piped.outcomes.extend(conclusion.outcomes);
    }
    Some(piped)
}

/// Why nothing can be said of the rows of a stream.
fn unknown(stream: &StreamLedger, is_good: bool) -> Option<String> {
    if !is_good {
        return Some("not both connectors ended well, so that what has to be stored is not known".to_owned());
    }
    stream.unseen.clone().or_else(|| stream.rows.is_none().then(|| "nobody looked at what is stored".to_owned()))
}

/// Holds the rows that are stored against the records that one write was sent, all of it in one conclusion.
pub(in crate::experiments) fn judge_rows(ledger: &mut Ledger, conclusion: &mut Conclusion, launch: &str) {
    let all_keys = ledger.keys();
    for (stream, keys) in ledger.streams.iter().zip(all_keys) {
        if let Some(reason) = unknown(stream, true) {
            conclusion.inconclusive(Some(&stream.stream), reason);
            continue;
        }
        compare_rows(stream, &stream.expected(&keys), conclusion, launch);
        compare_keys(stream, &keys, conclusion, launch);
    }
}

fn compare_rows(stream: &StreamLedger, expected: &Result<u64, String>, lost: &mut Conclusion, launch: &str) {
    let rows = stream.rows.unwrap_or(0);
    let own = Some(&stream.stream);
    let expected = match expected {
        Ok(expected) => *expected,
        // Whatever the keys are, there are not more of them than records, and not none.
        Err(_) if rows > stream.records => stream.records,
        Err(reason) => return lost.inconclusive(own, reason.clone()),
    };
    lost.judged(own);
    if rows == expected {
        return;
    }
    let mode = stream.writing.as_str();
    let (cause, title) = match rows < expected {
        true => ("lost", "records that came are not in the destination"),
        false => ("more", "the destination has more rows than records came"),
    };
    let name = text::visible(&stream.stream.to_string());
    let came = text::plural(expected, "row");
    let message = format!("`{name}` has to have {came} in mode {mode} and has {}", text::count(rows));
    lost.found(own, fault(cause, title, message, vec![evidence(launch, None, came, text::plural(rows, "row"))]));
}

fn compare_keys(
    stream: &StreamLedger,
    keys: &Result<Keys, String>,
    values: &mut Conclusion,
    launch: &str,
) -> Option<bool> {
    let own = Some(&stream.stream);
    let keys = match keys {
        Ok(keys) => keys,
        Err(reason) => {
            values.inconclusive(own, reason.clone());
            return None;
        }
    };
    values.judged(own);
    let name = text::visible(&stream.stream.to_string());
    let is_equal = keys.are_equal();
    if !is_equal {
        let (missing, strange) = (keys.came.saturating_sub(keys.both), keys.stored.saturating_sub(keys.both));
        let message = format!(
            "of {} of `{name}`, {} are not stored, and {} that are stored never came",
            text::plural(keys.came, "key"),
            text::count(missing),
            text::count(strange)
        );
        let proof = evidence(launch, None, text::plural(keys.came, "key"), text::plural(keys.stored, "key"));
        values.found(own, fault("keys", "the keys that are stored are not those that came", message, vec![proof]));
    }
    if let Some((field, came, stored)) = stream.different() {
        let field = text::visible(field);
        let message = format!("the field `{field}` of a row of `{name}` has a value that no record of its key has");
        let told = |value: &str| format!("{field}: {}", text::visible(&text::shorten(value, 200)));
        let proof = evidence(launch, None, told(came), told(stored));
        values.found(own, fault("values", "a stored value is not the one that came", message, vec![proof]));
    }
    Some(is_equal)
}

/// Holds the states of each sync that ended well against each other, and says what holds for the last one that was delivered.
fn compare_state(stream: &Descriptor, syncs: &[Sync], states: &mut Conclusion) -> Option<bool> {
    let mut is_equal = None;
    for sync in syncs {
        let Some(sent) = sync.sent.of(stream) else { continue };
        let kept = sync.kept.of(stream);
        if sync.is_delivered() {
            is_equal = Some(kept.as_ref() == Some(&sent));
        }
        if !sync.is_good() {
            states.inconclusive(Some(stream), "not both connectors ended well");
            continue;
        }
        states.judged(Some(stream));
        if kept.as_ref() == Some(&sent) {
            continue;
        }
        let told = |state: &Exact| text::visible(&text::shorten(&state.to_string(), 300));
        let (cause, how) = match &kept {
            None => ("none", "none came back".to_owned()),
            Some(kept) => ("other", format!("it differs at {}", sent.differences(kept).join(", "))),
        };
        let name = text::visible(&stream.to_string());
        let message =
            format!("the state of `{name}` that is kept after {} is not the last one: {how}", sync.source.launch);
        let actual = kept.as_ref().map_or_else(|| "none".to_owned(), told);
        let proof = evidence(&sync.destination.launch, None, told(&sent), actual);
        states.found(
            Some(stream),
            fault(cause, "the state that is kept is not the source's last one", message, vec![proof]),
        );
    }
    if syncs.iter().all(|sync| sync.sent.of(stream).is_none()) {
        states.inconclusive(Some(stream), "the source gave no state of it");
    }
    is_equal
}

fn look_at_ending(sync: &Sync, failed: &mut Conclusion) {
    let Side { launch, exit, error } = &sync.destination;
    let said = error.as_ref().map(|error| format!("; it says: {error}")).unwrap_or_default();
    if exit.is_cut_short() {
        return failed.inconclusive(None, "the destination was ended by us");
    }
    if !exit.succeeded() {
        let title = "the destination failed on what the source sent";
        let hint = match sync.incomplete.as_slice() {
            [first, ..] if sync.source.exit.succeeded() => {
                format!("; the source never said COMPLETE of `{}`", text::visible(&first.to_string()))
            }
            _ => String::new(),
        };
        if !sync.source.exit.succeeded() && !sync.source.exit.is_cut_short() {
            return failed.inconclusive(None, "the source failed first, and the destination after it");
        }
        let message = format!("{launch} failed: {}{said}{hint}", exit.describe());
        return failed.found(
            None,
            fault("failed", title, message, vec![evidence(launch, None, "exit code 0", exit.describe())]),
        );
    }
    failed.judged(None);
    if sync.is_cut_off {
        let message = format!("{launch} ended with {} while the source was still at it{said}", exit.describe());
        let proof = evidence(launch, None, "it reads stdin to its end", exit.describe());
        return failed.found(None, fault("early", "the destination ended before its stdin did", message, vec![proof]));
    }
    let (sent, back, unknown) = (sync.states_sent, sync.states_back, sync.states_unknown);
    if back < sent {
        let message = format!("{} of {} came back with their ids", text::count(back), text::plural(sent, "state"));
        let proof = evidence(launch, None, text::plural(sent, "state"), text::count(back));
        failed.found(None, fault("states", "states did not come back", message, vec![proof]));
    }
    if unknown > 0 {
        let told = text::plural(unknown, "state");
        let message = format!("{launch} gave back {told} without an id that one was given");
        let proof = evidence(launch, None, "the `id` of a state that was sent", told);
        failed.found(None, fault("ids", "states come back without the platform's id", message, vec![proof]));
    }
}

fn fault(cause: &'static str, title: &str, message: String, evidence: Vec<crate::rules::Evidence>) -> Fault {
    Fault { cause, level: Level::Must, title: title.to_owned(), message, evidence, case: None }
}
