//! Shards of one suite put together, as one run of the whole would have told it.

use super::{Once, parts_of};
use crate::exit::Exit;
use crate::protocol::Expect;
use crate::suite::Shard;
use crate::text;
use crate::verdict::assemble::{DERIVED, doubts_of};
use crate::verdict::merge::add;
use crate::verdict::{Doubt, FindingResult, Lane, Results, Status, Verdict};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The kind of doubt that says which shards are not there.
const MISSING: &str = "shard-missing";

/// Puts the shards of one suite together. None where there is none.
pub(super) fn fold(mut shards: Vec<Results>, once: &Once<'_>) -> Option<Results> {
    if let [only] = shards.as_slice()
        && only.run.shard.is_none()
    {
        return shards.into_iter().next();
    }
    let is_by_scenario = shards.iter().flat_map(|one| &one.connectors).all(|connector| connector.suite.is_none());
    let (missing, exits) =
        (missing(&shards), shards.iter().filter_map(|one| Exit::of_code(one.run.exit_code)).collect());
    let begun = shards.iter().map(|one| one.run.started_at.clone()).min();
    let verdicts = verdicts_of(&mut shards, once);
    let mut whole = shards.into_iter().reduce(add)?;
    whole.verdicts = verdicts;
    whole.run.started_at = begun.unwrap_or_default();
    whole.run.shard = None;
    once_each(&mut whole);
    whole.run.unreviewed = whole.questions.len() as u64;
    count(&mut whole);
    if is_by_scenario {
        // Told of all shards together, as of one run.
        whole.doubts.retain(|doubt| !DERIVED.contains(&doubt.kind.as_str()));
        let derived = doubts_of(&whole.launches, &whole.verdicts);
        whole.doubts.splice(0..0, derived);
        retell_lane(&mut whole);
    }
    whole.doubts.retain(|doubt| doubt.kind != MISSING);
    whole.doubts.splice(0..0, missing);
    whole.run.exit_code = exit_of(&whole, exits, is_by_scenario).code();
    Some(whole)
}

/// A shard of wrong configurations alone is no lane of its own: what counts is whether one that works is in any of them.
fn retell_lane(whole: &mut Results) {
    if whole.run.lane.is_none() {
        return;
    }
    let lane = Lane::of(&whole.launches);
    whole.run.lane = Some(lane);
    if lane == Lane::WithCredentials {
        whole.doubts.retain(|doubt| doubt.kind != Lane::WITHOUT_CREDENTIALS);
    }
}

/// What every shard needs stands in each: specifications and what is judged of them. It is kept once, the heavier verdict of it.
fn once_each(whole: &mut Results) {
    let mut seen = HashSet::new();
    whole.connectors.retain(|connector| seen.insert(connector.name.clone()));
    let mut seen = HashSet::new();
    whole.launches.retain(|launch| seen.insert(launch.id.clone()));
    let mut seen = HashSet::new();
    whole.questions.retain(|question| seen.insert(question.id.clone()));
    let mut seen = HashSet::new();
    whole.doubts.retain(|doubt| seen.insert((doubt.kind.clone(), doubt.message.clone())));
    let mut seen = HashSet::new();
    whole.run.errors.retain(|error| seen.insert(error.clone()));
    whole.findings = joined(std::mem::take(&mut whole.findings));
}

