//! Which required rules a run leaves open: a level that was met by skipping is not met.
//!
//! A required rule must have been judged at least once for each connector, at its own level. It is no gap where what the rule
//! is about does not occur: the suite claims nothing of the kind, or the connector has no such feature and need not have it.
//! Those are few, and named here one by one with the reasons that stand for them; any other reason is a gap.

use crate::protocol::Command;
use crate::rules::{Level, Statement};
use crate::text::visible;
use crate::verdict::{LaunchFacts, NO_INCREMENTAL_STREAM, Results, Status, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;

/// A feature that a connector or a suite may do without.
struct Optional {
    /// The rules that are about it: codes, or families with their dash.
    rules: &'static [&'static str],
    /// How the reasons begin that say that it does not occur.
    reasons: &'static [&'static str],
}

const OPTIONAL: [Optional; 9] = [
    // What the suite expects of the connector beyond the protocol.
    Optional {
        rules: &["SUITE-"],
        reasons: &["the suite is not strict", "the scenario names no", "the scenario has no", "nothing says that"],
    },
    Optional {
        rules: &["EXP-05", "EXP-40"],
        reasons: &["the scenario has no `changes`", "the scenario has no change"],
    },
    Optional { rules: &["SPEC-046", "DISC-025"], reasons: &["the suite names no previous version"] },
    // What must not come, and did not.
    Optional { rules: &["CHECK-006", "TRACE-"], reasons: &["no TRACE came"] },
    Optional { rules: &["CHECK-012"], reasons: &["no RECORD or STATE or CATALOG or SPEC came"] },
    // What only some connectors do.
    Optional { rules: &["CTRL-"], reasons: &["no CONTROL came"] },
    Optional { rules: &["DISC-019"], reasons: &["no stream is read with its files"] },
    // Incremental reads: what is said of them by reading that way, or of every read and elsewhere than in this one.
    Optional {
        rules: &["CLI-010", "CTRL-", "DISC-019", "EXP-", "READ-019", "READ-021", "STATE-"],
        reasons: &[NO_INCREMENTAL_STREAM],
    },
    Optional {
        rules: &["READ-021"],
        reasons: &["inconclusive: no stream with records has a cursor to choose, and a field for it"],
    },
];

/// Families that say something only beside what they compare with: another version, accepted snapshots, another connector.
const BESIDE: [&str; 3] = ["COMPAT", "BASE", "PIPE"];

/// A required rule without a verdict at its level.
#[derive(Debug, Serialize)]
pub(super) struct Unjudged<'r> {
    rule: &'static str,
    name: &'static str,
    connector: &'r str,
    /// Whether there was nothing to judge: what it is about does not occur.
    pub(super) is_inapplicable: bool,
    reason: &'r str,
}

impl Unjudged<'_> {
    /// That it is a gap.
    pub(super) fn sentence(&self, results: &Results) -> String {
        let of = match results.connectors.len() {
            0 | 1 => String::new(),
            _ => format!(" for {}", visible(self.connector)),
        };
        format!("{} {} is required and was not judged{of}: {}.", self.rule, self.name, visible(self.reason))
    }
}

