//! What is kept of the records that pass from a source to a destination, and of the rows that are stored then.

use super::sample::{ROOM, Sample};
use crate::duplicates::{Duplicates, Entry};
use crate::feed::{Exact, Row};
use crate::protocol::{ConfiguredStream, Descriptor, DestinationSyncMode, SyncMode, pick};
use serde_json::Value;
use std::io;
use xxhash_rust::xxh3::xxh3_128;

/// From here on, entries are of rows and not of records.
const ROWS: u64 = 1 << 63;

/// What came of each stream, by its place in the configured catalog.
#[derive(Debug, Default)]
pub struct Ledger {
    /// The streams.
    pub streams: Vec<StreamLedger>,
    /// The keys of all of them, each with the place of its stream as content.
    keys: Duplicates,
    /// How many syncs have begun.
    syncs: u64,
    /// How much more of records may be kept, in bytes.
    room: usize,
}

/// What came of one stream, and what is stored of it.
#[derive(Debug)]
pub struct StreamLedger {
    /// The stream as the source names it.
    pub stream: Descriptor,
    /// The same as the destination names it.
    pub there: Descriptor,
    /// How it is read.
    pub reading: SyncMode,
    /// How it is written.
    pub writing: DestinationSyncMode,
    /// Records that were handed on, in all syncs.
    pub records: u64,
    /// Those of the last sync.
    pub of_last: u64,
    /// Records that could not be handed on.
    pub held_back: u64,
    /// The rows that are stored; None where nobody looked, or could not.
    pub rows: Option<u64>,
    /// Why nothing is known of the rows.
    pub unseen: Option<String>,
    key: Vec<Vec<String>>,
    cursor: Vec<String>,
    /// The fields of which values are compared.
    fields: Vec<String>,
    /// Why keys can't be compared, if they can't.
    keyless: Option<String>,
    deletes: u64,
    sample: Sample,
    /// The first row with values of no record.
    different: Option<(String, String, String)>,
}

/// How keys of records and of rows stand to each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::experiments) struct Keys {
    /// Different keys of records.
    pub came: u64,
    /// Different keys of rows.
    pub stored: u64,
    /// Those that are in both.
    pub both: u64,
}

impl Keys {
    /// Whether those that are stored are those that came.
    pub fn are_equal(&self) -> bool {
        self.came == self.both && self.stored == self.both
    }
}

impl StreamLedger {
    /// An empty one, for a stream of a configured catalog.
    pub fn of(entry: &ConfiguredStream, there: Descriptor, writing: DestinationSyncMode) -> StreamLedger {
        let schema = entry.stream.json_schema();
        let key = entry.primary_key.clone();
        let keyless = match key.iter().find(|path| !is_plain(schema, path)) {
            _ if key.is_empty() => Some("the stream has no primary key".to_owned()),
            Some(path) => Some(format!("its key `{}` is no whole number and no plain text", path.join("."))),
            None => None,
        };
        let declared = schema.get("properties").and_then(Value::as_object);
        // What a destination adds to a row is called so.
        let is_own = |name: &&String| !name.starts_with("_airbyte_");
        let names = declared.into_iter().flatten().map(|(name, _)| name).filter(is_own).cloned();
        StreamLedger {
            stream: entry.stream.descriptor.clone(),
            there,
            reading: entry.sync_mode,
            writing,
            records: 0,
            of_last: 0,
            held_back: 0,
            rows: None,
            unseen: None,
            key,
            cursor: entry.cursor_field.clone(),
            fields: names.filter(|name| is_plain(schema, std::slice::from_ref(name))).collect(),
            keyless,
            deletes: 0,
            sample: Sample::default(),
            different: None,
        }
    }

    /// What keys of the stream are told from others by: of what replaces all that is there, those of earlier syncs are others.
    fn scope(&self, place: usize, syncs: u64) -> [u64; 2] {
        [place as u64, if self.writing == DestinationSyncMode::Overwrite { syncs } else { 0 }]
    }

    /// How many rows there have to be; why that is not known, if it is not.
    pub(in crate::experiments) fn expected(&self, keys: &Result<Keys, String>) -> Result<u64, String> {
        match self.writing {
            DestinationSyncMode::Append => Ok(self.records),
            DestinationSyncMode::Overwrite => Ok(self.of_last),
            DestinationSyncMode::AppendDedup if self.deletes > 0 => {
                Err("the source says of some rows that they were deleted".to_owned())
            }
            DestinationSyncMode::AppendDedup => keys.as_ref().map(|keys| keys.came).map_err(Clone::clone),
        }
    }

