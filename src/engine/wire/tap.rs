//! What is kept of every line while it comes: the first and the last ones, states and the course of records.

use super::checkpoints::Checkpoints;
use super::course::Counting;
use super::{HELD, beginning, kind_of, shown};
use crate::capture::{Decoded, Line, Secrets, Summary};
use crate::engine::facts::round;
use crate::launch::Channel;
use crate::protocol::{ConfiguredCatalog, Descriptor, Kind};
use crate::rules;
use crate::verdict::{Wire, WireLine};
use std::collections::VecDeque;
use std::time::Duration;

/// How many lines are shown at the beginning of a channel, and how many at its end.
const FIRST: u64 = 5;
const LAST: usize = 5;

/// Looks on while a launch runs. Takes O(1) a line.
#[derive(Debug)]
pub struct Tap {
    streams: Vec<Descriptor>,
    catalog: Option<ConfiguredCatalog>,
    first: Vec<WireLine>,
    /// The last lines of stdout and of stderr.
    last: [VecDeque<Held>; 2],
    checkpoints: Checkpoints,
    course: Counting,
}

/// A line that may be among the last ones. Its buffer is used again for a later one.
#[derive(Debug, Default)]
struct Held {
    number: u64,
    at: Duration,
    kind: Option<Kind>,
    stream: Option<usize>,
    length: u64,
    bytes: Vec<u8>,
}

impl Tap {
    /// A tap on a launch with these streams.
    pub fn new(streams: &[Descriptor], catalog: Option<&ConfiguredCatalog>) -> Self {
        Tap {
            streams: streams.to_vec(),
            catalog: catalog.cloned(),
            first: Vec::new(),
            last: Default::default(),
            checkpoints: Checkpoints::default(),
            course: Counting::new(),
        }
    }

    /// Takes the next line, with the summary that counts it.
    pub fn watch(&mut self, line: &Line<'_>, summary: &Summary) {
        let kind = match &line.decoded {
            Decoded::Message(message) => Some(message.kind()),
            _ => None,
        };
        match (kind, &self.catalog) {
            (Some(Kind::Record), _) => self.course.record(line.at),
            (Some(Kind::State), Some(catalog)) => self.checkpoints.state(line, summary, catalog),
            _ => {}
        }
        let channel = match line.channel {
            Channel::Stdout => 0,
            Channel::Stderr => 1,
            Channel::CommandLine => return,
        };
        if line.number <= FIRST {
            return self.first.push(WireLine {
                number: line.number,
                stderr: line.channel == Channel::Stderr,
                at: round(line.at.as_secs_f64()),
                kind: kind_of(&line.decoded),
                stream: line.stream.and_then(|place| self.streams.get(place)).cloned(),
                length: line.length,
                text: beginning(line.bytes),
            });
        }
        let last = &mut self.last[channel];
        let mut held = if last.len() < LAST { Held::default() } else { last.pop_front().unwrap_or_default() };
        held.bytes.clear();
        // One byte more than is kept tells that there is more.
        held.bytes.extend_from_slice(&line.bytes[..line.bytes.len().min(HELD + 1)]);
        let (number, at, stream, length) = (line.number, line.at, line.stream, line.length);
        last.push_back(Held { number, at, kind, stream, length, ..held });
    }

    /// What is shown of the launch, without secrets.
    pub fn finish(self, secrets: &Secrets) -> Wire {
        let Tap { streams, first, last, checkpoints, course, .. } = self;
        let mut lines = first;
        for (channel, held) in last.into_iter().enumerate() {
            lines.extend(held.into_iter().map(|held| held.shown(channel == 1, &streams)));
        }
        lines.sort_by(|one, other| one.at.total_cmp(&other.at));
        for line in &mut lines {
            line.text = shown(&secrets.redact_excerpt(&line.text));
            line.stream.iter_mut().for_each(|stream| rules::conceal_stream(stream, secrets));
        }
        let mut checkpoints = checkpoints.finish();
        for point in &mut checkpoints {
            rules::conceal_stream(&mut point.stream, secrets);
            if let Some(cursor) = &mut point.cursor {
                *cursor = shown(&secrets.redact_excerpt(cursor));
            }
        }
        Wire { lines, checkpoints, course: course.finish() }
    }
}

impl Held {
    fn shown(self, stderr: bool, streams: &[Descriptor]) -> WireLine {
        WireLine {
            number: self.number,
            stderr,
            at: round(self.at.as_secs_f64()),
            kind: self.kind.map(|kind| kind.as_str().to_owned()),
            stream: self.stream.and_then(|place| streams.get(place)).cloned(),
            length: self.length,
            text: beginning(&self.bytes),
        }
    }
}
