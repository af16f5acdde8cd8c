//! Finding what comes twice among millions of entries, in bounded memory: entries are dealt into parts by their key, the
//! parts are put on disk block by block, and in the end each part is looked through by itself.
//!
//! Knows nothing of the protocol. The file has no name and is gone with the process. What goes wrong with it is an error:
//! nobody is to take silence for an answer then.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// How much is held in memory, in bytes: while entries come, and again when they are looked through.
pub const BUDGET: usize = 2 << 20;

/// Into how many parts entries are dealt.
const PARTS: usize = 256;

/// An entry on disk, in bytes.
const SIZE: usize = 32;

/// Something that may come twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What makes two entries the same: a hash that is spread evenly and does not collide.
    pub key: u128,
    /// Where it stands. Entries of the same key are added in this order.
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
pub struct Duplicates {
    parts: Vec<Part>,
    /// How many entries a block has.
    block: usize,
    file: Option<File>,
    /// How many blocks are on disk.
    blocks: u64,
    failed: Option<io::Error>,
}

/// The entries whose keys begin alike.
#[derive(Debug, Clone, Default)]
struct Part {
    /// Which blocks on disk are its own.
    blocks: Vec<u64>,
    held: Vec<Entry>,
}

impl Default for Duplicates {
    fn default() -> Self {
        Duplicates::within(BUDGET)
    }
}

impl Duplicates {
    /// Holds so many bytes of entries in memory.
    pub fn within(budget: usize) -> Self {
        let block = (budget / SIZE / PARTS).max(1);
        Duplicates { parts: vec![Part::default(); PARTS], block, file: None, blocks: 0, failed: None }
    }

    /// Adds an entry. What goes wrong is told by [`Duplicates::repeats`].
    pub fn push(&mut self, entry: Entry) {
        let part = &mut self.parts[(entry.key >> 120) as usize % PARTS];
        part.held.push(entry);
        if part.held.len() < self.block || self.failed.is_some() {
            // After a failure nothing is kept any more.
            part.held.truncate(self.block);
            return;
        }
        let bytes: Vec<u8> = part.held.drain(..).flat_map(Entry::bytes).collect();
        part.blocks.push(self.blocks);
        let at = self.blocks * bytes.len() as u64;
        self.blocks += 1;
        self.failed = write(&mut self.file, &bytes, at).err();
    }

    /// Calls `visit` with each entry whose key came before, and the first entry of that key.
    pub fn repeats(mut self, mut visit: impl FnMut(&Entry, &Entry)) -> io::Result<()> {
        if let Some(failed) = self.failed.take() {
            return Err(failed);
        }
        let room = self.block * PARTS;
        for part in &self.parts {
            let passes = (part.blocks.len() * self.block / room) as u64 + 1;
            for pass in 0..passes {
                let mut taken = Vec::new();
                let mut most = 2 * room;
                self.each(part, |entry| {
                    if (entry.key >> 32) as u64 % passes == pass {
                        taken.push(entry);
                    }
                    // Only one key that comes again and again fills a pass: its first entry is enough.
                    if taken.len() > most {
                        tell(&mut taken, &mut visit);
                        most = most.max(2 * taken.len());
                    }
                })?;
                tell(&mut taken, &mut visit);
            }
        }
        Ok(())
    }

    /// Goes through the entries of a part, in their order.
    fn each(&self, part: &Part, mut visit: impl FnMut(Entry)) -> io::Result<()> {
        let mut bytes = vec![0; self.block * SIZE];
        for block in &part.blocks {
            if let Some(file) = &self.file {
                let at = block * bytes.len() as u64;
                file.read_exact_at(&mut bytes, at)?;
            }
            bytes.chunks_exact(SIZE).map(Entry::read).for_each(&mut visit);
        }
        part.held.iter().copied().for_each(visit);
        Ok(())
    }
}

fn write(file: &mut Option<File>, bytes: &[u8], at: u64) -> io::Result<()> {
    let file = match file {
        Some(file) => file,
        None => file.insert(tempfile::tempfile()?),
    };
    file.write_all_at(bytes, at)
}

/// Tells what comes twice, and leaves the first entry of each key.
fn tell(entries: &mut Vec<Entry>, visit: &mut impl FnMut(&Entry, &Entry)) {
    entries.sort_unstable_by_key(|entry| (entry.key, entry.tag));
    entries.dedup_by(|other, first| {
        let is_same = other.key == first.key;
        if is_same {
            visit(first, other);
        }
        is_same
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use xxhash_rust::xxh3::xxh3_128;

    /// The repeats among so many different keys and the planted ones, each the first tag and the other.
    fn found(budget: usize, keys: u64, planted: &[(u64, u64)]) -> Vec<(u64, u64, bool)> {
        let mut seen = Duplicates::within(budget);
        let entry = |number: u64, tag: u64, content: u64| Entry { key: xxh3_128(&number.to_le_bytes()), tag, content };
        (0..keys).for_each(|number| seen.push(entry(number, number, number)));
        for (place, (number, content)) in (keys..).zip(planted) {
            seen.push(entry(*number, place, *content));
        }
        let mut found = Vec::new();
        seen.repeats(|first, other| found.push((first.tag, other.tag, first.content == other.content)))
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
        for keys in [6, 33, 255, 256, 257, 1_000] {
            assert_eq!(found(1, keys, &[(0, 1), (0, 0)]), [(0, keys, false), (0, keys + 1, true)], "{keys}");
        }
    }

    #[test]
    fn one_key_again_and_again_does_not_fill_the_memory() {
        let mut seen = Duplicates::within(1);
        (0..5_000).for_each(|tag| seen.push(Entry { key: 7, tag, content: tag % 2 }));
        let mut count = 0;
        seen.repeats(|first, other| count += u64::from(first.tag == 0 && other.tag > 0)).expect("a disk");
        assert_eq!(count, 4_999);
    }

    #[test]
    fn a_disk_that_refuses_is_an_error_and_no_answer() {
        let mut seen = Duplicates::within(1);
        seen.file = Some(File::open("/dev/null").expect("it can be read"));
        (0..100).for_each(|tag| seen.push(Entry { key: 1, tag, content: 0 }));
        assert!(seen.repeats(|_, _| panic!("nothing is sure")).is_err());
    }
}