/// The required rules that no verdict at MUST says anything about, by connector and code.
pub(super) fn unjudged<'r>(results: &'r Results, statements: &[Statement]) -> Vec<Unjudged<'r>> {
    let connector_of: BTreeMap<&str, &str> =
        results.launches.iter().map(|launch| (launch.id.as_str(), launch.connector.as_str())).collect();
    let mut by_rule: BTreeMap<(&str, &str), Vec<&'r Verdict>> = BTreeMap::new();
    for verdict in &results.verdicts {
        let connector = connector_of.get(verdict.launch.as_str()).copied().unwrap_or_default();
        by_rule.entry((connector, &verdict.rule)).or_default().push(verdict);
    }
    let is_required = |statement: &&Statement| {
        statement.level == Level::Must && !BESIDE.contains(&statement.code.split('-').next().unwrap_or_default())
    };
    let mut required: Vec<&Statement> = statements.iter().filter(is_required).collect();
    required.sort_by_key(|statement| statement.code);
    let of_connector = |connector: &'r str| {
        let verdicts_of = |code| by_rule.get(&(connector, code)).map(Vec::as_slice).unwrap_or_default();
        let is_of_connector = |launch: &&LaunchFacts| launch.connector == connector;
        let mut launches = results.launches.iter().filter(is_of_connector);
        let is_destination = launches.any(|launch| launch.command == Command::Write);
        let gaps = required.iter().filter(|statement| is_about(statement, is_destination)).filter_map(|statement| {
            let (is_inapplicable, reason) = gap(statement.code, verdicts_of(statement.code))?;
            Some(Unjudged { rule: statement.code, name: statement.name, connector, is_inapplicable, reason })
        });
        gaps.collect::<Vec<_>>()
    };
    results.connectors.iter().flat_map(|connector| of_connector(&connector.name)).collect()
}

/// Whether a statement is about a connector of that kind: a destination has no `discover` and `read`, a source no `write`.
fn is_about(statement: &Statement, is_destination: bool) -> bool {
    let is_its_own = |command: &Command| match command {
        Command::Spec | Command::Check => true,
        Command::Discover | Command::Read => !is_destination,
        Command::Write => is_destination,
    };
    statement.commands.iter().any(is_its_own)
}

/// Why a required rule was not judged, and whether that is no gap. None where it was.
fn gap<'r>(code: &str, verdicts: &[&'r Verdict]) -> Option<(bool, &'r str)> {
    let is_judged = |verdict: &&&Verdict| matches!(verdict.status, Status::Pass | Status::Warn | Status::Fail);
    let judged: Vec<&&Verdict> = verdicts.iter().filter(is_judged).collect();
    if judged.iter().any(|verdict| verdict.level == Level::Must) {
        return None;
    }
    if !judged.is_empty() {
        return Some((false, "the suite gives it a lower level"));
    }
    let standings: Vec<(Standing, &str)> = verdicts.iter().map(|verdict| standing(code, verdict)).collect();
    let first = |wanted| standings.iter().find(|(standing, _)| *standing == wanted).map(|(_, reason)| *reason);
    let (is_inapplicable, reason) =
        match (first(Standing::Gap), first(Standing::DoesNotOccur), first(Standing::Elsewhere)) {
            (Some(reason), ..) => (false, reason),
            (None, Some(reason), _) => (true, reason),
            (None, None, Some(reason)) => (false, reason),
            (None, None, None) => (false, "it has no verdict"),
        };
    Some((is_inapplicable, reason.trim_end_matches('.')))
}

/// What an unjudged verdict means for its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It could have been judged.
    Gap,
    /// What it is about does not occur.
    DoesNotOccur,
    /// The scenario is of the other kind: one of its own kind has to say more.
    Elsewhere,
}

fn standing<'r>(code: &str, verdict: &'r Verdict) -> (Standing, &'r str) {
    let reason = verdict.reason.as_deref().unwrap_or("nobody says why");
    let is_about =
        |rules: &[&str]| rules.iter().any(|rule| code == *rule || rule.ends_with('-') && code.starts_with(rule));
    // An experiment tells first which launch it lacks, by its id; what a suite says has other words before it.
    let lacks = reason.split_once(" was not launched: ").filter(|(launch, _)| !launch.contains(' '));
    let root = lacks.map_or(reason, |(_, root)| root);
    let is_one = |it: &Optional| is_about(it.rules) && it.reasons.iter().any(|begin| root.starts_with(begin));
    let standing = match verdict.status {
        Status::Skip if ["the scenario is expected to fail", "the scenario is expected to work"].contains(&reason) => {
            Standing::Elsewhere
        }
        Status::Skip if OPTIONAL.iter().any(is_one) => Standing::DoesNotOccur,
        _ => Standing::Gap,
    };
    (standing, reason)
}
