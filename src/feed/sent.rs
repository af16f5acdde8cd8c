//! What a write was sent, as far as judging its answers needs that: its states, and how many records came before each.

use super::{Script, Supply};
use crate::protocol::Descriptor;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};

/// What was sent. Grows with the number of states and streams, not of records.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    /// The states, in the order in which they were sent.
    pub states: Vec<SentState>,
    /// The streams of which records or statuses were sent, in the order of their first.
    pub streams: Vec<SentStream>,
    /// Whether stdin was closed after all of it.
    pub closed: bool,
    /// Whether it held lines that are no message, or messages that no source would send in that order: then nothing is
    /// certain of what has to come of it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unusual: bool,
}

/// A state that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentState {
    /// The payload, what `state` holds, as JSON text with all its digits.
    pub state: String,
    /// The records of its scope since the state before it: of its stream, or of all.
    pub records: u64,
}

/// A stream of which something was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentStream {
    /// Its name and namespace.
    pub stream: Descriptor,
    /// How many records.
    pub records: u64,
    /// The last status, `COMPLETE` for instance; None where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Sent {
    /// What a script sends. Errs where a file of it can't be read.
    pub fn by(script: &Script) -> io::Result<Sent> {
        let mut count = Counting::default();
        for supply in script.supplies() {
            match supply {
                Supply::Bytes(bytes) => count.lines(bytes),
                Supply::LongRecord(record) => count.records(&record.stream, 1),
                Supply::Own(messages) => {
                    for piece in messages.pieces()? {
                        count.lines(&piece?);
                    }
                }
                Supply::File(path) => {
                    let mut lines = BufReader::new(File::open(path)?);
                    let mut line = Vec::new();
                    while lines.read_until(b'\n', &mut line)? > 0 {
                        count.line(&line);
                        line.clear();
                    }
                }
            }
        }
        count.sent.closed = !script.acts.contains(&super::Act::HoldOpen);
        Ok(count.sent)
    }

    /// What these lines are.
    pub fn in_lines(lines: &[u8]) -> Sent {
        let mut count = Counting::default();
        count.lines(lines);
        Sent { closed: true, ..count.sent }
    }

    /// How many records were sent.
    pub fn records(&self) -> u64 {
        self.streams.iter().map(|stream| stream.records).sum()
    }
}

/// A message of which the state is kept as it was written.
#[derive(Deserialize)]
struct Raw<'l> {
    #[serde(borrow)]
    state: &'l RawValue,
}

/// What has been counted so far, of messages that are sent one by one.
#[derive(Debug, Default)]
pub struct Counting {
    sent: Sent,
    places: HashMap<Descriptor, usize>,
    /// Records of each stream since its own last state, by the stream's place.
    since: Vec<u64>,
    /// Records of all streams since the last state of all.
    since_all: u64,
}

impl Counting {
    /// What was sent, all of it or not.
    pub fn finish(self, closed: bool) -> Sent {
        Sent { closed, ..self.sent }
    }

    /// Counts a record of a stream.
    pub fn record(&mut self, stream: &Descriptor) {
        self.records(stream, 1);
    }

    /// Counts a message that is no record.
    pub fn message(&mut self, line: &str) {
        self.line(line.as_bytes());
    }

    fn lines(&mut self, bytes: &[u8]) {
        bytes.split(|byte| *byte == b'\n').for_each(|line| self.line(line));
    }

    fn line(&mut self, line: &[u8]) {
        let line = line.trim_ascii();
        if line.is_empty() {
            return;
        }
        let Ok(message) = serde_json::from_slice::<Value>(line) else { return self.sent.unusual = true };
        let named = |value: &Value| serde_json::from_value::<Descriptor>(value.clone()).ok();
        match message["type"].as_str() {
            Some("RECORD") => {
                let record = &message["record"];
                let namespace = record["namespace"].as_str().map(str::to_owned);
                let Some(name) = record["stream"].as_str() else { return self.sent.unusual = true };
                self.records(&Descriptor { name: name.to_owned(), namespace }, 1);
            }
            Some("STATE") => self.state(line, &message["state"]),
            Some("TRACE") => {
                let status = &message["trace"]["stream_status"];
                if let (Some(stream), Some(word)) = (named(&status["stream_descriptor"]), status["status"].as_str()) {
                    let place = self.place(&stream);
                    self.sent.streams[place].status = Some(word.to_owned());
                }
            }
            _ => {}
        }
    }

    fn place(&mut self, stream: &Descriptor) -> usize {
        if let Some(place) = self.places.get(stream) {
            return *place;
        }
        let next = self.sent.streams.len();
        self.places.insert(stream.clone(), next);
        self.sent.streams.push(SentStream { stream: stream.clone(), records: 0, status: None });
        self.since.push(0);
        next
    }

    fn records(&mut self, stream: &Descriptor, records: u64) {
        let place = self.place(stream);
        self.sent.streams[place].records += records;
        self.since[place] += records;
        self.since_all += records;
    }

    fn state(&mut self, line: &[u8], state: &Value) {
        let Ok(Raw { state: text }) = serde_json::from_slice(line) else { return self.sent.unusual = true };
        let descriptor = serde_json::from_value::<Descriptor>(state["stream"]["stream_descriptor"].clone());
        let records = match descriptor {
            Ok(stream) => {
                let place = self.place(&stream);
                std::mem::take(&mut self.since[place])
            }
            Err(_) => std::mem::take(&mut self.since_all),
        };
        self.sent.states.push(SentState { state: text.get().to_owned(), records });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::{Lines, record, state_of_all, state_of_stream};
    use std::sync::Arc;

    #[test]
    fn each_state_knows_the_records_of_its_scope() {
        let (a, b) = (Descriptor::named("a"), Descriptor::named("b"));
        let lines = Lines::default()
            .lines([record(&a, "{}", 1), record(&b, "{}", 1), record(&a, "{}", 1)])
            .line(state_of_stream(&a, "9007199254740993", 2))
            .line(state_of_all(1, &[(&a, "1".to_owned())], 3));
        let sent = Sent::in_lines(&Arc::from(lines));
        assert_eq!(sent.states.iter().map(|state| state.records).collect::<Vec<_>>(), [2, 3]);
        assert!(sent.states[0].state.contains("9007199254740993"));
        assert_eq!((sent.records(), sent.streams.len(), sent.unusual), (3, 2, false));
        assert!(Sent::in_lines(b"no message\n").unusual);
    }
}
