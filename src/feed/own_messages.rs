//! Messages that the suite's author has in a file, as a destination gets them.

use super::{Lines, Relocation, record_to, state_to, status, status_to};
use crate::protocol::{Descriptor, pick};
use bytes::Bytes;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::sync::Arc;

/// A file of messages, one a line, as a source puts them out. Records, states and statuses of streams are sent, of the streams that
/// stand for theirs; other messages are not. A stream of which no status tells the end is complete when the file ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnMessages {
    /// The file.
    pub path: PathBuf,
    /// The streams that its messages are of, as it names them.
    pub streams: Vec<Descriptor>,
    /// Where they are sent to.
    pub relocation: Relocation,
}

/// A message of the file, as far as it is known without reading all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Record,
    State,
    Status,
    Other,
}

impl OwnMessages {
    /// The lines that are sent, some at a time. Errs where the file can't be read, and at a line that is no message or is of a stream
    /// that is not among these; the error tells its number.
    pub fn pieces(&self) -> io::Result<impl Iterator<Item = io::Result<Bytes>> + Send + use<>> {
        Ok(Reading {
            own: self.clone(),
            lines: BufReader::with_capacity(PIECE, File::open(&self.path)?),
            line: Vec::new(),
            number: 0,
            states: 0,
            ended: HashSet::new(),
            is_over: false,
        })
    }

    /// Gives each record of the file: the place of its stream, and its data as written. Errs like the pieces.
    pub fn each_record(&self, mut each: impl FnMut(usize, &str)) -> io::Result<()> {
        let mut number = 0;
        let mut lines = BufReader::with_capacity(PIECE, File::open(&self.path)?);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            number += 1;
            let text = text_of(&line, number)?;
            if sort_of(text) == Sort::Record {
                let place = self.place(text, &["record"], "stream", number)?;
                let data = pick(text, &["record", "data"].map(str::to_owned));
                each(place, data.ok_or_else(|| wrong(number, "a record without `data`"))?);
            }
            line.clear();
        }
        Ok(())
    }

    /// The place of the stream that an object within a message names.
    fn place(&self, text: &str, path: &[&str], name: &str, number: u64) -> io::Result<usize> {
        let member = |last: &str| {
            let path: Vec<String> = path.iter().copied().chain([last]).map(str::to_owned).collect();
            pick(text, &path).and_then(|value| serde_json::from_str::<Option<String>>(value).ok().flatten())
        };
        let Some(stream) = member(name) else { return Err(wrong(number, "it names no stream")) };
        let stream = Descriptor { name: stream, namespace: member("namespace") };
        let place = self.streams.iter().position(|known| *known == stream);
        place.ok_or_else(|| wrong(number, &format!("the catalog has no stream {stream}")))
    }

    fn there(&self, place: usize) -> Option<Descriptor> {
        self.relocation.there(&self.streams[place])
    }
}

/// In bytes: what is read at once, and about what is sent at once.
const PIECE: usize = 256 * 1024;

/// The file as it is read.
struct Reading {
    own: OwnMessages,
    lines: BufReader<File>,
    line: Vec<u8>,
    number: u64,
    states: u64,
    /// The places of streams whose end is told.
    ended: HashSet<usize>,
    is_over: bool,
}

impl Reading {
    /// The next piece, None at the end.
    fn piece(&mut self) -> io::Result<Option<Bytes>> {
        if self.is_over {
            return Ok(None);
        }
        let mut piece = Vec::with_capacity(PIECE + 4096);
        while piece.len() < PIECE {
            self.line.clear();
            if self.lines.read_until(b'\n', &mut self.line)? == 0 {
                self.is_over = true;
                let rest: Arc<[u8]> = self.endings().into();
                piece.extend_from_slice(&rest);
                break;
            }
            self.number += 1;
            if let Some(line) = self.sent()? {
                piece.extend_from_slice(line.as_bytes());
                piece.push(b'\n');
            }
        }
        Ok(Some(piece.into()))
    }

    /// The line as it is sent; None where it is not.
    fn sent(&mut self) -> io::Result<Option<String>> {
        let (text, number) = (text_of(&self.line, self.number)?, self.number);
        let sent = match sort_of(text) {
            Sort::Other => return Ok(None),
            Sort::Record => {
                let there = self.own.there(self.own.place(text, &["record"], "stream", number)?);
                there.and_then(|there| record_to(text, &there))
            }
            Sort::Status => {
                let place = self.own.place(text, &["trace", "stream_status", "stream_descriptor"], "name", number)?;
                let word = pick(text, &["trace", "stream_status", "status"].map(str::to_owned));
                if matches!(word, Some("\"COMPLETE\"" | "\"INCOMPLETE\"")) {
                    self.ended.insert(place);
                }
                self.own.there(place).and_then(|there| status_to(text, &there))
            }
            Sort::State => {
                self.states += 1;
                state_to(text, self.states, &self.own.relocation)
            }
        };
        sent.map(Some).ok_or_else(|| wrong(number, "it is no message that a destination can be sent"))
    }

