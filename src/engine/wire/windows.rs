//! The lines around evidence, out of the transcripts.

use super::{beginning, kind_of, shown, stream_of};
use crate::capture::{Decoder, Lines, RawLine, StoredTranscript};
use crate::engine::facts::round;
use crate::launch::Channel;
use crate::verdict::{Results, Wire, WireLine};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

/// How many lines are shown before and after each piece of evidence.
const AROUND: u64 = 3;
/// How many pieces of evidence of a launch have their surroundings shown.
const PIECES: usize = 12;
/// How many lines all launches together show around evidence.
const LINES: usize = 4_000;

/// The numbers of lines, on stdout and on stderr.
type Numbers = [BTreeSet<u64>; 2];

/// Adds the lines around the evidence of findings, the heaviest first, to what is shown of their launches. A transcript that can't
/// be read adds none.
pub fn add(results: &mut Results, transcripts: &Path) {
    for (launch, numbers) in wanted(results) {
        let Some(facts) = results.launches.iter_mut().find(|facts| facts.id == launch) else { continue };
        let wire = facts.wire.get_or_insert_with(Wire::default);
        let known: BTreeSet<_> = wire.lines.iter().map(|line| (line.stderr, line.number)).collect();
        let lines = fetch(&transcripts.join(&launch), &numbers);
        wire.lines.extend(lines.into_iter().filter(|line| !known.contains(&(line.stderr, line.number))));
        wire.lines.sort_by(|one, other| (one.at.total_cmp(&other.at)).then(one.number.cmp(&other.number)));
    }
}

fn wanted(results: &Results) -> BTreeMap<String, Numbers> {
    let mut wanted: BTreeMap<String, (usize, Numbers)> = BTreeMap::new();
    let mut room = LINES;
    for evidence in results.findings.iter().flat_map(|finding| &finding.evidence) {
        let Some(number) = evidence.message else { continue };
        let (pieces, numbers) = wanted.entry(evidence.launch.clone()).or_default();
        let window = number.saturating_sub(AROUND).max(1)..=number.saturating_add(AROUND);
        let own = &mut numbers[usize::from(evidence.stderr)];
        let new = window.clone().filter(|number| !own.contains(number)).count();
        if *pieces < PIECES && new <= room {
            *pieces += 1;
            room -= new;
            own.extend(window);
        }
    }
    wanted.into_iter().map(|(launch, (_, numbers))| (launch, numbers)).collect()
}

/// Lines of a stored transcript, which has no secrets.
fn fetch(folder: &Path, numbers: &Numbers) -> Vec<WireLine> {
    let Ok(stored) = StoredTranscript::open(folder) else { return Vec::new() };
    let mut channels = [Reading::new(false, &numbers[0]), Reading::new(true, &numbers[1])];
    // What could be read until it broke off is shown.
    let _read = stored.replay(|chunk| match chunk.channel {
        Channel::Stdout => channels[0].feed(&chunk.bytes, chunk.at),
        Channel::Stderr => channels[1].feed(&chunk.bytes, chunk.at),
        Channel::CommandLine => {}
    });
    channels.into_iter().flat_map(Reading::finish).collect()
}

/// One channel of a transcript.
struct Reading<'n> {
    wanted: &'n BTreeSet<u64>,
    lines: Lines,
    taken: Taken,
}

struct Taken {
    stderr: bool,
    number: u64,
    at: Duration,
    lines: Vec<WireLine>,
}

impl<'n> Reading<'n> {
    fn new(stderr: bool, wanted: &'n BTreeSet<u64>) -> Self {
        let taken = Taken { stderr, number: 0, at: Duration::ZERO, lines: Vec::new() };
        Reading { wanted, lines: Lines::default(), taken }
    }

    fn feed(&mut self, bytes: &[u8], at: Duration) {
        self.taken.at = at;
        if self.wanted.last().is_some_and(|last| self.taken.number < *last) {
            self.lines.feed(bytes, |line| self.taken.take(line, self.wanted));
        }
    }

    fn finish(mut self) -> Vec<WireLine> {
        self.lines.finish(|line| self.taken.take(line, self.wanted));
        self.taken.lines
    }
}

impl Taken {
    fn take(&mut self, raw: RawLine<'_>, wanted: &BTreeSet<u64>) {
        self.number += 1;
        if !wanted.contains(&self.number) {
            return;
        }
        let text = String::from_utf8_lossy(raw.bytes);
        // Each line by itself: what is spread over several is no message in any of them.
        let found =
            Decoder::default().decode(text.trim_start_matches('\u{feff}'), raw.length == raw.bytes.len() as u64);
        let is_output = !self.stderr;
        self.lines.push(WireLine {
            number: self.number,
            stderr: self.stderr,
            at: round(self.at.as_secs_f64()),
            kind: kind_of(&found.decoded).filter(|_| is_output),
            stream: stream_of(&found.decoded).filter(|_| is_output),
            length: raw.length,
            text: shown(&beginning(raw.bytes)),
        });
    }
}
