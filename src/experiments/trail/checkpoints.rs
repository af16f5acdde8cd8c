//! The states of a read: where each stood, and what to feed back for it.
//!
//! A read can have any number of them. Of each scope a bounded number is kept: the first, the last, those that look as if
//! something could be lost behind them, and of the others evenly fewer as they become more.

use super::cursor_key::key_of;
use crate::protocol::{ConfiguredCatalog, StateMessage, StateScope, cursor_in_state};
use serde_json::Value;
use std::sync::Arc;

/// How many checkpoints are kept of a scope.
const KEPT: usize = 64;

/// How many bytes of states are kept in all; past it, each scope keeps fewer.
const BYTES: usize = 32 << 20;

/// The largest state that is kept to be fed back, in bytes as it was written. As a tree it takes ten times as much, and many
/// launches are given one.
const LARGEST: usize = 1 << 20;

/// A state, where it stood.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    /// The how-manieth of its scope, from 1.
    pub number: u64,
    /// The number of its line.
    pub line: u64,
    /// Its payload as it came.
    pub payload: Arc<Value>,
    /// Records of its scope before it.
    pub records_before: u64,
    /// A record behind it, before the next one, has a cursor at or before the one that it stands at.
    pub is_overtaken: bool,
    size: usize,
}

/// What the states of a read cover, as far as they agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// There was none.
    #[default]
    None,
    /// One stream each.
    Stream,
    /// The whole source, GLOBAL or LEGACY.
    Whole,
    /// Some the one, some the other, or of a form that can't be read.
    Mixed,
}

/// The states of a read.
#[derive(Debug, Clone, Default)]
pub struct Checkpoints {
    /// What they cover.
    pub form: Form,
    /// By place in the catalog; behind them those of the whole source.
    scopes: Vec<Scope>,
    /// The cursor that the latest state stands at, by place in the catalog.
    stands_at: Vec<Option<i64>>,
    bytes: usize,
    /// The largest state, in bytes.
    largest: usize,
}

#[derive(Debug, Clone, Default)]
struct Scope {
    kept: Vec<Checkpoint>,
    count: u64,
    records: u64,
    /// Records before the latest state.
    counted: u64,
    /// The most records that came without a state, and the line of the state that ended them.
    widest: (u64, u64),
}

impl Checkpoints {
    /// Of a read of so many streams.
    pub fn of(streams: usize) -> Checkpoints {
        Checkpoints {
            scopes: vec![Scope::default(); streams + 1],
            stands_at: vec![None; streams],
            ..Default::default()
        }
    }

    fn whole(&self) -> usize {
        self.scopes.len() - 1
    }

    /// Takes a record into account.
    pub fn record(&mut self, place: usize, cursor: Option<i64>) {
        let whole = self.whole();
        self.scopes[place].records += 1;
        self.scopes[whole].records += 1;
        let (Some(cursor), Some(stands_at)) = (cursor, self.stands_at[place]) else { return };
        if cursor <= stands_at {
            let scope = if self.form == Form::Whole { whole } else { place };
            if let Some(latest) = self.scopes[scope].kept.last_mut() {
                latest.is_overtaken = true;
            }
        }
    }

    /// Takes a state into account: the stream's place, where it is of one, and the size of its line.
    pub fn state(&mut self, state: &StateMessage, place: Option<usize>, line: u64, size: u64, of: &ConfiguredCatalog) {
        let form = match (&state.scope, place) {
            (StateScope::Stream { .. }, Some(_)) => Form::Stream,
            (StateScope::Global { .. } | StateScope::Legacy { .. }, _) => Form::Whole,
            // Of a stream that nobody asked for: whoever feeds it back feeds nothing that counts.
            (StateScope::Stream { .. }, None) => return,
            (StateScope::Misshapen { .. }, _) => Form::Mixed,
        };
        self.form = if self.form == Form::None || self.form == form { form } else { Form::Mixed };
        let scope = place.filter(|_| form == Form::Stream).unwrap_or(self.whole());
        self.note_cursors(state, place, of);
        let size = usize::try_from(size).unwrap_or(usize::MAX).min(BYTES);
        self.largest = self.largest.max(size);
        let payload = if size > LARGEST { Value::Null } else { state.payload.clone() };
        let own = &mut self.scopes[scope];
        own.count += 1;
        own.widest = own.widest.max((own.records - own.counted, line));
        own.counted = own.records;
        own.kept.push(Checkpoint {
            number: own.count,
            line,
            payload: Arc::new(payload),
            records_before: own.records,
            is_overtaken: false,
            size,
        });
        self.bytes += size;
        if own.kept.len() > KEPT {
            self.thin(scope);
        }
        if self.bytes > BYTES {
            (0..self.scopes.len()).for_each(|scope| self.thin(scope));
        }
    }

