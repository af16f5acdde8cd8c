//! The certificate: a statement about what a run at the depth `certification` came to, in in-toto's form, ready to be
//! signed. It is made from the results and from digests of the files that were stored beside them, and so it can be made
//! again by whoever has those.

mod canonical;
mod requirements;
mod tally;

use crate::exit::Exit;
use crate::rules::{Level, Statement};
use crate::text::{hex, plural, visible};
use crate::verdict::{ConnectorFacts, Lane, LaunchState, Results, SuiteFacts};
use requirements::Unjudged;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tally::{Family, Rule};

/// The file in a report folder.
pub const FILE: &str = "certificate.json";
/// The depth of the runs that end with a certificate.
pub const DEPTH: &str = "certification";
/// What in-toto calls the form of a statement.
const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// Ours, for what the statement says: a URI of a scheme of its own, which names no host that somebody could own.
pub const PREDICATE: &str = "airproof:certificate/v1";
/// The digest of a command line: no algorithm's name, so that nobody takes it for the digest of a file.
const COMMAND_LINE: &str = "airproofCommandLine";

/// The files of a launch's transcript by name, each with its SHA-256 in hex.
pub type TranscriptDigests = BTreeMap<String, String>;

/// The SHA-256 digests, in hex, of what a run stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Digests {
    /// Of `results.json`.
    pub results: String,
    /// Of the files of each transcript, by launch.
    pub transcripts: BTreeMap<String, TranscriptDigests>,
}

/// A certificate.
#[derive(Debug, Serialize)]
pub struct Certificate<'r> {
    #[serde(rename = "_type")]
    form: &'static str,
    subject: Vec<Subject<'r>>,
    #[serde(rename = "predicateType")]
    predicate_type: &'static str,
    /// What it says.
    pub predicate: Predicate<'r>,
}

/// What it is about.
#[derive(Debug, Serialize)]
struct Subject<'r> {
    name: &'r str,
    digest: BTreeMap<&'static str, String>,
}

/// What it says.
#[derive(Debug, Serialize)]
pub struct Predicate<'r> {
    airproof: &'r str,
    run: &'r str,
    started_at: &'r str,
    duration_ms: u64,
    exit_code: u8,
    suite: Suite<'r>,
    depth: Option<&'r str>,
    chosen: &'r [String],
    lane: Option<Lane>,
    connectors: Vec<Connector<'r>>,
    /// Whether every required rule was judged and holds, in a run that is complete.
    pub met: bool,
    /// Why it is not met, a sentence each.
    pub reasons: Vec<String>,
    levels: BTreeMap<Level, tally::Counts>,
    families: BTreeMap<&'r str, Family>,
    rules: BTreeMap<&'r str, Rule>,
    findings: BTreeMap<Level, Vec<&'r str>>,
    waived: Vec<Waived<'r>>,
    unjudged: Vec<Unjudged<'r>>,
    doubts: Vec<BTreeMap<&'static str, &'r str>>,
    results: BTreeMap<&'static str, &'r str>,
    transcripts: &'r BTreeMap<String, TranscriptDigests>,
}

#[derive(Debug, Serialize)]
struct Suite<'r> {
    path: Option<&'r str>,
    sha256: &'r str,
}

#[derive(Debug, Serialize)]
struct Connector<'r> {
    name: &'r str,
    launched: &'r str,
    launcher: &'r str,
    /// Whether the statement names an image: a command line may mean other files tomorrow.
    names_image: bool,
    image_id: Option<&'r str>,
    suite: Option<Suite<'r>>,
}

#[derive(Debug, Serialize)]
struct Waived<'r> {
    finding: &'r str,
    rule: &'r str,
    level: Level,
    reason: &'r str,
}

impl<'r> Certificate<'r> {
    /// That of a run, with what is known of all rules and experiments.
    pub fn of(results: &'r Results, digests: &'r Digests, statements: &[Statement]) -> Certificate<'r> {
        let unjudged = requirements::unjudged(results, statements);
        let mut reasons = incomplete(results, digests);
        reasons.extend(violated(results));
        reasons.extend(unjudged.iter().filter(|it| !it.is_inapplicable).map(|it| it.sentence(results)));
        let run = &results.run;
        let finding_ids = |level| {
            let open = results.findings.iter().filter(|it| it.waived.is_none() && it.level == level);
            (level, open.map(|it| it.id.as_str()).collect())
        };
        let waived = results.findings.iter().filter_map(|finding| {
            let (finding, reason) = (finding, finding.waived.as_deref()?);
            Some(Waived { finding: &finding.id, rule: &finding.rule, level: finding.level, reason })
        });
        let doubts = results.doubts.iter().map(|it| [("kind", it.kind.as_str()), ("message", &it.message)].into());
        let predicate = Predicate {
            airproof: &run.airproof,
            run: &run.id,
            started_at: &run.started_at,
            duration_ms: milliseconds(run.duration),
            exit_code: run.exit_code,
            suite: Suite::of(&run.suite),
            depth: run.depth.as_deref(),
            chosen: &run.chosen,
            lane: run.lane,
            connectors: results.connectors.iter().map(Connector::of).collect(),
            met: reasons.is_empty(),
            reasons,
            levels: tally::by_level(results),
            families: tally::by_family(results),
            rules: tally::by_rule(results),
            findings: [Level::Must, Level::Should, Level::Info].map(finding_ids).into(),
            waived: waived.collect(),
            unjudged,
            doubts: doubts.collect(),
            results: [("sha256", digests.results.as_str())].into(),
            transcripts: &digests.transcripts,
        };
        let subject = results.connectors.iter().map(Subject::of).collect();
        Certificate { form: STATEMENT, subject, predicate_type: PREDICATE, predicate }
    }

    /// Its bytes: JSON in the canonical form of RFC 8785, without a line break at the end. The same results give the same
    /// bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        canonical::bytes(&self.to_value())
    }

    /// The same as a tree.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).expect("its keys are texts and its numbers are finite")
    }
}

