//! The verdict bar: what the run comes to in one sentence, and the facts that make it mean something.

use super::limits::mark;
use crate::exit::Exit;
use crate::protocol::Descriptor;
use crate::rules::Level;
use crate::text::{self, plural};
use crate::verdict::{ConnectorFacts, FindingResult, Results, RunFacts, Status};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The verdict bar.
#[derive(Serialize)]
pub(super) struct Bar<'r> {
    status: Status,
    /// The status in capitals.
    word: String,
    /// What was tested.
    subject: String,
    /// What is said of it.
    predicate: String,
    /// What the sentence leaves out: observations, waived violations.
    besides: Vec<String>,
    /// Whether nothing was launched.
    replay: bool,
    connectors: &'r [ConnectorFacts],
    counts: Vec<(Status, u64)>,
    started: String,
    exit_meaning: String,
    /// A `data:` address: the status in the browser's tab.
    icon: String,
}

pub(super) fn of(results: &Results) -> Bar<'_> {
    let names: Vec<&str> = results.connectors.iter().map(|connector| connector.name.as_str()).collect();
    let counts = &results.run.verdict_counts;
    Bar {
        status: results.run.status,
        word: word(&results.run).to_uppercase(),
        subject: match names.as_slice() {
            [] => "The connector".to_owned(),
            [name] => (*name).to_owned(),
            several => format!("The group of {} connectors", several.len()),
        },
        predicate: predicate(results),
        besides: besides(results),
        replay: results.connectors.iter().any(|connector| connector.subject.launcher == "replay"),
        connectors: &results.connectors,
        counts: counts.iter().rev().map(|(status, count)| (*status, *count)).collect(),
        started: text::date(&results.run.started_at),
        exit_meaning: exit_meaning(&results.run),
        icon: icon(results.run.status),
    }
}

/// Whether any check came to something about the connector.
pub(super) fn judged(counts: &BTreeMap<Status, u64>) -> bool {
    [Status::Pass, Status::Warn, Status::Fail].iter().any(|status| counts.get(status).is_some_and(|count| *count > 0))
}

fn word(run: &RunFacts) -> &'static str {
    match run.status {
        Status::Off | Status::Skip => "not judged",
        status => status.as_str(),
    }
}

fn predicate(results: &Results) -> String {
    let counts = &results.run.verdict_counts;
    let errors = counts.get(&Status::Error).copied().unwrap_or(0);
    if !judged(counts) {
        return match errors > 0 || !results.run.errors.is_empty() {
            true => "could not be judged, through no fault of its own".to_owned(),
            false => "was not judged: no check could be made".to_owned(),
        };
    }
    let mut sentence = match (broken(results, Level::Must), broken(results, Level::Should)) {
        (Some(required), _) => format!("breaks {}", required.describe("required", &configured(results))),
        (None, Some(recommended)) => {
            let broken = recommended.describe("recommended", &configured(results));
            format!("conforms to every required rule that was judged, but breaks {broken}")
        }
        (None, None) => "conforms to every rule that was judged".to_owned(),
    };
    if matches!(Exit::of_code(results.run.exit_code), Some(Exit::Interrupted | Exit::Terminated)) {
        sentence += "; the run was interrupted before it was complete";
    }
    if errors > 0 {
        sentence += &format!("; {} could not be made, through no fault of its own", plural(errors, "check"));
    }
    sentence
}

/// A stream of a connector.
type Stream<'r> = (&'r str, &'r Descriptor);

/// The rules that open findings of a level break, and the streams on which they do.
struct Broken<'r> {
    rules: BTreeSet<&'r str>,
    streams: BTreeSet<Stream<'r>>,
}

fn broken(results: &Results, level: Level) -> Option<Broken<'_>> {
    let findings = || results.findings.iter().filter(|finding| finding.level == level && finding.waived.is_none());
    let rules: BTreeSet<&str> = findings().map(|finding| finding.rule.as_str()).collect();
    let streams =
        findings().flat_map(|finding| finding.streams.iter().map(|it| (finding.connector.as_str(), it))).collect();
    (!rules.is_empty()).then_some(Broken { rules, streams })
}

impl Broken<'_> {
    /// `2 required rules on 1 of 7 streams`.
    fn describe(&self, kind: &str, known: &BTreeSet<Stream<'_>>) -> String {
        let rules = plural(self.rules.len() as u64, &format!("{kind} rule"));
        match self.streams.intersection(known).count() {
            0 => rules,
            broken => format!("{rules} on {broken} of {}", plural(known.len() as u64, "stream")),
        }
    }
}

/// Every stream that a launch was configured to read, experiments aside: those may ask for streams that no catalog has.
fn configured(results: &Results) -> BTreeSet<Stream<'_>> {
    let launches = results.launches.iter().filter(|launch| launch.asked_by.is_empty());
    launches.flat_map(|launch| launch.streams.iter().map(|it| (launch.connector.as_str(), &it.stream))).collect()
}

/// What the sentence does not say, since it does not decide.
fn besides(results: &Results) -> Vec<String> {
    let count = |word| results.findings.iter().filter(|finding: &&FindingResult| mark(finding) == word).count() as u64;
    let recommended = broken(results, Level::Must).and_then(|_| broken(results, Level::Should));
    let mut besides = Vec::new();
    if let Some(recommended) = recommended {
        besides.push(format!("{} broken", plural(recommended.rules.len() as u64, "recommended rule")));
    }
    if count("info") > 0 {
        besides.push(plural(count("info"), "observation"));
    }
    if count("waived") > 0 {
        besides.push(format!("{} waived by the suite", plural(count("waived"), "finding")));
    }
    besides
}

fn exit_meaning(run: &RunFacts) -> String {
    let level = run.fail_on.as_str().to_uppercase();
    let meaning = Exit::of_code(run.exit_code).map_or("of no documented meaning", Exit::meaning);
    meaning.replace("--fail-on", &level)
}

/// A picture of the status: its shape and colour as on the page.
fn icon(status: Status) -> String {
    let (colour, shape, sign) = match status {
        Status::Pass => ("#17714a", "M8 0a8 8 0 1 1 0 16A8 8 0 1 1 8 0z", "M4.4 8.3l2.5 2.5 4.7-5.3"),
        Status::Warn => ("#a86100", "M8 .5 16 15.5H0z", "M8 6v4M8 12v1.2"),
        Status::Fail => ("#b3152e", "M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5z", "M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6"),
        Status::Error => ("#7132ab", "M8 0l8 8-8 8-8-8z", "M8.8 3.8 6 8.6h4l-2.8 4"),
        Status::Off | Status::Skip => ("#5a6878", "M8 0a8 8 0 1 1 0 16A8 8 0 1 1 8 0z", "M4.5 8h7"),
    };
    let picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\"><path fill=\"{colour}\" d=\"{shape}\"/>\
         <path fill=\"none\" stroke=\"#fff\" stroke-width=\"1.8\" d=\"{sign}\"/></svg>"
    );
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(picture))
}
