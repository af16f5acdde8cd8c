//! The wire: the lines of each launch around what matters, where the cursors stood, and how fast records came.

use super::limits::{Context, Link, anchor, launch_anchor, mark};
use super::prose::{Span, spans};
use crate::launch::MemoryAt;
use crate::protocol::{Cursor, Descriptor};
use crate::text;
use crate::verdict::{Checkpoint, Course, FindingResult, LaunchFacts, LaunchState, Wire, WireLine};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};

/// How many streams of a launch have their cursors drawn.
const CARPETS: usize = 50;

/// The launches that put something out.
#[derive(Serialize)]
pub(super) struct Wires<'r> {
    launches: Vec<Launch<'r>>,
    /// Launches that have no room.
    more: usize,
    /// The anchors of all lines.
    #[serde(skip)]
    anchors: HashSet<String>,
}

impl Wires<'_> {
    /// Where a line stands, if it is on the page.
    pub fn line(&self, launch: &str, stderr: bool, number: u64) -> Option<String> {
        Some(line_anchor(launch, stderr, number)).filter(|anchor| self.anchors.contains(anchor))
    }
}

#[derive(Serialize)]
struct Launch<'r> {
    id: &'r str,
    anchor: String,
    launch: String,
    command: &'static str,
    purpose: Vec<Span>,
    lines: u64,
    shown: Vec<Row<'r>>,
    carpets: Vec<Carpet<'r>>,
    more_carpets: usize,
    chart: Option<Chart>,
    memory: Option<MemoryChart>,
    /// Whether a finding stands on one of the lines.
    cited: bool,
}

/// A line, or a gap before the next one.
#[derive(Serialize)]
struct Row<'r> {
    anchor: String,
    line: &'r WireLine,
    number: String,
    at: String,
    /// What it is: the message's type, `stderr`, or that it is none.
    kind: &'r str,
    stream: Option<String>,
    /// The finding that cites it, and its mark.
    finding: Option<Link<'r>>,
    mark: &'static str,
    rule: Option<&'r str>,
    /// How many lines of its channel are left out before it.
    gap: u64,
    /// Its whole length, where not all of it is shown.
    length: Option<String>,
}

/// The cursor of one stream over its states, drawn in per cent of width and height.
#[derive(Serialize)]
struct Carpet<'r> {
    stream: String,
    states: usize,
    first: Option<&'r str>,
    last: Option<&'r str>,
    backs: Vec<Back<'r>>,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    x: f64,
    width: f64,
    /// How high the cursor stands among all that the stream had; none where that is not known.
    height: Option<f64>,
    back: bool,
    words: String,
}

/// A state whose cursor goes back.
#[derive(Serialize)]
struct Back<'r> {
    message: String,
    anchor: Option<String>,
    cursor: Option<&'r str>,
}

/// Records over time.
#[derive(Serialize)]
struct Chart {
    bars: Vec<(f64, f64, f64, String)>,
    most: String,
    span: String,
    whole: String,
}

/// Memory over time, as a line in per cent of width and height.
#[derive(Serialize)]
struct MemoryChart {
    lines: Vec<Segment>,
    most: String,
    whole: String,
}

#[derive(Serialize)]
struct Segment {
    x1: f64,
    y1: f64,
    x2: f64,
    y2: f64,
}

/// Where findings point: the launch, the channel and the number of a line; and the finding that does.
type Cited<'r> = HashMap<(&'r str, bool, u64), &'r FindingResult>;

/// The lines that the findings on the page cite.
fn cited<'r>(context: &Context<'r>) -> Cited<'r> {
    let mut cited = Cited::new();
    for finding in context.listed_findings() {
        for evidence in &finding.evidence {
            if let Some(number) = evidence.message {
                cited.entry((evidence.launch.as_str(), evidence.stderr, number)).or_insert(finding);
            }
        }
    }
    cited
}

