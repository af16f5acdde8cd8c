//! When each launch took place: a lane for each, from its beginning to its end, drawn on the server.

use super::limits::{Context, launch_anchor};
use crate::launch::ExitFacts;
use crate::protocol::Expect;
use crate::text::{self, seconds};
use crate::verdict::{LaunchFacts, LaunchState};
use serde::Serialize;

/// How many lanes are drawn; a certification run has hundreds.
const LANES: usize = 120;
/// How many ticks the axis has, about.
const TICKS: f64 = 5.0;
/// How many states of a launch are drawn.
const STATES: usize = 60;
/// How many rules that a launch breaks are named.
const RULES: usize = 3;

/// The lanes on one axis of time.
#[derive(Serialize)]
pub(super) struct Timeline {
    /// Positions in per cent of the width, and what stands there.
    ticks: Vec<(f64, String)>,
    lanes: Vec<Lane>,
    /// Launches that have no room.
    more: usize,
}

/// A launch; all positions are in per cent of the width.
#[derive(Serialize)]
struct Lane {
    id: String,
    anchor: String,
    /// What went wrong: how it ended, where it was not meant to end so, and the rules that it breaks.
    wrong: Option<String>,
    start: f64,
    width: f64,
    /// From the beginning to the first message.
    quiet: f64,
    first_record: Option<f64>,
    states: Vec<f64>,
    /// All of it in words.
    words: String,
    took: String,
}

pub(super) fn of(context: &Context<'_>) -> Timeline {
    let ended = context.results.launches.iter().filter_map(|facts| match &facts.outcome {
        LaunchState::Ended { exit } => Some((facts, exit)),
        _ => None,
    });
    let ended: Vec<_> = ended.filter(|(facts, _)| facts.started.is_finite()).collect();
    let end =
        ended.iter().map(|(facts, exit)| facts.started + exit.duration.as_secs_f64()).fold(0.0, f64::max).max(0.001);
    let shown = ended.len().min(LANES).min(context.limits.launches);
    let step = nice(end / TICKS);
    let ticks = (0..=(end / step) as u32).map(|tick| f64::from(tick) * step);
    Timeline {
        ticks: ticks.map(|at| (share(at, end), seconds(at))).filter(|(at, _)| *at < 97.0).collect(),
        lanes: ended[..shown].iter().map(|(facts, exit)| lane((facts, exit), end, context)).collect(),
        more: ended.len() - shown,
    }
}

fn lane((facts, exit): (&LaunchFacts, &ExitFacts), end: f64, context: &Context<'_>) -> Lane {
    let took = exit.duration.as_secs_f64();
    let at = |since: f64| share(facts.started + since.min(took), end);
    let points = facts.wire.iter().flat_map(|wire| &wire.checkpoints).map(|point| point.at);
    let mut states: Vec<f64> = points.map(at).collect();
    states.sort_by(f64::total_cmp);
    states.dedup_by(|one, other| (*one - *other).abs() < 0.2);
    states.truncate(STATES);
    let start = share(facts.started, end);
    let quiet = facts.tally.first_message.map_or(0.0, |first| at(first) - start);
    let is_meant = is_meant(facts, exit, context);
    let said = [
        Some(format!("began after {}", seconds(facts.started))),
        facts.tally.first_message.map(|first| format!("first message after {}", seconds(first))),
        facts.tally.first_record.map(|first| format!("first record after {}", seconds(first))),
        facts.tally.messages.get("STATE").map(|states| text::plural(*states, "state")),
        Some(format!("took {}", seconds(took))),
        (!exit.succeeded() && is_meant).then(|| format!("{}, as it was meant to", exit.describe())),
    ];
    let ended_wrong = (!exit.succeeded() && !is_meant).then(|| exit.describe());
    let wrong: Vec<String> = ended_wrong.into_iter().chain(broken(facts, context)).collect();
    let words = said.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let wrong = (!wrong.is_empty()).then(|| wrong.join("; "));
    Lane {
        id: facts.id.clone(),
        anchor: launch_anchor(&facts.id),
        start,
        width: (at(took) - start).max(0.3),
        quiet,
        first_record: facts.tally.first_record.map(at),
        states,
        words: wrong.as_ref().map_or(words.clone(), |wrong| format!("{words}; went wrong: {wrong}")),
        wrong,
        took: seconds(took),
    }
}

/// Whether a launch that did not succeed was meant to end so: an experiment cut it short, its scenario or its experiment expects a
/// refusal, or the experiments that asked for it find nothing wrong.
fn is_meant(facts: &LaunchFacts, exit: &ExitFacts, context: &Context<'_>) -> bool {
    if exit.is_disturbed() {
        return true;
    }
    exit.failed_by_itself() && (facts.expect != Expect::Succeeded || context.vouches_for(facts))
}

/// The rules that the launch breaks, as far as they decide the run's exit code.
fn broken(facts: &LaunchFacts, context: &Context<'_>) -> Option<String> {
    let rules = context.broken_in(&facts.id);
    let more = rules.len().saturating_sub(RULES);
    let named = rules.iter().take(RULES).copied().collect::<Vec<_>>().join(", ");
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!rules.is_empty()).then(|| format!("breaks {named}{more}"))
}

/// In per cent, to a hundredth.
fn share(part: f64, whole: f64) -> f64 {
    (part / whole * 10_000.0).round() / 100.0
}

/// The next larger of 1, 2 and 5, times a power of ten.
fn nice(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * power).find(|nice| *nice >= step).unwrap_or(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_stand_at_round_numbers() {
        assert_eq!([0.003, 0.7, 1.0, 13.0, 60.0].map(nice), [0.005, 1.0, 1.0, 20.0, 100.0]);
    }
}
