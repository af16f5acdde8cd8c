//! Findings by cause, the heaviest first: cards with their evidence, and rows for those that are too many.

use super::excerpt::{Apart, set_apart};
use super::facets::{Facets, ROOM_IN_ROW, Room};
use super::limits::{Context, Folded, Link, NAMES_SHOWN, anchor, mark, stream_names};
use super::prose::{Block, Span, blocks, spans};
use super::wire::Wires;
use crate::rules::{Evidence, Level};
use crate::text::{count, shorten};
use crate::verdict::{FindingResult, SinceMark};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

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
    title: Vec<Span>,
    count: u64,
    streams: Folded<String>,
    facets: Facets<'r>,
}

/// A cause with all that is known about it: one finding, or those of several connectors that share it.
#[derive(Serialize)]
struct Card<'r> {
    mark: &'static str,
    level: Level,
    rule: &'r str,
    name: &'r str,
    title: Vec<Span>,
    authority: &'static str,
    source: &'r str,
    /// Occurrences in all of them.
    count: u64,
    /// How many connectors share it.
    connectors: usize,
    parts: Vec<Part<'r>>,
    why: Vec<Block>,
    help: Vec<Block>,
    /// The earlier finding of the same rule, which says why and how to mend it.
    explained_by: Option<Link<'r>>,
}

/// A finding within its card.
#[derive(Serialize)]
struct Part<'r> {
    id: &'r str,
    anchor: String,
    facets: Facets<'r>,
    /// Whether it is new, where the run was compared with an earlier one.
    since: Option<&'static str>,
    message: Vec<Span>,
    count: u64,
    /// Named where there are several.
    connector: Option<&'r str>,
    scenario: Option<&'r str>,
    streams: Folded<String>,
    launches: Folded<Link<'r>>,
    evidence: Folded<EvidenceView<'r>>,
    /// The commands that show it again: ours, and the connector's own.
    again: Option<(&'r str, &'r str)>,
    waived: Option<Vec<Span>>,
}

/// What findings have in common that are of one cause: rule, title, and mark, so that what is waived in one connector stands apart.
type Cause<'r> = (&'r str, &'r str, &'static str);

fn cause(finding: &FindingResult) -> Cause<'_> {
    (&finding.rule, &finding.title, mark(finding))
}

/// The causes that several connectors share, with the place of the first finding of each.
fn shared(listed: &[FindingResult]) -> HashMap<Cause<'_>, usize> {
    let mut known: HashMap<Cause<'_>, (usize, &str, bool)> = HashMap::new();
    for (place, finding) in listed.iter().enumerate() {
        let (_, connector, is_shared) = known.entry(cause(finding)).or_insert((place, &finding.connector, false));
        *is_shared |= *connector != finding.connector;
    }
    known.into_iter().filter(|(_, (.., is_shared))| *is_shared).map(|(cause, (place, ..))| (cause, place)).collect()
}

/// The findings with those together that have a shared cause, each group where its first one stands.
fn by_cause<'r>(listed: &'r [FindingResult], shared: &HashMap<Cause<'r>, usize>) -> Vec<&'r FindingResult> {
    let mut placed: Vec<(usize, &FindingResult)> = listed.iter().enumerate().collect();
    placed.sort_by_key(|(place, finding)| shared.get(&cause(finding)).copied().unwrap_or(*place));
    placed.into_iter().map(|(_, finding)| finding).collect()
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
    excerpt: Option<Apart<'r>>,
    expected: Option<&'r str>,
    actual: Option<&'r str>,
}

pub(super) fn of<'r>(context: &Context<'r>, wires: &Wires<'_>) -> Findings<'r> {
    let listed = context.listed_findings();
    let shared = shared(listed);
    let ordered = by_cause(listed, &shared);
    let (full, brief) = ordered.split_at(ordered.len().min(context.limits.cards));
    let is_one_card = |one: &&'r FindingResult, other: &&'r FindingResult| {
        cause(one) == cause(other) && shared.contains_key(&cause(one))
    };
    let mut explained: HashMap<&str, &str> = HashMap::new();
    let card = |findings: &[&'r FindingResult]| {
        let explained_by = explained.get(findings[0].rule.as_str()).copied();
        explained.entry(&findings[0].rule).or_insert(&findings[0].id);
        card_of(findings, explained_by, (context, wires))
    };
    Findings {
        total: context.results.findings.len() as u64,
        cards: full.chunk_by(is_one_card).map(card).collect(),
        rows: brief.iter().map(|finding| in_short(finding, context)).collect(),
        more: context.results.findings.len() - listed.len(),
    }
}

/// A finding as a row: what does not fit into one is in `results.json`.
fn in_short<'r>(finding: &'r FindingResult, context: &Context<'r>) -> Row<'r> {
    let streams = finding.streams.iter().map(ToString::to_string).collect();
    Row {
        anchor: anchor(&finding.id),
        mark: mark(finding),
        level: finding.level,
        rule: &finding.rule,
        title: spans(&shorten(&finding.title, TITLE_IN_ROW)),
        count: finding.count,
        streams: Folded::new(streams, 2, 0),
        facets: Facets::of_finding(finding, ROOM_IN_ROW, context),
    }
}

/// The card of findings of one cause.
fn card_of<'r>(
    findings: &[&'r FindingResult],
    explained_by: Option<&'r str>,
    (context, wires): (&Context<'r>, &Wires<'_>),
) -> Card<'r> {
    let first = findings[0];
    let prose = |text: &str| if explained_by.is_some() { Vec::new() } else { blocks(text) };
    let connectors: HashSet<&str> = findings.iter().map(|finding| finding.connector.as_str()).collect();
    Card {
        mark: mark(first),
        level: first.level,
        rule: &first.rule,
        name: &first.name,
        title: spans(&first.title),
        authority: first.authority.describe(),
        source: &first.source,
        count: findings.iter().map(|finding| finding.count).sum(),
        connectors: connectors.len(),
        parts: findings.iter().map(|finding| part_of(finding, context, wires)).collect(),
        why: prose(&first.why),
        help: prose(&first.help),
        explained_by: explained_by.map(|id| Link { text: id, anchor: Some(anchor(id)) }),
    }
}

fn part_of<'r>(finding: &'r FindingResult, context: &Context<'r>, wires: &Wires<'_>) -> Part<'r> {
    let launches = finding.shown_in().into_iter().map(|id| context.launch(id)).collect();
    let evidence = finding.evidence.iter().map(|evidence| view(evidence, context, wires)).collect();
    Part {
        id: &finding.id,
        anchor: anchor(&finding.id),
        facets: Facets::of_finding(finding, Room::in_full(context), context),
        since: finding.since.map(|mark| match mark {
            SinceMark::New => "new",
            SinceMark::Still => "still there",
        }),
        message: spans(&finding.message),
        count: finding.count,
        connector: (context.results.connectors.len() > 1).then_some(finding.connector.as_str()),
        scenario: finding.scenario.as_deref(),
        streams: stream_names(&finding.streams, context),
        launches: Folded::new(launches, NAMES_SHOWN, context.limits.names),
        evidence: Folded::new(evidence, EVIDENCE_SHOWN, EVIDENCE_FOLDED),
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
    let (actual, pointer) = (given(&evidence.actual), given(&evidence.pointer));
    EvidenceView {
        place,
        launch: context.launch(&evidence.launch),
        wire: evidence.message.and_then(|number| wires.line(&evidence.launch, evidence.stderr, number)),
        pointer,
        excerpt: given(&evidence.excerpt).map(|excerpt| set_apart(excerpt, actual, pointer)),
        expected: given(&evidence.expected),
        actual,
    }
}
