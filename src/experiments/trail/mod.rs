//! What a read leaves behind for experiments, in bounded memory: its records as a set, its states with their places, and
//! a sample of fields.

mod awaited;
mod checkpoints;
mod compare;
mod cursor_key;
mod fields;
mod file_kinds;
mod records;

pub use awaited::{Awaited, AwaitedStream, By};
pub use checkpoints::{Checkpoint, Checkpoints, Form};
pub use compare::{Absent, Group, Missing, find, in_step, lacks, never_came};
pub use cursor_key::{CursorKind, cursor_of, key_of};
pub use fields::FieldSample;
pub use file_kinds::{FileKinds, WITH_ROWS, WITH_TEXT};
pub use records::{Entry, Records, Walk};

use crate::capture::{Decoded, Line, REDACTED};
use crate::protocol::{ConfiguredCatalog, ConfiguredStream, Cursor, Descriptor, Message, Record, members, pick};
use crate::suite::{Delivered, ExpectedRecords, FieldPath, StreamExceptions};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// The fold of a read.
#[derive(Debug)]
pub struct Trail {
    /// What was read.
    pub catalog: ConfiguredCatalog,
    /// By place in the catalog.
    pub streams: Vec<StreamTrail>,
    /// All records.
    pub records: Records,
    /// All states, as far as they are kept.
    pub checkpoints: Checkpoints,
    /// The records that are looked for, each with the line of the first that is one.
    pub sought: Vec<(Delivered, Option<u64>)>,
    /// The records that the suite's author expects, where that is looked at.
    pub awaited: Option<Awaited>,
    /// The kinds of files that records are from, where that is looked at.
    pub file_kinds: Option<FileKinds>,
    /// Whether it is noted where secrets were cut out.
    notes_redacted: bool,
}

/// How many fields with secrets are noted of a stream.
const REDACTED_FIELDS: usize = 1000;

/// A null, as it is written.
const NULL: &str = "null";

/// What is known of one stream of a read.
#[derive(Debug, Default)]
pub struct StreamTrail {
    /// Records.
    pub records: u64,
    /// Of which kind its cursors are.
    pub kind: Option<CursorKind>,
    /// Whether a record had no cursor, or one that can't be compared with the others.
    pub unordered: bool,
    /// The greatest cursor.
    pub greatest: Option<i64>,
    /// The earliest and the latest `emitted_at`, each with its line.
    pub emitted: Option<((i64, u64), (i64, u64))>,
    /// Some records, field by field.
    pub sample: FieldSample,
    /// The fields of whose values something was cut out before they were stored, where that is noted.
    pub redacted: BTreeSet<String>,
    /// What has another value in each read: no difference between two records.
    volatile: Vec<FieldPath>,
}

impl Trail {
    /// Of a read with that catalog.
    pub fn of(catalog: &ConfiguredCatalog) -> Trail {
        let streams = catalog.streams.iter().map(|_| StreamTrail::default()).collect();
        let checkpoints = Checkpoints::of(catalog.streams.len());
        Trail {
            catalog: catalog.clone(),
            streams,
            records: Records::default(),
            checkpoints,
            sought: Vec::new(),
            awaited: None,
            file_kinds: None,
            notes_redacted: false,
        }
    }

    /// Takes no notice of the fields that the suite calls volatile.
    pub fn without_volatile(mut self, exceptions: &StreamExceptions) -> Trail {
        for (stream, entry) in self.streams.iter_mut().zip(&self.catalog.streams) {
            let volatile = exceptions.volatile_of(&entry.stream.descriptor);
            stream.volatile.extend(volatile.iter().map(|field| field.path.clone()));
        }
        self
    }

    /// Takes no notice of these fields, by stream.
    pub fn leaving_out(mut self, fields: &[(Descriptor, String)]) -> Trail {
        for (stream, entry) in self.streams.iter_mut().zip(&self.catalog.streams) {
            let own = fields.iter().filter(|(stream, _)| *stream == entry.stream.descriptor);
            stream.volatile.extend(own.map(|(_, name)| FieldPath::member(name)));
        }
        self
    }

    /// Marks off the records that are expected.
    pub fn awaiting(mut self, expected: &ExpectedRecords) -> Trail {
        self.awaited = Some(Awaited::of(expected, &self.catalog));
        self
    }

    /// Notes which kinds of files records are from.
    pub fn noting_file_kinds(mut self) -> Trail {
        self.file_kinds = Some(FileKinds::default());
        self
    }

