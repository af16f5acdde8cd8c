//! What a launch put out, in figures and in the few messages that later launches need.

use super::{Decoded, Line};
use crate::launch::Channel;
use crate::protocol::{Catalog, Descriptor, FinalState, Kind, Message, StateScope, TraceBody};
use crate::text;
use std::time::Duration;

/// How many streams that no catalog names are told apart; a hostile connector can name millions.
const UNKNOWN_STREAMS: usize = 100;

/// The fold of a transcript. Grows with the number of streams, not of messages.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Lines on stdout.
    pub lines: u64,
    /// Lines on stderr.
    pub stderr_lines: u64,
    /// The last lines on stderr that are not blank, at most three, shortened and without secrets. Empty until all has come.
    pub last_on_stderr: Vec<String>,
    /// Command lines of processes that were seen.
    pub command_lines: u64,
    /// Bytes on stdout.
    pub bytes: u64,
    /// Messages of each kind, in the order of [`Kind::ALL`].
    pub messages: [u64; 9],
    /// Per stream of the configured catalog, in its order.
    pub streams: Vec<StreamTally>,
    /// Streams that records were of and that the catalog does not have, the first hundred.
    pub unknown_streams: Vec<Descriptor>,
    /// The first SPEC's payload.
    pub specification: Option<serde_json::Value>,
    /// The first CATALOG that can be read.
    pub catalog: Option<Catalog>,
    /// The first CONNECTION_STATUS: status and message.
    pub connection_status: Option<(String, Option<String>)>,
    /// The first TRACE/ERROR's message and failure type.
    pub first_error: Option<(String, Option<String>)>,
    /// The config of the last CONTROL that the platform takes.
    pub new_config: Option<serde_json::Map<String, serde_json::Value>>,
    /// TRACE/ERROR messages.
    pub error_traces: u64,
    /// The latest states.
    pub final_state: FinalState,
    /// When the first message arrived.
    pub first_message_at: Option<Duration>,
    /// When the first record arrived.
    pub first_record_at: Option<Duration>,
    /// When the last record arrived.
    pub last_record_at: Option<Duration>,
    /// When the last message arrived.
    pub last_message_at: Option<Duration>,
    /// When the last byte arrived, on stdout or stderr; zero where there was none.
    pub last_byte_at: Duration,
    /// The longest time without a byte on stdout or stderr, from the launch's beginning to its last byte.
    pub longest_gap: Duration,
}

/// What came of one stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StreamTally {
    /// Records.
    pub records: u64,
    /// States of the stream's own, or global ones that list it.
    pub states: u64,
    /// Stream statuses.
    pub statuses: u64,
    /// The line of the last record; 0 where there is none.
    pub last_record: u64,
    /// The line of the last state that covers it; 0 where there is none.
    pub last_state: u64,
    /// The last status, as written.
    pub last_status: Option<String>,
}

impl Summary {
    /// A summary of a launch with that many streams in its catalog.
    pub fn new(streams: usize) -> Self {
        Summary { streams: vec![StreamTally::default(); streams], ..Summary::default() }
    }

    /// How many lines of a channel came.
    pub fn count_of(&self, channel: Channel) -> u64 {
        match channel {
            Channel::Stdout => self.lines,
            Channel::Stderr => self.stderr_lines,
            Channel::CommandLine => self.command_lines,
        }
    }

    /// How many messages of a kind came.
    pub fn count(&self, kind: Kind) -> u64 {
        self.messages[kind as usize]
    }

    /// What came on stdout, in words for people, and what the first TRACE/ERROR says: for findings about what did not
    /// come.
    pub fn account(&self) -> String {
        let kinds = Kind::ALL.into_iter().filter(|kind| self.count(*kind) > 0);
        let mut parts: Vec<String> =
            kinds.map(|kind| format!("{} {}", text::count(self.count(kind)), kind.as_str())).collect();
        let others = self.lines - self.messages.iter().sum::<u64>();
        if others > 0 {
            parts.push(format!("{} that hold no message", text::count(others)));
        }
        let came = match self.lines {
            0 => "nothing came on stdout".to_owned(),
            lines => format!("stdout had {}: {}", text::plural(lines, "line"), parts.join(", ")),
        };
        match &self.first_error {
            Some((message, _)) => format!("{came}; its first TRACE/ERROR says `{}`", text::shorten(message, 200)),
            None => came,
        }
    }

