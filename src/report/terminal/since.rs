//! What has changed since an earlier run, a line for each finding.

use super::{BOLD, DIM, level_style};
use crate::report::wording::{line, since_counts};
use crate::rules::Level;
use crate::text;
use crate::verdict::{Fixed, Results, Same, SinceMark};
use anstyle::AnsiColor;
use std::io::{self, Write};

/// How many findings of a kind are told.
const SHOWN: usize = 30;

/// The column of the word: as wide as the widest, and right-aligned.
const COLUMN: usize = 13;

/// How long a title may be, in characters.
const TITLE: usize = 100;

/// Writes what is new, fixed and still there, if results were compared with an earlier run.
pub fn write_since(results: &Results, out: &mut dyn Write) -> io::Result<()> {
    let Some(since) = &results.since else { return Ok(()) };
    let of = |mark| {
        let findings = results.findings.iter().filter(move |finding| finding.since == Some(mark));
        findings.map(|it| (it.level, it.rule.as_str(), it.title.as_str(), it.scenario.as_deref())).collect::<Vec<_>>()
    };
    let gone = |fixed: &'_ [Fixed]| -> Vec<(Level, String, String, Option<String>)> {
        let entry = |it: &Fixed| (it.level, it.rule.clone(), it.title.clone(), it.scenario.clone());
        fixed.iter().map(entry).collect()
    };
    let (run, begun) = (text::visible(&since.run), text::date(&since.started_at));
    let begun = text::visible(&begun);
    writeln!(out, "{BOLD}Since run {run}{BOLD:#} {DIM}of {begun}: {}{DIM:#}", since_counts(since))?;
    let lost = |fixed: &[Fixed], word, out: &mut dyn Write| {
        let entries = gone(fixed);
        let entries = entries
            .iter()
            .map(|(level, rule, title, scenario)| (*level, rule.as_str(), title.as_str(), scenario.as_deref()));
        write_kind(word, &entries.collect::<Vec<_>>(), out)
    };
    write_kind("NEW", &of(SinceMark::New), out)?;
    lost(&since.fixed, "FIXED", out)?;
    write_kind("STILL FAILING", &of(SinceMark::Still), out)?;
    lost(&since.not_judged, "NOT JUDGED", out)?;
    for flaky in since.flaky.iter().take(SHOWN) {
        let why = match flaky.same {
            Same::Image => {
                "another outcome with the same image and suite: it depends on chance, or on data that change"
            }
            Same::Command => "another outcome with the same command and suite: flaky, unless the program was changed",
        };
        writeln!(out, "{:>COLUMN$} {} {DIM}{why}{DIM:#}", "FLAKY", line(&flaky.rule, TITLE))?;
    }
    writeln!(out)
}

/// Level, rule, title and scenario of a finding.
type Entry<'r> = (Level, &'r str, &'r str, Option<&'r str>);

fn write_kind(word: &str, entries: &[Entry<'_>], out: &mut dyn Write) -> io::Result<()> {
    for (level, rule, title, scenario) in entries.iter().take(SHOWN) {
        let style = if word == "FIXED" { AnsiColor::Green.on_default().bold() } else { level_style(*level) };
        let scenario = scenario.map(|name| format!(" {DIM}({}){DIM:#}", line(name, TITLE))).unwrap_or_default();
        writeln!(out, "{style}{word:>COLUMN$}{style:#} {} {}{scenario}", line(rule, TITLE), line(title, TITLE))?;
    }
    match entries.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => {
            writeln!(out, "{:>COLUMN$} {}", "", format_args!("and {} more, in the report", text::count(more as u64)))
        }
    }
}
