//! Some records out of all: those with the least hashes, so that another order of the same records leaves the same ones.

use std::collections::BTreeMap;

/// Longer records are not kept, in bytes.
pub(super) const LONGEST_RECORD: usize = 64 << 10;

/// A record that is kept.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// What tells it apart from others of its stream, in text.
    pub key: String,
    /// As it was written.
    pub data: Box<str>,
}

/// The records with the least hashes, as many as fit.
#[derive(Debug, Clone)]
pub(super) struct Sketch {
    kept: BTreeMap<u64, Kept>,
    most: usize,
    /// How many bytes may be kept, and how many are.
    budget: usize,
    bytes: usize,
    /// Hashes from here on are not kept: one that did not fit was there.
    below: u64,
}

impl Sketch {
    /// Of at most so many records and bytes.
    pub fn new(most: usize, budget: usize) -> Self {
        Sketch { kept: BTreeMap::new(), most, budget, bytes: 0, below: u64::MAX }
    }

    /// Keeps the record if its hash is among the least. Of several with one hash, the first.
    pub fn offer(&mut self, hash: u64, data: &str, key: impl FnOnce() -> String) {
        if hash >= self.below || data.len() > LONGEST_RECORD || self.kept.contains_key(&hash) {
            return;
        }
        self.bytes += data.len();
        self.kept.insert(hash, Kept { key: key(), data: data.into() });
        while self.kept.len() > self.most || (self.bytes > self.budget && !self.kept.is_empty()) {
            if let Some((hash, kept)) = self.kept.pop_last() {
                self.bytes -= kept.data.len();
                self.below = hash;
            }
        }
    }

    /// What is kept, by hash.
    pub fn kept(&self) -> impl Iterator<Item = &Kept> {
        self.kept.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xxhash_rust::xxh3::xxh3_64;

    fn kept(order: impl Iterator<Item = u64>, most: usize, budget: usize) -> Vec<String> {
        let mut sketch = Sketch::new(most, budget);
        order.for_each(|at| {
            sketch.offer(xxh3_64(&at.to_le_bytes()), &"x".repeat((at % 70) as usize), || at.to_string())
        });
        assert!(sketch.bytes <= budget);
        sketch.kept().map(|kept| kept.key.clone()).collect()
    }

    #[test]
    fn another_order_leaves_the_same_records() {
        for budget in [200, 100_000] {
            let one = kept(0..10_000, 8, budget);
            assert_eq!(one, kept((0..10_000).rev(), 8, budget));
            assert!(!one.is_empty() && one.len() <= 8);
        }
        assert_eq!(kept(0..10_000, 8, 100_000).len(), 8);
    }
}
