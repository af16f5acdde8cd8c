//! What a read looks like, from its messages: of each stream some records, the fields of all, the form of its state, and the
//! order of messages. Costs a hash and a walk over each record, and memory that does not grow with their number.
//!
//! Two reads of the same data make the same snapshots, in whatever order the records come: which are kept follows from a
//! hash of the seed and the key (of all content, where a stream has no key), the first and the last one are so by key (by
//! cursor, where there is none), and measures are in buckets with soft edges.

mod buckets;
mod canonical;
mod field;
mod identity;
mod outline;
mod pairs;
mod proposals;
mod refused;
mod renewed;
mod shape;
mod sketch;
mod stream;

pub use canonical::{canonical, catalog, exits, specification};
pub use proposals::{Proposal, proposals};
pub use refused::Refused;

pub(super) use canonical::in_order;
pub(super) use renewed::renewed;

use super::normalise::{Masked, Normaliser};
use super::{Snapshot, Subject};
use crate::capture::{Decoded, Line, Secrets};
use crate::protocol::{ConfiguredCatalog, FinalState, Message, StateScope, SyncMode, TraceBody};
use outline::Kinds;
use refused::without_secrets;
use serde_json::{Map, Value, json};
use stream::StreamPortrait;

/// All that is kept of records, in bytes; each stream has its share.
const BUDGET: usize = 64 << 20;
/// What each stream has at least and at most, in bytes.
const SHARES: (usize, usize) = (128 << 10, 4 << 20);
/// The fields that are told apart, of all streams and of each.
const FIELDS: usize = 60_000;
const FIELDS_OF_STREAM: (usize, usize) = (100, 2_000);
/// Longer texts stand cut in a baseline, in characters.
const LONGEST_TEXT: usize = 1_000;

/// The fold of a read.
#[derive(Debug, Clone)]
pub struct Portrait {
    /// By place in the catalog.
    streams: Vec<StreamPortrait>,
    kinds: Kinds,
    state: FinalState,
    /// Whether records are looked at.
    takes_records: bool,
}

/// What there is to compare of a read.
#[derive(Debug)]
pub struct Finished {
    /// One for each subject: the streams in the catalog's order, then messages and the state of all streams.
    pub snapshots: Vec<Snapshot>,
    /// Those that are not made, since a secret stands in them.
    pub refused: Vec<Refused>,
    /// How many values of the records in the snapshots are masked.
    pub masked: Masked,
}

impl Portrait {
    /// Of a read with that catalog. The seed says which records are kept; what the normaliser names is made alike.
    pub fn of(catalog: &ConfiguredCatalog, seed: u64, normaliser: &Normaliser) -> Portrait {
        let count = catalog.streams.len().max(1);
        let budget = (BUDGET / count).clamp(SHARES.0, SHARES.1);
        let fields = (FIELDS / count).clamp(FIELDS_OF_STREAM.0, FIELDS_OF_STREAM.1);
        let stream = |entry| StreamPortrait::of(entry, seed, normaliser, budget, fields);
        Portrait {
            streams: catalog.streams.iter().map(stream).collect(),
            kinds: Kinds::default(),
            state: FinalState::default(),
            takes_records: true,
        }
    }

    /// Of an incremental read with that catalog: its states alone.
    pub fn of_states(catalog: &ConfiguredCatalog) -> Portrait {
        Portrait { takes_records: false, ..Portrait::of(catalog, 0, &Normaliser::default()) }
    }

    /// Takes the next line into account.
    pub fn absorb(&mut self, line: &Line<'_>) {
        self.kinds.absorb(line);
        let Decoded::Message(message) = &line.decoded else { return };
        let stream = line.stream.and_then(|place| self.streams.get_mut(place));
        match (message, stream) {
            (Message::Record(record), Some(stream)) if self.takes_records => stream.record(record.data.get()),
            (Message::State(state), Some(stream)) => {
                stream.outline.state();
                self.state.absorb(state);
            }
            // Of streams that no catalog has, there may be any number.
            (Message::State(state), None) if !matches!(state.scope, StateScope::Stream { .. }) => {
                self.state.absorb(state);
            }
            (Message::Trace(trace), Some(stream)) => {
                if let TraceBody::StreamStatus(status) = &trace.body {
                    stream.outline.status(&status.status);
                }
            }
            _ => {}
        }
    }

