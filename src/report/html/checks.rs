//! All checks, by family: passes of a rule in one line, everything else with its reason.

use super::facets::Facets;
use super::families::{self, Tally};
use super::limits::{Context, Folded, Link, NAMES_SHOWN, anchor, family, family_anchor, stream_names};
use super::prose::{Span, spans};
use crate::protocol::Descriptor;
use crate::rules::Level;
use crate::verdict::{FindingResult, Status, Verdict};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// All checks.
#[derive(Serialize)]
pub(super) struct Checks<'r> {
    families: Vec<Family<'r>>,
}

#[derive(Serialize)]
struct Family<'r> {
    code: &'r str,
    title: &'static str,
    anchor: String,
    tally: Tally,
    /// Unfolded, since there is something to see.
    open: bool,
    rules: Vec<RuleRows<'r>>,
    /// Rows that have no room.
    more: usize,
}

/// The verdicts of a rule, the worst first.
#[derive(Serialize)]
struct RuleRows<'r> {
    code: &'r str,
    name: &'r str,
    level: Level,
    rows: Vec<Row<'r>>,
}

/// The verdicts of a rule that come to the same for the same reason.
#[derive(Serialize)]
struct Row<'r> {
    status: Status,
    count: u64,
    launches: Folded<Link<'r>>,
    streams: Folded<String>,
    reason: Vec<Span>,
    /// The finding behind it, if the page lists it.
    finding: Option<String>,
    facets: Facets<'r>,
}

type Alike<'r> = (&'r str, Reverse<Status>, Option<&'r str>);

pub(super) fn of<'r>(context: &Context<'r>) -> Checks<'r> {
    let mut groups: BTreeMap<Alike<'_>, Vec<&Verdict>> = BTreeMap::new();
    for verdict in &context.results.verdicts {
        let alike = (verdict.rule.as_str(), Reverse(verdict.status), verdict.reason.as_deref());
        groups.entry(alike).or_default().push(verdict);
    }
    let mut by_family: HashMap<&str, Vec<Vec<&Verdict>>> = HashMap::new();
    for group in groups.into_values() {
        by_family.entry(family(&group[0].rule)).or_default().push(group);
    }
    let findings = by_rule(context);
    let mut room = context.limits.checks;
    let families = families::present(context.results).into_iter().map(|code| {
        let groups = by_family.remove(code).unwrap_or_default();
        let shown = groups.len().min(room);
        room -= shown;
        section(code, &groups, shown, &findings, context)
    });
    Checks { families: families.collect() }
}

type ByRule<'r> = HashMap<&'r str, Vec<&'r FindingResult>>;

fn by_rule<'r>(context: &Context<'r>) -> ByRule<'r> {
    let mut findings = ByRule::new();
    for finding in context.listed_findings() {
        findings.entry(finding.rule.as_str()).or_default().push(finding);
    }
    findings
}

fn section<'r>(
    code: &'r str,
    groups: &[Vec<&'r Verdict>],
    shown: usize,
    findings: &ByRule<'r>,
    context: &Context<'r>,
) -> Family<'r> {
    let tally = Tally::of(groups.iter().flatten().map(|verdict| verdict.status));
    let rules = groups[..shown].chunk_by(|one, other| one[0].rule == other[0].rule);
    Family {
        code,
        title: families::title(code),
        anchor: family_anchor(code),
        open: tally.worst.is_some_and(|(status, _)| status > Status::Pass),
        tally,
        rules: rules
            .map(|groups| RuleRows {
                code: &groups[0][0].rule,
                name: &groups[0][0].name,
                level: groups[0][0].level,
                rows: groups.iter().map(|group| row(group, findings, context)).collect(),
            })
            .collect(),
        more: groups.len() - shown,
    }
}

fn row<'r>(group: &[&'r Verdict], findings: &ByRule<'r>, context: &Context<'r>) -> Row<'r> {
    let first = group[0];
    // A plain pass is summarised: which launches and streams it was made on follows from the matrices.
    let is_plain = first.status == Status::Pass && first.reason.is_none();
    let listed = if is_plain { &[] } else { group };
    let mut launches: Vec<&str> = listed.iter().map(|verdict| verdict.launch.as_str()).collect();
    launches.dedup();
    let launches = launches.into_iter().map(|id| context.launch(id)).collect();
    let mut streams: Vec<&Descriptor> = listed.iter().filter_map(|verdict| verdict.stream.as_ref()).collect();
    streams.sort();
    streams.dedup();
    Row {
        status: first.status,
        count: group.len() as u64,
        launches: Folded::new(launches, NAMES_SHOWN, context.limits.names),
        streams: stream_names(streams, context),
        reason: first.reason.as_deref().map(spans).unwrap_or_default(),
        finding: if is_plain { None } else { finding_of(first, findings) },
        facets: Facets::of_checks(group, context),
    }
}

/// The heaviest listed finding behind a verdict.
fn finding_of(verdict: &Verdict, findings: &ByRule<'_>) -> Option<String> {
    let touches = |finding: &&&FindingResult| {
        finding.launches.contains(&verdict.launch)
            && verdict.stream.as_ref().is_none_or(|stream| finding.streams.contains(stream))
    };
    findings.get(verdict.rule.as_str())?.iter().find(touches).map(|finding| anchor(&finding.id))
}