/// How many lines of each launch are on the page, by its id: of all where there is room, else of those that findings cite first.
fn room<'r>(context: &Context<'r>, cited: &Cited<'r>) -> HashMap<&'r str, usize> {
    let lines = |facts: &LaunchFacts| facts.wire.as_ref().map_or(0, |wire| wire.lines.len());
    let mut launches: Vec<&LaunchFacts> = context.results.launches.iter().filter(|facts| lines(facts) > 0).collect();
    let named: HashSet<&str> = cited.keys().map(|(launch, ..)| *launch).collect();
    launches.sort_by_key(|facts| !named.contains(facts.id.as_str()));
    let mut left = context.limits.wire;
    let mut room = HashMap::new();
    for facts in launches {
        let take = lines(facts).min(left);
        left -= take;
        if take > 0 {
            room.insert(facts.id.as_str(), take);
        }
    }
    room
}

/// Where a line stands on the page.
fn line_anchor(launch: &str, stderr: bool, number: u64) -> String {
    anchor(&format!("{}-{launch}-{number}", if stderr { "e" } else { "m" }))
}

pub(super) fn of<'r>(context: &Context<'r>) -> Wires<'r> {
    let cited = cited(context);
    let room = room(context, &cited);
    let wires = context.results.launches.iter().filter_map(|facts| Some((facts, facts.wire.as_ref()?)));
    let all: Vec<_> = wires.filter(|(_, wire)| !wire.lines.is_empty()).collect();
    let launches = all.iter().filter_map(|(facts, wire)| {
        let most = *room.get(facts.id.as_str())?;
        Some(launch(facts, wire, most, &cited))
    });
    let launches: Vec<Launch<'_>> = launches.collect();
    let anchors = launches.iter().flat_map(|launch| &launch.shown).map(|row| row.anchor.clone()).collect();
    Wires { more: all.len() - launches.len(), launches, anchors }
}

fn launch<'r>(facts: &'r LaunchFacts, wire: &'r Wire, most: usize, cited: &Cited<'r>) -> Launch<'r> {
    let mut last = [0_u64; 2];
    let rows = wire.lines.iter().take(most).map(|line| {
        let before = &mut last[usize::from(line.stderr)];
        let gap = line.number.saturating_sub(*before + 1);
        *before = line.number;
        row(facts, line, gap, cited)
    });
    let shown: Vec<Row<'_>> = rows.collect();
    let mut streams: BTreeMap<&Descriptor, Vec<&Checkpoint>> = BTreeMap::new();
    for point in &wire.checkpoints {
        streams.entry(&point.stream).or_default().push(point);
    }
    let more_carpets = streams.len().saturating_sub(CARPETS);
    let has = |number: u64| shown.iter().any(|row| !row.line.stderr && row.line.number == number);
    let carpets = streams.into_iter().take(CARPETS).map(|(stream, points)| carpet(facts, stream, &points, &has));
    Launch {
        id: &facts.id,
        anchor: anchor(&format!("wire-{}", facts.id)),
        launch: launch_anchor(&facts.id),
        command: facts.command.as_str(),
        purpose: spans(&facts.purpose),
        lines: facts.tally.lines,
        carpets: carpets.collect(),
        more_carpets,
        chart: chart(&wire.course),
        memory: memory_chart(facts),
        cited: shown.iter().any(|row| row.finding.is_some()),
        shown,
    }
}

fn row<'r>(facts: &'r LaunchFacts, line: &'r WireLine, gap: u64, cited: &Cited<'r>) -> Row<'r> {
    let finding = cited.get(&(facts.id.as_str(), line.stderr, line.number));
    Row {
        anchor: line_anchor(&facts.id, line.stderr, line.number),
        number: text::count(line.number),
        at: format!("{:.3}", line.at),
        kind: match &line.kind {
            Some(kind) => kind,
            None if line.stderr => "stderr",
            None => "no message",
        },
        stream: line.stream.as_ref().map(ToString::to_string),
        finding: finding.map(|finding| Link { text: &finding.id, anchor: Some(anchor(&finding.id)) }),
        mark: finding.map_or("info", |finding| mark(finding)),
        rule: finding.map(|finding| finding.rule.as_str()),
        gap,
        length: line.text.ends_with('…').then(|| text::bytes(line.length)),
        line,
    }
}