    /// Whether any stream status came.
    pub fn uses_statuses(&self) -> bool {
        self.streams.iter().any(|stream| stream.statuses > 0)
    }

    /// Whether there are streams, and the last status of each is COMPLETE.
    pub fn all_complete(&self) -> bool {
        let is_complete = |stream: &StreamTally| stream.last_status.as_deref() == Some("COMPLETE");
        !self.streams.is_empty() && self.streams.iter().all(is_complete)
    }

    /// Whether the first TRACE/ERROR is a `transient_error`: the same launch may succeed later.
    pub fn has_transient_error(&self) -> bool {
        self.first_error.as_ref().is_some_and(|(_, kind)| kind.as_deref() == Some("transient_error"))
    }

    /// The first TRACE/ERROR in words, for people: its message with its failure type. Unbounded, as the connector is.
    pub fn describe_error(&self) -> Option<String> {
        let (message, failure) = self.first_error.as_ref()?;
        let message = if message.trim().is_empty() { "nothing" } else { message };
        let failure = failure.as_ref().map_or(String::new(), |failure| format!(" ({failure})"));
        Some(format!("its first TRACE/ERROR{failure} says: {message}"))
    }

    /// The longest time without a byte on stdout or stderr in a launch that took so long.
    pub fn longest_silence(&self, duration: Duration) -> Duration {
        self.longest_gap.max(duration.saturating_sub(self.last_byte_at))
    }

    /// Records in a second, from the first to the last; none where there are fewer than two or they arrived at once.
    pub fn records_per_second(&self) -> Option<f64> {
        let records = self.count(Kind::Record);
        let time = self.last_record_at?.saturating_sub(self.first_record_at?);
        (records > 1 && !time.is_zero()).then(|| records as f64 / time.as_secs_f64())
    }

    /// Takes into account that output arrived.
    pub(super) fn hear(&mut self, channel: Channel, at: Duration) {
        if channel != Channel::CommandLine {
            self.longest_gap = self.longest_gap.max(at.saturating_sub(self.last_byte_at));
            self.last_byte_at = self.last_byte_at.max(at);
        }
    }

    /// Takes one more line into account.
    pub(super) fn absorb(&mut self, line: &Line<'_>) {
        match line.channel {
            Channel::Stdout => self.lines += 1,
            Channel::Stderr => return self.stderr_lines += 1,
            Channel::CommandLine => return self.command_lines += 1,
        }
        self.bytes += line.length + u64::from(line.terminated);
        let Decoded::Message(message) = &line.decoded else { return };
        self.messages[message.kind() as usize] += 1;
        self.first_message_at.get_or_insert(line.at);
        self.last_message_at = Some(line.at);
        match message {
            Message::Record(record) => {
                self.first_record_at.get_or_insert(line.at);
                self.last_record_at = Some(line.at);
                match line.stream {
                    Some(stream) => {
                        self.streams[stream].records += 1;
                        self.streams[stream].last_record = line.number;
                    }
                    None if self.unknown_streams.len() < UNKNOWN_STREAMS
                        && !self.unknown_streams.iter().any(|known| record.is_of(known)) =>
                    {
                        self.unknown_streams.push(record.descriptor());
                    }
                    None => {}
                }
            }
            other => self.absorb_rare(line, other),
        }
    }

