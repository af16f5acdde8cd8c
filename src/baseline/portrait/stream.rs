//! What one stream of a read looks like.

use super::field::{Field, Room};
use super::identity::{hash_of_content, hash_of_key, key_of, key_text, order};
use super::in_order;
use super::outline::StreamOutline;
use super::sketch::{LONGEST_RECORD, Sketch};
use crate::baseline::normalise::{Masked, Normaliser, StreamNormaliser};
use crate::protocol::{ConfiguredStream, pick};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Records that a baseline shows beside the first and the last.
const SHOWN: usize = 8;
/// Records that two reads are compared by, to see what differs from read to read.
pub(super) const COMPARED: usize = 1_000;

/// How a record is called that no key tells apart: this, then a hash of all that it says.
pub(super) const NAMED_BY_HASH: &str = "hash:";

/// The fold of a stream.
#[derive(Debug, Clone)]
pub(super) struct StreamPortrait {
    pub entry: ConfiguredStream,
    pub normaliser: StreamNormaliser,
    /// Whether there is a key, and nothing of it is made alike.
    has_key: bool,
    pub records: u64,
    pub fields: Field,
    pub room: Room,
    pub outline: StreamOutline,
    /// The records with the least hashes.
    pub sketch: Sketch,
    /// The first records, in their order, where the stream has no key to find a record again by.
    pub early: Vec<Box<str>>,
    early_room: usize,
    first: Option<End>,
    last: Option<End>,
    seed: u64,
}

/// The record at one end of the order.
#[derive(Debug, Clone)]
struct End {
    parts: Vec<String>,
    hash: u64,
    data: String,
}

impl StreamPortrait {
    pub fn of(entry: &ConfiguredStream, seed: u64, normaliser: &Normaliser, budget: usize, fields: usize) -> Self {
        let normaliser = normaliser.of_stream(&entry.stream.descriptor);
        let is_masked = |path: &Vec<String>| {
            let names: Vec<&str> = path.iter().map(String::as_str).collect();
            (1..=names.len()).any(|end| normaliser.masks(&names[..end]))
        };
        let has_key = !entry.primary_key.is_empty() && !entry.primary_key.iter().any(is_masked);
        StreamPortrait {
            entry: entry.clone(),
            normaliser,
            has_key,
            records: 0,
            fields: Field::default(),
            room: Room { left: fields, is_over: false },
            outline: StreamOutline::default(),
            sketch: Sketch::new(COMPARED, budget / 2),
            early: Vec::new(),
            early_room: budget / 2,
            first: None,
            last: None,
            seed,
        }
    }

    /// Whether records are found again by a key.
    pub fn has_key(&self) -> bool {
        self.has_key
    }

    pub fn record(&mut self, data: &str) {
        self.records += 1;
        self.outline.record();
        self.fields.absorb(data, 0, &mut self.room);
        if !self.has_key() && self.early.len() < COMPARED && data.len() <= self.early_room {
            self.early_room -= data.len();
            self.early.push(data.into());
        }
        self.keep(data);
    }

    /// Keeps the record where it is one of those that a baseline shows.
    fn keep(&mut self, data: &str) {
        if data.len() > LONGEST_RECORD || !data.starts_with('{') {
            return;
        }
        match key_of(data, &self.entry).filter(|_| self.has_key) {
            Some(parts) => {
                let hash = hash_of_key(&parts, self.seed);
                self.sketch.offer(hash, data, || key_text(&self.entry, &parts));
                self.end(&parts, hash, data);
            }
            None => {
                let content = self.content_hash(data);
                let hash = xxh3_64_with_seed(&content.to_le_bytes(), self.seed);
                self.sketch.offer(hash, data, || keyless(content));
                let names: Vec<&str> = self.entry.cursor_field.iter().map(String::as_str).collect();
                let is_ordered = !self.has_key() && !names.is_empty() && !self.normaliser.masks(&names);
                if is_ordered && let Some(cursor) = pick(data, &self.entry.cursor_field) {
                    self.end(&[cursor], content, data);
                }
            }
        }
    }

    /// The hash of what is alike in each read.
    fn content_hash(&self, data: &str) -> u64 {
        match self.normaliser.is_idle() {
            true => hash_of_content(data),
            false => {
                hash_of_content(&self.alike(data).map_or(Cow::Borrowed(data), |(record, _)| record.to_string().into()))
            }
        }
    }

    fn end(&mut self, parts: &[&str], hash: u64, data: &str) {
        let is = |end: &Option<End>, wanted| {
            end.as_ref().is_none_or(|end| order(parts, &end.parts).then(hash.cmp(&end.hash)) == wanted)
        };
        for (wanted, end) in
            [(std::cmp::Ordering::Less, &mut self.first), (std::cmp::Ordering::Greater, &mut self.last)]
        {
            if is(end, wanted) {
                let end = end.get_or_insert_with(|| End { parts: Vec::new(), hash, data: String::new() });
                end.parts.clear();
                end.parts.extend(parts.iter().map(|part| (*part).to_owned()));
                end.hash = hash;
                end.data.clear();
                end.data.push_str(data);
            }
        }
    }

    /// The record with what is made alike. None where its nesting is beyond reading.
    pub fn alike(&self, data: &str) -> Option<(Value, Masked)> {
        let mut record: Map<String, Value> = serde_json::from_str(data).ok()?;
        let masked = self.normaliser.apply(&mut record);
        Some((in_order(&Value::Object(record)), masked))
    }

    /// The records that a baseline shows, by key, and which of them are the first and the last.
    pub fn records_content(&self) -> (Value, Masked) {
        let (mut shown, mut masked) = (BTreeMap::new(), Masked::default());
        let mut show = |key: &str, data: &str| {
            if !shown.contains_key(key)
                && let Some((record, own)) = self.alike(data)
            {
                masked += own;
                shown.insert(key.to_owned(), record);
            }
        };
        self.sketch.kept().take(SHOWN).for_each(|kept| show(&kept.key, &kept.data));
        let mut ends = Map::new();
        for (name, end) in [("first", &self.first), ("last", &self.last)] {
            let Some(end) = end else { continue };
            let key = self.end_key(end);
            show(&key, &end.data);
            ends.insert(name.to_owned(), json!(key));
        }
        let mut content = Map::from_iter([("records".to_owned(), Value::Object(shown.into_iter().collect()))]);
        content.append(&mut ends);
        (Value::Object(content), masked)
    }

    fn end_key(&self, end: &End) -> String {
        let parts: Vec<&str> = end.parts.iter().map(String::as_str).collect();
        if self.has_key() { key_text(&self.entry, &parts) } else { keyless(end.hash) }
    }

    /// Its name, and the order of its messages.
    pub fn outline_told(&self) -> (String, Value) {
        (self.entry.stream.descriptor.to_string(), json!(self.outline.told()))
    }
}

fn keyless(content: u64) -> String {
    format!("{NAMED_BY_HASH}{content:016x}")
}
