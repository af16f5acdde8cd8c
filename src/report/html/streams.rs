//! The second matrix: streams by the ways in which they were read.

use super::limits::{Context, anchor};
use crate::protocol::{Command, Descriptor};
use crate::rules::Level;
use crate::verdict::{FindingResult, LaunchFacts, Status, StreamFacts};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};

/// From how many passing streams on they become one row.
const FOLD_FROM: usize = 12;

/// The ways in which a stream can be read, in the order of the columns.
const WAYS: [&str; 3] = ["Full refresh", "Incremental", "From the state"];

/// The matrix.
#[derive(Serialize)]
pub(super) struct StreamMatrix {
    ways: [&'static str; 3],
    rows: Vec<StreamRow>,
    /// Streams that pass everywhere, where they are many.
    passing: Vec<StreamRow>,
    /// Streams that have no room.
    more: usize,
}

#[derive(Serialize)]
struct StreamRow {
    /// With the connector's, where there are several.
    name: String,
    stream: String,
    said_to_be_empty: bool,
    cells: [Option<Cell>; 3],
    #[serde(skip)]
    worst: Option<Status>,
}

/// A stream, read in one way, in one launch or more.
#[derive(Debug, Clone, Default, Serialize)]
struct Cell {
    /// The heaviest status; none where nothing was judged.
    status: Option<Status>,
    /// Launches.
    reads: u64,
    /// The fewest and the most records that a launch delivered.
    fewest: u64,
    most: u64,
    /// The states of all launches.
    states: u64,
    /// The heaviest finding that the page lists.
    anchor: Option<String>,
}

type Key<'r> = (&'r str, &'r Descriptor);

pub(super) fn of(context: &Context<'_>) -> StreamMatrix {
    let weights = Weights::new(context);
    let is_one_of_several = context.results.connectors.len() > 1;
    let mut rows: BTreeMap<(&str, &Descriptor), StreamRow> = BTreeMap::new();
    for launch in context.results.launches.iter().filter(|launch| launch.command == Command::Read) {
        for facts in &launch.streams {
            let row = rows.entry((&launch.connector, &facts.stream));
            let connector = is_one_of_several.then_some(launch.connector.as_str());
            let row = row.or_insert_with(|| StreamRow::new(connector, &facts.stream));
            row.add(launch, facts, &weights);
        }
    }
    let passes = |row: &StreamRow| row.worst == Some(Status::Pass);
    let (mut passing, mut rows): (Vec<_>, Vec<_>) = rows.into_values().partition(passes);
    if passing.len() < FOLD_FROM {
        rows.append(&mut passing);
    }
    rows.sort_by(|one, other| (other.worst.cmp(&one.worst)).then_with(|| one.name.cmp(&other.name)));
    let more = rows.len().saturating_sub(context.limits.streams) + passing.len().saturating_sub(context.limits.streams);
    rows.truncate(context.limits.streams);
    passing.truncate(context.limits.streams);
    StreamMatrix { ways: WAYS, rows, passing, more }
}

impl StreamRow {
    /// Streams of several connectors may be called alike.
    fn new(connector: Option<&str>, stream: &Descriptor) -> Self {
        let name = connector.map_or(stream.to_string(), |connector| format!("{connector}: {stream}"));
        StreamRow { name, stream: stream.to_string(), said_to_be_empty: false, cells: [None, None, None], worst: None }
    }

    fn add(&mut self, launch: &LaunchFacts, facts: &StreamFacts, weights: &Weights<'_>) {
        let status = weights.status(launch, &facts.stream);
        self.worst = self.worst.max(status);
        self.said_to_be_empty |= facts.said_to_be_empty.is_some();
        let cell = self.cells[way(launch, facts)].get_or_insert_default();
        if cell.status < status || cell.anchor.is_none() {
            cell.anchor = weights.finding(launch, &facts.stream).map(|finding| anchor(&finding.id));
        }
        cell.status = cell.status.max(status);
        cell.fewest = if cell.reads == 0 { facts.records } else { cell.fewest.min(facts.records) };
        cell.most = cell.most.max(facts.records);
        cell.reads += 1;
        cell.states += facts.states;
    }
}

fn way(launch: &LaunchFacts, facts: &StreamFacts) -> usize {
    match facts.sync_mode.as_str() {
        _ if launch.resumes.is_some() => 2,
        "incremental" => 1,
        _ => 0,
    }
}

/// What verdicts and findings say of a stream in a launch.
struct Weights<'r> {
    verdicts: HashMap<Key<'r>, Status>,
    /// The heaviest finding that touches it.
    findings: HashMap<Key<'r>, &'r FindingResult>,
    /// What findings say whose rules judge the launch as a whole but name streams.
    unjudged: HashMap<Key<'r>, Status>,
}

impl<'r> Weights<'r> {
    fn new(context: &Context<'r>) -> Self {
        let mut weights = Weights { verdicts: HashMap::new(), findings: HashMap::new(), unjudged: HashMap::new() };
        let mut by_stream: HashSet<(&str, &str)> = HashSet::new();
        for verdict in &context.results.verdicts {
            let Some(stream) = &verdict.stream else { continue };
            by_stream.insert((&verdict.rule, &verdict.launch));
            let worst = weights.verdicts.entry((&verdict.launch, stream)).or_insert(verdict.status);
            *worst = verdict.status.max(*worst);
        }
        for (at, finding) in context.results.findings.iter().enumerate() {
            for launch in &finding.launches {
                let is_judged = by_stream.contains(&(finding.rule.as_str(), launch.as_str()));
                for stream in &finding.streams {
                    if at < context.listed_findings().len() {
                        weights.findings.entry((launch, stream)).or_insert(finding);
                    }
                    if !is_judged && let Some(status) = status(finding) {
                        let worst = weights.unjudged.entry((launch, stream)).or_insert(status);
                        *worst = status.max(*worst);
                    }
                }
            }
        }
        weights
    }

    fn status(&self, launch: &LaunchFacts, stream: &Descriptor) -> Option<Status> {
        let key = (launch.id.as_str(), stream);
        self.verdicts.get(&key).max(self.unjudged.get(&key)).copied()
    }

    fn finding(&self, launch: &LaunchFacts, stream: &Descriptor) -> Option<&'r FindingResult> {
        self.findings.get(&(launch.id.as_str(), stream)).copied()
    }
}

fn status(finding: &FindingResult) -> Option<Status> {
    match (finding.waived.is_some(), finding.level) {
        (true, _) | (_, Level::Info) => None,
        (_, Level::Should) => Some(Status::Warn),
        (_, Level::Must) => Some(Status::Fail),
    }
}
