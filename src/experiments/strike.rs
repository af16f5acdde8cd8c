//! Where in a read it is struck by a signal.

use super::lab::{Halt, Ran};
use crate::plan::Mark;
use crate::protocol::Kind;

/// A place in the first half of a read like that one: behind a state with a record or more after it, or behind records alone where
/// it has no state but its last. Chance chooses. Halts where it is too short to have a middle.
pub fn mark_in(first: &Ran, seed: u64) -> Result<Mark, Halt> {
    let (states, records) = (first.summary.count(Kind::State), first.summary.count(Kind::Record));
    match choose(states, records, seed) {
        Some(mark) => Ok(mark),
        None => Err(Halt::Cannot(format!("inconclusive: {} has too few records to be struck in its middle", first.id))),
    }
}

fn choose(states: u64, records: u64, seed: u64) -> Option<Mark> {
    /// Of a shorter read everything is out before it can be struck.
    const LEAST: u64 = 4;
    if records < LEAST {
        return None;
    }
    let records_behind = |most: u64| 1 + (seed / 101) % most.max(1);
    Some(match states {
        0 | 1 => Mark { states: 0, records: records_behind(records / 2) },
        // No more records than usually stand between states, so that there is such a place.
        _ => Mark { states: 1 + seed % (states / 2), records: records_behind(records / states / 2) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_is_struck_in_its_first_half_and_between_states() {
        assert_eq!(choose(5, 3, 1), None);
        for seed in (0..5_000).step_by(7) {
            let mark = choose(8, 70, seed).expect("it has a middle");
            assert!((1..=4).contains(&mark.states) && (1..=4).contains(&mark.records), "{seed}");
            let mark = choose(1, 70, seed).expect("it has a middle");
            assert!(mark.states == 0 && (1..=35).contains(&mark.records), "{seed}");
            assert_eq!(choose(9, 4, seed).map(|mark| mark.records), Some(1));
        }
        assert_eq!(choose(8, 70, 3), choose(8, 70, 3));
    }
}
