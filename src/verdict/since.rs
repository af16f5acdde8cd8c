//! What has changed since an earlier run: what is new, what is fixed, what still stands, and what can't be told.

use super::{FindingResult, Results, Status, Verdict};
use crate::protocol::Descriptor;
use crate::rules::Level;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What has changed since an earlier run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Since {
    /// The earlier run's id.
    pub run: String,
    /// When it began, RFC 3339, UTC.
    pub started_at: String,
    /// The version of the airproof that made it.
    pub airproof: String,
    /// How many findings are new.
    pub new: u64,
    /// How many findings were there and still are.
    pub still: u64,
    /// Findings of the earlier run whose rule was judged again, and that did not show.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<Fixed>,
    /// Findings of the earlier run whose rule was not judged this time: whether they are fixed is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_judged: Vec<Fixed>,
    /// Rules that came to something else though nothing that is tested has changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flaky: Vec<Flaky>,
}

/// A finding of the earlier run, in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Fixed {
    /// Its id.
    pub id: String,
    /// The rule's code, or the experiment's.
    pub rule: String,
    /// Its name.
    pub name: String,
    /// How much it weighed.
    pub level: Level,
    /// The connector, as the earlier run called it.
    pub connector: String,
    /// The scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// The streams that it touched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<Descriptor>,
    /// The defect in a few words.
    pub title: String,
}

/// A rule that came to something else for the same suite and the same connector.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Flaky {
    /// The rule's code, or the experiment's.
    pub rule: String,
    /// The connector, as in `connectors`.
    pub connector: String,
    /// What is the same.
    pub same: Same,
}

/// How a connector is known for the same in two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Same {
    /// Both are the image with the same id: what differs is chance, or the data behind it.
    Image,
    /// Both are the same local command; the program behind it may be another one.
    Command,
}

/// Whether a finding is new since the earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SinceMark {
    /// The earlier run did not have it.
    New,
    /// It did.
    Still,
}

/// Compares results with those of an earlier run, and marks each finding. Findings are known by their id, which follows
/// from connector, scenario, rule and cause; where both runs have one connector under different names, as images with
/// different tags are, by rule, scenario and title.
pub fn compare(results: &mut Results, earlier: &Results) {
    let pairs = pairs(results, earlier);
    let mut marks = Vec::new();
    for (place, finding) in results.findings.iter_mut().enumerate() {
        let mark = if pairs.contains_key(&place) { SinceMark::Still } else { SinceMark::New };
        finding.since = Some(mark);
        marks.push(mark);
    }
    let judged = Judged::of(results);
    let matched: HashSet<usize> = pairs.values().copied().collect();
    let gone = || earlier.findings.iter().enumerate().filter(|(place, _)| !matched.contains(place)).map(|(_, it)| it);
    let (fixed, not_judged): (Vec<_>, Vec<_>) = gone().partition(|finding| judged.has(finding));
    let new = results.findings.iter().filter(|finding| finding.since == Some(SinceMark::New));
    let flaky = flaky(results, earlier, new.chain(fixed.iter().copied()));
    let count = |wanted| marks.iter().filter(|mark| **mark == wanted).count() as u64;
    results.since = Some(Since {
        run: earlier.run.id.clone(),
        started_at: earlier.run.started_at.clone(),
        airproof: earlier.run.airproof.clone(),
        new: count(SinceMark::New),
        still: count(SinceMark::Still),
        fixed: fixed.into_iter().map(in_short).collect(),
        not_judged: not_judged.into_iter().map(in_short).collect(),
        flaky,
    });
}

/// The places of findings with those of the earlier run's findings that are the same.
fn pairs(results: &Results, earlier: &Results) -> HashMap<usize, usize> {
    let mut pairs = HashMap::new();
    let by_id: HashMap<&str, usize> =
        earlier.findings.iter().enumerate().map(|(place, finding)| (finding.id.as_str(), place)).collect();
    for (place, finding) in results.findings.iter().enumerate() {
        if let Some(other) = by_id.get(finding.id.as_str()) {
            pairs.insert(place, *other);
        }
    }
    if !is_renamed(results, earlier) {
        return pairs;
    }
    let known: HashSet<usize> = pairs.values().copied().collect();
    let mut free: BTreeMap<(&str, Option<&str>, &str), Vec<usize>> = BTreeMap::new();
    for (place, finding) in earlier.findings.iter().enumerate().rev().filter(|(place, _)| !known.contains(place)) {
        free.entry(likeness(finding)).or_default().push(place);
    }
    for (place, finding) in results.findings.iter().enumerate() {
        if pairs.contains_key(&place) {
            continue;
        }
        let Some(others) = free.get_mut(&likeness(finding)) else { continue };
        // The one about the same streams, where there are several.
        let same = others.iter().rposition(|other| earlier.findings[*other].streams == finding.streams);
        let taken = same.map(|at| others.remove(at)).or_else(|| others.pop());
        pairs.extend(taken.map(|other| (place, other)));
    }
    pairs
}

