//! Comparing reads record by record: several sets are gone through in step, by identity.

use super::records::{Entry, Walk};
use super::{Records, Trail};
use std::collections::{HashMap, HashSet};
use std::iter::Peekable;

/// How many entries of one identity are looked at in one read, the last always among them.
const ENTRIES: usize = 32;

/// How many records that did not come are remembered of one comparison; the others are counted.
pub const REMEMBERED: usize = 10_000;

/// One identity of a stream, with its entries in each of the reads, in the order of their lines.
pub struct Group<'g> {
    /// The stream's place in the catalog.
    pub stream: usize,
    /// The identity.
    pub identity: u64,
    entries: &'g [Vec<Entry>],
}

impl Group<'_> {
    /// Its entries in a read, by the read's place in the comparison.
    pub fn of(&self, read: usize) -> &[Entry] {
        &self.entries[read]
    }
}

/// Goes through several reads of the same catalog in step. Errs where the disk failed.
pub fn in_step<const N: usize>(reads: [&Records; N], mut visit: impl FnMut(&Group<'_>)) -> Result<(), String> {
    let mut walks: Vec<Peekable<Walk<'_>>> = Vec::new();
    let mut unbroken = Vec::new();
    for read in reads {
        walks.push(read.walk()?.peekable());
        unbroken.push(read);
    }
    let mut entries: Vec<Vec<Entry>> = vec![Vec::new(); N];
    loop {
        let next = walks.iter_mut().filter_map(|walk| walk.peek().map(|entry| (entry.stream, entry.identity))).min();
        let Some(key) = next else { break };
        for (walk, entries) in walks.iter_mut().zip(&mut entries) {
            entries.clear();
            while let Some(entry) = walk.next_if(|entry| (entry.stream, entry.identity) == key) {
                if entries.len() == ENTRIES {
                    entries.pop();
                }
                entries.push(entry);
            }
        }
        visit(&Group { stream: key.0 as usize, identity: key.1, entries: &entries });
    }
    unbroken.iter().try_for_each(|read| read.is_whole())
}

/// A record that one read has and the others lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// Its stream's place in the catalog.
    pub stream: usize,
    /// Its identity.
    pub identity: u64,
    /// Its last occurrence in the read that has it.
    pub entry: Entry,
}

/// Records that did not come.
#[derive(Debug, Clone, Default)]
pub struct Absent {
    /// The first of them.
    pub records: Vec<Missing>,
    /// How many of each stream, by its place.
    pub counts: HashMap<usize, u64>,
}

impl Absent {
    /// Adds a record; past the first ten thousand, it is only counted.
    pub fn add(&mut self, missing: Missing) {
        *self.counts.entry(missing.stream).or_default() += 1;
        if self.records.len() < REMEMBERED {
            self.records.push(missing);
        }
    }

    /// How many of a stream.
    pub fn count_of(&self, stream: usize) -> u64 {
        self.counts.get(&stream).copied().unwrap_or(0)
    }

    /// The remembered ones of a stream, in the order in which they had come.
    pub fn of(&self, stream: usize) -> Vec<Missing> {
        let mut own: Vec<Missing> = self.records.iter().filter(|missing| missing.stream == stream).copied().collect();
        own.sort_unstable_by_key(|missing| missing.entry.line);
        own
    }

    /// The same in a read of other streams: of those that have a place there.
    pub fn moved(&self, place_of: impl Fn(usize) -> Option<usize>) -> Absent {
        let mut moved = Absent::default();
        for missing in &self.records {
            if let Some(stream) = place_of(missing.stream) {
                let entry = Entry { stream: u32::try_from(stream).unwrap_or(u32::MAX), ..missing.entry };
                moved.add(Missing { stream, entry, ..*missing });
            }
        }
        moved
    }

    /// Leaves only those for which `keep` holds.
    pub fn retain(&mut self, keep: impl Fn(&Missing) -> bool) {
        self.records.retain(keep);
        self.counts.clear();
        for missing in &self.records {
            *self.counts.entry(missing.stream).or_default() += 1;
        }
    }
}

/// Whether `other` is no older than `last`: the same version, or not before it by cursor. Without a cursor that can't
/// be told, and any version will do.
fn is_as_new(other: &Entry, last: &Entry) -> bool {
    let has_cursors = other.cursor != Entry::NO_CURSOR && last.cursor != Entry::NO_CURSOR;
    other.version == last.version || !has_cursors || other.cursor >= last.cursor
}

/// The records of `all` that neither came in `before`, up to the line that `cut` has for their stream, nor in `after`:
/// what a reader of both never gets. Of a record that came in several versions, the last is meant.
pub fn never_came(all: &Trail, (before, cut): (&Trail, &[u64]), after: &Trail) -> Result<Absent, String> {
    let mut absent = Absent::default();
    in_step([&all.records, &before.records, &after.records], |group| {
        let Some(last) = group.of(0).last() else { return };
        let cut = cut.get(group.stream).copied().unwrap_or(0);
        let came_before = group.of(1).iter().any(|entry| entry.line < cut && is_as_new(entry, last));
        let came_after = group.of(2).iter().any(|entry| is_as_new(entry, last));
        if !came_before && !came_after {
            absent.add(Missing { stream: group.stream, identity: group.identity, entry: *last });
        }
    })?;
    Ok(absent)
}

/// The records of one read whose identity another does not have.
pub fn lacks(other: &Trail, one: &Trail) -> Result<Absent, String> {
    let mut absent = Absent::default();
    in_step([&one.records, &other.records], |group| {
        if let ([.., last], []) = (group.of(0), group.of(1)) {
            absent.add(Missing { stream: group.stream, identity: group.identity, entry: *last });
        }
    })?;
    Ok(absent)
}

/// What a read has of the records that are looked for, by stream and identity: their last occurrences.
pub fn find(read: &Trail, wanted: &Absent) -> Result<HashMap<(usize, u64), Entry>, String> {
    let wanted: HashSet<(u32, u64)> =
        wanted.records.iter().map(|missing| (missing.entry.stream, missing.identity)).collect();
    let mut found = HashMap::new();
    for entry in read.records.walk()? {
        if wanted.contains(&(entry.stream, entry.identity)) {
            found.insert((entry.stream as usize, entry.identity), entry);
        }
    }
    read.records.is_whole()?;
    Ok(found)
}
