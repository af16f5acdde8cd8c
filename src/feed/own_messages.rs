//! Messages that the suite's author has in a file, as a destination gets them.

use super::{Lines, Relocation, record_to, state_to, status, status_to};
use crate::protocol::{Descriptor, items, pick};
use bytes::Bytes;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::sync::Arc;

/// A file of messages, one a line, as a source puts them out. Records, states and statuses of streams are sent, of the streams that
/// stand for theirs; other messages are passed over. A stream of which no status tells the end is complete when the file ends.
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
    /// A message that a platform keeps from destinations, or an empty line.
    Other,
}

/// The types of messages that a platform keeps from destinations.
const KEPT_BACK: [&str; 6] = ["LOG", "TRACE", "CONTROL", "SPEC", "CONNECTION_STATUS", "CATALOG"];

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
            states_of: None,
            ended: HashSet::new(),
            is_over: false,
        })
    }

    /// Gives each record of the file: the number of its line, the place of its stream, and its data as written. Then says of each
    /// stream whether its last status is INCOMPLETE. Errs like the pieces.
    pub fn each_record(&self, mut each: impl FnMut(u64, usize, &str)) -> io::Result<Vec<bool>> {
        let (mut number, mut broken_off) = (0, vec![false; self.streams.len()]);
        let mut lines = BufReader::with_capacity(PIECE, File::open(&self.path)?);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            number += 1;
            let text = text_of(&line, number)?;
            match sort_of(text, number)? {
                Sort::Record => {
                    let place = self.place(text, &["record"], "stream", number)?;
                    each(number, place, data_of(text, number)?);
                }
                Sort::Status => {
                    let place = self.place(text, &STATUS_STREAM, "name", number)?;
                    broken_off[place] = picked(text, &["trace", "stream_status", "status"]) == Some("\"INCOMPLETE\"");
                }
                Sort::State | Sort::Other => {}
            }
            line.clear();
        }
        Ok(broken_off)
    }

    /// The place of the stream that an object within a message names.
    fn place(&self, text: &str, path: &[&str], name: &str, number: u64) -> io::Result<usize> {
        let member = |last: &str| {
            let path: Vec<&str> = path.iter().copied().chain([last]).collect();
            picked(text, &path).and_then(|value| serde_json::from_str::<Option<String>>(value).ok().flatten())
        };
        let Some(stream) = member(name) else { return Err(wrong(number, "it names no stream")) };
        // To the platform an empty namespace is none.
        let stream = Descriptor { name: stream, namespace: member("namespace").filter(|it| !it.is_empty()) };
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
    /// Of what type the states are: a source gives states of one.
    states_of: Option<String>,
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
        let sent = match sort_of(text, number)? {
            Sort::Other => return Ok(None),
            Sort::Record => {
                let there = self.own.there(self.own.place(text, &["record"], "stream", number)?);
                data_of(text, number)?;
                if picked(text, &["record", "emitted_at"]).is_none_or(|at| at.parse::<i64>().is_err()) {
                    return Err(wrong(number, "a record needs `emitted_at`, in whole milliseconds"));
                }
                there.and_then(|there| record_to(text, &there))
            }
            Sort::Status => {
                let place = self.own.place(text, &STATUS_STREAM, "name", number)?;
                let word = picked(text, &["trace", "stream_status", "status"]);
                if matches!(word, Some("\"COMPLETE\"" | "\"INCOMPLETE\"")) {
                    self.ended.insert(place);
                }
                self.own.there(place).and_then(|there| status_to(text, &there))
            }
            Sort::State => {
                let of = picked(text, &["state", "type"]).unwrap_or("\"LEGACY\"").to_owned();
                if self.states_of.get_or_insert_with(|| of.clone()) != &of {
                    return Err(wrong(number, "a source gives states of one type, and those before are of another"));
                }
                self.look_at_state(text, &of, number)?;
                self.states += 1;
                state_to(text, self.states, &self.own.relocation)
            }
        };
        sent.map(Some).ok_or_else(|| wrong(number, "it is no message that a destination can be sent"))
    }

    /// Errs where a state is of a stream that is not among these.
    fn look_at_state(&self, text: &str, of: &str, number: u64) -> io::Result<()> {
        match of {
            "\"STREAM\"" => self.own.place(text, &["state", "stream", "stream_descriptor"], "name", number).map(drop),
            "\"GLOBAL\"" => {
                let listed = picked(text, &["state", "global", "stream_states"]).and_then(items);
                let listed = listed.ok_or_else(|| wrong(number, "a GLOBAL state without `stream_states`"))?;
                for state in listed {
                    self.own.place(state, &["stream_descriptor"], "name", number)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
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

/// Where a status names its stream.
const STATUS_STREAM: [&str; 3] = ["trace", "stream_status", "stream_descriptor"];

/// What stands for an empty line.
const EMPTY: &str = "{}";

/// A line as text, an empty one as an empty object.
fn text_of(line: &[u8], number: u64) -> io::Result<&str> {
    let text = std::str::from_utf8(line).map_err(|_| wrong(number, "it is no UTF-8"))?;
    let text = if number == 1 { text.trim_start_matches('\u{feff}') } else { text }.trim();
    match text.is_empty() {
        true => Ok(EMPTY),
        false if serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() || !text.starts_with('{') => {
            Err(wrong(number, "it is no JSON object"))
        }
        false => Ok(text),
    }
}

fn sort_of(text: &str, number: u64) -> io::Result<Sort> {
    let word = picked(text, &["type"]).map(|word| word.trim_matches('"'));
    Ok(match word {
        Some("RECORD") => Sort::Record,
        Some("STATE") => Sort::State,
        Some("TRACE") if picked(text, &["trace", "stream_status"]).is_some_and(|it| it != "null") => Sort::Status,
        Some(other) if KEPT_BACK.contains(&other) => Sort::Other,
        None if text == EMPTY => Sort::Other,
        _ => return Err(wrong(number, "its `type` is none of the protocol's")),
    })
}

/// The data of a record, which must be an object.
fn data_of(text: &str, number: u64) -> io::Result<&str> {
    let data = picked(text, &["record", "data"]).filter(|data| data.starts_with('{'));
    data.ok_or_else(|| wrong(number, "a record needs `data`, an object"))
}

fn picked<'t>(text: &'t str, path: &[&str]) -> Option<&'t str> {
    pick(text, &path.iter().map(|&part| part.to_owned()).collect::<Vec<_>>())
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
        let broken_off = own.each_record(|line, place, data| records.push((line, place, data.to_owned())));
        assert_eq!(broken_off.expect("a file"), [false, false]);
        assert_eq!(records, [(3, 0, r#"{"id":9007199254740993}"#.to_owned())]);
    }

    #[test]
    fn a_line_that_cannot_be_sent_is_told_by_its_number() {
        let folder = tempfile::tempdir().expect("a folder");
        for (text, told) in [
            ("\nplain text\n", "line 2: it is no JSON object"),
            ("{\"type\":\"record\"}", "line 1: its `type` is none of the protocol's"),
            (
                "{\"type\":\"RECORD\",\"record\":{\"stream\":\"a\",\"data\":[],\"emitted_at\":1}}",
                "line 1: a record needs `data`, an object",
            ),
            (
                "{\"type\":\"RECORD\",\"record\":{\"stream\":\"a\",\"data\":{}}}",
                "line 1: a record needs `emitted_at`, in whole milliseconds",
            ),
            (
                "{\"type\":\"STATE\",\"state\":{\"data\":{}}}\n{\"type\":\"STATE\",\"state\":{\"type\":\"GLOBAL\"}}",
                "line 2: a source gives states of one type, and those before are of another",
            ),
            (
                "{\"type\":\"STATE\",\"state\":{\"type\":\"STREAM\",\"stream\":{\"stream_descriptor\":{\"name\":\"c\"}}}}",
                "line 1: the catalog has no stream c",
            ),
            ("{\"type\":\"RECORD\",\"record\":{\"stream\":\"c\",\"data\":{}}}", "line 1: the catalog has no stream c"),
            ("{\"type\":\"RECORD\",\"record\":3}", "line 1: it names no stream"),
            ("{\"type\":\"STATE\"}", "line 1: it is no message that a destination can be sent"),
        ] {
            let failed = own(folder.path(), text).pieces().expect("a file").find_map(Result::err);
            assert_eq!(failed.map(|error| error.to_string()).as_deref(), Some(told), "{text}");
        }
    }
}
