//! The first matrix: families of rules by command.

use super::limits::{Context, family, family_anchor};
use crate::protocol::Command;
use crate::verdict::{Results, Status};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The matrix.
#[derive(Serialize)]
pub(super) struct FamilyMatrix {
    commands: Vec<Command>,
    rows: Vec<FamilyRow>,
}

#[derive(Serialize)]
struct FamilyRow {
    code: String,
    title: &'static str,
    anchor: String,
    /// One for each command; none where the family judges nothing of it.
    cells: Vec<Option<Tally>>,
}

/// Verdicts, counted.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Tally {
    /// The heaviest status, with its count.
    pub worst: Option<(Status, u64)>,
    /// The others, the heaviest first.
    pub rest: Vec<(Status, u64)>,
}

impl Tally {
    pub fn of(statuses: impl IntoIterator<Item = Status>) -> Self {
        let mut counts: BTreeMap<Status, u64> = BTreeMap::new();
        statuses.into_iter().for_each(|status| *counts.entry(status).or_default() += 1);
        let worst = counts.pop_last();
        Tally { worst, rest: counts.into_iter().rev().collect() }
    }
}

/// The families in the order of the protocol's catalogue, with what they are about.
const FAMILIES: [(&str, &str); 22] = [
    ("CLI", "Command line and process"),
    ("LINE", "Lines and JSON"),
    ("SPEC", "Specification"),
    ("CHECK", "Connection check"),
    ("DISC", "Catalog"),
    ("SCHEMA", "Stream schemas"),
    ("READ", "Records"),
    ("STATE", "State"),
    ("STATUS", "Stream status"),
    ("TRACE", "Traces"),
    ("LOG", "Logs"),
    ("CTRL", "Control messages"),
    ("SEC", "Secrets"),
    ("TYPE", "Values"),
    ("META", "Metadata and documentation"),
    ("SUITE", "What the suite expects"),
    ("DEST", "Destinations"),
    ("EXP", "Experiments"),
    ("USE", "What a launch uses"),
    ("PIPE", "Source and destination together"),
    ("BASE", "Baselines"),
    ("COMPAT", "Comparison with another version"),
];

/// What a family is about; empty for one that we do not know.
pub(super) fn title(code: &str) -> &'static str {
    FAMILIES.iter().find(|(family, _)| *family == code).map_or("", |(_, title)| title)
}

/// The families that have verdicts, in their order.
pub(super) fn present(results: &Results) -> Vec<&str> {
    let found: BTreeSet<&str> = results.verdicts.iter().map(|verdict| family(&verdict.rule)).collect();
    let mut present: Vec<&str> = found.into_iter().collect();
    let place = |code: &str| FAMILIES.iter().position(|(family, _)| *family == code).unwrap_or(FAMILIES.len());
    present.sort_by_key(|code| place(code));
    present
}

pub(super) fn of(results: &Results) -> FamilyMatrix {
    let command_of: HashMap<&str, Command> =
        results.launches.iter().map(|launch| (launch.id.as_str(), launch.command)).collect();
    let mut cells: BTreeMap<(&str, Command), Vec<Status>> = BTreeMap::new();
    for verdict in &results.verdicts {
        let Some(command) = command_of.get(verdict.launch.as_str()) else { continue };
        cells.entry((family(&verdict.rule), *command)).or_default().push(verdict.status);
    }
    let commands: BTreeSet<Command> = command_of.values().copied().collect();
    let row = |code: &str| FamilyRow {
        code: code.to_owned(),
        title: title(code),
        anchor: family_anchor(code),
        cells: commands
            .iter()
            .map(|command| cells.get(&(code, *command)).map(|statuses| Tally::of(statuses.iter().copied())))
            .collect(),
    };
    let rows = present(results).into_iter().map(row).collect();
    FamilyMatrix { commands: commands.iter().copied().collect(), rows }
}

/// Connectors by families, where there are several: what a maintainer of many looks at first.
#[derive(Serialize)]
pub(super) struct ConnectorMatrix<'r> {
    families: Vec<&'r str>,
    rows: Vec<ConnectorRow<'r>>,
    /// Connectors that have no room.
    more: usize,
}

#[derive(Serialize)]
struct ConnectorRow<'r> {
    name: &'r str,
    /// What begins the ids of its launches, for a filter.
    launches: String,
    cells: Vec<Option<Tally>>,
}

/// The connectors, those with the heaviest verdicts first. None where there is only one.
pub(super) fn by_connector<'r>(context: &Context<'r>) -> Option<ConnectorMatrix<'r>> {
    let results = context.results;
    if results.connectors.len() < 2 {
        return None;
    }
    let connector_of: HashMap<&str, &str> =
        results.launches.iter().map(|launch| (launch.id.as_str(), launch.connector.as_str())).collect();
    let mut cells: HashMap<(&str, &str), Vec<Status>> = HashMap::new();
    for verdict in &results.verdicts {
        let Some(connector) = connector_of.get(verdict.launch.as_str()) else { continue };
        cells.entry((connector, family(&verdict.rule))).or_default().push(verdict.status);
    }
    let families = present(results);
    let weight = |name: &str| {
        let own = families.iter().filter_map(|code| cells.get(&(name, *code)));
        let count = |status| own.clone().flatten().filter(|it| **it == status).count();
        std::cmp::Reverse([Status::Error, Status::Fail, Status::Warn].map(count))
    };
    let mut names: Vec<&str> = results.connectors.iter().map(|connector| connector.name.as_str()).collect();
    names.sort_by_key(|name| weight(name));
    let shown = names.len().min(context.limits.streams);
    let row = |name: &&'r str| ConnectorRow {
        name,
        launches: launches_of(name, results),
        cells: families
            .iter()
            .map(|code| cells.get(&(*name, *code)).map(|statuses| Tally::of(statuses.iter().copied())))
            .collect(),
    };
    Some(ConnectorMatrix { rows: names[..shown].iter().map(row).collect(), more: names.len() - shown, families })
}

/// What the ids of a connector's launches have in common at their beginning, as a pattern.
fn launches_of(name: &str, results: &Results) -> String {
    let own = results.launches.iter().find(|launch| launch.connector == name);
    own.and_then(|launch| launch.id.split('.').next()).map_or("*".to_owned(), |slug| format!("{slug}.*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_begins_with_the_worst() {
        let tally = Tally::of([Status::Pass, Status::Fail, Status::Pass, Status::Skip]);
        assert_eq!(tally.worst, Some((Status::Fail, 1)));
        assert_eq!(tally.rest, [(Status::Pass, 2), (Status::Skip, 1)]);
    }
}
