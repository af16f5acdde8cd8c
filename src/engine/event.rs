//! What happens while a run goes on, for whoever shows it.

use crate::protocol::Kind;
use crate::rules::{Finding, Statement};
use crate::verdict::LaunchFacts;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::time::Instant;

/// One thing that happened. Whoever shows the run gets them in order.
#[derive(Debug)]
pub enum Event {
    /// It is the turn of one of several connectors.
    Turn {
        /// Its name.
        connector: String,
        /// Which it is, from one.
        place: usize,
        /// How many there are.
        of: usize,
    },
    /// The connector can be launched.
    Prepared {
        /// Its name.
        connector: String,
        /// How many launches are planned.
        launches: usize,
        /// How many more experiments may ask for, at most, in all scenarios, but for those that confirm a fault.
        more: usize,
    },
    /// A launch began.
    Started {
        /// The launch's id.
        id: String,
        /// What it has put out, while it runs.
        progress: Arc<Progress>,
    },
    /// A launch ended, was skipped or failed to be launched.
    Ended {
        /// The launch.
        facts: Box<LaunchFacts>,
        /// What was found in it.
        findings: Vec<Finding>,
    },
    /// An experiment concluded.
    Concluded {
        /// Which.
        experiment: Statement,
        /// What it found.
        findings: Vec<Finding>,
    },
    /// The run is being interrupted.
    Interrupting {
        /// Whether running launches are killed at once.
        kill: bool,
    },
}

/// Where events go; None where nobody looks.
pub type Events = Option<Sender<Event>>;

/// What a launch has put out so far.
#[derive(Debug)]
pub struct Progress {
    started: Instant,
    messages: AtomicU64,
    records: AtomicU64,
    states: AtomicU64,
    last_output: AtomicU64,
    bytes: AtomicU64,
    /// How many bytes there will be, where that is known.
    size: Option<u64>,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self::towards(None)
    }

    /// The progress of an output of which the size in bytes may be known.
    pub(super) fn towards(size: Option<u64>) -> Self {
        let zero = || AtomicU64::new(0);
        let (messages, records, states) = (zero(), zero(), zero());
        Progress { started: Instant::now(), messages, records, states, last_output: zero(), bytes: zero(), size }
    }

    pub(super) fn count(&self, kind: Option<Kind>) {
        self.messages.fetch_add(1, Ordering::Relaxed);
        match kind {
            Some(Kind::Record) => self.records.fetch_add(1, Ordering::Relaxed),
            Some(Kind::State) => self.states.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
    }

    pub(super) fn heard(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_output.store(now, Ordering::Relaxed);
    }

    /// Seconds since the launch began.
    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// Seconds since the last output, or since the beginning.
    pub fn silent_seconds(&self) -> f64 {
        (self.seconds() - self.last_output.load(Ordering::Relaxed) as f64 / 1000.0).max(0.0)
    }

    /// The part of the output that came, from 0 to 1; None where its size is not known.
    pub fn share(&self) -> Option<f64> {
        let size = self.size.filter(|size| *size > 0)?;
        Some((self.bytes.load(Ordering::Relaxed) as f64 / size as f64).min(1.0))
    }

    /// Lines, records and states so far.
    pub fn counts(&self) -> (u64, u64, u64) {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (load(&self.messages), load(&self.records), load(&self.states))
    }
}