    /// The first value that is in no record: the field, what came and what is stored.
    pub(in crate::experiments) fn different(&self) -> Option<&(String, String, String)> {
        self.different.as_ref()
    }
}

impl Ledger {
    /// A ledger of these streams.
    pub fn new(streams: Vec<StreamLedger>) -> Ledger {
        Ledger { streams, room: ROOM, ..Ledger::default() }
    }

    /// A sync begins: what replaces all that is there leaves nothing of the ones before.
    pub fn next_sync(&mut self) {
        self.syncs += 1;
        for stream in &mut self.streams {
            stream.of_last = 0;
            if stream.writing == DestinationSyncMode::Overwrite {
                self.room += std::mem::take(&mut stream.sample).size();
            }
        }
    }

    /// Takes the data of a record into account, which was handed on, of the stream at that place.
    pub fn record(&mut self, place: usize, data: &str) {
        let syncs = self.syncs;
        let stream = &mut self.streams[place];
        stream.records += 1;
        stream.of_last += 1;
        let deleted = pick(data, &["_ab_cdc_deleted_at".to_owned()]);
        stream.deletes += u64::from(deleted.is_some_and(|at| at != "null"));
        if stream.keyless.is_some() {
            return;
        }
        let parts = stream.key.iter().map(|path| pick(data, path).and_then(|text| Exact::of(text).ok()));
        match digest(stream.scope(place, syncs), parts) {
            Some(key) => {
                self.keys.push(Entry { key, tag: stream.records, content: place as u64 });
                stream.sample.add(key, data, &mut self.room);
            }
            None => stream.keyless = Some("a record has no value for its key".to_owned()),
        }
    }

    /// Takes a stored row into account, of the stream at that place.
    pub fn row(&mut self, place: usize, row: &Row) {
        let syncs = self.syncs;
        let stream = &mut self.streams[place];
        let number = stream.rows.unwrap_or(0);
        stream.rows = Some(number + 1);
        if stream.keyless.is_some() {
            return;
        }
        let parts = stream.key.iter().map(|path| part_of(row, path));
        match digest(stream.scope(place, syncs), parts) {
            Some(key) => {
                self.keys.push(Entry { key, tag: ROWS + number, content: place as u64 });
                if stream.different.is_none() {
                    let cursor = Some(stream.cursor.as_slice()).filter(|path| !path.is_empty());
                    let cursor = cursor.filter(|_| stream.writing == DestinationSyncMode::AppendDedup);
                    stream.different = stream.sample.difference(key, row, &stream.fields, cursor);
                }
            }
            None => stream.keyless = Some("a row shows no value for its key".to_owned()),
        }
    }

    /// How keys of each stream stand to each other, by its place; the reason where they can't be compared. What is known of them is
    /// gone then.
    pub(in crate::experiments) fn keys(&mut self) -> Vec<Result<Keys, String>> {
        let counted = count(std::mem::take(&mut self.keys), self.streams.len());
        let of = |place: usize, stream: &StreamLedger| {
            if let Some(reason) = &stream.keyless {
                return Err(reason.clone());
            }
            if stream.deletes > 0 {
                return Err("the source says of some rows that they were deleted".to_owned());
            }
            let again = match &counted {
                Ok(counted) => counted[place],
                Err(error) => return Err(format!("the keys could not be kept on disk: {error}")),
            };
            let records =
                if stream.writing == DestinationSyncMode::Overwrite { stream.of_last } else { stream.records };
            let stored = stream.rows.unwrap_or(0).saturating_sub(again.rows);
            Ok(Keys { came: records.saturating_sub(again.records), stored, both: again.both })
        };
        self.streams.iter().enumerate().map(|(place, stream)| of(place, stream)).collect()
    }
}

/// How many keys of a stream came again.
#[derive(Debug, Clone, Copy, Default)]
struct Again {
    records: u64,
    rows: u64,
    /// Keys that came with a record and with a row.
    both: u64,
}

/// Counts what came again, by the places of so many streams.
fn count(entries: Duplicates, streams: usize) -> io::Result<Vec<Again>> {
    let (mut counted, mut last) = (vec![Again::default(); streams], None);
    entries.repeats(|first, other| {
        let Some(of) = counted.get_mut(other.content as usize) else { return };
        match (first.tag >= ROWS, other.tag >= ROWS) {
            (_, false) => of.records += 1,
            (true, true) => of.rows += 1,
            (false, true) if last == Some(first.key) => of.rows += 1,
            // The first row of a key that came is new among rows.
            (false, true) => {
                of.both += 1;
                last = Some(first.key);
            }
        }
    })?;
    Ok(counted)
}