    /// Errs where a state is too large to be fed back again and again.
    pub fn can_be_given(&self) -> Result<(), String> {
        match self.largest > LARGEST {
            true => Err(format!(
                "inconclusive: its states have up to {}, and are not given to further launches",
                crate::text::bytes(self.largest as u64)
            )),
            false => Ok(()),
        }
    }

    /// Keeps the last of each scope alone.
    pub fn keep_last(&mut self) {
        for scope in &mut self.scopes {
            let last = scope.kept.len().saturating_sub(1);
            scope.kept.drain(..last);
        }
    }

    /// Keeps the last of each scope, and one before it that records come after: the most telling, as [`Checkpoints::choose`] has it.
    pub fn keep_one_and_last(&mut self) {
        for scope in &mut self.scopes {
            let (records, last) = (scope.records, scope.kept.len().saturating_sub(1));
            let goes_on = |checkpoint: &Checkpoint| checkpoint.records_before < records;
            let overtaken = scope.kept.iter().position(|checkpoint| goes_on(checkpoint) && checkpoint.is_overtaken);
            let one = overtaken.or_else(|| scope.kept.iter().position(goes_on));
            let mut at = 0;
            scope.kept.retain(|_| {
                at += 1;
                Some(at - 1) == one || at - 1 == last
            });
        }
    }

    fn note_cursors(&mut self, state: &StateMessage, place: Option<usize>, of: &ConfiguredCatalog) {
        let key = |entry: &crate::protocol::ConfiguredStream, blob: &Value| {
            cursor_in_state(blob, &entry.cursor_field).and_then(|cursor| key_of(&cursor)).map(|(_, key)| key)
        };
        match (&state.scope, place) {
            (StateScope::Stream { state, .. }, Some(place)) => self.stands_at[place] = key(&of.streams[place], state),
            (StateScope::Global { streams, .. }, _) => {
                for (descriptor, blob) in streams {
                    let entry = of.streams.iter().position(|entry| entry.stream.descriptor == *descriptor);
                    if let Some(place) = entry {
                        self.stands_at[place] = key(&of.streams[place], blob);
                    }
                }
            }
            _ => {}
        }
    }

    /// Keeps the first, the last, those that were overtaken, and half of the others.
    fn thin(&mut self, scope: usize) {
        let kept = &mut self.scopes[scope].kept;
        let (last, overtaken) = (kept.len().saturating_sub(1), kept.iter().filter(|it| it.is_overtaken).count());
        let mut at = 0;
        kept.retain(|checkpoint| {
            let stays = at == 0 || at == last || at % 2 == 0 || (checkpoint.is_overtaken && overtaken < KEPT / 2);
            at += 1;
            stays
        });
        self.bytes = self.scopes.iter().flat_map(|scope| &scope.kept).map(|checkpoint| checkpoint.size).sum();
    }

    fn scope_of(&self, place: usize) -> Option<&Scope> {
        match self.form {
            Form::Stream => self.scopes.get(place),
            Form::Whole => self.scopes.last(),
            Form::None | Form::Mixed => None,
        }
    }

    /// How many states covered a stream.
    pub fn count_of(&self, place: usize) -> u64 {
        self.scope_of(place).map_or(0, |scope| scope.count)
    }

    /// The most records that came before a state of a stream and after the one before it, with the line of the former; what
    /// covers the whole source counts the records of all. None where it has no state.
    pub fn widest_gap(&self, place: usize) -> Option<(u64, u64)> {
        self.scope_of(place).filter(|scope| scope.count > 0).map(|scope| scope.widest)
    }

    /// The last state that covers a stream.
    pub fn last_of(&self, place: usize) -> Option<&Checkpoint> {
        self.scope_of(place)?.kept.last()
    }

    /// At most `most` checkpoints of a stream that records come after, the most telling first: those that were
    /// overtaken, the first, the last, then evenly from between.
    pub fn choose(&self, place: usize, most: usize) -> Vec<&Checkpoint> {
        let Some(scope) = self.scope_of(place) else { return Vec::new() };
        let mut left: Vec<&Checkpoint> =
            scope.kept.iter().filter(|checkpoint| checkpoint.records_before < scope.records).collect();
        let mut chosen: Vec<&Checkpoint> = Vec::new();
        let overtaken = left.iter().position(|checkpoint| checkpoint.is_overtaken);
        chosen.extend(overtaken.map(|at| left.remove(at)));
        if !left.is_empty() {
            chosen.push(left.remove(0));
        }
        chosen.extend(left.pop());
        chosen.truncate(most);
        let (rest, wanted) = (left.len(), most.saturating_sub(chosen.len()));
        let wanted = wanted.min(rest);
        // From behind, so that the places of those before it stay the same.
        let evenly: Vec<&Checkpoint> = (0..wanted).map(|at| left[(2 * at + 1) * rest / (2 * wanted)]).collect();
        chosen.extend(evenly);
        chosen
    }