    /// Notes which fields hold less than the connector put out, since secrets were cut out of what is stored.
    pub fn noting_redacted(mut self) -> Trail {
        self.notes_redacted = true;
        self
    }

    /// The streams whose records are named by what is not all there: the key, or all of the record where it has none.
    pub fn named_by_redacted(&self) -> Vec<Descriptor> {
        let streams = self.streams.iter().zip(&self.catalog.streams).filter(|(stream, entry)| {
            let mut keys = entry.primary_key.iter().filter_map(|path| path.first());
            !stream.redacted.is_empty()
                && (entry.primary_key.is_empty() || keys.any(|key| stream.redacted.contains(key)))
        });
        streams.map(|(_, entry)| entry.stream.descriptor.clone()).collect()
    }

    /// Looks for these records.
    pub fn looking_for(mut self, records: &[Delivered]) -> Trail {
        self.sought = records.iter().map(|record| (record.clone(), None)).collect();
        self
    }

    /// Takes the next line into account.
    pub fn absorb(&mut self, line: &Line<'_>) {
        match (&line.decoded, line.stream) {
            (Decoded::Message(Message::Record(record)), Some(place)) => self.record(record, place, line.number),
            (Decoded::Message(Message::State(state)), place) => {
                self.checkpoints.state(state, place, line.number, line.length, &self.catalog);
            }
            _ => {}
        }
    }

    /// Says that the read is over.
    pub fn seal(&mut self) {
        self.records.seal();
    }

    fn record(&mut self, record: &Record<'_>, place: usize, line: u64) {
        for (sought, line_of) in self.sought.iter_mut().filter(|(_, line)| line.is_none()) {
            if record.is_of(&sought.stream) && has(record.data.get(), &sought.key) {
                *line_of = Some(line);
            }
        }
        let stream = &mut self.streams[place];
        if self.notes_redacted && record.data.get().contains(REDACTED) {
            let fields = members(record.data.get()).into_iter().flatten();
            let cut = fields.filter(|(name, value)| name.contains(REDACTED) || value.contains(REDACTED));
            let room = REDACTED_FIELDS.saturating_sub(stream.redacted.len());
            stream.redacted.extend(cut.map(|(name, _)| name.into_owned()).take(room));
        }
        let data = stable(record.data.get(), &stream.volatile);
        let (identity, version, cursor) = name(record, &data, &self.catalog.streams[place]);
        stream.records += 1;
        if let Some(emitted) = record.emitted_at.and_then(|raw| raw.get().parse::<i64>().ok()) {
            let now = (emitted, line);
            let (earliest, latest) = stream.emitted.unwrap_or((now, now));
            stream.emitted = Some((
                if emitted < earliest.0 { now } else { earliest },
                if emitted > latest.0 { now } else { latest },
            ));
        }
        let key = cursor.as_ref().and_then(key_of).filter(|(kind, _)| *stream.kind.get_or_insert(*kind) == *kind);
        let key = key.map(|(_, key)| key);
        stream.unordered |= key.is_none();
        stream.greatest = stream.greatest.max(key);
        stream.sample.add(identity, &data);
        self.checkpoints.record(place, key);
        let stream = u32::try_from(place).unwrap_or(u32::MAX);
        self.records.push(Entry { stream, identity, line, cursor: key.unwrap_or(Entry::NO_CURSOR), version });
        if let Some(awaited) = &mut self.awaited {
            awaited.absorb(place, record.data.get(), line);
        }
        if let Some(kinds) = &mut self.file_kinds {
            kinds.absorb(record.data.get());
        }
    }
}

/// A record's data without what has another value in each read.
fn stable<'d>(data: &'d str, volatile: &[FieldPath]) -> Cow<'d, str> {
    if volatile.is_empty() {
        return data.into();
    }
    let Ok(mut members) = serde_json::from_str::<Map<String, Value>>(data) else { return data.into() };
    volatile.iter().for_each(|path| path.remove_from(&mut members));
    Value::Object(members).to_string().into()
}

