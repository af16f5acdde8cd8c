//! What a run comes to: can it be trusted, how much was judged, the verdict, and what to do next.

use super::{BOLD, DIM, level_style, status_cell};
use crate::exit::Exit;
use crate::rules::Level;
use crate::text;
use crate::verdict::{LaunchState, Results, Status};
use std::io::{self, Write};
use std::time::Duration;

/// How many of the slowest launches are told.
const SLOWEST: usize = 3;

/// How long the slowest launch has to take for that to be told.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// What waits for an answer, and how it is given.
pub fn write_unreviewed(results: &Results, out: &mut dyn Write) -> io::Result<()> {
    if results.run.unreviewed == 0 {
        return Ok(());
    }
    let path = results.run.suite.path.as_ref().map(|path| format!(" {}", text::visible(path))).unwrap_or_default();
    let questions = text::plural(results.run.unreviewed, "question");
    let wait = if results.run.unreviewed == 1 { "waits" } else { "wait" };
    match results.run.exit_code == Exit::Unreviewed.code() {
        true => writeln!(
            out,
            "{questions} about baselines {wait} for an answer: run without --locked, then airproof review{path}\n"
        ),
        false => writeln!(out, "{questions} about baselines {wait} for an answer: airproof review{path}\n"),
    }
}

/// Writes what could make a pass meaningless.
pub fn write_doubts(results: &Results, out: &mut dyn Write) -> io::Result<()> {
    if results.doubts.is_empty() {
        return Ok(());
    }
    writeln!(out, "{BOLD}Can this be trusted?{BOLD:#}")?;
    for doubt in &results.doubts {
        writeln!(out, "  {DIM}·{DIM:#} {}", text::visible(&doubt.message))?;
    }
    writeln!(out)
}

/// Writes the last lines: counts, files, the verdict with the next command.
pub fn write_summary(results: &Results, files: &[String], out: &mut dyn Write) -> io::Result<()> {
    for error in &results.run.errors {
        writeln!(out, "{} {}\n", status_cell(Status::Error), text::visible(error).replace('⏎', "\n         "))?;
    }
    let counts: Vec<String> = results
        .run
        .verdict_counts
        .iter()
        .rev()
        .map(|(status, count)| format!("{} {}", text::count(*count), status.as_str()))
        .collect();
    if let Some(lane) = results.run.lane {
        writeln!(out, "{DIM}lane:{DIM:#} {}", lane.meaning())?;
    }
    let counts = if counts.is_empty() { "none".to_owned() } else { counts.join(", ") };
    writeln!(out, "{DIM}verdicts:{DIM:#} {counts} {DIM}in {:.1} s{DIM:#}", results.run.duration)?;
    write_slowest(results, out)?;
    for file in files {
        writeln!(out, "{DIM}written:{DIM:#} {file}")?;
    }
    let exit = Exit::of_code(results.run.exit_code);
    if let Some(exit) = exit.filter(|exit| *exit != Exit::Passed) {
        writeln!(out, "{DIM}exit {}:{DIM:#} {}", exit.code(), exit.meaning())?;
    }
    writeln!(out, "{}", verdict_line(results))
}

/// The launches that took the longest, where there are enough for it to say something.
fn write_slowest(results: &Results, out: &mut dyn Write) -> io::Result<()> {
    let mut timed: Vec<(Duration, &str)> = results
        .launches
        .iter()
        .filter_map(|launch| match &launch.outcome {
            LaunchState::Ended { exit } => Some((exit.duration, launch.id.as_str())),
            _ => None,
        })
        .collect();
    timed.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(other.1)));
    if timed.len() <= SLOWEST || timed[0].0 < WORTH_TELLING {
        return Ok(());
    }
    let told: Vec<String> = timed
        .iter()
        .take(SLOWEST)
        .map(|(took, id)| format!("{} {}", text::visible(id), text::duration(*took)))
        .collect();
    writeln!(out, "{DIM}slowest:{DIM:#} {}", told.join(", "))
}

/// What to do where too little was judged: `doctor` knows the machine, and nothing of what a suite says.
fn what_helps(results: &Results) -> &'static str {
    match Exit::of_code(results.run.exit_code) {
        Some(Exit::Usage) => "mend the suite or the command line, as the errors above say",
        Some(Exit::Environment) if !results.run.errors.is_empty() => {
            "mend what the error above names; `airproof doctor` looks at the machine"
        }
        _ => "airproof doctor",
    }
}

/// Whether there was nothing to do, since other shards do it.
fn is_empty_shard(results: &Results) -> bool {
    results.run.shard.is_some() && results.connectors.is_empty() && results.run.errors.is_empty()
}

/// The verdict in one line, and the command that helps next.
fn verdict_line(results: &Results) -> String {
    let open = |level: Level| {
        let mut rules: Vec<&str> = results
            .findings
            .iter()
            .filter(|finding| finding.level == level && finding.waived.is_none())
            .map(|finding| finding.rule.as_str())
            .collect();
        rules.dedup();
        rules.sort_unstable();
        rules.dedup();
        rules
    };
    let (must, should) = (open(Level::Must), open(Level::Should));
    let explain = |rules: &[&str]| format!("airproof explain {}", rules.first().unwrap_or(&"READ-006"));
    let judged =
        results.verdicts.iter().any(|verdict| matches!(verdict.status, Status::Pass | Status::Warn | Status::Fail));
    let is_incomplete = !results.run.errors.is_empty() && must.is_empty();
    if matches!(Exit::of_code(results.run.exit_code), Some(Exit::Interrupted | Exit::Terminated)) {
        let so_far = match must.len() {
            0 => String::new(),
            rules => format!("; until then, {} broken", text::plural(rules as u64, "required rule")),
        };
        return format!("{BOLD}The run was interrupted{BOLD:#}{so_far}.");
    }
    let (level, verdict, next) = match (judged && !is_incomplete, must.as_slice(), should.as_slice()) {
        (false, ..) if judged => (Level::Must, "The run is incomplete".to_owned(), what_helps(results).to_owned()),
        (false, ..) if is_empty_shard(results) => {
            let shard = text::visible(results.run.shard.as_deref().unwrap_or_default());
            return format!("{BOLD}Nothing is in shard {shard}{BOLD:#}: all of the suite is in others.");
        }
        (false, ..) => (Level::Must, "Nothing was judged".to_owned(), what_helps(results).to_owned()),
        (true, [], []) if Exit::of_code(results.run.exit_code) == Some(Exit::Findings) => {
            let remarks = open(Level::Info);
            let told = format!("{} at INFO", text::plural(remarks.len() as u64, "remark"));
            (Level::Info, told, explain(&remarks))
        }
        (true, [], []) => {
            let plain = if results.doubts.is_empty() { "" } else { "; mind the doubts above" };
            return format!("{BOLD}Every rule that was judged holds{BOLD:#}{plain}.");
        }
        (true, [], should) => (
            Level::Should,
            format!("{} broken", text::plural(should.len() as u64, "recommended rule")),
            explain(should),
        ),
        (true, must, should) => {
            let also = if should.is_empty() { String::new() } else { format!(", {} recommended", should.len()) };
            (Level::Must, format!("{} broken{also}", text::plural(must.len() as u64, "required rule")), explain(must))
        }
    };
    let style = level_style(level);
    format!("{style}{verdict}{style:#} {DIM}·{DIM:#} next: {next}")
}
