//! The launches: each with how it ended and what it put out.

use super::facets::Facets;
use super::limits::{Context, launch_anchor};
use super::prose::{Span, spans};
use crate::text;
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
    purpose: Vec<Span>,
    /// The mark of a launch that did not happen.
    mark: Option<&'static str>,
    outcome: String,
    /// What it used and how fast it was; empty where nothing is known.
    measures: String,
    /// Seconds.
    duration: Option<f64>,
    records: u64,
    states: u64,
    /// Whether the scenario is meant to fail.
    to_fail: bool,
    facets: Facets<'r>,
}

pub(super) fn of<'r>(context: &Context<'r>) -> Launches<'r> {
    let launches = &context.results.launches;
    Launches {
        rows: launches.iter().take(context.limits.launches).map(|launch| row(launch, context)).collect(),
        more: launches.len().saturating_sub(context.limits.launches),
    }
}

fn row<'r>(facts: &'r LaunchFacts, context: &Context<'r>) -> Row<'r> {
    let (mark, outcome, duration) = match &facts.outcome {
        LaunchState::Ended { exit } => {
            let left_open = if exit.outputs_left_open { "; a child kept an output open" } else { "" };
            (None, format!("{}{left_open}", exit.describe()), Some(exit.duration.as_secs_f64()))
        }
        LaunchState::LeftOut { reason } => (Some("off"), reason.clone(), None),
        LaunchState::Skipped { reason } => (Some("skip"), reason.clone(), None),
        LaunchState::Error { reason } => (Some("error"), reason.clone(), None),
    };
    let messages = |kind: &str| facts.tally.messages.get(kind).copied().unwrap_or(0);
    Row {
        anchor: launch_anchor(&facts.id),
        purpose: spans(&facts.purpose),
        mark,
        outcome,
        measures: measures(facts),
        duration,
        records: messages("RECORD"),
        states: messages("STATE"),
        to_fail: facts.expect != crate::protocol::Expect::Succeeded,
        facets: Facets::of_launch(facts, mark, context),
        facts,
    }
}

/// Figures that are worth a line and no column: `42 MiB of memory, 1.3 s of CPU, 1,200 records/s, longest silence 4 s`.
fn measures(facts: &LaunchFacts) -> String {
    let LaunchState::Ended { exit } = &facts.outcome else { return String::new() };
    let (used, tally) = (&exit.resources, &facts.tally);
    let traffic = used.received.zip(used.sent).map(|(received, sent)| received.saturating_add(sent));
    let parts = [
        used.known_peak().map(|bytes| format!("{} of memory", text::bytes(bytes))),
        used.cpu.map(|seconds| format!("{} of CPU", text::seconds(seconds))),
        traffic.map(|bytes| format!("{} of network traffic", text::bytes(bytes))),
        tally.records_per_second.map(|rate| format!("{} records/s", text::count(rate.round() as u64))),
        tally.longest_silence.map(|seconds| format!("longest silence {}", text::seconds(seconds))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
