//! The one pass over a launch's output: store, split, decode, fold, hand on.

use super::decode::{place_in, text_of};
use super::last_words::LastWords;
use super::{Decoded, Decoder, HELD, Line, Lines, RawLine, Secrets, Summary, TranscriptWriter};
use crate::launch::{Channel, Chunk};
use crate::protocol::Descriptor;
use std::collections::HashMap;
use std::io;
use std::time::Duration;

/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Whoever wants to see every line.
pub trait Watcher {
    /// Takes the next line, with the summary that already counts it.
    fn watch(&mut self, line: &Line<'_>, summary: &Summary);
}

/// A pass under way.
pub struct Pass<W> {
    stdout: Lines,
    stderr: Lines,
    writer: Option<TranscriptWriter>,
    desk: Desk<W>,
}

/// Where lines are decoded.
struct Desk<W> {
    secrets: Secrets,
    streams: StreamPlaces,
    decoder: Decoder,
    summary: Summary,
    last_words: LastWords,
    watcher: W,
}

impl<W: Watcher> Pass<W> {
    /// A pass over the output of a launch with these streams in its configured catalog.
    pub fn new(streams: &[Descriptor], secrets: Secrets, writer: Option<TranscriptWriter>, watcher: W) -> Self {
        let desk = Desk {
            secrets,
            streams: StreamPlaces::new(streams),
            decoder: Decoder::default(),
            summary: Summary::new(streams.len()),
            last_words: LastWords::default(),
            watcher,
        };
        Pass { stdout: Lines::default(), stderr: Lines::default(), writer, desk }
    }

    /// Takes the next piece of output. Errs when it can't be stored; it is judged all the same.
    pub fn feed(&mut self, chunk: &Chunk) -> io::Result<()> {
        let stored = self.writer.as_mut().map_or(Ok(()), |writer| writer.write(chunk));
        if stored.is_err() {
            self.writer = None;
        }
        let desk = &mut self.desk;
        desk.summary.hear(chunk.channel, chunk.at);
        match chunk.channel {
            Channel::Stdout => self.stdout.feed(&chunk.bytes, |line| desk.take_stdout(line, chunk.at)),
            Channel::Stderr => self.stderr.feed(&chunk.bytes, |line| desk.take_text(Channel::Stderr, line, chunk.at)),
            // Each piece is one command line, whatever line breaks its arguments have.
            Channel::CommandLine => desk.take_command_line(&chunk.bytes, chunk.at),
        }
        stored
    }

    /// Takes what is left when the output has ended, and gives back what it was given with what it found.
    pub fn finish(mut self, at: Duration) -> (W, Summary, Option<TranscriptWriter>) {
        let desk = &mut self.desk;
        self.stdout.finish(|line| desk.take_stdout(line, at));
        self.stderr.finish(|line| desk.take_text(Channel::Stderr, line, at));
        desk.summary.last_on_stderr = desk.last_words.told(&desk.secrets);
        (self.desk.watcher, self.desk.summary, self.writer)
    }
}

impl<W: Watcher> Desk<W> {
    fn take_stdout(&mut self, raw: RawLine<'_>, at: Duration) {
        let byte_order_mark = raw.bytes.starts_with(BYTE_ORDER_MARK);
        let skipped = if byte_order_mark { BYTE_ORDER_MARK.len() } else { 0 };
        let (text, invalid_utf8) = text_of(&raw.bytes[skipped..]);
        let mut found = self.decoder.decode(&text, raw.length <= HELD as u64);
        let place = |at: usize| skipped + place_in(&raw.bytes[skipped..], at);
        if let Decoded::NonFinite { at, .. } | Decoded::Torn { at, opening: true } = &mut found.decoded {
            *at = place(*at);
        }
        let stream = self.stream_of(&found.decoded);
        let line = Line {
            number: self.summary.lines + 1,
            channel: Channel::Stdout,
            at,
            bytes: raw.bytes,
            length: raw.length,
            terminated: raw.terminated,
            invalid_utf8: invalid_utf8.map(|at| skipped + at),
            byte_order_mark,
            trailing: found.trailing.map(place),
            beside: found.beside,
            decoded: found.decoded,
            stream,
            leaks: self.secrets.leaks(raw.bytes),
        };
        self.hand_on(&line);
    }

    fn take_command_line(&mut self, bytes: &[u8], at: Duration) {
        self.take_text(Channel::CommandLine, RawLine { bytes, length: bytes.len() as u64, terminated: true }, at);
    }

    /// Takes what is no message, whatever it says.
    fn take_text(&mut self, channel: Channel, raw: RawLine<'_>, at: Duration) {
        if channel == Channel::Stderr {
            self.last_words.hear(raw.bytes);
        }
        let line = Line {
            number: self.summary.count_of(channel) + 1,
            channel,
            at,
            bytes: raw.bytes,
            length: raw.length,
            terminated: raw.terminated,
            invalid_utf8: None,
            byte_order_mark: false,
            trailing: None,
            beside: None,
            decoded: Decoded::Text { lost: false },
            stream: None,
            leaks: self.secrets.leaks(raw.bytes),
        };
        self.hand_on(&line);
    }

    fn hand_on(&mut self, line: &Line<'_>) {
        self.summary.absorb(line);
        self.watcher.watch(line, &self.summary);
    }

    fn stream_of(&mut self, decoded: &Decoded<'_>) -> Option<usize> {
        let Decoded::Message(message) = decoded else { return None };
        let (name, namespace) = message.stream()?;
        self.streams.find(name, namespace)
    }
}

/// Finds a stream's place in the configured catalog. Records come in runs, so the last place is tried first.
struct StreamPlaces {
    streams: Vec<Descriptor>,
    places: HashMap<Descriptor, usize, foldhash::fast::RandomState>,
    last: usize,
}

impl StreamPlaces {
    fn new(streams: &[Descriptor]) -> Self {
        let places = streams.iter().enumerate().map(|(place, stream)| (stream.clone(), place)).collect();
        StreamPlaces { streams: streams.to_vec(), places, last: 0 }
    }

    fn find(&mut self, name: &str, namespace: Option<&str>) -> Option<usize> {
        let last = self.streams.get(self.last);
        if last.is_some_and(|last| last.name == name && last.namespace.as_deref() == namespace) {
            return Some(self.last);
        }
        let descriptor = Descriptor { name: name.to_owned(), namespace: namespace.map(str::to_owned) };
        let place = self.places.get(&descriptor).copied()?;
        self.last = place;
        Some(place)
    }
}
