//! The states that come back from the destination: what the platform keeps for the next sync.

use super::relay::whole;
use crate::capture::{Decoded, Line};
use crate::feed::{Persisted, Relocation, returned_state};
use crate::protocol::Message;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// Keeps the states that come back in one sync. Grows with their number.
pub(super) struct Returns {
    relocation: Relocation,
    last_id: Arc<AtomicU64>,
    /// The last id of the syncs before.
    before: u64,
    back: HashSet<u64>,
    /// States with an id that none was given, or with none.
    pub unknown: u64,
    /// The latest of each stream, of the syncs before as well.
    pub kept: Persisted,
}

impl Returns {
    /// Those of a sync that begins now.
    pub fn new(relocation: Relocation, last_id: Arc<AtomicU64>, kept: Persisted) -> Returns {
        let before = last_id.load(SeqCst);
        Returns { relocation, last_id, before, back: HashSet::new(), unknown: 0, kept }
    }

    /// Takes the state on a line, if there is one.
    pub fn watch(&mut self, line: &Line<'_>) {
        let Decoded::Message(Message::State(_)) = &line.decoded else { return };
        let returned = whole(line).and_then(|text| returned_state(&text, &self.relocation));
        let given = self.before + 1..=self.last_id.load(SeqCst);
        match returned {
            Some(state) if state.id.is_some_and(|id| given.contains(&id)) => {
                self.back.extend(state.id);
                self.kept.absorb(state.state);
            }
            _ => self.unknown += 1,
        }
    }

    /// How many different states came back.
    pub fn back(&self) -> u64 {
        self.back.len() as u64
    }
}