fn is_renamed(results: &Results, earlier: &Results) -> bool {
    match (results.connectors.as_slice(), earlier.connectors.as_slice()) {
        ([one], [other]) => one.name != other.name,
        _ => false,
    }
}

fn likeness(finding: &FindingResult) -> (&str, Option<&str>, &str) {
    (&finding.rule, finding.scenario.as_deref(), &finding.title)
}

/// What came to a verdict in a run: rule, scenario and connector.
struct Judged<'r> {
    all: HashSet<(&'r str, Option<&'r str>, &'r str)>,
    /// The only connector, whatever it is called.
    only: Option<&'r str>,
}

impl<'r> Judged<'r> {
    fn of(results: &'r Results) -> Judged<'r> {
        let launches: HashMap<&str, _> = results
            .launches
            .iter()
            .map(|launch| (launch.id.as_str(), (launch.scenario.as_deref(), launch.connector.as_str())))
            .collect();
        let is_judged = |verdict: &&Verdict| matches!(verdict.status, Status::Pass | Status::Warn | Status::Fail);
        let all = results.verdicts.iter().filter(is_judged).filter_map(|verdict| {
            let (scenario, connector) = launches.get(verdict.launch.as_str())?;
            Some((verdict.rule.as_str(), *scenario, *connector))
        });
        let only = match results.connectors.as_slice() {
            [only] => Some(only.name.as_str()),
            _ => None,
        };
        Judged { all: all.collect(), only }
    }

    fn has(&self, finding: &FindingResult) -> bool {
        let connector = self.only.unwrap_or(&finding.connector);
        self.all.contains(&(finding.rule.as_str(), finding.scenario.as_deref(), connector))
    }
}

/// The rules of findings that came or went where neither suite nor connector nor airproof are others.
fn flaky<'f>(results: &Results, earlier: &Results, differing: impl Iterator<Item = &'f FindingResult>) -> Vec<Flaky> {
    if results.run.airproof != earlier.run.airproof {
        return Vec::new();
    }
    let (judged, judged_then) = (Judged::of(results), Judged::of(earlier));
    let flaky: BTreeSet<Flaky> = differing
        .filter_map(|finding| {
            let same = same(results, earlier, &finding.connector)?;
            let in_both = judged_then.has(finding) && judged.has(finding);
            in_both.then(|| Flaky { rule: finding.rule.clone(), connector: finding.connector.clone(), same })
        })
        .collect();
    flaky.into_iter().collect()
}

/// How a connector is known for the same in both runs, if it is.
fn same(results: &Results, earlier: &Results, connector: &str) -> Option<Same> {
    let of = |run: &Results| {
        let facts = run.connectors.iter().find(|facts| facts.name == connector)?;
        let suite = facts.suite.as_ref().unwrap_or(&run.run.suite);
        Some((facts.subject.image_id.clone(), facts.subject.name.clone(), suite.digest.clone()))
    };
    let ((image, name, digest), (other_image, other_name, other_digest)) = (of(results)?, of(earlier)?);
    match (image, other_image) {
        _ if digest != other_digest => None,
        (Some(one), Some(other)) => (one == other).then_some(Same::Image),
        (None, None) => (name == other_name).then_some(Same::Command),
        _ => None,
    }
}

fn in_short(finding: &FindingResult) -> Fixed {
    Fixed {
        id: finding.id.clone(),
        rule: finding.rule.clone(),
        name: finding.name.clone(),
        level: finding.level,
        connector: finding.connector.clone(),
        scenario: finding.scenario.clone(),
        streams: finding.streams.clone(),
        title: finding.title.clone(),
    }
}
