//! How a launch ended, as far as a launcher can see it.

use super::MemoryCourse;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How a launch ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ExitFacts {
    /// The exit code; none where a signal ended it and the launcher sees that as such.
    pub code: Option<i64>,
    /// The signal that ended it, seen or told by an exit code above 128.
    pub signal: Option<i32>,
    /// It was killed for using more memory than it may.
    pub out_of_memory: bool,
    /// We ended it, and why.
    pub ended: Option<Ended>,
    /// The process was gone, but something (a child of its) kept an output open until we closed it.
    pub outputs_left_open: bool,
    /// It lived on after SIGTERM for as long as it may, so that SIGKILL had to end it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub needed_kill: bool,
    /// We stopped reading its stdout before it ended: see [`Reader::GoesAway`](super::Reader::GoesAway).
    #[serde(default, skip_serializing_if = "is_false")]
    pub reader_left: bool,
    /// How long the process ran.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub duration: Duration,
    /// How long the process lived on after the last byte on stdout.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub lingered: Duration,
    /// What it used.
    #[serde(default)]
    pub resources: Resources,
    /// How far it was fed; None where its stdin was closed from the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fed: Option<FedFacts>,
}

/// How far a connector was fed on its stdin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FedFacts {
    /// Bytes that it, or the pipe before it, took.
    pub bytes: u64,
    /// Whether that was all of it.
    pub whole: bool,
}

/// What a launch used, as far as that was seen: a short one may be over before anybody looks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Resources {
    /// The most memory that all its processes had at a time, in bytes. The cache of files that can be dropped does not
    /// count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_memory: Option<u64>,
    /// The CPU time of all its processes, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<f64>,
    /// What it received over its networks, in bytes, where the launcher sees that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received: Option<u64>,
    /// What it sent over them, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<u64>,
    /// The memory that all its processes had, over time; what they share may count for each.
    #[serde(skip_serializing_if = "MemoryCourse::is_empty")]
    pub memory: MemoryCourse,
}

impl Resources {
    /// The peak of its memory, in bytes, where more than one look was taken: a single one soon after the start, before the program has
    /// begun, says nothing of it.
    pub fn known_peak(&self) -> Option<u64> {
        self.peak_memory.filter(|_| self.memory.looks().len() > 1)
    }
}

impl ExitFacts {
    /// How a launch ended that did so by itself, with an exit code, and of which nothing else is known.
    pub fn by_itself(code: i64) -> ExitFacts {
        ExitFacts {
            code: Some(code),
            signal: signal_of(code),
            out_of_memory: false,
            ended: None,
            outputs_left_open: false,
            needed_kill: false,
            reader_left: false,
            duration: Duration::ZERO,
            lingered: Duration::ZERO,
            resources: Resources::default(),
            fed: None,
        }
    }

    /// Whether it ended by itself, with code 0, and all its output was taken.
    pub fn succeeded(&self) -> bool {
        self.code == Some(0) && self.ended.is_none() && !self.reader_left
    }

    /// Whether it ended by itself, with another code than 0, so that it could have said why. One that a signal ended could
    /// not.
    pub fn failed_by_itself(&self) -> bool {
        let by_itself = self.signal.is_none() && !self.out_of_memory && self.ended.is_none() && !self.reader_left;
        by_itself && self.code.is_some_and(|code| code != 0)
    }

    /// Whether it was cut short for a reason that is not the connector's: the user's, our disk's, an experiment's.
    pub fn is_cut_short(&self) -> bool {
        self.is_disturbed() || matches!(self.ended, Some(Ended::Interrupted | Ended::Storage))
    }

    /// Whether it was cut short on purpose, to see what the connector makes of it.
    pub fn is_disturbed(&self) -> bool {
        self.reader_left || matches!(self.ended, Some(Ended::Terminated | Ended::Killed | Ended::OutlivedReader))
    }

    /// In words, for people: `exit code 1`, `killed by signal 9 (out of memory)`.
    pub fn describe(&self) -> String {
        let how = match (self.signal, self.code) {
            (Some(signal), _) => format!("ended by signal {signal}"),
            (None, Some(code)) => format!("exit code {code}"),
            (None, None) => "no exit code".to_owned(),
        };
        match &self.ended {
            Some(ended) => format!("{how} after we ended it: {}", ended.describe()),
            None if self.out_of_memory => format!("{how} (out of memory)"),
            None if self.reader_left => format!("{how} after we closed its stdout"),
            None => how,
        }
    }
}

/// Why we ended a launch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The total limit.
    TimedOut,
    /// The silence limit.
    Silent,
    /// The memory limit of a local process.
    Memory,
    /// The user interrupted the run.
    Interrupted,
    /// The transcript could not be written.
    Storage,
    /// It was to be seen what it does when it gets SIGTERM.
    Terminated,
    /// It was to be seen what is left when it gets SIGKILL.
    Killed,
    /// It lived on long after its stdout was closed on our side.
    OutlivedReader,
}

impl Ended {
    /// In words, for people.
    pub fn describe(self) -> &'static str {
        match self {
            Ended::TimedOut => "time limit reached",
            Ended::Silent => "silent for too long",
            Ended::Memory => "memory limit reached",
            Ended::Interrupted => "the run was interrupted",
            Ended::Storage => "its output could not be stored",
            Ended::Terminated => "an experiment sent SIGTERM",
            Ended::Killed => "an experiment sent SIGKILL",
            Ended::OutlivedReader => "it lived on after its stdout was closed",
        }
    }
}

/// Durations as seconds, to the microsecond.
mod seconds {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::time::Duration;

    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64((duration.as_secs_f64() * 1e6).round() / 1e6)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        Duration::try_from_secs_f64(seconds).map_err(serde::de::Error::custom)
    }
}

/// The signal that an exit code above 128 tells of, as shells and container runtimes put it.
pub(super) fn signal_of(code: i64) -> Option<i32> {
    const LAST_SIGNAL: i64 = 64;
    (129..=128 + LAST_SIGNAL).contains(&code).then_some((code - 128) as i32)
}

/// Members that hardly any launch needs are not written.
fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_signals_end_before_minus_one() {
        assert_eq!((signal_of(137), signal_of(143), signal_of(128), signal_of(255)), (Some(9), Some(15), None, None));
    }

    #[test]
    fn what_an_experiment_did_is_no_failure_of_the_connectors() {
        for ended in [Ended::Terminated, Ended::Killed, Ended::OutlivedReader] {
            let exit = ExitFacts { ended: Some(ended), ..ExitFacts::by_itself(1) };
            assert!(exit.is_cut_short() && !exit.failed_by_itself() && !exit.succeeded(), "{}", exit.describe());
        }
        for code in [0, 1, 141] {
            let exit = ExitFacts { reader_left: true, ..ExitFacts::by_itself(code) };
            assert!(exit.is_cut_short() && !exit.failed_by_itself() && !exit.succeeded(), "{}", exit.describe());
        }
        assert!(!ExitFacts::by_itself(1).is_cut_short() && ExitFacts::by_itself(1).failed_by_itself());
    }

    #[test]
    fn facts_of_earlier_versions_are_read() {
        let earlier = r#"{"code":0,"signal":null,"out_of_memory":false,"ended":null,"outputs_left_open":false,
            "duration":1.5,"lingered":0.0}"#;
        let read: ExitFacts = serde_json::from_str(earlier).expect("facts");
        assert_eq!(read, ExitFacts { duration: Duration::from_millis(1500), ..ExitFacts::by_itself(0) });
    }
}