    /// The content of a `--state` file that stands at one checkpoint of each stream: of those that are given none, there
    /// is no state. For what covers the whole source, the first is taken.
    pub fn assemble<'c>(&self, at: impl IntoIterator<Item = Option<&'c Checkpoint>>) -> Value {
        let mut payloads = at.into_iter().flatten().map(|checkpoint| checkpoint.payload.as_ref().clone());
        match self.form {
            Form::Whole => payloads.next().map_or(Value::Array(Vec::new()), input_of_whole),
            _ => Value::Array(payloads.collect()),
        }
    }
}

/// A GLOBAL state stands in an array; of a LEGACY one its blob is the whole file.
fn input_of_whole(payload: Value) -> Value {
    match payload.get("global") {
        Some(Value::Object(_)) => Value::Array(vec![payload]),
        _ => payload.get("data").cloned().unwrap_or(payload),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Descriptor;
    use serde_json::json;

    fn catalog() -> ConfiguredCatalog {
        let stream = |name: &str| json!({"stream": {"name": name}, "sync_mode": "incremental", "cursor_field": ["at"]});
        ConfiguredCatalog::from_value(&json!({"streams": [stream("a"), stream("b")]})).expect("a catalog")
    }

    fn state(at: u64) -> StateMessage {
        let state = json!({ "at": at });
        let payload = json!({"type": "STREAM", "stream": {"stream_descriptor": {"name": "a"}, "stream_state": state}});
        let scope = StateScope::Stream { descriptor: Descriptor::named("a"), state };
        StateMessage { scope, record_count: None, payload }
    }

    /// A read of `a` with a state after each tenth record.
    fn read(records: u64, cursor: impl Fn(u64) -> i64) -> Checkpoints {
        let mut checkpoints = Checkpoints::of(2);
        for number in 1..=records {
            checkpoints.record(0, Some(cursor(number)));
            if number % 10 == 0 {
                checkpoints.state(&state(number), Some(0), number, 100, &catalog());
            }
        }
        checkpoints
    }

    fn numbers(chosen: &[&Checkpoint]) -> Vec<u64> {
        chosen.iter().map(|checkpoint| checkpoint.number).collect()
    }

    #[test]
    fn thousands_of_checkpoints_are_thinned_and_the_telling_ones_stay() {
        let in_order = |number: u64| number as i64;
        assert_eq!(numbers(&read(45, in_order).choose(0, 3)), [1, 4, 3]);
        assert_eq!(numbers(&read(40, in_order).choose(0, 9)), [1, 3, 2], "nothing comes after the last");
        assert!(read(40, in_order).choose(1, 3).is_empty(), "it has no state");
        let many = read(200_005, |number| if number == 77_775 { 5 } else { in_order(number) });
        assert!(many.scopes[0].kept.len() <= KEPT + 1 && many.count_of(0) == 20_000);
        assert_eq!(numbers(&many.choose(0, 3)), [7_777, 1, 20_000]);
        assert_eq!((many.widest_gap(0).map(|(records, _)| records), many.widest_gap(1)), (Some(10), None));
    }

    #[test]
    fn one_in_the_middle_and_the_last_are_kept_of_a_read_that_another_version_goes_on_from() {
        let mut checkpoints = read(45, |number| number as i64);
        checkpoints.keep_one_and_last();
        assert_eq!((numbers(&checkpoints.choose(0, 9)), checkpoints.count_of(0)), (vec![1, 4], 4));
        let mut short = read(10, |number| number as i64);
        short.keep_one_and_last();
        assert!(short.choose(0, 9).is_empty() && short.last_of(0).is_some());
    }

    #[test]
    fn a_state_is_put_together_of_what_each_stream_has() {
        let checkpoints = read(25, |number| number as i64);
        let first = checkpoints.choose(0, 1);
        assert_eq!(
            checkpoints.assemble([first.first().copied(), None])[0]["stream"]["stream_state"],
            json!({"at": 10})
        );
        assert_eq!(input_of_whole(json!({"type": "LEGACY", "data": {"x": 1}})), json!({"x": 1}));
        assert_eq!(input_of_whole(json!({"type": "GLOBAL", "global": {}})), json!([{"type": "GLOBAL", "global": {}}]));
    }
}