impl<'r> Subject<'r> {
    fn of(connector: &'r ConnectorFacts) -> Self {
        let launched = &connector.subject;
        let digest = match launched.image_id.as_deref() {
            Some(id) => ("sha256", id.strip_prefix("sha256:").unwrap_or(id).to_owned()),
            None => (COMMAND_LINE, hex(&Sha256::digest(&launched.name))),
        };
        Subject { name: &launched.name, digest: [digest].into() }
    }
}

impl<'r> Suite<'r> {
    fn of(facts: &'r SuiteFacts) -> Self {
        Suite { path: facts.path.as_deref(), sha256: &facts.digest }
    }
}

impl<'r> Connector<'r> {
    fn of(facts: &'r ConnectorFacts) -> Self {
        Connector {
            name: &facts.name,
            launched: &facts.subject.name,
            launcher: &facts.subject.launcher,
            names_image: facts.subject.image_id.is_some(),
            image_id: facts.subject.image_id.as_deref(),
            suite: facts.suite.as_ref().map(Suite::of),
        }
    }
}

/// Why the run says less than a certificate must, a sentence each.
fn incomplete(results: &Results, digests: &Digests) -> Vec<String> {
    let run = &results.run;
    let mut reasons = Vec::new();
    if run.depth.as_deref() != Some(DEPTH) {
        reasons.push(format!("The run was not at the depth {DEPTH}."));
    }
    if !run.chosen.is_empty() {
        reasons.push(format!("Only a part of the suite was run: {}.", run.chosen.join(" ")));
    }
    if let Some(shard) = run.shard.as_ref().filter(|_| run.parts.is_empty()) {
        reasons.push(format!("Only the shard {} of the suite was run.", visible(shard)));
    }
    let exit = Exit::of_code(run.exit_code);
    if !matches!(exit, Some(Exit::Passed | Exit::Findings | Exit::Unreviewed)) {
        let meaning = exit.map_or("which this airproof does not know", Exit::meaning);
        reasons.push(format!("The run ended with exit code {}: {meaning}.", run.exit_code));
    }
    reasons.extend(run.errors.iter().map(|error| format!("Something was in the way: {}", visible(error))));
    if run.unreviewed > 0 {
        reasons.push(format!("{} about baselines without an answer.", plural(run.unreviewed, "question")));
    }
    if results.connectors.is_empty() {
        reasons.push("No connector was tested.".to_owned());
    }
    for connector in results.connectors.iter().filter(|connector| connector.subject.image_id.is_none()) {
        let name = visible(&connector.subject.name);
        reasons.push(format!("`{name}` is no image: what the command line launches can change without notice."));
    }
    let ended = results.launches.iter().filter(|launch| matches!(launch.outcome, LaunchState::Ended { .. }));
    for launch in ended.filter(|launch| !digests.transcripts.contains_key(&launch.id)) {
        reasons.push(format!("The transcript of {} is not there.", visible(&launch.id)));
    }
    reasons
}

/// The required rules that are broken.
fn violated(results: &Results) -> Vec<String> {
    let open = results.findings.iter().filter(|it| it.waived.is_none() && it.level == Level::Must);
    open.map(|it| format!("{} {} is broken: {}.", it.rule, it.name, visible(it.title.trim_end_matches('.')))).collect()
}

/// Of a duration in seconds, which is no duration where results were written by hand.
fn milliseconds(seconds: f64) -> u64 {
    std::time::Duration::try_from_secs_f64(seconds).map_or(0, |it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX))
}

/// Where one certificate says something else than another: JSON pointers, the first of each member of the predicate.
pub fn differences(one: &Value, other: &Value) -> Vec<String> {
    let names = |value: &Value| -> Vec<String> {
        value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
    };
    let among = |one: &Value, other: &Value, above: &str| -> Vec<String> {
        let all: std::collections::BTreeSet<String> = names(one).into_iter().chain(names(other)).collect();
        let differs = |name: &String| name != "predicate" && one.get(name) != other.get(name);
        all.into_iter().filter(differs).map(|name| format!("{above}/{}", visible(&name))).collect()
    };
    let mut places = among(one, other, "");
    places.extend(among(&one["predicate"], &other["predicate"], "/predicate"));
    if places.is_empty() && one != other {
        places.push("/".to_owned());
    }
    places
}