    fn absorb_rare(&mut self, line: &Line<'_>, message: &Message<'_>) {
        match message {
            Message::State(state) => {
                if line.stream.is_some() || self.final_state.streams() < self.streams.len() + UNKNOWN_STREAMS {
                    self.final_state.absorb(state);
                }
                match (&state.scope, line.stream) {
                    (StateScope::Stream { .. }, Some(stream)) => self.cover(stream, line.number),
                    (StateScope::Global { .. } | StateScope::Legacy { .. }, _) => {
                        (0..self.streams.len()).for_each(|stream| self.cover(stream, line.number));
                    }
                    _ => {}
                }
            }
            Message::Spec(spec) if self.specification.is_none() => {
                self.specification = serde_json::from_str(spec.payload.get()).ok();
            }
            Message::Catalog(catalog) if self.catalog.is_none() => {
                self.catalog =
                    serde_json::from_str(catalog.payload.get()).ok().and_then(|raw| Catalog::from_value(&raw));
            }
            Message::ConnectionStatus(status) if self.connection_status.is_none() => {
                let text = status.message.as_ref().map(ToString::to_string);
                self.connection_status = Some((status.status.to_string(), text));
            }
            Message::Control(control) => self.new_config = control.config().or(self.new_config.take()),
            Message::Trace(trace) => match &trace.body {
                TraceBody::Error(error) => {
                    self.error_traces += 1;
                    self.first_error.get_or_insert_with(|| {
                        let text = |part: &Option<std::borrow::Cow<'_, str>>| part.as_ref().map(ToString::to_string);
                        (text(&error.message).unwrap_or_default(), text(&error.failure_type))
                    });
                }
                TraceBody::StreamStatus(status) => {
                    if let Some(stream) = line.stream {
                        self.streams[stream].statuses += 1;
                        self.streams[stream].last_status = Some(status.status.clone());
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn cover(&mut self, stream: usize, line: u64) {
        self.streams[stream].states += 1;
        self.streams[stream].last_state = line;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Pass, Secrets, Watcher};
    use crate::launch::Chunk;

    struct Nobody;

    impl Watcher for Nobody {
        fn watch(&mut self, _: &Line<'_>, _: &Summary) {}
    }

    /// The summary of output that arrived at these seconds; `R` stands for a record.
    fn of(chunks: &[(f64, Channel, &'static str)]) -> Summary {
        const RECORD: &str =
            "{\"type\":\"RECORD\",\"record\":{\"stream\":\"orders\",\"data\":{},\"emitted_at\":1700000000000}}\n";
        let mut pass = Pass::new(&[], Secrets::new(&[]), None, Nobody);
        for (seconds, channel, text) in chunks {
            let bytes = if *text == "R" { RECORD } else { text };
            let chunk = Chunk { channel: *channel, bytes: bytes.into(), at: Duration::from_secs_f64(*seconds) };
            pass.feed(&chunk).expect("nothing is stored");
        }
        pass.finish(Duration::from_secs(100)).1
    }

    #[test]
    fn the_longest_silence_is_at_the_beginning_in_the_middle_or_at_the_end() {
        use Channel::{CommandLine, Stderr, Stdout};
        let silence = |chunks: &[_], seconds| of(chunks).longest_silence(Duration::from_secs(seconds)).as_secs_f64();
        assert_eq!(silence(&[], 7), 7.0);
        assert_eq!(silence(&[(5.0, Stdout, "a"), (6.0, Stdout, "b\n")], 7), 5.0);
        assert_eq!(silence(&[(1.0, Stdout, "a"), (4.0, Stderr, "b\n"), (6.0, Stdout, "\n")], 7), 3.0);
        assert_eq!(silence(&[(1.0, Stdout, "a\n"), (4.0, CommandLine, "sh")], 7), 6.0, "a process is no output");
        assert_eq!(silence(&[(1.0, Stdout, "a\n"), (3.0, Stdout, "b\n")], 0), 2.0, "of a replay no duration is known");
    }

    #[test]
    fn records_per_second_take_two_and_some_time() {
        use Channel::Stdout;
        assert_eq!(of(&[(1.0, Stdout, "R")]).records_per_second(), None);
        assert_eq!(of(&[(1.0, Stdout, "R"), (1.0, Stdout, "R")]).records_per_second(), None);
        let summary = of(&[(1.0, Stdout, "R"), (2.0, Stdout, "R"), (3.0, Stdout, "R"), (90.0, Stdout, "{}\n")]);
        assert_eq!(summary.records_per_second(), Some(1.5));
    }
}
