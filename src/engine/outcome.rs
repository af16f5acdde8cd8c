//! What a run comes to: the facts about it, its results, its exit code.

use super::Selection;
use super::facts::round;
use crate::baseline::STATEMENTS;
use crate::exit::Exit;
use crate::experiments::OWN_DATA;
use crate::launch::{LaunchError, RecordedRun, Subject};
use crate::rules::Level;
use crate::suite::{Depth, LeftOut, Part, Suite};
use crate::text;
use crate::verdict::{
    ConnectorFacts, Doubt, FindingResult, Lane, LaunchJudgement, Policy, Results, RunFacts, Status, SuiteFacts,
    Verdict, assemble,
};
use indexmap::IndexSet;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::time::Instant;

/// When a run began, by the clock that runs evenly and by the one on the wall.
#[derive(Debug, Clone, Copy)]
pub struct Beginning {
    pub(super) began: Instant,
    pub(super) started_at: Timestamp,
}

impl Beginning {
    /// This moment.
    pub fn now() -> Self {
        Beginning { began: Instant::now(), started_at: Timestamp::now() }
    }
}

/// The facts about a run that ends now, but for its verdicts and its exit code.
pub(super) fn of_run(
    id: String,
    beginning: Beginning,
    suite: SuiteFacts,
    fail_on: Level,
    errors: Vec<String>,
) -> RunFacts {
    RunFacts {
        id,
        airproof: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: beginning.started_at.to_string(),
        duration: round(beginning.began.elapsed().as_secs_f64()),
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        suite,
        fail_on,
        status: Status::Skip,
        exit_code: 0,
        verdict_counts: BTreeMap::new(),
        errors,
        unreviewed: 0,
        depth: None,
        chosen: Vec::new(),
        lane: None,
        command: None,
        shard: None,
        parts: Vec::new(),
    }
}

/// The results of a run that has nothing to do, since others do it all. `untested` says what can't be tested by anyone.
pub fn nothing(id: String, suite: SuiteFacts, fail_on: Level, untested: Vec<String>) -> Results {
    let run = of_run(id, Beginning::now(), suite, fail_on, untested);
    let policy = Policy { level: &|_, _| None, waivers: &[], today: jiff::civil::Date::default(), find: |_| None };
    let mut results = assemble(run, Vec::new(), Vec::new(), &policy);
    let exit = if results.run.errors.is_empty() { Exit::Passed } else { Exit::Usage };
    results.run.exit_code = exit.code();
    results
}

/// The results of a run of one connector. `cut_short` is how the process is to exit if something cut it short.
pub(super) fn results(
    run: RunFacts,
    connector: ConnectorFacts,
    judgements: Vec<LaunchJudgement>,
    policy: &Policy<'_>,
    cut_short: Option<Exit>,
) -> Results {
    let mut results = assemble(run, vec![connector], judgements, policy);
    results.run.exit_code = exit_of(&results, cut_short).code();
    results
}

/// That an earlier run is compared with, and not what could be launched now.
pub(super) fn stands_for(subject: &Subject) -> Option<Doubt> {
    let RecordedRun { started_at, airproof, folder, .. } = subject.recorded.as_ref()?;
    let version = subject.version().map(|version| format!(", version {}", text::visible(version))).unwrap_or_default();
    let message = format!(
        "The other version is a stored run: {}{version}, as it was on {started_at} for airproof {airproof} ({folder}). What it ran \
         against, data and credentials, may have changed since.",
        text::visible(&subject.name)
    );
    Some(Doubt { kind: "stored-run".to_owned(), message })
}

/// What the suite has nobody look at, each with its reason: whole parts that no scenario does, and what it says it bypasses.
pub(super) fn bypasses(suite: &Suite) -> Vec<Doubt> {
    let is_done = |part: Part| suite.scenarios.iter().any(|scenario| scenario.does(part));
    let parts = suite.scenarios.iter().flat_map(|scenario| &scenario.leave_out).filter(|left| !is_done(left.part));
    let mut told: IndexSet<String> = parts.filter(|left| left.reason.is_some()).map(LeftOut::describe).collect();
    told.extend(suite.bypassed.iter().map(|it| format!("the suite bypasses `{}`: {}", it.what, it.reason)));
    told.into_iter().map(|message| Doubt { kind: "bypassed".to_owned(), message: format!("{message}.") }).collect()
}

