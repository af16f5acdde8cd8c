//! How much memory a launch had over time.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How many looks are kept; where there are more, every other one goes.
const KEPT: usize = 100;

/// What was seen of the memory in use, look by look: at most a hundred, about evenly spread.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct MemoryCourse(Vec<MemoryAt>);

/// The memory in use at a time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MemoryAt {
    /// In seconds since the launch began, to the millisecond.
    pub at: f64,
    /// In bytes.
    pub bytes: u64,
}

impl MemoryCourse {
    /// Takes one more look into account, unless it comes too soon after the last one.
    pub(super) fn see(&mut self, at: Duration, bytes: u64) {
        let at = (at.as_secs_f64() * 1000.0).round() / 1000.0;
        let [first, .., last] = self.0.as_slice() else { return self.0.push(MemoryAt { at, bytes }) };
        // As far apart as those that are kept: once some are gone, fewer are taken.
        let apart = if self.0.len() >= KEPT / 2 { (last.at - first.at) / self.0.len() as f64 } else { 0.0 };
        if at - last.at < apart * 0.9 {
            return;
        }
        self.0.push(MemoryAt { at, bytes });
        if self.0.len() > KEPT {
            let mut place = 0;
            self.0.retain(|_| {
                place += 1;
                place % 2 == 1
            });
        }
    }

    /// Whether nothing was seen.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The looks, in order.
    pub fn looks(&self) -> &[MemoryAt] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_thinned_and_stay_spread() {
        let mut course = MemoryCourse::default();
        for second in 0..100_000 {
            course.see(Duration::from_secs(second), second);
        }
        let looks = course.looks();
        assert!((KEPT / 2..=KEPT).contains(&looks.len()), "{}", looks.len());
        let widest = looks.windows(2).map(|pair| pair[1].at - pair[0].at).fold(0.0, f64::max);
        assert!(widest < 100_000.0 / KEPT as f64 * 4.0, "{widest}");
        assert!(looks.last().is_some_and(|last| last.at > 95_000.0), "{looks:?}");
    }
}
