//! A launch in one line.

use super::{DIM, status_cell};
use crate::launch::Ended;
use crate::rules::{Finding, Level, Statement};
use crate::text;
use crate::verdict::{LaunchFacts, LaunchState, Status};
use std::time::Duration;

/// What a launch comes to by what was found in it, levels of the suite not counted.
pub fn status_of_launch(facts: &LaunchFacts, findings: &[Finding]) -> Status {
    match &facts.outcome {
        LaunchState::LeftOut { .. } => Status::Off,
        LaunchState::Skipped { .. } => Status::Skip,
        LaunchState::Error { .. } => Status::Error,
        LaunchState::Ended { exit } => match findings.iter().map(|finding| finding.level).max() {
            Some(Level::Must) => Status::Fail,
            Some(Level::Should) => Status::Warn,
            _ if exit.ended == Some(Ended::Storage) => Status::Error,
            _ if exit.ended == Some(Ended::Interrupted) => Status::Skip,
            _ => Status::Pass,
        },
    }
}

/// The line of a launch that is over.
pub fn launch_line(facts: &LaunchFacts, status: Status) -> String {
    let what = match &facts.outcome {
        LaunchState::LeftOut { reason } | LaunchState::Skipped { reason } | LaunchState::Error { reason } => {
            reason.clone()
        }
        LaunchState::Ended { exit } => {
            let time = text::duration(exit.duration);
            let how = if exit.succeeded() { String::new() } else { format!(", {}", exit.describe()) };
            format!("{time:>8}  {}{how}", output(facts))
        }
    };
    format!("{} {:<44} {DIM}{what}{DIM:#}", status_cell(status), facts.id)
}

/// The line of an experiment that found something.
pub fn experiment_line(experiment: Statement, worst: &Finding) -> String {
    let status = match worst.level {
        Level::Must => Status::Fail,
        Level::Should => Status::Warn,
        Level::Info => Status::Pass,
    };
    format!("{} {:<44} {DIM}{}{DIM:#}", status_cell(status), experiment.code, text::visible(&worst.title))
}

/// What came out, in the figures that matter for the command.
fn output(facts: &LaunchFacts) -> String {
    let count = |kind: &str| facts.tally.messages.get(kind).copied().unwrap_or(0);
    let mut parts = vec![text::plural(facts.tally.messages.values().sum(), "message")];
    if facts.command == crate::protocol::Command::Read {
        parts = vec![text::plural(count("RECORD"), "record"), text::plural(count("STATE"), "state")];
    }
    if let LaunchState::Ended { exit } = &facts.outcome {
        let seconds = exit.duration.max(Duration::from_millis(1)).as_secs_f64();
        let rate = count("RECORD") as f64 / seconds;
        if count("RECORD") > 100_000 {
            parts.push(format!("{} records/s", text::count(rate as u64)));
        }
    }
    parts.join(", ")
}
