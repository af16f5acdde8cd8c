//! Words that several forms of the report share: a text made harmless, where a finding shows, a finding in plain text.

use crate::rules::{Evidence, Level};
use crate::text::{self, count, shorten, visible};
use crate::verdict::{FindingResult, PipePace, PipeStream, Since, SinceMark};

/// How many streams are named.
const STREAMS: usize = 5;

/// How much of a stream's name is told, in characters: a finding is one line of a terminal, an annotation, a case.
const NAME: usize = 200;

/// How many pieces of evidence are told; `results.json` has all.
const EVIDENCE: usize = 3;

/// How many findings that are fixed are named.
const FIXED: usize = 100;

/// How long a piece of evidence may be, in characters.
const EXCERPT: usize = 240;

/// How long a paragraph may be, in characters.
const PARAGRAPH: usize = 1_200;

/// A text in one line of at most so many characters, with nothing that acts on a terminal or turns its direction.
pub(super) fn line(text: &str, limit: usize) -> String {
    // Cut before as well: an excerpt can have megabytes.
    shorten(&visible(&shorten(text, limit)), limit)
}

/// The same for a text that may have several lines.
pub(super) fn paragraph(text: &str, limit: usize) -> String {
    let lines: Vec<String> = shorten(text, limit).lines().map(visible).collect();
    shorten(&lines.join("\n"), limit)
}

/// `sandbox.read.full-refresh and 1 more, stream orders: 212 occurrences`.
pub(super) fn place(finding: &FindingResult) -> String {
    let launches = finding.shown_in();
    let mut place = launches.first().map(|launch| visible(launch)).unwrap_or_default();
    if launches.len() > 1 {
        place += &format!(" and {} more", launches.len() - 1);
    }
    let streams: Vec<String> =
        finding.streams.iter().take(STREAMS).map(|stream| visible(&shorten(&stream.to_string(), NAME))).collect();
    if !streams.is_empty() {
        let more = finding.streams.len().saturating_sub(STREAMS);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let noun = if finding.streams.len() == 1 { "stream" } else { "streams" };
        place += &format!(", {noun} {}{more}", streams.join(", "));
    }
    if finding.count > 1 {
        place += &format!(", {} occurrences", count(finding.count));
    }
    place
}

/// Where a piece of evidence stands: `message 1,042 of sandbox.read.full-refresh, at /record/data/total`.
pub(super) fn stands(evidence: &Evidence) -> String {
    let channel = if evidence.stderr { "stderr line" } else { "message" };
    let launch = line(&evidence.launch, EXCERPT);
    let place = evidence.message.map_or(launch.clone(), |number| format!("{channel} {} of {launch}", count(number)));
    let pointer = evidence.pointer.as_deref().filter(|pointer| !pointer.is_empty());
    place + &pointer.map(|pointer| format!(", at {}", line(pointer, EXCERPT))).unwrap_or_default()
}

/// The first pieces of evidence, each as the place and the lines under it.
pub(super) fn evidence(finding: &FindingResult) -> impl Iterator<Item = (String, Vec<String>)> {
    finding.evidence.iter().take(EVIDENCE).map(|evidence| {
        let mut lines: Vec<String> = evidence.excerpt.iter().map(|excerpt| line(excerpt, EXCERPT)).collect();
        if let (Some(expected), Some(actual)) = (&evidence.expected, &evidence.actual) {
            lines.push(format!("expected {}, found {}", line(expected, EXCERPT), line(actual, EXCERPT)));
        }
        (stands(evidence), lines)
    })
}

/// Whether a finding is new since the run that the results were compared with, in a word or two. None where they were not.
pub(super) fn since(finding: &FindingResult) -> Option<&'static str> {
    finding.since.map(|mark| match mark {
        SinceMark::New => "new",
        SinceMark::Still => "still there",
    })
}

/// `1 new, 2 fixed, 3 still there`, and how many were not judged, if any.
pub(super) fn since_counts(since: &Since) -> String {
    let mut counts = vec![
        format!("{} new", count(since.new)),
        format!("{} fixed", count(since.fixed.len() as u64)),
        format!("{} still there", count(since.still)),
    ];
    if !since.not_judged.is_empty() {
        counts.push(format!("{} not judged this time", count(since.not_judged.len() as u64)));
    }
    counts.join(", ")
}

/// What is fixed since then, each in a line.
pub(super) fn fixed(since: &Since) -> impl Iterator<Item = String> {
    since.fixed.iter().take(FIXED).map(|fixed| format!("{} {}", line(&fixed.rule, 80), line(&fixed.title, EXCERPT)))
}

/// The finding in plain text, bounded: what, where, evidence, why, how to mend it.
pub(super) fn account(finding: &FindingResult) -> String {
    let level = finding.level.as_str().to_uppercase();
    let mut told = vec![format!("{level} {}: {}", line(&finding.id, 80), line(&finding.title, EXCERPT))];
    told.push(format!("where: {}", line(&place(finding), PARAGRAPH)));
    told.extend(since(finding).map(|word| format!("since the earlier run: {word}")));
    if finding.message != finding.title {
        told.push(format!("what: {}", line(&finding.message, PARAGRAPH)));
    }
    for (place, lines) in evidence(finding) {
        told.push(place);
        told.extend(lines.into_iter().map(|line| format!("  {line}")));
    }
    for (word, text) in [("why", &finding.why), ("help", &finding.help)] {
        if !text.is_empty() {
            told.push(format!("{word}: {}", paragraph(text, PARAGRAPH)));
        }
    }
    if let Some(again) = &finding.reproduction {
        told.push(format!("again: {}", line(&again.command, PARAGRAPH)));
    }
    told.push(format!("explain: airproof explain {}", line(&finding.rule, 80)));
    told.join("\n")
}

/// The findings that nobody waived, the heaviest first.
pub(super) fn open(findings: &[FindingResult]) -> Vec<&FindingResult> {
    let mut open: Vec<&FindingResult> = findings.iter().filter(|finding| finding.waived.is_none()).collect();
    open.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    open
}

/// The rules of a level that open findings break, each once.
pub(super) fn broken(findings: &[FindingResult], level: Level) -> Vec<&str> {
    let open = findings.iter().filter(|finding| finding.level == level && finding.waived.is_none());
    let mut rules: Vec<&str> = open.map(|finding| finding.rule.as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// What is stored of a stream that was piped: `1,000 rows`, `999 of 1,000 rows`.
pub(super) fn rows_of(stream: &PipeStream) -> String {
    match (stream.rows, stream.expected_rows) {
        (None, _) => "nobody looked".to_owned(),
        (Some(rows), Some(expected)) if rows != expected => {
            format!("{} of {}", text::count(rows), text::plural(expected, "row"))
        }
        (Some(rows), _) => text::plural(rows, "row"),
    }
}

/// Whether two are the same, as far as that is known.
pub(super) fn same(is_same: Option<bool>) -> &'static str {
    match is_same {
        Some(true) => "the same",
        Some(false) => "not the same",
        None => "not compared",
    }
}

/// How fast one of a pair was, and what it used.
pub(super) fn pace_of(pace: &PipePace) -> String {
    let records = text::count(pace.records_per_second.round() as u64);
    let memory = pace.peak_memory.map(|bytes| format!(", at most {}", text::bytes(bytes))).unwrap_or_default();
    let seconds = text::seconds(pace.seconds);
    format!("{records} records/s, {:.1} MB/s in {seconds}{memory}", pace.megabytes_per_second)
}
