//! The records of a read as a set: which came, in which version, where. On disk past a budget.
//!
//! A record is 32 bytes here, whatever its size. Entries are held up to a budget, then sorted and put on disk as one run;
//! in the end the runs are read side by side, in order. The file has no name and is gone with the process.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// How much is held in memory while a read goes on, in bytes.
pub const BUDGET: usize = 4 << 20;

/// How much of a set stays in memory once its read is over, in bytes: there are many of them by then.
const AT_REST: usize = 256 << 10;

/// An entry on disk, in bytes.
const SIZE: usize = 32;

/// What is made ready for the disk at once, in bytes.
const PIECE: usize = 64 << 10;

/// What the runs are read through, in bytes, all together; and the least for one of them. Several sets are gone through at once.
const WINDOWS: usize = 1 << 20;
const LEAST_WINDOW: usize = 128 * SIZE;

/// A record that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its stream's place in the configured catalog, up to 2^24.
    pub stream: u32,
    /// A hash of its primary key, or of all of it where it has none.
    pub identity: u64,
    /// The number of its line.
    pub line: u64,
    /// Its cursor as a number that sorts as the cursor does; [`Entry::NO_CURSOR`] where there is none.
    pub cursor: i64,
    /// A hash of all of it.
    pub version: u64,
}

impl Entry {
    /// Says that a record has no cursor of a known order.
    pub const NO_CURSOR: i64 = i64::MIN;

    fn bytes(self) -> [u8; SIZE] {
        let mut bytes = [0; SIZE];
        let place = u64::from(self.stream) << 40 | (self.line & ((1 << 40) - 1));
        for (at, number) in [place, self.identity, self.version, self.cursor.cast_unsigned()].into_iter().enumerate() {
            bytes[at * 8..][..8].copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    fn read(bytes: &[u8]) -> Entry {
        let number =
            |at: usize| bytes[at * 8..][..8].iter().rev().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        let place = number(0);
        Entry {
            stream: (place >> 40) as u32,
            line: place & ((1 << 40) - 1),
            identity: number(1),
            version: number(2),
            cursor: number(3).cast_signed(),
        }
    }
}

/// The records of a read. Filled, then sealed, then gone through as often as wanted.
#[derive(Debug)]
pub struct Records {
    held: Vec<Entry>,
    budget: usize,
    file: Option<File>,
    /// Where each run lies, in entries.
    runs: Vec<std::ops::Range<u64>>,
    failed: Option<String>,
    /// A walk came to an end before its time, since the disk failed.
    broken: Cell<bool>,
}

impl Default for Records {
    fn default() -> Self {
        Records::within(BUDGET)
    }
}

impl Records {
    /// Holds so many bytes in memory.
    pub fn within(budget: usize) -> Records {
        Records { held: Vec::new(), budget, file: None, runs: Vec::new(), failed: None, broken: Cell::new(false) }
    }

    /// Adds a record. What goes wrong is told by [`Records::walk`].
    pub fn push(&mut self, entry: Entry) {
        if self.failed.is_none() {
            self.held.push(entry);
            if self.held.len() * SIZE >= self.budget {
                self.put_away();
            }
        }
    }

    /// Says that no more records come.
    pub fn seal(&mut self) {
        match self.runs.is_empty() && self.held.len() * SIZE <= AT_REST.min(self.budget) {
            true => self.held.sort_unstable(),
            false => self.put_away(),
        }
        self.held.shrink_to_fit();
    }

    fn put_away(&mut self) {
        self.held.sort_unstable();
        let from = self.runs.last().map_or(0, |run| run.end);
        let run = from..from + self.held.len() as u64;
        let written = write(&mut self.file, &self.held, from * SIZE as u64);
        self.held.clear();
        match written {
            Ok(()) => self.runs.push(run),
            Err(error) => self.failed = Some(format!("its records could not be kept on disk: {error}")),
        }
    }

    /// All records by stream, identity and line. Errs where the disk failed.
    pub fn walk(&self) -> Result<Walk<'_>, String> {
        if let Some(failed) = &self.failed {
            return Err(failed.clone());
        }
        let window = (WINDOWS / self.runs.len().max(1)).max(LEAST_WINDOW) / SIZE * SIZE;
        let mut walk = Walk { held: self.held.iter(), runs: Vec::new(), next: BinaryHeap::new(), broken: &self.broken };
        for (place, run) in self.runs.iter().enumerate() {
            let file = self.file.as_ref().ok_or("its records are gone from disk")?;
            walk.runs.push(Run { file, left: run.clone(), window, bytes: Vec::new(), at: 0 });
            walk.refill(place);
        }
        let held = walk.held.next().copied();
        walk.next.extend(held.map(|entry| Reverse((entry, usize::MAX))));
        Ok(walk)
    }

    /// Errs where the disk failed during a walk, which ended before its time then.
    pub fn is_whole(&self) -> Result<(), String> {
        match self.broken.get() {
            true => Err("its records could not be read back from disk".to_owned()),
            false => Ok(()),
        }
    }
}

fn write(file: &mut Option<File>, entries: &[Entry], mut at: u64) -> io::Result<()> {
    let file = match file {
        Some(file) => file,
        None => file.insert(tempfile::tempfile()?),
    };
    let mut bytes = Vec::with_capacity(PIECE);
    for piece in entries.chunks(PIECE / SIZE) {
        bytes.clear();
        piece.iter().for_each(|entry| bytes.extend_from_slice(&entry.bytes()));
        file.write_all_at(&bytes, at)?;
        at += bytes.len() as u64;
    }
    Ok(())
}

/// A sorted run on disk, read through a window.
#[derive(Debug)]
struct Run<'r> {
    file: &'r File,
    left: std::ops::Range<u64>,
    window: usize,
    bytes: Vec<u8>,
    at: usize,
}

