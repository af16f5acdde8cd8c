//! When each launch took place: a lane for each, from its beginning to its end, drawn on the server.

use super::limits::{Context, launch_anchor};
use crate::launch::ExitFacts;
use crate::text::{self, seconds};
use crate::verdict::{LaunchFacts, LaunchState};
use serde::Serialize;

/// How many lanes are drawn; a certification run has hundreds.
const LANES: usize = 120;
/// How many ticks the axis has, about.
const TICKS: f64 = 5.0;
/// How many states of a launch are drawn.
const STATES: usize = 60;

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
    /// How it ended, where otherwise than with exit code 0.
    ending: Option<String>,
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
        lanes: ended[..shown].iter().map(|(facts, exit)| lane(facts, exit, end)).collect(),
        more: ended.len() - shown,
    }
}

fn lane(facts: &LaunchFacts, exit: &ExitFacts, end: f64) -> Lane {
    let took = exit.duration.as_secs_f64();
    let at = |since: f64| share(facts.started + since.min(took), end);
    let points = facts.wire.iter().flat_map(|wire| &wire.checkpoints).map(|point| point.at);
    let mut states: Vec<f64> = points.map(at).collect();
    states.sort_by(f64::total_cmp);
    states.dedup_by(|one, other| (*one - *other).abs() < 0.2);
    states.truncate(STATES);
    let start = share(facts.started, end);
    let quiet = facts.tally.first_message.map_or(0.0, |first| at(first) - start);
    let said = [
        Some(format!("began after {}", seconds(facts.started))),
        facts.tally.first_message.map(|first| format!("first message after {}", seconds(first))),
        facts.tally.first_record.map(|first| format!("first record after {}", seconds(first))),
        facts.tally.messages.get("STATE").map(|states| text::plural(*states, "state")),
        Some(format!("took {}", seconds(took))),
    ];
    Lane {
        id: facts.id.clone(),
        anchor: launch_anchor(&facts.id),
        ending: (!exit.succeeded()).then(|| exit.describe()),
        start,
        width: (at(took) - start).max(0.3),
        quiet,
        first_record: facts.tally.first_record.map(at),
        states,
        words: said.into_iter().flatten().collect::<Vec<_>>().join(", "),
        took: seconds(took),
    }
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