/// Names a record: its identity (the primary key, or all that is stable where it has none), its version, which is what is
/// stable in it, and its cursor. The order of members makes no difference, nor does whether a null is written or left out: a column is
/// empty in either case.
fn name(record: &Record<'_>, stable: &str, entry: &ConfiguredStream) -> (u64, u64, Option<Cursor>) {
    let data = record.data.get();
    let version = members(stable).map_or_else(
        || xxh3_64(stable.as_bytes()),
        |members| {
            let written = members.filter(|(_, value)| *value != NULL);
            written.fold(1, |sum: u64, (name, value)| sum.wrapping_add(hash_of_field(&name, value)))
        },
    );
    let key = entry.primary_key.iter().try_fold(1, |hash, path| {
        let part = pick(data, path).filter(|part| *part != NULL)?;
        Some(xxh3_64_with_seed(part.as_bytes(), hash))
    });
    let identity = key.filter(|_| !entry.primary_key.is_empty()).unwrap_or(version);
    (identity, version, pick(data, &entry.cursor_field).and_then(Cursor::read))
}

/// Whether a record's data has these fields, with these values.
fn has(data: &str, fields: &Map<String, Value>) -> bool {
    fields.iter().all(|(name, value)| {
        let own = pick(data, std::slice::from_ref(name)).and_then(|own| serde_json::from_str::<Value>(own).ok());
        own.as_ref() == Some(value)
    })
}

/// A hash of a field, name and value as written.
fn hash_of_field(name: &str, value: &str) -> u64 {
    xxh3_64_with_seed(value.as_bytes(), xxh3_64(name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_record_is_named_by_its_key_whatever_the_order_of_its_members() {
        let entry = |key: serde_json::Value| {
            let stream = json!({"stream": {"name": "a"}, "primary_key": key, "cursor_field": ["at"]});
            ConfiguredCatalog::from_value(&json!({ "streams": [stream] })).expect("a catalog").streams.remove(0)
        };
        let named = |data: &str, key: serde_json::Value| {
            let text = format!(r#"{{"stream":"a","data":{data}}}"#);
            let record: Record<'_> = serde_json::from_str(&text).expect("a record");
            name(&record, data, &entry(key))
        };
        let id = json!([["id"]]);
        let (one, same) = (named(r#"{"id":1,"at":5}"#, id.clone()), named(r#"{"at":5,"id":1}"#, id.clone()));
        assert_eq!(one, same);
        let changed = named(r#"{"id":1,"at":6}"#, id.clone());
        assert!(changed.0 == one.0 && changed.1 != one.1 && changed.2 == Some(Cursor::Integer(6)));
        assert_ne!(named(r#"{"id":2,"at":5}"#, id.clone()).0, one.0);
        // Without a key, or with none in the record, all of it is its name.
        assert_eq!(named(r#"{"id":1,"at":5}"#, json!([])).0, one.1);
        assert_eq!(named(r#"{"id":1,"at":5,"seen":null}"#, id.clone()), one);
        assert_eq!(named(r#"{"id":null,"at":5}"#, id).0, named(r#"{"at":5,"id":null}"#, json!([])).0);
    }

    #[test]
    fn where_secrets_were_cut_out_is_noted() {
        let catalog = json!({"streams": [
            {"stream": {"name": "a"}, "primary_key": [["id"]]},
            {"stream": {"name": "b"}, "primary_key": [["id"]]},
            {"stream": {"name": "c"}},
        ]});
        let catalog = ConfiguredCatalog::from_value(&catalog).expect("a catalog");
        let mut trail = Trail::of(&catalog).noting_redacted();
        for (place, data) in
            [(0, r#"{"id":1,"url":"https://***@host"}"#), (1, r#"{"id":"***"}"#), (2, r#"{"a":{"b":"***"}}"#)]
        {
            let text = format!(r#"{{"stream":"a","data":{data}}}"#);
            let record: Record<'_> = serde_json::from_str(&text).expect("a record");
            trail.record(&record, place, 1);
        }
        assert_eq!(trail.streams[0].redacted, ["url".to_owned()].into());
        assert_eq!(trail.named_by_redacted(), [Descriptor::named("b"), Descriptor::named("c")]);
    }

    #[test]
    fn what_is_volatile_makes_no_difference() {
        let volatile = [FieldPath::parse("inner/seen_at").expect("a path")];
        let one = stable(r#"{"id":1,"inner":{"seen_at":7,"a":1.50}}"#, &volatile);
        assert_eq!(one, stable(r#"{"id":1,"inner":{"seen_at":8,"a":1.50}}"#, &volatile));
        assert_ne!(one, stable(r#"{"id":1,"inner":{"seen_at":8,"a":2}}"#, &volatile));
        assert_eq!(stable("{\"id\": 1}", &[]), "{\"id\": 1}");
    }
}