fn carpet<'r>(
    facts: &LaunchFacts,
    stream: &Descriptor,
    points: &[&'r Checkpoint],
    has: &dyn Fn(u64) -> bool,
) -> Carpet<'r> {
    let heights = heights(points);
    let width = 100.0 / points.len().max(1) as f64;
    let cells = points.iter().zip(heights).enumerate().map(|(place, (point, height))| Cell {
        x: hundredth(place as f64 * width),
        width: hundredth(width),
        height: height.map(hundredth),
        back: point.goes_back,
        words: format!(
            "message {}: {} after {}",
            text::count(point.message),
            point.cursor.as_deref().unwrap_or("no single cursor"),
            text::plural(point.records, "record")
        ),
    });
    let backs = points.iter().filter(|point| point.goes_back).map(|point| Back {
        message: text::count(point.message),
        anchor: has(point.message).then(|| line_anchor(&facts.id, false, point.message)),
        cursor: point.cursor.as_deref(),
    });
    Carpet {
        stream: stream.to_string(),
        states: points.len(),
        first: points.first().and_then(|point| point.cursor.as_deref()),
        last: points.last().and_then(|point| point.cursor.as_deref()),
        backs: backs.take(5).collect(),
        cells: cells.collect(),
    }
}

/// How high each cursor stands among all of them, in per cent; none where their order is not known.
fn heights(points: &[&Checkpoint]) -> Vec<Option<f64>> {
    let read = |point: &&Checkpoint| {
        let written = serde_json::to_string(point.cursor.as_ref()?).ok()?;
        Cursor::read(&written).filter(Cursor::is_ordered)
    };
    let cursors: Vec<Option<Cursor>> = points.iter().map(read).collect();
    let mut known: Vec<&Cursor> = cursors.iter().flatten().collect();
    known.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
    known.dedup();
    let most = known.len().max(2) - 1;
    let place = |cursor: &Cursor| known.iter().position(|other| *other == cursor);
    let height = |place: usize| 12.0 + 88.0 * place as f64 / most as f64;
    cursors.iter().map(|cursor| cursor.as_ref().and_then(place).map(height)).collect()
}

fn chart(course: &Course) -> Option<Chart> {
    let most = course.records.iter().copied().max().filter(|_| course.records.len() > 1)?;
    let width = 100.0 / course.records.len() as f64;
    let time = |spans: f64| text::seconds(course.span * spans);
    let bars = course.records.iter().enumerate().filter(|(_, records)| **records > 0).map(|(place, records)| {
        let words = format!("{} from {} on", text::plural(*records, "record"), time(place as f64));
        let height = hundredth(*records as f64 / most as f64 * 100.0).max(2.0);
        (hundredth(place as f64 * width), hundredth(width), height, words)
    });
    let rate = most as f64 / course.span;
    Some(Chart {
        bars: bars.collect(),
        most: text::count(rate.round() as u64),
        span: time(1.0),
        whole: time(course.records.len() as f64),
    })
}

/// The memory over time, where it was looked at more than twice.
fn memory_chart(facts: &LaunchFacts) -> Option<MemoryChart> {
    let LaunchState::Ended { exit } = &facts.outcome else { return None };
    let looks = exit.resources.memory.looks();
    let most = looks.iter().map(|look| look.bytes).max().filter(|most| looks.len() > 2 && *most > 0)?;
    let end = exit.duration.as_secs_f64().max(looks[looks.len() - 1].at).max(0.001);
    let lines = looks.windows(2).map(|pair| {
        let place = |look: &MemoryAt| {
            (hundredth(look.at / end * 100.0), hundredth(100.0 - look.bytes as f64 / most as f64 * 96.0))
        };
        let ((x1, y1), (x2, y2)) = (place(&pair[0]), place(&pair[1]));
        Segment { x1, y1, x2, y2 }
    });
    Some(MemoryChart { lines: lines.collect(), most: text::bytes(most), whole: text::seconds(end) })
}

fn hundredth(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
