//! The primary keys of records: where they stand, and which come again.

use super::Scene;
use crate::duplicates::{Duplicates, Entry};
use crate::protocol::types::AirbyteType;
use crate::protocol::{ConfiguredStream, SyncMode, pick};
use std::collections::BTreeMap;
use std::io;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128_with_seed};

/// Bits of a tag that number the line; those above number the stream.
const LINE_BITS: u32 = 44;

/// How many lines of repeats are kept: no finding shows more.
const KEPT: usize = 3;

/// The paths of a key's parts; none where there is no key.
pub(super) type Paths = Vec<Vec<String>>;

/// The primary keys of the configured streams, by place. A key of which the schema does not declare a part is left out.
pub(super) fn keys(scene: &Scene) -> Vec<Paths> {
    entries(scene).map(key).collect()
}

/// The same, but for streams that deliver versions of rows: incremental ones, and those of CDC.
pub(super) fn unversioned(scene: &Scene) -> Vec<Paths> {
    let has_versions = |entry: &ConfiguredStream| {
        let is_change_stream = entry.stream.json_schema().pointer("/properties/_ab_cdc_deleted_at").is_some();
        is_change_stream || entry.sync_mode == SyncMode::Incremental
    };
    entries(scene).map(|entry| if has_versions(entry) { Paths::new() } else { key(entry) }).collect()
}

/// The primary keys as bits of [`Glimpse::filled`]: where all these fields of a record that conforms are filled, its key
/// is of scalars. None where a part is nested, or may be anything else.
///
/// [`Glimpse::filled`]: crate::protocol::schema::Glimpse::filled
pub(super) fn bits(scene: &Scene) -> Vec<Option<u64>> {
    let bit = |entry: &ConfiguredStream, part: &[String]| {
        let properties = entry.stream.json_schema().get("properties")?.as_object()?;
        let [name] = part else { return None };
        let place = properties.keys().position(|property| property == name).filter(|place| *place < 64)?;
        AirbyteType::of(properties.get(name)?).is_scalar().then_some(1 << place)
    };
    let bits = |entry: &ConfiguredStream| key(entry).iter().try_fold(0, |bits, part| Some(bits | bit(entry, part)?));
    entries(scene).map(bits).collect()
}

fn entries(scene: &Scene) -> impl Iterator<Item = &ConfiguredStream> {
    scene.catalog.iter().flat_map(|catalog| &catalog.streams)
}

fn key(entry: &ConfiguredStream) -> Paths {
    let is_sound = entry.primary_key.iter().all(|part| !part.is_empty() && entry.stream.declares(part));
    if is_sound { entry.primary_key.clone() } else { Paths::new() }
}

/// The keys of records, millions of them.
#[derive(Debug, Default)]
pub(super) struct KeyLog {
    seen: Duplicates,
    /// The key of the last record, as written: kept for its memory alone.
    written: Vec<u8>,
}

/// What repeats in a stream.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Repeated {
    /// How many records have a key that came before.
    pub count: u64,
    /// The lines of the earliest of them, each with that of the key's first record.
    pub pairs: Vec<(u64, u64)>,
}

impl KeyLog {
    /// Adds a record, unless it lacks a part of its key.
    pub(super) fn add(&mut self, place: usize, line: u64, key: &Paths, data: &str) {
        if key.is_empty() {
            return;
        }
        self.written.clear();
        for part in key {
            let Some(value) = pick(data, part).filter(|value| *value != "null") else { return };
            self.written.extend_from_slice(value.as_bytes());
            self.written.push(b'\x1f');
        }
        let key = xxh3_128_with_seed(&self.written, place as u64);
        let tag = ((place as u64) << LINE_BITS) | line;
        self.seen.push(Entry { key, tag, content: xxh3_64(data.as_bytes()) });
    }

    /// What repeats, by the stream's place and whether the records are the same word for word.
    pub(super) fn repeats(self) -> io::Result<BTreeMap<(usize, bool), Repeated>> {
        let mut repeated: BTreeMap<(usize, bool), Repeated> = BTreeMap::new();
        let line = |entry: &Entry| entry.tag & ((1 << LINE_BITS) - 1);
        self.seen.repeats(|first, other| {
            let place = usize::try_from(other.tag >> LINE_BITS).unwrap_or(usize::MAX);
            let repeats = repeated.entry((place, first.content == other.content)).or_default();
            repeats.count += 1;
            repeats.pairs.push((line(other), line(first)));
            repeats.pairs.sort_unstable();
            repeats.pairs.truncate(KEPT);
        })?;
        Ok(repeated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_several_parts_and_streams_are_told_apart() {
        let key: Paths = vec![vec!["a".to_owned()], vec!["b".to_owned(), "c".to_owned()]];
        let mut log = KeyLog::default();
        let records = [
            (0, r#"{"a":1,"b":{"c":"x"}}"#),
            (1, r#"{"a":1,"b":{"c":"x"}}"#),
            (0, r#"{"b":{"c":"x"},"a":1}"#),
            (0, r#"{"a":1,"b":{"c":"x"}}"#),
            (0, r#"{"a":1,"b":{"c":null}}"#),
            (0, r#"{"a":1,"b":{"c":null}}"#),
            (0, r#"{"a":11,"b":{"c":"x"}}"#),
        ];
        for (line, (place, data)) in (1..).zip(records) {
            log.add(place, line, &key, data);
        }
        let repeated = log.repeats().expect("all is in memory");
        let pairs: Vec<_> = repeated.iter().map(|(what, repeats)| (*what, repeats.pairs.clone())).collect();
        assert_eq!(pairs, [((0, false), vec![(3, 1)]), ((0, true), vec![(4, 1)])]);
    }
}
