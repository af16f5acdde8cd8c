//! Where in a read it is struck by a signal.

use super::lab::{Halt, Ran};
use crate::plan::Mark;
use crate::protocol::Kind;

/// A place in the first half of a read like that one: behind a state with a record or more after it, or behind records alone where
/// it has no state but its last. Chance chooses. Halts where it is too short to have a middle.
pub fn mark_in(first: &Ran, seed: u64) -> Result<Mark, Halt> {
    marks_in(first, seed, 1).map(|marks| marks[0])
}

/// At most so many such places, apart from each other, and at least one.
pub fn marks_in(first: &Ran, seed: u64, most: usize) -> Result<Vec<Mark>, Halt> {
    let (states, records) = (first.summary.count(Kind::State), first.summary.count(Kind::Record));
    let marks = choose(states, records, seed, most.max(1) as u64);
    match marks.is_empty() {
        true => Err(Halt::Cannot(format!("inconclusive: {} has too few records to be struck in its middle", first.id))),
        false => Ok(marks),
    }
}

fn choose(states: u64, records: u64, seed: u64, most: u64) -> Vec<Mark> {
    /// Of a shorter read everything is out before it can be struck.
    const LEAST: u64 = 4;
    if records < LEAST {
        return Vec::new();
    }
    // No more records than usually stand between states, so that there is such a place.
    let (half, between) = match states {
        0 | 1 => (0, records / 2),
        _ => (states / 2, (records / states / 2).max(1)),
    };
    let records_behind = 1 + (seed / 101) % between;
    let mark = |turn: u64| match half {
        0 => Mark { states: 0, records: 1 + (records_behind - 1 + turn * between / most) % between },
        half => Mark { states: 1 + (seed + turn * half / most) % half, records: records_behind },
    };
    let mut marks: Vec<Mark> = Vec::new();
    for turn in 0..most {
        if !marks.contains(&mark(turn)) {
            marks.push(mark(turn));
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_is_struck_in_its_first_half_and_between_states() {
        assert_eq!(choose(5, 3, 1, 3), []);
        for seed in (0..5_000).step_by(7) {
            let mark = choose(8, 70, seed, 1)[0];
            assert!((1..=4).contains(&mark.states) && (1..=4).contains(&mark.records), "{seed}");
            let mark = choose(1, 70, seed, 1)[0];
            assert!(mark.states == 0 && (1..=35).contains(&mark.records), "{seed}");
            assert_eq!(choose(9, 4, seed, 1)[0].records, 1);
            let places: std::collections::BTreeSet<u64> =
                choose(8, 70, seed, 3).iter().map(|mark| mark.states).collect();
            assert_eq!(places.len(), 3, "{seed}");
        }
        assert_eq!(choose(8, 70, 3, 3), choose(8, 70, 3, 3));
        assert_eq!(choose(2, 70, 3, 3).len(), 1);
    }
}
