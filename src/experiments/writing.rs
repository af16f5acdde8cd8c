//! What a destination is sent: a write put together message by message, as a source and the platform would.

use crate::feed::{
    Act, Lines, LongRecord, Script, Supply, Target, configured_catalog, record_with, state_of_all, state_with, status,
};
use crate::plan::Ask;
use crate::protocol::{Command, Descriptor};
use serde_json::{Value, json};
use std::fmt::Display;

/// When the first record was emitted, in epoch milliseconds; each later one a second after the one before.
pub(super) const EMITTED_AT: i64 = 1_700_000_000_000;

/// What the blob of a state may hold, whatever a destination makes of it: more of its members.
pub(super) const HOSTILE: &str = concat!(
    r#","lsn":9223372036854775807,"xid":36893488147419103233,"ratio":0.1,"whole":1.0,"small":5e-324,"none":null,"#,
    r#""deep":{"none":{"none":null},"list":[3,1,[2,null],{}],"empty":[],"nothing":{}},"#,
    r#""a.b/c~d \"e\"":"\u0001\t\\ \u00e9 \ud83d\ude00 \u202e","e\u0301":"","id":-1"#
);

/// A write in the making. States bear numbers from one on, `{"airproof": n}`, by which they are known again.
#[derive(Debug, Clone)]
pub(super) struct Write {
    targets: Vec<Target>,
    script: Script,
    lines: Lines,
    clock: i64,
    /// Records of each target since its last state, and of all since the last state of all.
    since: Vec<u64>,
    since_all: u64,
    states: u64,
}

impl Write {
    /// To these streams, each begun.
    pub fn to(targets: impl Into<Vec<Target>>) -> Write {
        let targets = targets.into();
        let lines = Lines::default().lines(targets.iter().map(|target| status(&target.stream, "STARTED", EMITTED_AT)));
        let since = vec![0; targets.len()];
        Write { targets, script: Script::default(), lines, clock: EMITTED_AT, since, since_all: 0, states: 0 }
    }

    /// Without the word that streams have begun, as older sources leave it out. To be called first.
    pub fn without_statuses(self) -> Write {
        Write { lines: Lines::default(), ..self }
    }

    /// From that time on, in epoch milliseconds.
    pub fn at(self, clock: i64) -> Write {
        Write { clock, ..self }
    }

    /// A record; `data` is JSON.
    pub fn record(self, stream: &Descriptor, data: impl Display) -> Write {
        self.record_with(stream, data, "")
    }

    /// The same with more members of the record, each as `,"name":value`.
    pub fn record_with(mut self, stream: &Descriptor, data: impl Display, members: &str) -> Write {
        self.count(stream);
        let line = record_with(stream, data, self.clock, members);
        self.line(line)
    }

    /// A record of that number whose field `text` is so many bytes long, made while it is sent.
    pub fn long_record(mut self, stream: &Descriptor, id: u64, bytes: u64) -> Write {
        self.count(stream);
        let record = LongRecord { stream: stream.clone(), id, bytes, emitted_at: self.clock };
        self.act(Act::Send(Supply::LongRecord(record)))
    }

    fn count(&mut self, stream: &Descriptor) {
        self.clock += 1000;
        self.since_all += 1;
        if let Some(place) = self.targets.iter().position(|target| target.stream == *stream) {
            self.since[place] += 1;
        }
    }

    /// Several records.
    pub fn records<T: Display>(self, stream: &Descriptor, data: impl IntoIterator<Item = T>) -> Write {
        data.into_iter().fold(self, |write, data| write.record(stream, data))
    }

    /// A state of the stream.
    pub fn state(self, stream: &Descriptor) -> Write {
        self.state_with(stream, "", "")
    }

    /// The same with more members of the blob and of the state, each as `,"name":value`.
    pub fn state_with(mut self, stream: &Descriptor, blob: &str, members: &str) -> Write {
        self.states += 1;
        let place = self.targets.iter().position(|target| target.stream == *stream);
        let records = place.map_or(0, |place| std::mem::take(&mut self.since[place]));
        let blob = format!(r#"{{"airproof":{}{blob}}}"#, self.states);
        let line = state_with(stream, blob, records, members);
        self.line(line)
    }

    /// A GLOBAL state over all streams, with more members of the shared blob.
    pub fn state_of_all(mut self, blob: &str) -> Write {
        self.states += 1;
        let number = self.states;
        let streams: Vec<_> =
            self.targets.iter().map(|target| (&target.stream, format!(r#"{{"n":{number}}}"#))).collect();
        let line = state_of_all(format!(r#"{{"airproof":{number}{blob}}}"#), &streams, self.since_all);
        self.since_all = 0;
        self.line(line)
    }

    /// A line that need not be a message.
    pub fn line(self, line: impl AsRef<[u8]>) -> Write {
        Write { lines: self.lines.line(line), ..self }
    }

    /// Bytes without an end of line.
    pub fn cut_off(self, bytes: &[u8]) -> Write {
        Write { lines: self.lines.cut_off(bytes), ..self }
    }

    /// The status of a stream: `COMPLETE`, `INCOMPLETE`.
    pub fn status(self, stream: &Descriptor, word: &str) -> Write {
        let line = status(stream, word, self.clock);
        self.line(line)
    }

    /// A last state of each stream, and its COMPLETE.
    pub fn finish(self) -> Write {
        let streams: Vec<Descriptor> = self.targets.iter().map(|target| target.stream.clone()).collect();
        streams.iter().fold(self, |write, stream| write.state(stream).status(stream, "COMPLETE"))
    }

    /// A last GLOBAL state with more members of the shared blob, and a COMPLETE of each stream.
    pub fn finish_all(self, blob: &str) -> Write {
        let streams: Vec<Descriptor> = self.targets.iter().map(|target| target.stream.clone()).collect();
        streams.iter().fold(self.state_of_all(blob), |write, stream| write.status(stream, "COMPLETE"))
    }

    /// Something else than sending lines: a wait, a pause, stdin held open.
    pub fn act(mut self, act: Act) -> Write {
        let sent = Act::Send(Supply::Bytes(std::mem::take(&mut self.lines).into()));
        Write { script: self.script.with(sent).with(act), ..self }
    }

    /// The launch of it, after which what is stored of all its streams is read.
    pub fn ask(self, id: &str, purpose: &str) -> Ask {
        let streams: Vec<Descriptor> = self.targets.iter().map(|target| target.stream.clone()).collect();
        self.ask_reading(id, purpose, streams)
    }

    /// The launch of it, after which what is stored of some streams is read.
    pub fn ask_reading(self, id: &str, purpose: &str, streams: Vec<Descriptor>) -> Ask {
        let script = self.script.with(Act::Send(Supply::Bytes(self.lines.into())));
        Ask::of(Command::Write, id, purpose)
            .catalog(configured_catalog(&self.targets))
            .fed(script)
            .reading_back(streams)
    }
}

/// The schema of people: `id`, `name`, `updated_at`.
pub(super) fn people() -> Value {
    json!({"type": "object", "properties": {
        "id": {"type": ["null", "integer"]},
        "name": {"type": ["null", "string"]},
        "updated_at": {"type": ["null", "string"], "format": "date-time", "airbyte_type": "timestamp_with_timezone"},
    }})
}

/// A person of that number, changed on that day of January 2024.
pub(super) fn person(id: u64, name: &str, day: u32) -> String {
    format!(r#"{{"id":{id},"name":{},"updated_at":"2024-01-{day:02}T00:00:00Z"}}"#, Value::from(name))
}