/// What the suite says of a destination that makes a pass mean less: what it declares, and what it gives nobody to see.
pub(super) fn of_destination(suite: &Suite) -> Vec<Doubt> {
    let Some(destination) = &suite.destination else { return Vec::new() };
    let doubt = |kind: &str, message: String| Doubt { kind: kind.to_owned(), message };
    let declared = destination.behaviours.declared();
    let mut doubts = Vec::new();
    if !declared.is_empty() {
        let told = declared.join("; ");
        doubts.push(doubt("declared-behaviours", format!("The suite declares of the destination: {told}.")));
    }
    if destination.reader.is_none() {
        let message = "The suite names no reader (`destination.reader`): nobody looked at what is stored, so that no row was proven.";
        doubts.push(doubt("no-reader", message.to_owned()));
    }
    if destination.cleaner.is_none() {
        let message = "The suite names no cleaner (`destination.cleaner`): what was written stays where it is.";
        doubts.push(doubt("no-cleaner", message.to_owned()));
    }
    doubts
}

/// The sets of a destination's author of which nothing came to be known, each with the reason.
pub(super) fn untried(suite: &Suite, results: &Results) -> Vec<Doubt> {
    let names_data = suite.destination.as_ref().is_some_and(|destination| !destination.data.is_empty());
    let is_open = |verdict: &&Verdict| verdict.rule == OWN_DATA && verdict.status == Status::Skip;
    let mut why: Vec<&str> = results.verdicts.iter().filter(is_open).filter_map(|it| it.reason.as_deref()).collect();
    why.dedup();
    if !names_data || why.is_empty() {
        return Vec::new();
    }
    let message = format!("Of the suite's own data (`destination.data`) not all was judged: {}.", why.join("; "));
    vec![Doubt { kind: "own-data".to_owned(), message }]
}

/// How the process is to exit after these errors, if there are any.
pub(super) fn exit_of_errors(errors: &[LaunchError]) -> Option<Exit> {
    let is_usage = |error: &LaunchError| matches!(error, LaunchError::Usage(_));
    match errors {
        [] => None,
        errors if errors.iter().all(is_usage) => Some(Exit::Usage),
        _ => Some(Exit::Environment),
    }
}

/// How much of what could be found out was looked for: the depth, what the command line chose, and with which
/// configurations.
pub(super) fn tell_extent(results: &mut Results, depth: Depth, selection: &Selection) {
    let lane = Lane::of(&results.launches);
    if lane == Lane::WithoutCredentials && results.run.status != Status::Skip {
        let message = "No configuration that works was there: no record and no state was judged.".to_owned();
        results.doubts.insert(0, Doubt { kind: Lane::WITHOUT_CREDENTIALS.to_owned(), message });
    }
    results.run.depth = Some(depth.name().to_owned());
    results.run.chosen = selection.chosen();
    results.run.lane = Some(lane);
}

/// A locked run is good only where nothing waits for an answer. What else was found outranks that.
pub(super) fn insist_on_review(results: &mut Results) {
    let is_of_baselines = |finding: &FindingResult| STATEMENTS.iter().any(|statement| statement.code == finding.rule);
    let is_open = |finding: &&FindingResult| finding.waived.is_none() && !is_of_baselines(finding);
    let counts = results.findings.iter().filter(is_open).any(|finding| finding.level >= results.run.fail_on);
    let exit = Exit::of_code(results.run.exit_code);
    if results.run.unreviewed > 0 && !counts && matches!(exit, Some(Exit::Passed | Exit::Findings)) {
        results.run.exit_code = Exit::Unreviewed.code();
    }
}

/// How the process is to exit: what cut the run short outranks what was found, since the run is incomplete.
fn exit_of(results: &Results, cut_short: Option<Exit>) -> Exit {
    let is_open = |finding: &&FindingResult| finding.waived.is_none();
    let counts = results.findings.iter().filter(is_open).any(|finding| finding.level >= results.run.fail_on);
    let judged =
        results.verdicts.iter().any(|verdict| matches!(verdict.status, Status::Pass | Status::Warn | Status::Fail));
    match cut_short {
        Some(exit) => exit,
        None if !judged => Exit::NothingJudged,
        None if counts => Exit::Findings,
        None => Exit::Passed,
    }
}
