//! What has changed since an earlier run: what is new, what is fixed, what still stands, and what can't be told.

use super::{ConnectorFacts, Doubt, FindingResult, LaunchFacts, Results, Status, Verdict};
use crate::protocol::{Command, Descriptor};
use crate::rules::Level;
use crate::text::shorten;
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

/// How long a connector's name may be where it is told, in characters.
const NAME: usize = 200;

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
    results.doubts.retain(|doubt| doubt.kind != UNRELATED);
    results.doubts.extend(unrelated(results, earlier));
    let pairs = pairs(results, earlier);
    let mut marks = Vec::new();
    for (place, finding) in results.findings.iter_mut().enumerate() {
        let mark = if pairs.contains_key(&place) { SinceMark::Still } else { SinceMark::New };
        finding.since = Some(mark);
        marks.push(mark);
    }
    let judged = Judged::of(results, is_renamed(results, earlier));
    let reads = reads(earlier);
    let is_of_read = |finding: &FindingResult| finding.launches.iter().any(|id| reads.contains(id.as_str()));
    let matched: HashSet<usize> = pairs.values().copied().collect();
    let gone = || earlier.findings.iter().enumerate().filter(|(place, _)| !matched.contains(place)).map(|(_, it)| it);
    let (fixed, not_judged): (Vec<_>, Vec<_>) = gone().partition(|finding| judged.has(finding, is_of_read(finding)));
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

/// The kind of doubt that a run was compared with one of something else.
const UNRELATED: &str = "since-unrelated";

/// That connectors were not tested in the earlier run, so that all that is found in them is called new.
fn unrelated(results: &Results, earlier: &Results) -> Option<Doubt> {
    let was_tested = |one: &&ConnectorFacts| earlier.connectors.iter().any(|other| other.name == one.name);
    let strange: Vec<&ConnectorFacts> = results.connectors.iter().filter(|one| !was_tested(one)).collect();
    if strange.is_empty() || is_renamed(results, earlier) {
        return None;
    }
    let names = |connectors: &[&ConnectorFacts]| match connectors {
        [] => "nothing".to_owned(),
        [only] => shorten(&only.name, NAME),
        [first, others @ ..] => format!("{} and {} more", shorten(&first.name, NAME), others.len()),
    };
    let then: Vec<&ConnectorFacts> = earlier.connectors.iter().collect();
    let message = format!(
        "The earlier run, {}, was not of {} but of {}: what is called new may have been there before.",
        earlier.run.id,
        names(&strange),
        names(&then)
    );
    Some(Doubt { kind: UNRELATED.to_owned(), message })
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

/// Whether both runs are of one connector that is called otherwise: another tag of the same image, or what the same suite
/// launches now. Where a suite names its connectors, another name is another connector.
fn is_renamed(results: &Results, earlier: &Results) -> bool {
    let ([one], [other]) = (results.connectors.as_slice(), earlier.connectors.as_slice()) else { return false };
    let is_unnamed = |connector: &ConnectorFacts| connector.suite.is_none();
    let is_same =
        repository(&one.name) == repository(&other.name) || results.run.suite.digest == earlier.run.suite.digest;
    one.name != other.name && is_unnamed(one) && is_unnamed(other) && is_same
}

/// An image's name without its tag or digest.
fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    // A colon before the last slash is a registry's port.
    match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    }
}

fn likeness(finding: &FindingResult) -> (&str, Option<&str>, &str) {
    (&finding.rule, finding.scenario.as_deref(), &finding.title)
}

/// What was looked at in a run.
struct Judged<'r> {
    /// Rule, scenario and connector of each verdict that there is.
    verdicts: HashSet<(&'r str, Option<&'r str>, &'r str)>,
    /// Stream, scenario and connector of what was read.
    read: HashSet<(&'r Descriptor, Option<&'r str>, &'r str)>,
    /// What the connector of other results is called in these, where it has another name.
    renamed: Option<&'r str>,
}

impl<'r> Judged<'r> {
    fn of(results: &'r Results, is_renamed: bool) -> Judged<'r> {
        let subject = |launch: &'r LaunchFacts| (launch.scenario.as_deref(), launch.connector.as_str());
        let launches: HashMap<&str, _> =
            results.launches.iter().map(|launch| (launch.id.as_str(), subject(launch))).collect();
        let is_judged = |verdict: &&Verdict| matches!(verdict.status, Status::Pass | Status::Warn | Status::Fail);
        let verdicts = results.verdicts.iter().filter(is_judged).filter_map(|verdict| {
            let (scenario, connector) = launches.get(verdict.launch.as_str())?;
            Some((verdict.rule.as_str(), *scenario, *connector))
        });
        let read = results.launches.iter().flat_map(|launch| {
            let (scenario, connector) = subject(launch);
            launch.streams.iter().map(move |facts| (&facts.stream, scenario, connector))
        });
        let renamed = results.connectors.first().filter(|_| is_renamed).map(|only| only.name.as_str());
        Judged { verdicts: verdicts.collect(), read: read.collect(), renamed }
    }

    /// Whether the rule of a finding came to a verdict for the same scenario and, where the finding showed in a read, its
    /// streams were read.
    fn has(&self, finding: &FindingResult, is_of_read: bool) -> bool {
        let connector = self.renamed.unwrap_or(&finding.connector);
        let scenario = finding.scenario.as_deref();
        let is_read = |stream| self.read.contains(&(stream, scenario, connector));
        self.verdicts.contains(&(finding.rule.as_str(), scenario, connector))
            && (!is_of_read || finding.streams.iter().all(is_read))
    }
}

/// The launches of a run that read.
fn reads(results: &Results) -> HashSet<&str> {
    let reads = results.launches.iter().filter(|launch| launch.command == Command::Read);
    reads.map(|launch| launch.id.as_str()).collect()
}

/// The rules of findings that came or went where neither suite nor connector nor airproof are others.
fn flaky<'f>(results: &Results, earlier: &Results, differing: impl Iterator<Item = &'f FindingResult>) -> Vec<Flaky> {
    if results.run.airproof != earlier.run.airproof {
        return Vec::new();
    }
    let (judged, judged_then) = (Judged::of(results, false), Judged::of(earlier, false));
    let flaky: BTreeSet<Flaky> = differing
        .filter_map(|finding| {
            let same = same(results, earlier, &finding.connector)?;
            let in_both = judged_then.has(finding, true) && judged.has(finding, true);
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