    /// A COMPLETE for each stream whose end the file does not tell.
    fn endings(&self) -> Lines {
        /// In epoch milliseconds. When it was is nothing to a destination.
        const ENDED_AT: i64 = 1_700_000_000_000;
        let open = (0..self.own.streams.len()).filter(|place| !self.ended.contains(place));
        let there = open.filter_map(|place| self.own.there(place));
        Lines::default().lines(there.map(|there| status(&there, "COMPLETE", ENDED_AT)))
    }
}

impl Iterator for Reading {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let piece = self.piece();
        self.is_over |= piece.is_err();
        piece.transpose()
    }
}

/// A line as text, an empty one as an empty object.
fn text_of(line: &[u8], number: u64) -> io::Result<&str> {
    let text = std::str::from_utf8(line).map_err(|_| wrong(number, "it is no UTF-8"))?;
    let text = if number == 1 { text.trim_start_matches('\u{feff}') } else { text }.trim();
    match text.is_empty() {
        true => Ok("{}"),
        false if serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() || !text.starts_with('{') => {
            Err(wrong(number, "it is no JSON object"))
        }
        false => Ok(text),
    }
}

fn sort_of(text: &str) -> Sort {
    match pick(text, &["type".to_owned()]) {
        Some("\"RECORD\"") => Sort::Record,
        Some("\"STATE\"") => Sort::State,
        Some("\"TRACE\"") if pick(text, &["trace", "stream_status"].map(str::to_owned)).is_some() => Sort::Status,
        _ => Sort::Other,
    }
}

fn wrong(number: u64, what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("line {number}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(folder: &std::path::Path, text: &str) -> OwnMessages {
        let path = folder.join("own.jsonl");
        std::fs::write(&path, text).expect("a file");
        let streams = vec![Descriptor::named("a"), Descriptor::named("b")];
        let relocation = Relocation::under("run_data", false, &streams);
        OwnMessages { path, streams, relocation }
    }

    #[test]
    fn what_a_platform_hands_on_is_sent_and_each_stream_ends_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let own = own(
            folder.path(),
            concat!(
                "\u{feff}{\"type\":\"LOG\",\"log\":{\"level\":\"INFO\",\"message\":\"x\"}}\n\n",
                "{\"type\":\"RECORD\",\"record\":{\"stream\":\"a\",\"data\":{\"id\":9007199254740993},\"emitted_at\":1}}\r\n",
                "{\"type\":\"STATE\",\"state\":{\"type\":\"STREAM\",\"stream\":{\"stream_descriptor\":{\"name\":\"a\"},\"stream_state\":{}}}}\n",
                "{\"type\":\"TRACE\",\"trace\":{\"type\":\"STREAM_STATUS\",\"stream_status\":{\"stream_descriptor\":{\"name\":\"a\"},\"status\":\"COMPLETE\"}}}",
            ),
        );
        let sent: Vec<u8> = own.pieces().expect("a file").flat_map(|piece| piece.expect("a piece")).collect();
        let sent = String::from_utf8(sent).expect("text");
        let lines: Vec<&str> = sent.lines().collect();
        assert_eq!(lines.len(), 4, "{sent}");
        assert!(lines[0].contains("9007199254740993") && lines[1].contains(r#""id":1"#), "{sent}");
        assert!(lines.iter().all(|line| line.contains(r#""namespace":"run_data""#)), "{sent}");
        assert!(lines[3].contains(r#""name":"b""#) && lines[3].contains("COMPLETE"), "{sent}");
        let mut records = Vec::new();
        own.each_record(|place, data| records.push((place, data.to_owned()))).expect("a file");
        assert_eq!(records, [(0, r#"{"id":9007199254740993}"#.to_owned())]);
    }

    #[test]
    fn a_line_that_cannot_be_sent_is_told_by_its_number() {
        let folder = tempfile::tempdir().expect("a folder");
        for (text, told) in [
            ("{}\nplain text\n", "line 2: it is no JSON object"),
            ("{\"type\":\"RECORD\",\"record\":{\"stream\":\"c\",\"data\":{}}}", "line 1: the catalog has no stream c"),
            ("{\"type\":\"RECORD\",\"record\":3}", "line 1: it names no stream"),
            ("{\"type\":\"STATE\"}", "line 1: it is no message that a destination can be sent"),
        ] {
            let failed = own(folder.path(), text).pieces().expect("a file").find_map(Result::err);
            assert_eq!(failed.map(|error| error.to_string()).as_deref(), Some(told), "{text}");
        }
    }
}
