//! Finding what comes twice among millions of entries, in bounded memory: entries are sorted in a buffer, and each full
//! buffer is put on disk as a sorted run; in the end the runs are merged.
//!
//! Knows nothing of the protocol. The file has no name and is gone with the process. What goes wrong with it is an error:
//! nobody is to take silence for an answer then.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;

/// How much the buffer holds, in bytes.
pub const BUDGET: usize = 2 << 20;

/// The least that is read of a run at a time, in entries.
const LEAST: usize = 8;

/// An entry on disk, in bytes.
const SIZE: usize = 32;

/// Something that may come twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// What makes two entries the same: a hash that does not collide.
    pub key: u128,
    /// Where it stands. Of the same key, the least is the first.
    pub tag: u64,
    /// What else it says, as a hash.
    pub content: u64,
}

impl Entry {
    fn bytes(self) -> [u8; SIZE] {
        let mut bytes = [0; SIZE];
        bytes[..16].copy_from_slice(&self.key.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.tag.to_le_bytes());
        bytes[24..].copy_from_slice(&self.content.to_le_bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Self {
        let number =
            |at: usize| bytes[at..at + 8].iter().rev().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        Entry { key: u128::from(number(8)) << 64 | u128::from(number(0)), tag: number(16), content: number(24) }
    }
}

/// Collects entries.
#[derive(Debug)]
pub struct Sorted {
    buffer: Vec<Entry>,
    /// How many entries the buffer holds.
    most: usize,
    file: Option<File>,
    /// Where on disk each run begins and ends.
    runs: Vec<(u64, u64)>,
    failed: Option<io::Error>,
}

impl Default for Sorted {
    fn default() -> Self {
        Sorted::within(BUDGET)
    }
}

impl Sorted {
    /// Holds so many bytes of entries in memory.
    pub fn within(budget: usize) -> Self {
        let most = (budget / size_of::<Entry>()).max(LEAST);
        Sorted { buffer: Vec::new(), most, file: None, runs: Vec::new(), failed: None }
    }

    /// Adds an entry. What goes wrong is told by [`Sorted::repeats`].
    pub fn push(&mut self, entry: Entry) {
        if self.failed.is_some() {
            return;
        }
        self.buffer.push(entry);
        if self.buffer.len() >= self.most {
            self.failed = self.spill().err();
        }
    }

    /// Calls `visit` with each entry whose key came before, and the first entry of that key.
    pub fn repeats(mut self, mut visit: impl FnMut(&Entry, &Entry)) -> io::Result<()> {
        if let Some(failed) = self.failed.take() {
            return Err(failed);
        }
        let mut last: Option<Entry> = None;
        let mut take = |entry: Entry| match last {
            Some(first) if first.key == entry.key => visit(&first, &entry),
            _ => last = Some(entry),
        };
        if self.runs.is_empty() {
            self.buffer.sort_unstable();
            self.buffer.into_iter().for_each(take);
            return Ok(());
        }
        self.spill()?;
        self.buffer = Vec::new();
        let Some(file) = &self.file else { return Ok(()) };
        let room = (self.most / self.runs.len()).max(LEAST);
        let mut runs: Vec<Run<'_>> =
            self.runs.iter().map(|(at, end)| Run { file, at: *at, end: *end, held: Vec::new() }).collect();
        let mut heads = BinaryHeap::new();
        for (place, run) in runs.iter_mut().enumerate() {
            heads.extend(run.next(room)?.map(|entry| Reverse((entry, place))));
        }
        while let Some(Reverse((entry, place))) = heads.pop() {
            take(entry);
            heads.extend(runs[place].next(room)?.map(|entry| Reverse((entry, place))));
        }
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.buffer.sort_unstable();
        let mut file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile()?,
        };
        let begin = self.runs.last().map_or(0, |(_, end)| *end);
        let mut bytes = Vec::with_capacity(SIZE * 1024);
        for entries in self.buffer.chunks(1024) {
            bytes.clear();
            entries.iter().for_each(|entry| bytes.extend_from_slice(&entry.bytes()));
            file.write_all(&bytes)?;
        }
        self.runs.push((begin, begin + (self.buffer.len() * SIZE) as u64));
        self.file = Some(file);
        self.buffer.clear();
        Ok(())
    }
}

/// A sorted run on disk.
struct Run<'f> {
    file: &'f File,
    at: u64,
    end: u64,
    /// What was read and not taken, the next last.
    held: Vec<Entry>,
}

impl Run<'_> {
    /// The next entry; reads so many at a time.
    fn next(&mut self, room: usize) -> io::Result<Option<Entry>> {
        if self.held.is_empty() && self.at < self.end {
            let length = usize::try_from(self.end - self.at).unwrap_or(usize::MAX).min(room * SIZE);
            let mut bytes = vec![0; length];
            self.file.read_exact_at(&mut bytes, self.at)?;
            self.at += length as u64;
            self.held.extend(bytes.chunks_exact(SIZE).rev().map(Entry::read));
        }
        Ok(self.held.pop())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xxhash_rust::xxh3::xxh3_128;

    /// The repeats among so many different keys and the planted ones, each the first tag and the other.
    fn found(budget: usize, keys: u64, planted: &[(u64, u64)]) -> Vec<(u64, u64, bool)> {
        let mut sorted = Sorted::within(budget);
        let entry = |number: u64, tag: u64, content: u64| Entry { key: xxh3_128(&number.to_le_bytes()), tag, content };
        (0..keys).for_each(|number| sorted.push(entry(number, number, number)));
        for (place, (number, content)) in (keys..).zip(planted) {
            sorted.push(entry(*number, place, *content));
        }
        let mut found = Vec::new();
        sorted
            .repeats(|first, other| found.push((first.tag, other.tag, first.content == other.content)))
            .expect("a disk");
        found.sort_unstable();
        found
    }

    #[test]
    fn exactly_what_was_planted_is_found_among_a_million() {
        let keys = 1_200_000;
        let planted = [(0, 0), (keys - 1, 5), (777_777, 777_777), (777_777, 1), (keys + 9, 0)];
        let expected =
            [(0, keys, true), (777_777, keys + 2, true), (777_777, keys + 3, false), (keys - 1, keys + 1, false)];
        assert_eq!(found(64 << 10, keys, &planted), expected);
    }

    #[test]
    fn small_sets_and_edges_of_the_buffer_are_right() {
        assert_eq!(found(BUDGET, 0, &[]), []);
        assert_eq!(found(BUDGET, 10, &[(3, 3)]), [(3, 10, true)]);
        for keys in 6..34 {
            assert_eq!(found(1, keys, &[(0, 1), (0, 0)]), [(0, keys, false), (0, keys + 1, true)], "{keys}");
        }
    }

    #[test]
    fn a_disk_that_refuses_is_an_error_and_no_answer() {
        let mut sorted = Sorted::within(1);
        sorted.file = Some(File::open("/dev/null").expect("it can be read"));
        (0..100).for_each(|tag| sorted.push(Entry { key: 1, tag, content: 0 }));
        assert!(sorted.repeats(|_, _| panic!("nothing is sure")).is_err());
    }
}
