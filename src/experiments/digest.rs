//! What an incremental read leaves behind for experiments: a sample of its records by stream, in bounded memory.

use crate::capture::{Decoded, Line};
use crate::protocol::{ConfiguredCatalog, ConfiguredStream, Cursor, Message, Record, SyncMode, pick};
use std::collections::{BTreeMap, HashSet};
use xxhash_rust::xxh3::xxh3_64;

/// How many versions of records are sampled of a stream. A share of 0.9 is told from 1.0 with certainty by far fewer.
const SAMPLE: usize = 256;

/// The records of one stream in one read.
#[derive(Debug, Clone, Default)]
pub struct StreamDigest {
    /// Records.
    pub records: u64,
    /// The records with the smallest hashes of identity and cursor: the same choice in every read that has them.
    pub sample: BTreeMap<u64, Option<Cursor>>,
    /// The greatest cursor.
    pub greatest: Option<Cursor>,
    /// Whether a record had no cursor, or one that can't be compared with the others.
    pub unordered: bool,
}

/// Folds an incremental read.
#[derive(Debug)]
pub struct ReadDigest {
    entries: Vec<ConfiguredStream>,
    /// By place in the configured catalog.
    pub streams: Vec<StreamDigest>,
}

impl ReadDigest {
    /// A digest of a read with that catalog.
    pub fn new(catalog: &ConfiguredCatalog) -> Self {
        ReadDigest { entries: catalog.streams.clone(), streams: vec![StreamDigest::default(); catalog.streams.len()] }
    }

    /// Takes the next line into account.
    pub fn absorb(&mut self, line: &Line<'_>) {
        let (Decoded::Message(Message::Record(record)), Some(place)) = (&line.decoded, line.stream) else { return };
        let entry = &self.entries[place];
        if entry.sync_mode == SyncMode::Incremental {
            let (version, cursor) = version(record, entry);
            self.streams[place].add(version, cursor);
        }
    }
}

impl StreamDigest {
    fn add(&mut self, version: u64, cursor: Option<Cursor>) {
        self.records += 1;
        match (&self.greatest, &cursor) {
            (None, Some(_)) => self.greatest = cursor.clone(),
            (Some(greatest), Some(cursor)) => match cursor.partial_cmp(greatest) {
                Some(std::cmp::Ordering::Greater) => self.greatest = Some(cursor.clone()),
                Some(_) => {}
                None => self.unordered = true,
            },
            (_, None) => self.unordered = true,
        }
        let is_full = self.sample.len() >= SAMPLE;
        if !is_full || self.sample.last_key_value().is_some_and(|(last, _)| version < *last) {
            self.sample.insert(version, cursor);
            if self.sample.len() > SAMPLE {
                self.sample.pop_last();
            }
        }
    }
}

/// What a later read delivers again of an earlier one.
#[derive(Debug)]
pub struct Recall {
    entries: Vec<ConfiguredStream>,
    samples: Vec<BTreeMap<u64, Option<Cursor>>>,
    references: Vec<Option<Cursor>>,
    /// By place in the configured catalog.
    pub streams: Vec<StreamRecall>,
}

/// What a later read delivers again of one stream.
#[derive(Debug, Clone, Default)]
pub struct StreamRecall {
    /// Records of the later read.
    pub records: u64,
    /// Sampled versions of the earlier read that came again.
    pub again: HashSet<u64>,
    /// Records whose cursor is before the reference.
    pub older: u64,
    /// The oldest cursor among them, and the line that it came on.
    pub oldest: Option<(Cursor, u64)>,
}

impl Recall {
    /// Compares a read with an earlier one of the same catalog. `references` are the cursors that the state stands at.
    pub fn new(earlier: &ReadDigest, references: Vec<Option<Cursor>>) -> Self {
        Recall {
            entries: earlier.entries.clone(),
            samples: earlier.streams.iter().map(|stream| stream.sample.clone()).collect(),
            streams: vec![StreamRecall::default(); earlier.streams.len()],
            references,
        }
    }

    /// The cursor that the state of a stream stands at, where its order is known.
    pub fn reference(&self, place: usize) -> Option<&Cursor> {
        self.references.get(place)?.as_ref()
    }

    /// Takes the next line of the later read into account.
    pub fn absorb(&mut self, line: &Line<'_>) {
        let (Decoded::Message(Message::Record(record)), Some(place)) = (&line.decoded, line.stream) else { return };
        let (version, cursor) = version(record, &self.entries[place]);
        let recall = &mut self.streams[place];
        recall.records += 1;
        if self.samples[place].contains_key(&version) {
            recall.again.insert(version);
        }
        let (Some(reference), Some(cursor)) = (&self.references[place], cursor) else { return };
        if cursor < *reference {
            recall.older += 1;
            if recall.oldest.as_ref().is_none_or(|(oldest, _)| cursor < *oldest) {
                recall.oldest = Some((cursor, line.number));
            }
        }
    }
}

/// Names a record's version by its primary key and cursor, or by all of it where it has no key.
fn version(record: &Record<'_>, entry: &ConfiguredStream) -> (u64, Option<Cursor>) {
    let data = record.data.get();
    let cursor = pick(data, &entry.cursor_field);
    let key: Option<Vec<&str>> = entry.primary_key.iter().map(|path| pick(data, path)).collect();
    let hash = match key.filter(|key| !key.is_empty()) {
        Some(key) => xxh3_64(format!("{}\u{1f}{}", key.join("\u{1f}"), cursor.unwrap_or("")).as_bytes()),
        None => xxh3_64(data.as_bytes()),
    };
    (hash, cursor.and_then(Cursor::read))
}
