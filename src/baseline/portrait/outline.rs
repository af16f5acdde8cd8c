//! The order of messages in a read, in outline: what of each stream comes after what.
//!
//! Records that follow each other are `RECORD+`, and each run of records with states behind it is one turn of
//! `(RECORD+ STATE+)+`: once or many times is a question of how much data there are. Nothing is said of the order of streams,
//! which run beside each other in many connectors.

use crate::capture::{Decoded, Line};
use crate::protocol::{Message, StateScope, TraceBody};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// More phases of a stream are not told apart.
const MOST_PHASES: usize = 20;
/// Statuses that the protocol knows; any other is told as one.
const STATUSES: [&str; 4] = ["STARTED", "RUNNING", "COMPLETE", "INCOMPLETE"];

/// What came of one stream.
#[derive(Debug, Clone, Default)]
pub(super) struct StreamOutline {
    phases: Vec<String>,
    phase: Phase,
    is_running: bool,
}

/// What comes between two statuses.
#[derive(Debug, Clone, Copy, Default)]
struct Phase {
    records: bool,
    states: bool,
    /// Whether states came behind records.
    turns: bool,
    ends_with_records: bool,
}

impl Phase {
    fn told(self) -> Option<&'static str> {
        Some(match (self.turns, self.records, self.states, self.ends_with_records) {
            (true, _, _, true) => "(RECORD+ STATE+)+ RECORD+",
            (true, _, _, false) => "(RECORD+ STATE+)+",
            (false, true, true, _) => "STATE+ RECORD+",
            (false, true, false, _) => "RECORD+",
            (false, false, true, _) => "STATE+",
            (false, false, false, _) => return None,
        })
    }
}

impl StreamOutline {
    pub fn record(&mut self) {
        self.phase.records = true;
        self.phase.ends_with_records = true;
    }

    pub fn state(&mut self) {
        self.phase.turns |= self.phase.records;
        self.phase.states = true;
        self.phase.ends_with_records = false;
    }

    /// Some connectors say RUNNING once, some with each slice: said once, it is not told again.
    pub fn status(&mut self, status: &str) {
        let status = STATUSES.into_iter().find(|known| *known == status).unwrap_or("(unknown status)");
        if status == "RUNNING" && std::mem::replace(&mut self.is_running, true) {
            return;
        }
        let phase = std::mem::take(&mut self.phase).told();
        self.phases.extend(phase.into_iter().chain([status]).map(str::to_owned));
        if self.phases.len() > MOST_PHASES {
            self.phases.truncate(MOST_PHASES);
        }
    }

    pub fn told(&self) -> String {
        let more = (self.phases.len() >= MOST_PHASES).then_some("…");
        let phases = self.phases.iter().map(String::as_str);
        phases.chain(more.or_else(|| self.phase.told())).collect::<Vec<_>>().join(" ")
    }
}

/// What came, whatever stream it was of.
#[derive(Debug, Clone, Default)]
pub(super) struct Kinds {
    seen: BTreeSet<&'static str>,
}

impl Kinds {
    /// Takes a line into account. Logs come and go with what they tell of, and are left out.
    pub fn absorb(&mut self, line: &Line<'_>) {
        let Decoded::Message(message) = &line.decoded else { return };
        let kind = match message {
            Message::Log(_) => return,
            Message::State(state) => match state.scope {
                StateScope::Stream { .. } => "STATE of a stream",
                StateScope::Global { .. } => "STATE of all streams",
                StateScope::Legacy { .. } => "STATE without type",
                StateScope::Misshapen { .. } => "STATE of no known form",
            },
            Message::Trace(trace) => match trace.body {
                TraceBody::Error(_) => "TRACE of an error",
                TraceBody::Estimate(_) => "TRACE of an estimate",
                TraceBody::StreamStatus(_) => "TRACE of a stream's status",
                TraceBody::Analytics(_) => "TRACE of analytics",
                TraceBody::Unknown(_) => "TRACE of no known type",
            },
            other => other.kind().as_str(),
        };
        // Of records there are the most.
        if self.seen.last() != Some(&kind) {
            self.seen.insert(kind);
        }
    }

    pub fn told(&self) -> Value {
        json!(self.seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(steps: &str) -> String {
        let mut outline = StreamOutline::default();
        for step in steps.split(' ') {
            match step {
                "r" => outline.record(),
                "s" => outline.state(),
                status => outline.status(status),
            }
        }
        outline.told()
    }

    #[test]
    fn more_of_the_same_is_the_same() {
        let usual = "STARTED RUNNING (RECORD+ STATE+)+ COMPLETE";
        assert_eq!(told("STARTED RUNNING r r r s COMPLETE"), usual);
        assert_eq!(told("STARTED RUNNING r s r r s s r s COMPLETE"), usual);
        assert_eq!(told("STARTED RUNNING s r s COMPLETE"), usual);
        assert_eq!(told("STARTED RUNNING r s RUNNING r s COMPLETE").matches("RUNNING").count(), 1);
    }

    #[test]
    fn what_comes_otherwise_is_told_otherwise() {
        assert_eq!(told("STARTED r s r COMPLETE"), "STARTED (RECORD+ STATE+)+ RECORD+ COMPLETE");
        assert_eq!(told("STARTED r COMPLETE s"), "STARTED RECORD+ COMPLETE STATE+");
        assert_eq!(told("r s"), "(RECORD+ STATE+)+");
        assert_eq!(told("STARTED DONE"), "STARTED (unknown status)");
        let hostile = "STARTED ".repeat(10_000);
        assert!(told(hostile.trim()).len() < 300);
    }
}
