//! Questions for people: on a terminal and in a log.

use super::difference::Change;
use super::file::Trouble;
use super::mask;
use super::question::{Matter, NAMES, Question, Spot, name};
use super::text_difference::{Layout, SignedLine, difference, signed_lines};
use crate::text;
use anstyle::{AnsiColor, Style};
use serde_json::{Map, Value};
use std::io::{self, Write};

/// Differences that are shown of one question: the first of each kind.
const SHOWN: usize = 3;
/// Places that are listed as evidence.
const EVIDENCE: usize = 200;
/// Characters of a pointer or value in a line of evidence.
const LONGEST: usize = 100;

const TITLE: Style = AnsiColor::Yellow.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Writes a question and what differs, in so many columns.
pub fn question_with_difference(
    question: &Question,
    layout: Layout,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{TITLE}{}{TITLE:#}", question.title)?;
    writeln!(out, "{DIM}{}{DIM:#}", group(question))?;
    match &question.matter {
        Matter::Mask(proposals) => difference(None, Some(&Value::Object(mask::entry(proposals))), layout, width, out),
        Matter::First | Matter::Gone => evidence_lines(question, EVIDENCE / 10, out),
        Matter::Changed(_) => differences(question, layout, width, out),
    }
}

/// The kinds of changes, each once, with the file of the first.
fn differences(question: &Question, layout: Layout, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let shown = kinds(question);
    for (spot, change) in shown.iter().take(SHOWN) {
        writeln!(out, "\n{DIM}{}{DIM:#}", place(spot, change))?;
        let (before, after) = (named(change, change.before.as_ref()), named(change, change.after.as_ref()));
        difference(before.as_ref(), after.as_ref(), layout, width, out)?;
    }
    let more = question.places().saturating_sub(shown.len().min(SHOWN));
    if more > 0 {
        writeln!(out, "\n{DIM}and in {} (e shows all){DIM:#}", text::plural(more as u64, "more place"))?;
    }
    Ok(())
}

/// The first change of each kind, with its file.
fn kinds(question: &Question) -> Vec<(&Spot, &Change)> {
    let all = question.spots.iter().flat_map(|spot| spot.changes.iter().map(move |change| (spot, change)));
    let mut shown: Vec<(&Spot, &Change)> = Vec::new();
    for (spot, change) in all {
        let is_alike = |(other, known): &(&Spot, &Change)| {
            other.subject.aspect() == spot.subject.aspect() && known.what == change.what
        };
        if !shown.iter().any(is_alike) {
            shown.push((spot, change));
        }
    }
    shown
}

/// What differs in one place.
pub struct PlaceDifference {
    /// Which file, stream, scenario and member, in words.
    pub place: String,
    /// The lines.
    pub lines: Vec<SignedLine>,
    /// How many lines are left out.
    pub more: usize,
}

/// What differs, for a report: the first of each kind of change, or the mask that is proposed.
pub fn place_differences(question: &Question) -> Vec<PlaceDifference> {
    let told = |place: String, before: Option<&Value>, after: Option<&Value>| {
        let (lines, more) = signed_lines(before, after);
        PlaceDifference { place, lines, more }
    };
    match &question.matter {
        Matter::Mask(proposals) => {
            vec![told("normalize.yml".to_owned(), None, Some(&Value::Object(mask::entry(proposals))))]
        }
        Matter::First | Matter::Gone => Vec::new(),
        Matter::Changed(_) => {
            let shown = kinds(question).into_iter().take(SHOWN);
            let one = |(spot, change): (&Spot, &Change)| {
                let (before, after) = (named(change, change.before.as_ref()), named(change, change.after.as_ref()));
                told(place(spot, change), before.as_ref(), after.as_ref())
            };
            shown.map(one).collect()
        }
    }
}

/// A value under the name of what it is the value of.
fn named(change: &Change, value: Option<&Value>) -> Option<Value> {
    let key = change.pointer.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
    let value = value?.clone();
    if change.pointer.is_empty() { Some(value) } else { Some(Value::Object(Map::from_iter([(key, value)]))) }
}

fn place(spot: &Spot, change: &Change) -> String {
    let stream = spot.subject.stream().map(|stream| format!(" of {}", name(stream))).unwrap_or_default();
    let pointer = text::shorten(&text::visible(&change.pointer), LONGEST);
    format!("{}{stream} in `{}` {pointer}", spot.subject.aspect(), text::visible(&spot.scenario)).trim_end().to_owned()
}

/// In how many files, streams and scenarios.
fn group(question: &Question) -> String {
    if let Matter::Mask(proposals) = &question.matter {
        return format!("{} for normalize.yml", text::plural(proposals.len() as u64, "proposal"));
    }
    let mut aspects: Vec<&str> = question.spots.iter().map(|spot| spot.subject.aspect()).collect();
    aspects.sort_unstable();
    aspects.dedup();
    let counts = [
        (question.streams().len(), "stream"),
        (question.spots.len(), "file"),
        (question.places(), "place"),
        (question.scenarios().len(), "scenario"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, noun)| text::plural(*count as u64, noun)).collect();
    format!("{} · {}", aspects.join(", "), counts.join(" · "))
}

/// Writes all places of a question with what was and what is there.
pub(super) fn evidence(question: &Question, out: &mut dyn Write) -> io::Result<()> {
    match &question.matter {
        Matter::Mask(proposals) => {
            for proposal in proposals.iter().take(EVIDENCE) {
                let stream = proposal.text("stream").map_or("all streams".to_owned(), |name| format!("`{name}`"));
                let reason = proposal.text("reason").unwrap_or_else(|| "there is no more to tell".to_owned());
                writeln!(out, "  {stream}: {reason}")?;
            }
            let more = proposals.len().saturating_sub(EVIDENCE) as u64;
            if more > 0 { writeln!(out, "  … {} more", text::plural(more, "stream")) } else { Ok(()) }
        }
        _ => evidence_lines(question, EVIDENCE, out),
    }
}

fn evidence_lines(question: &Question, most: usize, out: &mut dyn Write) -> io::Result<()> {
    let all = question.spots.iter().flat_map(|spot| spot.changes.iter().map(move |change| (spot, change)));
    for (spot, change) in all.take(most) {
        write!(out, "  {}", place(spot, change))?;
        if let Matter::Changed(_) = question.matter {
            let told = |value: &Option<Value>| match value {
                None => "nothing".to_owned(),
                Some(value) => text::visible(&text::json(value, LONGEST)),
            };
            write!(out, "{DIM}: {} → {}{DIM:#}", told(&change.before), told(&change.after))?;
        }
        writeln!(out)?;
    }
    let more = question.places().saturating_sub(most);
    if more > 0 { writeln!(out, "  … {} more", text::plural(more as u64, "place")) } else { Ok(()) }
}

/// Writes the questions, one line each with its id, and what is done about them: `command` is `airproof accept` with what
/// leads to these baselines. `troubles` are what can't be used.
pub fn list(questions: &[Question], troubles: &[Trouble], command: &str, out: &mut dyn Write) -> io::Result<()> {
    if questions.is_empty() && !troubles.is_empty() {
        return writeln!(out, "Nothing else is pending. {}", told_unusable(troubles));
    }
    if questions.is_empty() {
        return writeln!(out, "Nothing is pending: the baselines are as the last run saw them.");
    }
    let verb = if questions.len() == 1 { "waits" } else { "wait" };
    writeln!(out, "{} {verb} for an answer:\n", text::plural(questions.len() as u64, "question"))?;
    for Question { id, title, .. } in questions {
        writeln!(out, "{TITLE}{id}{TITLE:#}  {title}")?;
    }
    writeln!(out, "\nTo accept one, or all:\n")?;
    for Question { id, .. } in questions {
        writeln!(out, "  {command} --only {id}")?;
    }
    writeln!(out, "  {command} --all")?;
    if questions.iter().any(|question| question.matter == Matter::Gone) {
        writeln!(out, "  {command} --stale    # what is no longer there: --all leaves it")?;
    }
    if !troubles.is_empty() {
        writeln!(out, "\n{}", told_unusable(troubles))?;
    }
    Ok(())
}

/// Which files nothing is known of, in a sentence.
pub fn told_unusable(troubles: &[Trouble]) -> String {
    let shown = troubles.iter().take(NAMES).map(|trouble| text::visible(&trouble.path.display().to_string()));
    let more = match troubles.len().saturating_sub(NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let names = shown.collect::<Vec<_>>().join(", ");
    format!("What can't be used was compared with nothing: {names}{more}.")
}