    /// What there is to compare. `accepted` gives the content of the accepted baseline of a subject, where there is one: its
    /// buckets hold on to measures that are near.
    pub fn finish(&self, secrets: &Secrets, accepted: &dyn Fn(&Subject) -> Option<Value>) -> Finished {
        let mut finished = Finished { snapshots: Vec::new(), refused: Vec::new(), masked: Masked::default() };
        for stream in &self.streams {
            let descriptor = || stream.entry.stream.descriptor.clone();
            let (records, masked) = stream.records_content();
            finished.masked += masked;
            finished.take(Subject::Records(descriptor()), records, secrets);
            let subject = Subject::Shape(descriptor());
            let shape = shape::of_records(stream, accepted(&subject).as_ref());
            finished.take(subject, shape, secrets);
            if let Some(state) = self.state.of_stream(&stream.entry.stream.descriptor) {
                finished.take(Subject::State(descriptor()), shape::of_state(state), secrets);
            }
        }
        finished.take(Subject::Messages, self.messages(), secrets);
        if let Some(state) = self.state_of_all() {
            finished.take(Subject::GlobalState, state, secrets);
        }
        finished
    }

    /// The states that an incremental read ended with, of the streams that it read so and of all.
    pub fn finish_states(&self, secrets: &Secrets) -> Finished {
        let mut finished = Finished { snapshots: Vec::new(), refused: Vec::new(), masked: Masked::default() };
        for stream in self.streams.iter().filter(|stream| stream.entry.sync_mode == SyncMode::Incremental) {
            let descriptor = &stream.entry.stream.descriptor;
            if let Some(state) = self.state.of_stream(descriptor) {
                finished.take(Subject::IncrementalState(descriptor.clone()), shape::of_state(state), secrets);
            }
        }
        if let Some(state) = self.state_of_all() {
            finished.take(Subject::GlobalIncrementalState, state, secrets);
        }
        finished
    }

    fn messages(&self) -> Value {
        let mut streams: Vec<(String, Value)> = self.streams.iter().map(StreamPortrait::outline_told).collect();
        streams.sort_by(|one, other| one.0.cmp(&other.0));
        json!({ "kinds": self.kinds.told(), "streams": streams.into_iter().collect::<Map<_, _>>() })
    }

    /// The state that is of no single stream: what all share, or a state without type.
    fn state_of_all(&self) -> Option<Value> {
        let input = self.state.to_input();
        match &input {
            Value::Array(states) => {
                let global = states.first().and_then(|state| state.get("global"))?;
                let shared = global.get("shared_state").map_or(Value::Null, shape::of_state);
                Some(json!({ "scope": "GLOBAL", "shared": shared }))
            }
            legacy => Some(json!({ "scope": "LEGACY", "data": shape::of_state(legacy) })),
        }
    }
}

impl Finished {
    fn take(&mut self, subject: Subject, content: Value, secrets: &Secrets) {
        // Secrets are looked for before a text is cut: of one cut in two, nothing would be found.
        match without_secrets(Snapshot { subject, content }, secrets) {
            Ok(mut snapshot) => {
                shorten_texts(&mut snapshot.content);
                self.snapshots.push(snapshot);
            }
            Err(refused) => self.refused.push(refused),
        }
    }
}

