//! The launches: each with how it ended and what it put out.

use super::limits::{Context, launch_anchor};
use crate::verdict::{LaunchFacts, LaunchState};
use serde::Serialize;

/// The launches of the run, in their order.
#[derive(Serialize)]
pub(super) struct Launches<'r> {
    rows: Vec<Row<'r>>,
    /// Launches that have no room.
    more: usize,
}

#[derive(Serialize)]
struct Row<'r> {
    anchor: String,
    facts: &'r LaunchFacts,
    /// The mark of a launch that did not happen.
    mark: Option<&'static str>,
    outcome: String,
    /// Seconds.
    duration: Option<f64>,
    records: u64,
    states: u64,
    /// Whether the scenario is meant to fail.
    to_fail: bool,
}

pub(super) fn of<'r>(context: &Context<'r>) -> Launches<'r> {
    let launches = &context.results.launches;
    Launches {
        rows: launches.iter().take(context.limits.launches).map(row).collect(),
        more: launches.len().saturating_sub(context.limits.launches),
    }
}

fn row(facts: &LaunchFacts) -> Row<'_> {
    let (mark, outcome, duration) = match &facts.outcome {
        LaunchState::Ended { exit } => {
            let left_open = if exit.outputs_left_open { "; a child kept an output open" } else { "" };
            (None, format!("{}{left_open}", exit.describe()), Some(exit.duration.as_secs_f64()))
        }
        LaunchState::Skipped { reason } => (Some("skip"), reason.clone(), None),
        LaunchState::Error { reason } => (Some("error"), reason.clone(), None),
    };
    let messages = |kind: &str| facts.tally.messages.get(kind).copied().unwrap_or(0);
    Row {
        anchor: launch_anchor(&facts.id),
        mark,
        outcome,
        duration,
        records: messages("RECORD"),
        states: messages("STATE"),
        to_fail: facts.expect == crate::protocol::Expect::Failed,
        facts,
    }
}
