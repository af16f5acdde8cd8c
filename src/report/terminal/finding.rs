//! A finding, as a compiler tells it: what, where, the evidence, why, how to mend it.

use super::{BOLD, DIM, level_style};
use crate::report::wording::place;
use crate::rules::{Evidence, Level};
use crate::text;
use crate::verdict::{FindingResult, SinceMark};
use std::collections::HashMap;
use std::io::{self, Write};

/// How wide an excerpt is shown, in characters.
const EXCERPT: usize = 160;

/// How many pieces of evidence are shown; the report has more.
const EVIDENCE: usize = 3;

/// Writes findings, those of a rule one below the other: why it matters and how to mend it stand with the last of them.
pub fn write_findings(findings: &[&FindingResult], out: &mut dyn Write) -> io::Result<()> {
    let mut groups: Vec<Vec<&FindingResult>> = Vec::new();
    let mut places: HashMap<(&str, Level), usize> = HashMap::new();
    for finding in findings {
        let place = *places.entry((finding.rule.as_str(), finding.level)).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(finding);
    }
    for group in groups {
        let last = group.len() - 1;
        for (at, finding) in group.into_iter().enumerate() {
            write_finding(finding, at == last, out)?;
        }
    }
    Ok(())
}

/// Writes a finding, with what its rule's page says of it where that is wanted.
fn write_finding(finding: &FindingResult, explains: bool, out: &mut dyn Write) -> io::Result<()> {
    let word = match finding.level {
        Level::Must => "error",
        Level::Should => "warning",
        Level::Info => "info",
    };
    let style = level_style(finding.level);
    writeln!(
        out,
        "{style}{word}[{} {}]{style:#}: {BOLD}{}{BOLD:#}",
        text::visible(&finding.rule),
        text::visible(&finding.name),
        text::visible(&finding.title)
    )?;
    let mark = if finding.since == Some(SinceMark::New) { ", new" } else { "" };
    writeln!(out, "  {DIM}-->{DIM:#} {}{mark}", place(finding))?;
    if finding.message != finding.title {
        note(out, "what", &finding.message)?;
    }
    for evidence in finding.evidence.iter().take(EVIDENCE) {
        write_evidence(evidence, finding.launches.len() > 1, out)?;
    }
    if explains {
        note(out, "why", first_sentences(&finding.why))?;
        note(out, "help", first_sentences(&finding.help))?;
    }
    if let Some(again) = &finding.reproduction {
        note(out, "again", &again.command)?;
        let config = if again.launch.contains(" --config ") { "   (with your own config as config.json)" } else { "" };
        note(out, "or", &format!("{}{config}", again.launch))?;
    }
    if explains {
        note(out, "explain", &format!("airproof explain {}", finding.rule))?;
    }
    writeln!(out)
}

/// Writes findings that are accepted, each in a line with its reason.
pub fn write_waived(findings: &[&FindingResult], out: &mut dyn Write) -> io::Result<()> {
    for finding in findings {
        let (title, reason) = (text::visible(&finding.title), text::visible(finding.waived.as_deref().unwrap_or("")));
        writeln!(
            out,
            "{DIM}waived[{} {}]:{DIM:#} {title} {DIM}({reason}){DIM:#}",
            text::visible(&finding.rule),
            text::visible(&finding.name)
        )?;
    }
    if findings.is_empty() { Ok(()) } else { writeln!(out) }
}

fn note(out: &mut dyn Write, word: &str, text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    writeln!(out, "   {DIM}={DIM:#} {word}: {}", text::visible(text).replace('⏎', " "))
}

fn write_evidence(evidence: &Evidence, names_launch: bool, out: &mut dyn Write) -> io::Result<()> {
    let channel = if evidence.stderr { "stderr line" } else { "message" };
    let at = evidence.pointer.as_ref().map(|pointer| format!(" at {}", text::visible(pointer))).unwrap_or_default();
    if let Some(number) = evidence.message {
        let launch = if names_launch { format!("{}, ", text::visible(&evidence.launch)) } else { String::new() };
        writeln!(out, "   {DIM}|{DIM:#} {launch}{channel} {}{at}", text::count(number))?;
    }
    if let Some(excerpt) = &evidence.excerpt {
        writeln!(out, "   {DIM}|{DIM:#}   {}", text::shorten(&text::visible(excerpt), EXCERPT))?;
    }
    if evidence.message.is_none() && names_launch {
        writeln!(out, "   {DIM}|{DIM:#} {}", text::visible(&evidence.launch))?;
    }
    if let (Some(expected), Some(actual)) = (&evidence.expected, &evidence.actual) {
        let (expected, actual) = (text::visible(expected), text::visible(actual));
        writeln!(
            out,
            "   {DIM}|{DIM:#}   expected {}, found {}",
            text::shorten(&expected, EXCERPT),
            text::shorten(&actual, EXCERPT)
        )?;
    }
    Ok(())
}

/// The first paragraph of a page's section, which says the most.
fn first_sentences(section: &str) -> &str {
    section.split("\n\n").next().unwrap_or(section)
}