impl Run<'_> {
    fn next(&mut self) -> io::Result<Option<Entry>> {
        if self.at == self.bytes.len() {
            let count =
                (self.window / SIZE).min(usize::try_from(self.left.end - self.left.start).unwrap_or(usize::MAX));
            self.bytes.resize(count * SIZE, 0);
            self.at = 0;
            if count == 0 {
                return Ok(None);
            }
            self.file.read_exact_at(&mut self.bytes, self.left.start * SIZE as u64)?;
            self.left.start += count as u64;
        }
        let entry = Entry::read(&self.bytes[self.at..]);
        self.at += SIZE;
        Ok(Some(entry))
    }
}

/// Goes through the records of a set in order.
#[derive(Debug)]
pub struct Walk<'r> {
    held: std::slice::Iter<'r, Entry>,
    runs: Vec<Run<'r>>,
    next: BinaryHeap<Reverse<(Entry, usize)>>,
    broken: &'r Cell<bool>,
}

impl Walk<'_> {
    fn refill(&mut self, place: usize) {
        let entry = match self.runs.get_mut(place) {
            None => self.held.next().copied(),
            Some(run) => run.next().unwrap_or_else(|_| {
                self.broken.set(true);
                None
            }),
        };
        self.next.extend(entry.map(|entry| Reverse((entry, place))));
    }
}

impl Iterator for Walk<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let Reverse((entry, place)) = self.next.pop()?;
        self.refill(place);
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xxhash_rust::xxh3::xxh3_64;

    fn entry(number: u64) -> Entry {
        let hash = xxh3_64(&number.to_le_bytes());
        Entry { stream: (number % 3) as u32, identity: hash, line: number, cursor: -(number as i64), version: !hash }
    }

    #[test]
    fn what_was_put_in_comes_out_in_order_on_disk_and_in_memory() {
        for (budget, count) in [(SIZE, 100), (10 * SIZE, 1_003), (BUDGET, 1_000), (BUDGET, 300_000), (SIZE, 0)] {
            let mut records = Records::within(budget);
            (0..count).for_each(|number| records.push(entry(number)));
            records.seal();
            let mut expected: Vec<Entry> = (0..count).map(entry).collect();
            expected.sort_unstable();
            for _ in 0..2 {
                let mut walk = records.walk().expect("a disk");
                assert!(walk.by_ref().eq(expected.iter().copied()), "{budget} {count}");
                records.is_whole().expect("a disk");
            }
            assert!(records.held.len() * SIZE <= AT_REST);
        }
    }

    #[test]
    fn a_disk_that_refuses_is_an_error() {
        let mut records = Records::within(SIZE);
        records.file = Some(File::open("/dev/null").expect("it can be read"));
        (0..10).for_each(|number| records.push(entry(number)));
        records.seal();
        assert!(records.walk().is_err_and(|why| why.contains("could not be kept on disk")));
    }
}