/// Cuts long texts; a hash of the whole tells when the rest changes.
fn shorten_texts(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > LONGEST_TEXT => {
            if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
                let hash = xxhash_rust::xxh3::xxh3_64(text.as_bytes());
                *text =
                    format!("{}… ({}, hash {hash:016x})", &text[..end], crate::text::plural(text.len() as u64, "byte"));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(shorten_texts),
        Value::Object(members) => members.values_mut().for_each(shorten_texts),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Pass, Summary, Watcher};
    use crate::launch::{Channel, Chunk};
    use crate::protocol::{Descriptor, SecretValue};
    use std::time::Duration;

    struct Sitter(Portrait);

    impl Watcher for Sitter {
        fn watch(&mut self, line: &Line<'_>, _: &Summary) {
            self.0.absorb(line);
        }
    }

    /// Orders have a key and a cursor, events have neither.
    pub(in crate::baseline) fn catalog() -> ConfiguredCatalog {
        let orders = json!({"stream": {"name": "orders"}, "primary_key": [["id"]], "cursor_field": ["updated_at"]});
        ConfiguredCatalog::from_value(&json!({"streams": [orders, {"stream": {"name": "events"}}]})).expect("a catalog")
    }

    pub(in crate::baseline) fn portrait(output: &str, normaliser: &Normaliser) -> Portrait {
        let streams: Vec<Descriptor> = ["orders", "events"].map(Descriptor::named).into();
        let sitter = Sitter(Portrait::of(&catalog(), 7, normaliser));
        let mut pass = Pass::new(&streams, Secrets::default(), None, sitter);
        let bytes = output.to_owned().into();
        pass.feed(&Chunk { channel: Channel::Stdout, bytes, at: Duration::ZERO }).expect("nothing is stored");
        pass.finish(Duration::ZERO).0.0
    }

    pub(in crate::baseline) fn record(stream: &str, data: &Value) -> String {
        json!({"type": "RECORD", "record": {"stream": stream, "data": data, "emitted_at": 1}}).to_string() + "\n"
    }

    fn status(stream: &str, status: &str) -> String {
        let status = json!({"stream_descriptor": {"name": stream}, "status": status});
        json!({"type": "TRACE", "trace": {"type": "STREAM_STATUS", "emitted_at": 1.0, "stream_status": status}})
            .to_string()
            + "\n"
    }

    fn state(stream: &str, blob: &Value) -> String {
        let stream = json!({"stream_descriptor": {"name": stream}, "stream_state": blob});
        json!({"type": "STATE", "state": {"type": "STREAM", "stream": stream}}).to_string() + "\n"
    }

    /// A read of `count` orders and as many events, in the order that the places say. What the round says is volatile.
    pub(in crate::baseline) fn read(places: impl Iterator<Item = u64>, round: u64) -> String {
        let mut output = status("orders", "STARTED") + &status("events", "STARTED");
        for at in places {
            let order = json!({
                "id": at, "updated_at": format!("2024-0{}-01T00:00:0{}Z", at % 9 + 1, at % 10), "amount": at as f64 * 1.5,
                "read_at": format!("2026-01-01T00:{:02}:{:02}Z", round, at % 60), "score": 10.0 + round as f64 / 10_000.0,
                "tags": if round.is_multiple_of(2) { json!(["a", "b"]) } else { json!(["b", "a"]) },
                "note": if at % 3 == 0 { Value::Null } else { json!("some text") },
            });
            let event = json!({"at": at, "trace": format!("{:08x}", (at + 1) * 7_919 + round * 100_000_000)});
            output += &(record("orders", &order) + &record("events", &event));
            if at % 4 == 0 {
                output += &state("orders", &json!({"cursor": format!("2024-01-0{}", at % 9 + 1)}));
            }
        }
        output
            + &state("orders", &json!({"cursor": "2024-09-01"}))
            + &status("events", "COMPLETE")
            + &status("orders", "COMPLETE")
    }

    pub(in crate::baseline) fn finished(portrait: &Portrait) -> Finished {
        portrait.finish(&Secrets::default(), &|_| None)
    }

    fn content(portrait: &Portrait, subject: &Subject) -> Value {
        let snapshots = finished(portrait).snapshots;
        snapshots.into_iter().find(|snapshot| snapshot.subject == *subject).expect("the subject").content
    }

    pub(in crate::baseline) fn rules(first: &Portrait, second: &Portrait) -> Normaliser {
        Normaliser::default().and(proposals(first, second).iter().map(|proposal| proposal.rule().expect("a rule")))
    }

    #[test]
    fn two_reads_in_another_order_are_alike_once_proposals_are_applied() {
        let plain = Normaliser::default();
        let (one, two) = (read(0..200, 1), read(0..200, 2));
        let (first, second) = (portrait(&one, &plain), portrait(&two, &plain));
        assert_ne!(finished(&first).snapshots, finished(&second).snapshots);
        let found = proposals(&first, &second);
        let told: Vec<(&str, &str)> = found.iter().map(|found| (&*found.path, &*found.evidence)).collect();
        assert_eq!(
            told,
            [
                ("/read_at", "`read_at` differed in 200 of 200 records"),
                ("/score", "`score` differed a little in 200 of 200 records"),
                ("/tags", "`tags` had the same items in another order in 200 of 200 records"),
                ("/trace", "`trace` differed in 200 of 200 records"),
            ]
        );
        let normaliser = rules(&first, &second);
        let shuffled = read((0..200).map(|at| at * 77 % 200), 3);
        let (again, other) = (portrait(&one, &normaliser), portrait(&shuffled, &normaliser));
        assert_eq!(finished(&again).snapshots, finished(&other).snapshots);
        assert_eq!(proposals(&again, &other), []);
        let masked = finished(&again).masked;
        assert!(masked.masked > 0 && masked.masked * 2 < masked.total, "{masked:?}");
    }

    #[test]
    fn a_snapshot_says_what_a_reader_would_look_for() {
        let portrait = portrait(&read(0..200, 1), &Normaliser::default());
        let records = content(&portrait, &Subject::Records(Descriptor::named("orders")));
        assert_eq!((&records["first"], &records["last"]), (&json!("id=0"), &json!("id=199")));
        assert_eq!(records["records"]["id=199"]["amount"], 298.5);
        assert!((8..=10).contains(&records["records"].as_object().expect("records").len()));
        let shape = content(&portrait, &Subject::Shape(Descriptor::named("orders")));
        assert_eq!(shape["records"], 200);
        let expected =
            json!({"types": ["string"], "null": "some", "absent": "never", "lengths": {"least": 8, "greatest": 8}});
        assert_eq!(shape["fields"]["note"], expected);
        assert_eq!(shape["fields"]["id"]["numbers"], json!({"least": 0, "greatest": 100}));
        let cursor = &shape["fields"]["updated_at"];
        assert_eq!((&cursor["forms"], &cursor["years"]["least"]), (&json!(["date-time with zone"]), &json!(2024)));
        let state = content(&portrait, &Subject::State(Descriptor::named("orders")));
        assert_eq!(state, json!({"types": ["object"], "fields": {"cursor": {"types": ["string"], "forms": ["date"]}}}));
        let messages = content(&portrait, &Subject::Messages);
        let expected = json!({"events": "STARTED RECORD+ COMPLETE", "orders": "STARTED (RECORD+ STATE+)+ COMPLETE"});
        assert_eq!(messages["streams"], expected);
        assert_eq!(messages["kinds"], json!(["RECORD", "STATE of a stream", "TRACE of a stream's status"]));
    }

    #[test]
    fn a_few_more_records_change_no_shape_and_half_of_them_does() {
        let plain = Normaliser::default();
        let subject = Subject::Shape(Descriptor::named("events"));
        let accepted = content(&portrait(&read(0..1_000, 1), &plain), &subject);
        let now = |count: u64| {
            let finished =
                portrait(&read(0..count, 1), &plain).finish(&Secrets::default(), &|_| Some(accepted.clone()));
            finished.snapshots.into_iter().find(|snapshot| snapshot.subject == subject).expect("a shape").content
        };
        assert_eq!(now(1_026), accepted);
        assert_ne!(now(500), accepted);
    }

    #[test]
    fn a_secret_keeps_a_baseline_from_being_made() {
        let secrets = Secrets::new(&[SecretValue { value: "tok-9f8e7d6c".to_owned(), marked: true }]);
        let output = record("orders", &json!({"id": 1, "link": "https://x/?t=tok-9f8e7d6c"}))
            + &record("events", &json!({"a": 1}));
        let made = portrait(&output, &Normaliser::default()).finish(&secrets, &|_| None);
        assert_eq!(
            made.refused.iter().map(|refused| &refused.subject).collect::<Vec<_>>(),
            [&Subject::Records(Descriptor::named("orders"))]
        );
        assert!(made.refused[0].to_string().contains("`/records/id=1/link`"), "{}", made.refused[0]);
        assert!(!format!("{made:?}").contains("9f8e"));
    }

    #[test]
    fn what_a_hostile_connector_puts_out_takes_bounded_room() {
        let deep = "[".repeat(100) + &"]".repeat(100);
        let mut output = format!(
            "{{\"type\":\"RECORD\",\"record\":{{\"stream\":\"orders\",\"data\":{{\"id\":1,\"x\":{deep}}},\"emitted_at\":1}}}}\n"
        );
        output += &record("orders", &json!({"id": 2, "x": "y".repeat(200_000)}));
        output += &record("events", &json!([1, 2]));
        (0..3_000).for_each(|at| output += &record("events", &json!({format!("field_{at}"): "z".repeat(5_000)})));
        let made = finished(&portrait(&output, &Normaliser::default()));
        let size: usize = made.snapshots.iter().map(|snapshot| snapshot.content.to_string().len()).sum();
        assert!(size < 400_000, "{size}");
    }
}
