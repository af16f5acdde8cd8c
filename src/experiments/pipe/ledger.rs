//! What is kept of the records that pass from a source to a destination, and of the rows that are stored then.

use super::sample::Sample;
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
    /// The fields of which values are compared.
    fields: Vec<String>,
    /// Why keys can't be compared, if they can't.
    keyless: Option<String>,
    deletes: u64,
    keys: Duplicates,
    sample: Sample,
    /// The first row with values of no record.
    different: Option<(String, String, String)>,
}

/// How keys of records and of rows stand to each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Keys {
    /// Different keys of records.
    pub came: u64,
    /// Different keys of rows.
    pub stored: u64,
    /// Those that are in both.
    pub both: u64,
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
        let names = declared.into_iter().flatten().map(|(name, _)| name.clone());
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
            fields: names.filter(|name| is_plain(schema, std::slice::from_ref(name))).collect(),
            keyless,
            deletes: 0,
            keys: Duplicates::default(),
            sample: Sample::default(),
            different: None,
        }
    }

    /// Another sync begins: what replaces all that is there leaves nothing of the ones before.
    pub fn next_sync(&mut self) {
        self.of_last = 0;
        if self.writing == DestinationSyncMode::Overwrite {
            (self.keys, self.sample) = (Duplicates::default(), Sample::default());
        }
    }

    /// Takes a record's data into account, which was handed on.
    pub fn record(&mut self, data: &str) {
        self.records += 1;
        self.of_last += 1;
        let deleted = pick(data, &["_ab_cdc_deleted_at".to_owned()]);
        self.deletes += u64::from(deleted.is_some_and(|at| at != "null"));
        if self.keyless.is_some() {
            return;
        }
        let parts = self.key.iter().map(|path| pick(data, path).and_then(|text| Exact::of(text).ok()));
        match digest(parts) {
            Some(key) => {
                self.keys.push(Entry { key, tag: self.records, content: 0 });
                self.sample.add(key, data);
            }
            None => self.keyless = Some("a record has no value for its key".to_owned()),
        }
    }

    /// Takes a stored row into account.
    pub fn row(&mut self, row: &Row) {
        let number = self.rows.unwrap_or(0);
        self.rows = Some(number + 1);
        if self.keyless.is_some() {
            return;
        }
        let parts = self.key.iter().map(|path| part_of(row, path));
        match digest(parts) {
            Some(key) => {
                self.keys.push(Entry { key, tag: ROWS + number, content: 0 });
                if self.different.is_none() {
                    self.different = self.sample.difference(key, row, &self.fields);
                }
            }
            None => self.keyless = Some("a row shows no value for its key".to_owned()),
        }
    }

    /// How many rows there have to be; why that is not known, if it is not.
    pub(super) fn expected(&self, keys: &Result<Keys, String>) -> Result<u64, String> {
        match self.writing {
            DestinationSyncMode::Append => Ok(self.records),
            DestinationSyncMode::Overwrite => Ok(self.of_last),
            DestinationSyncMode::AppendDedup if self.deletes > 0 => {
                Err("the source says of some rows that they were deleted".to_owned())
            }
            DestinationSyncMode::AppendDedup => keys.as_ref().map(|keys| keys.came).map_err(Clone::clone),
        }
    }

    /// How keys stand to each other. Errs with the reason where they can't be compared.
    pub(super) fn keys(&mut self) -> Result<Keys, String> {
        if let Some(reason) = &self.keyless {
            return Err(reason.clone());
        }
        if self.deletes > 0 {
            return Err("the source says of some rows that they were deleted".to_owned());
        }
        let records = if self.writing == DestinationSyncMode::Overwrite { self.of_last } else { self.records };
        let counted = count(std::mem::take(&mut self.keys), records, self.rows.unwrap_or(0));
        counted.map_err(|error| format!("the keys could not be kept on disk: {error}"))
    }

    /// The first value that is in no record: the field, what came and what is stored.
    pub(super) fn different(&self) -> Option<&(String, String, String)> {
        self.different.as_ref()
    }
}

/// Counts the different keys of so many records and so many rows.
fn count(entries: Duplicates, records: u64, rows: u64) -> io::Result<Keys> {
    let (mut again, mut rows_again, mut both, mut last) = (0, 0, 0, None);
    entries.repeats(|first, other| match (first.tag >= ROWS, other.tag >= ROWS) {
        (false, false) => again += 1,
        (true, _) => rows_again += 1,
        // The first row of a key that came is new among rows.
        (false, true) if last == Some(first.key) => rows_again += 1,
        (false, true) => {
            both += 1;
            last = Some(first.key);
        }
    })?;
    Ok(Keys { came: records.saturating_sub(again), stored: rows.saturating_sub(rows_again), both })
}

/// The digest of a key. None where a part of it is missing or null.
fn digest(parts: impl Iterator<Item = Option<Exact>>) -> Option<u128> {
    let mut text = String::new();
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

    fn ledger(writing: DestinationSyncMode) -> StreamLedger {
        let fields = json!({"id": {"type": ["null", "integer"]}, "at": {"type": "string", "format": "date-time"}});
        let stream = json!({"name": "a", "json_schema": {"type": "object", "properties": fields}});
        let raw = json!({"streams": [{"stream": stream, "sync_mode": "incremental", "primary_key": [["id"]]}]});
        let catalog = ConfiguredCatalog::from_value(&raw).expect("a catalog");
        StreamLedger::of(&catalog.streams[0], Descriptor::named("b"), writing)
    }

    fn rows(ledger: &mut StreamLedger, ids: impl IntoIterator<Item = u64>) {
        for id in ids {
            ledger.row(&Row::parse(&format!(r#"{{"id":"{id}"}}"#), &Columns::default()).expect("a row"));
        }
    }

    #[test]
    fn keys_are_compared_and_times_are_not() {
        let mut ledger = ledger(DestinationSyncMode::AppendDedup);
        assert_eq!(ledger.fields, ["id"]);
        (0..1000).for_each(|id| ledger.record(&format!(r#"{{"id":{}}}"#, id % 900)));
        rows(&mut ledger, (1..900).chain([5000, 5000]));
        let keys = ledger.keys();
        assert_eq!(keys, Ok(Keys { came: 900, stored: 900, both: 899 }));
        assert_eq!(ledger.expected(&keys), Ok(900));
    }

    #[test]
    fn what_replaces_all_forgets_the_syncs_before() {
        let mut ledger = ledger(DestinationSyncMode::Overwrite);
        (0..10).for_each(|id| ledger.record(&format!(r#"{{"id":{id}}}"#)));
        ledger.next_sync();
        (5..8).for_each(|id| ledger.record(&format!(r#"{{"id":{id}}}"#)));
        rows(&mut ledger, 5..8);
        let keys = ledger.keys();
        assert_eq!((ledger.expected(&keys), keys), (Ok(3), Ok(Keys { came: 3, stored: 3, both: 3 })));
    }

    #[test]
    fn what_cannot_be_compared_says_why() {
        let mut ledger = ledger(DestinationSyncMode::AppendDedup);
        ledger.record(r#"{"id":null}"#);
        let keys = ledger.keys();
        assert!(ledger.expected(&keys).is_err_and(|why| why.contains("no value")));
    }
}