/// The digest of a key in its scope. None where a part of it is missing or null.
fn digest(scope: [u64; 2], parts: impl Iterator<Item = Option<Exact>>) -> Option<u128> {
    let mut text = format!("{} {}\u{0}", scope[0], scope[1]);
    for part in parts {
        let part = part.filter(|part| !part.is_null())?;
        // A destination may store a number as text.
        text.push_str(&part.text().map_or_else(|| part.to_string(), str::to_owned));
        text.push('\u{0}');
    }
    Some(xxh3_128(text.as_bytes()))
}

/// The value at a path of a row, of which a part may be stored as JSON in a text.
fn part_of(row: &Row, path: &[String]) -> Option<Exact> {
    let (first, rest) = path.split_first()?;
    let mut value = row.get(first)?.clone();
    for name in rest {
        let unpacked = value.text().and_then(|text| Exact::of(text).ok());
        value = unpacked.unwrap_or(value).at(&format!("/{}", name.replace('~', "~0").replace('/', "~1")))?;
    }
    Some(value)
}

/// Whether a schema declares a field of one plain type, which every destination writes in the same way: whole number, text
/// without a format, boolean.
fn is_plain(schema: &Value, path: &[String]) -> bool {
    let mut place = schema;
    for name in path {
        let Some(next) = place.get("properties").and_then(|fields| fields.get(name)) else { return false };
        place = next;
    }
    let types: Vec<&str> = match &place["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => return false,
    };
    let known: Vec<&&str> = types.iter().filter(|word| **word != "null").collect();
    let is_whole = |word: &str| word == "integer" || (word == "number" && place["airbyte_type"] == "integer");
    let is_typed = match known.as_slice() {
        [only] => is_whole(only) || **only == "boolean" || (**only == "string" && place["airbyte_type"].is_null()),
        _ => false,
    };
    is_typed && place["format"].is_null() && place["contentEncoding"].is_null()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Columns;
    use crate::protocol::ConfiguredCatalog;
    use serde_json::json;

    fn ledger(writing: DestinationSyncMode) -> Ledger {
        let fields = json!({"id": {"type": ["null", "integer"]}, "at": {"type": "string", "format": "date-time"}});
        let stream = json!({"name": "a", "json_schema": {"type": "object", "properties": fields}});
        let raw = json!({"streams": [{"stream": stream, "sync_mode": "incremental", "primary_key": [["id"]]}]});
        let catalog = ConfiguredCatalog::from_value(&raw).expect("a catalog");
        let stream = || StreamLedger::of(&catalog.streams[0], Descriptor::named("b"), writing);
        let mut ledger = Ledger::new(vec![stream(), stream()]);
        ledger.next_sync();
        // Another stream with the same keys makes no difference.
        (0..10).for_each(|id| ledger.record(1, &format!(r#"{{"id":{id}}}"#)));
        ledger
    }

    fn rows(ledger: &mut Ledger, ids: impl IntoIterator<Item = u64>) {
        for id in ids {
            ledger.row(0, &Row::parse(&format!(r#"{{"id":"{id}"}}"#), &Columns::default()).expect("a row"));
        }
    }

    #[test]
    fn keys_are_compared_and_times_are_not() {
        let mut ledger = ledger(DestinationSyncMode::AppendDedup);
        assert_eq!(ledger.streams[0].fields, ["id"]);
        (0..1000).for_each(|id| ledger.record(0, &format!(r#"{{"id":{}}}"#, id % 900)));
        rows(&mut ledger, (1..900).chain([5000, 5000]));
        let keys = ledger.keys().remove(0);
        assert_eq!(keys, Ok(Keys { came: 900, stored: 900, both: 899 }));
        assert_eq!(ledger.streams[0].expected(&keys), Ok(900));
    }

    #[test]
    fn what_replaces_all_forgets_the_syncs_before() {
        let mut ledger = ledger(DestinationSyncMode::Overwrite);
        (0..10).for_each(|id| ledger.record(0, &format!(r#"{{"id":{id}}}"#)));
        ledger.next_sync();
        (5..8).for_each(|id| ledger.record(0, &format!(r#"{{"id":{id}}}"#)));
        rows(&mut ledger, 5..8);
        let keys = ledger.keys().remove(0);
        assert_eq!((ledger.streams[0].expected(&keys), keys), (Ok(3), Ok(Keys { came: 3, stored: 3, both: 3 })));
    }

    #[test]
    fn what_cannot_be_compared_says_why() {
        let mut ledger = ledger(DestinationSyncMode::AppendDedup);
        ledger.record(0, r#"{"id":null}"#);
        let keys = ledger.keys().remove(0);
        assert!(ledger.streams[0].expected(&keys).is_err_and(|why| why.contains("no value")));
    }
}
