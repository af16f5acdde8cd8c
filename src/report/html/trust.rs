//! Can the result be trusted? What could make it mean less than it says.

use super::limits::{Context, NAMES_SHOWN};
use super::prose::{Span, spans};
use crate::protocol::Descriptor;
use crate::text::plural;
use crate::verdict::{Results, Status};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How many reasons for which streams are said to be empty are told.
const REASONS: usize = 20;

/// The strip below the verdict.
#[derive(Serialize)]
pub(super) struct Trust {
    /// What is to be trusted: a pass, or a result that is none.
    subject: &'static str,
    /// Whether there is anything to trust.
    judged: bool,
    doubts: Vec<DoubtView>,
    /// Doubts that have no room.
    more: usize,
    /// What the suite says itself, and takes responsibility for.
    accepted: Vec<Vec<Span>>,
}

#[derive(Serialize)]
struct DoubtView {
    kind: String,
    message: Vec<Span>,
    /// The filter that shows the checks it is about.
    query: Option<&'static str>,
}

pub(super) fn of(context: &Context<'_>) -> Trust {
    let results = context.results;
    let doubts = results.doubts.iter().take(context.limits.doubts);
    Trust {
        subject: if matches!(results.run.status, Status::Pass | Status::Warn) { "pass" } else { "result" },
        judged: super::bar::judged(&results.run.verdict_counts),
        doubts: doubts
            .map(|doubt| DoubtView {
                kind: doubt.kind.replace('-', " "),
                message: spans(&doubt.message),
                query: (doubt.kind == "rules-skipped").then_some("status:skip"),
            })
            .collect(),
        more: results.doubts.len().saturating_sub(context.limits.doubts),
        accepted: accepted(results).iter().map(|text| spans(text)).collect(),
    }
}

/// What was left out because the suite says so.
fn accepted(results: &Results) -> Vec<String> {
    let mut accepted = said_to_be_empty(results);
    let off = results.run.verdict_counts.get(&Status::Off).copied().unwrap_or(0);
    if off > 0 {
        accepted.push(format!("{} switched off by the suite.", plural(off, "check")));
    }
    let waived = results.findings.iter().filter(|finding| finding.waived.is_some()).count() as u64;
    if waived > 0 {
        accepted.push(format!("{} waived by the suite, for a reason given below.", plural(waived, "finding")));
    }
    accepted
}

/// The streams that the suite says are empty, by the reason that it gives.
fn said_to_be_empty(results: &Results) -> Vec<String> {
    let mut by_reason: BTreeMap<&str, BTreeSet<&Descriptor>> = BTreeMap::new();
    for facts in results.launches.iter().flat_map(|launch| &launch.streams) {
        if let Some(reason) = &facts.said_to_be_empty {
            by_reason.entry(reason).or_default().insert(&facts.stream);
        }
    }
    let more = by_reason.len().saturating_sub(REASONS);
    let said = by_reason.iter().take(REASONS).map(|(reason, streams)| {
        let named: Vec<String> = streams.iter().take(NAMES_SHOWN).map(|stream| format!("`{stream}`")).collect();
        let named = named.join(", ");
        let unnamed = match streams.len().saturating_sub(NAMES_SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let verb = if streams.len() == 1 { "is" } else { "are" };
        format!("The suite says that {named}{unnamed} {verb} empty: {}.", reason.trim_end_matches('.'))
    });
    let rest = (more > 0).then(|| format!("For {} it says so of other streams.", plural(more as u64, "more reason")));
    said.chain(rest).collect()
}
