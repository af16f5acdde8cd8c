//! The first matrix: families of rules by command.

use super::limits::{family, family_anchor};
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
const FAMILIES: [(&str, &str); 18] = [
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
