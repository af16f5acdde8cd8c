//! Findings by cause, the heaviest first: cards with their evidence, and rows for those that are too many.

use super::facets::{Facets, ROOM_IN_ROW, Room};
use super::limits::{Context, Folded, Link, NAMES_SHOWN, anchor, mark, stream_names};
use super::prose::{Block, Span, blocks, spans};
use super::wire::Wires;
use crate::rules::{Evidence, Level};
use crate::text::{count, shorten};
use crate::verdict::{FindingResult, SinceMark};
use serde::Serialize;
use std::collections::HashMap;

/// How much evidence is shown before it is folded, and how much of it is folded.
const EVIDENCE_SHOWN: usize = 1;
const EVIDENCE_FOLDED: usize = 4;

/// How much of its title a finding shows as a row, in characters.
const TITLE_IN_ROW: usize = 200;

/// The findings.
#[derive(Serialize)]
pub(super) struct Findings<'r> {
    /// How many there are.
    total: u64,
    cards: Vec<Card<'r>>,
    rows: Vec<Row<'r>>,
    /// Findings that have no room.
    more: usize,
}

/// A finding in short.
#[derive(Serialize)]
struct Row<'r> {
    anchor: String,
    mark: &'static str,
    level: Level,
    rule: &'r str,
    name: &'r str,
    title: Vec<Span>,
    count: u64,
    streams: Folded<String>,
    facets: Facets<'r>,
    /// Whether it is new, where the run was compared with an earlier one.
    since: Option<&'static str>,
}

/// A finding with all that is known about it.
#[derive(Serialize)]
struct Card<'r> {
    #[serde(flatten)]
    row: Row<'r>,
    id: &'r str,
    authority: &'static str,
    source: &'r str,
    message: Vec<Span>,
    /// Named where there are several.
    connector: Option<&'r str>,
    /// The same in other connectors: a cause that they may share.
    alike: Vec<Alike<'r>>,
    more_alike: usize,
    scenario: Option<&'r str>,
    launches: Folded<Link<'r>>,
    evidence: Folded<EvidenceView<'r>>,
    why: Vec<Block>,
    help: Vec<Block>,
    /// The earlier finding of the same rule, which says why and how to mend it.
    explained_by: Option<Link<'r>>,
    /// The commands that show it again: ours, and the connector's own.
    again: Option<(&'r str, &'r str)>,
    waived: Option<Vec<Span>>,
}

/// The same finding in another connector.
#[derive(Clone, Serialize)]
struct Alike<'r> {
    connector: &'r str,
    anchor: String,
}

/// Findings of one rule with one title, by connector, where there are several connectors.
type Causes<'r> = HashMap<(&'r str, &'r str), Vec<Alike<'r>>>;

fn causes<'r>(listed: &'r [FindingResult], context: &Context<'r>) -> Causes<'r> {
    let mut causes = Causes::new();
    for finding in listed.iter().filter(|_| context.results.connectors.len() > 1) {
        let known = causes.entry((finding.rule.as_str(), finding.title.as_str())).or_default();
        if !known.iter().any(|alike| alike.connector == finding.connector) {
            known.push(Alike { connector: &finding.connector, anchor: anchor(&finding.id) });
        }
    }
    causes
}

/// Evidence, with the value in question set apart.
#[derive(Serialize)]
struct EvidenceView<'r> {
    /// The message or line; none where it is the launch as a whole.
    place: Option<String>,
    launch: Link<'r>,
    /// Where the line stands among those before and after it.
    wire: Option<String>,
    pointer: Option<&'r str>,
    /// What stands before the value in question, the value, and what stands behind it.
    excerpt: Option<(&'r str, &'r str, &'r str)>,
    expected: Option<&'r str>,
    actual: Option<&'r str>,
}

pub(super) fn of<'r>(context: &Context<'r>, wires: &Wires<'_>) -> Findings<'r> {
    let listed = context.listed_findings();
    let (full, brief) = listed.split_at(listed.len().min(context.limits.cards));
    let causes = causes(listed, context);
    let mut explained: HashMap<&str, &str> = HashMap::new();
    let mut card = |finding: &'r FindingResult| {
        let explained_by = explained.get(finding.rule.as_str()).copied();
        explained.entry(&finding.rule).or_insert(&finding.id);
        let mut alike = causes.get(&(finding.rule.as_str(), finding.title.as_str())).cloned().unwrap_or_default();
        alike.retain(|other| other.connector != finding.connector);
        let more_alike = alike.len().saturating_sub(NAMES_SHOWN);
        alike.truncate(NAMES_SHOWN);
        Card { alike, more_alike, ..card_of(finding, explained_by, (context, wires)) }
    };
    Findings {
        total: context.results.findings.len() as u64,
        cards: full.iter().map(&mut card).collect(),
        rows: brief.iter().map(|finding| in_short(finding, context)).collect(),
        more: context.results.findings.len() - listed.len(),
    }
}