/// The verdicts of all shards. Of a launch that several of them made, those of a rule are kept once, the heavier one; what is judged
/// for each scenario is kept for each.
fn verdicts_of(shards: &mut [Results], once: &Once<'_>) -> Vec<Verdict> {
    let mut makers: HashMap<String, usize> = HashMap::new();
    for launch in shards.iter().flat_map(|shard| &shard.launches) {
        *makers.entry(launch.id.clone()).or_default() += 1;
    }
    let is_shared = |verdict: &Verdict| makers.get(&verdict.launch).is_some_and(|makers| *makers > 1);
    let (mut places, mut kept): (HashMap<String, usize>, Vec<Verdict>) = (HashMap::new(), Vec::new());
    // A shard without a scenario that is read says of what is judged by scenario only that nothing can be: others know better.
    let (speaking, silent): (Vec<_>, Vec<_>) = shards.iter_mut().partition(|shard| has_a_good_scenario(shard));
    let in_turn = speaking.into_iter().map(|shard| (true, shard)).chain(silent.into_iter().map(|shard| (false, shard)));
    for (speaks, shard) in in_turn {
        for verdict in std::mem::take(&mut shard.verdicts) {
            if !is_shared(&verdict) {
                kept.push(verdict);
                continue;
            }
            let stream = verdict.stream.as_ref().map(ToString::to_string);
            let key = format!("{}\0{}\0{stream:?}", verdict.rule, verdict.launch);
            match places.get(&key) {
                Some(place) if once(&verdict.rule) && kept[*place].status < verdict.status => kept[*place] = verdict,
                Some(_) if once(&verdict.rule) || !speaks => {}
                _ => {
                    places.entry(key).or_insert(kept.len());
                    kept.push(verdict);
                }
            }
        }
    }
    kept
}

fn has_a_good_scenario(shard: &Results) -> bool {
    shard.launches.iter().any(|launch| launch.scenario.is_some() && launch.expect == Expect::Succeeded)
}

/// A defect that several shards saw in the same launches is one.
fn joined(findings: Vec<FindingResult>) -> Vec<FindingResult> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<FindingResult> = Vec::new();
    for finding in findings {
        let Some(place) = places.get(&finding.id) else {
            places.insert(finding.id.clone(), kept.len());
            kept.push(finding);
            continue;
        };
        let known = &mut kept[*place];
        known.count = known.count.max(finding.count);
        known.level = known.level.max(finding.level);
        let more: Vec<String> = finding.launches.into_iter().filter(|id| !known.launches.contains(id)).collect();
        known.launches.extend(more);
    }
    kept
}

fn count(whole: &mut Results) {
    whole.run.verdict_counts = whole.verdicts.iter().fold(BTreeMap::new(), |mut counts, verdict| {
        *counts.entry(verdict.status).or_insert(0) += 1;
        counts
    });
    let heaviest = whole.verdicts.iter().map(|verdict| verdict.status).max().unwrap_or(Status::Skip);
    whole.run.status = if whole.run.errors.is_empty() { heaviest } else { Status::Error };
}

/// The worst of all. That nothing was judged in one shard is nothing that a run of the whole suite would say, as long as something was.
fn exit_of(whole: &Results, exits: Vec<Exit>, is_by_scenario: bool) -> Exit {
    let is_judged = |verdict: &Verdict| matches!(verdict.status, Status::Pass | Status::Warn | Status::Fail);
    let judged = whole.verdicts.iter().any(is_judged);
    let counts = |exit: &Exit| !(judged && is_by_scenario && *exit == Exit::NothingJudged);
    match Exit::worst(exits.into_iter().filter(counts)) {
        Exit::Passed if !judged => Exit::NothingJudged,
        exit => exit,
    }
}

/// That shards are not there: nothing is known of what is in them.
fn missing(shards: &[Results]) -> Option<Doubt> {
    let there: Vec<Shard> = shards
        .iter()
        .flat_map(|one| parts_of(&one.run))
        .filter_map(|part| part.shard.and_then(|text| text.parse().ok()))
        .collect();
    let first = *there.first()?;
    let places: BTreeSet<u32> = there.iter().map(|shard| shard.place).collect();
    let missing: Vec<String> = (1..=first.of)
        .filter(|place| !places.contains(place))
        .map(|place| Shard { place, ..first }.to_string())
        .collect();
    let (shown, more) = (missing.len().min(5), missing.len().saturating_sub(5));
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message = format!(
        "{} of the suite's {} parts {} not among these results ({}{more}): nothing is known of what is in {}.",
        text::count(missing.len() as u64),
        text::count(first.of.into()),
        if missing.len() == 1 { "is" } else { "are" },
        missing[..shown].join(", "),
        if missing.len() == 1 { "it" } else { "them" },
    );
    (!missing.is_empty()).then(|| Doubt { kind: MISSING.to_owned(), message })
}