/// A finding as a row: what does not fit into one is in `results.json`.
fn in_short<'r>(finding: &'r FindingResult, context: &Context<'r>) -> Row<'r> {
    let streams = finding.streams.iter().map(ToString::to_string).collect();
    let facets = Facets::of_finding(finding, ROOM_IN_ROW, context);
    Row { title: spans(&shorten(&finding.title, TITLE_IN_ROW)), ..row_of(finding, Folded::new(streams, 2, 0), facets) }
}

fn row_of<'r>(finding: &'r FindingResult, streams: Folded<String>, facets: Facets<'r>) -> Row<'r> {
    Row {
        anchor: anchor(&finding.id),
        mark: mark(finding),
        level: finding.level,
        rule: &finding.rule,
        name: &finding.name,
        title: spans(&finding.title),
        count: finding.count,
        streams,
        facets,
        since: finding.since.map(|mark| match mark {
            SinceMark::New => "new",
            SinceMark::Still => "still there",
        }),
    }
}

fn card_of<'r>(
    finding: &'r FindingResult,
    explained_by: Option<&'r str>,
    (context, wires): (&Context<'r>, &Wires<'_>),
) -> Card<'r> {
    let launches = finding.launches.iter().map(|id| context.launch(id)).collect();
    let evidence = finding.evidence.iter().map(|evidence| view(evidence, context, wires)).collect();
    let prose = |text: &str| if explained_by.is_some() { Vec::new() } else { blocks(text) };
    let facets = Facets::of_finding(finding, Room::in_full(context), context);
    Card {
        row: row_of(finding, stream_names(&finding.streams, context), facets),
        id: &finding.id,
        authority: finding.authority.describe(),
        source: &finding.source,
        message: spans(&finding.message),
        connector: (context.results.connectors.len() > 1).then_some(finding.connector.as_str()),
        alike: Vec::new(),
        more_alike: 0,
        scenario: finding.scenario.as_deref(),
        launches: Folded::new(launches, NAMES_SHOWN, context.limits.names),
        evidence: Folded::new(evidence, EVIDENCE_SHOWN, EVIDENCE_FOLDED),
        why: prose(&finding.why),
        help: prose(&finding.help),
        explained_by: explained_by.map(|id| Link { text: id, anchor: Some(anchor(id)) }),
        again: finding.reproduction.as_ref().map(|again| (again.command.as_str(), again.launch.as_str())),
        waived: finding.waived.as_deref().map(spans),
    }
}

fn view<'r>(evidence: &'r Evidence, context: &Context<'r>, wires: &Wires<'_>) -> EvidenceView<'r> {
    let place = evidence.message.map(|number| match evidence.stderr {
        false => format!("Message {}", count(number)),
        true => format!("Line {} of stderr", count(number)),
    });
    let given = |text: &'r Option<String>| text.as_deref().filter(|text| !text.is_empty());
    let actual = given(&evidence.actual);
    EvidenceView {
        place,
        launch: context.launch(&evidence.launch),
        wire: evidence.message.and_then(|number| wires.line(&evidence.launch, evidence.stderr, number)),
        pointer: given(&evidence.pointer),
        excerpt: given(&evidence.excerpt).map(|excerpt| set_apart(excerpt, actual)),
        expected: given(&evidence.expected),
        actual,
    }
}

/// Splits an excerpt around the value in question, where it is certain which that is.
fn set_apart<'r>(excerpt: &'r str, actual: Option<&str>) -> (&'r str, &'r str, &'r str) {
    let value = actual.filter(|value| value.len() > 1 && excerpt.matches(value).count() == 1);
    let around = value.and_then(|value| Some((excerpt.split_once(value)?, value.len())));
    match around {
        Some(((before, after), length)) => (before, &excerpt[before.len()..before.len() + length], after),
        None => (excerpt, "", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_in_question_is_set_apart_where_it_is_certain() {
        assert_eq!(set_apart(r#"{"id":"17"}"#, Some("\"17\"")), ("{\"id\":", "\"17\"", "}"));
        assert_eq!(set_apart("17 and 17", Some("17")), ("17 and 17", "", ""));
        assert_eq!(set_apart("17", None), ("17", "", ""));
    }
}
