//! The results of a pair: each connector's own, put together, and what the two come to.

use super::connector::Connector;
use super::relay::Handed;
use super::{Around, Course};
use crate::engine::conceal::conceal;
use crate::engine::facts::{self, round};
use crate::engine::outcome::{exit_of_errors, of_destination, of_run, results as results_of};
use crate::engine::{excerpts, wire};
use crate::exit::Exit;
use crate::experiments::find_statement;
use crate::experiments::pipe::{Piped, StreamLedger, judge};
use crate::launch::{ExitFacts, LaunchError};
use crate::verdict::{
    ConnectorFacts, Doubt, LaunchJudgement, PipeFacts, PipePace, PipeStream, Policy, Results, Status, SuiteFacts,
    together,
};

/// How fast a connector was.
pub(super) fn pace(exit: &ExitFacts, handed: Handed) -> PipePace {
    let seconds = exit.duration.as_secs_f64();
    let each = |number: f64| if seconds > 0.0 { round(number / seconds) } else { 0.0 };
    PipePace {
        seconds: round(seconds),
        records_per_second: each(handed.records as f64),
        megabytes_per_second: each(handed.bytes as f64 / 1_000_000.0),
        peak_memory: exit.resources.known_peak(),
    }
}

/// Puts the results together. `is_wrong` says that a connector kept the pair from being carried through.
pub(super) fn results(
    source: Connector,
    mut destination: Connector,
    mut course: Course,
    is_wrong: bool,
    around: &Around<'_>,
) -> Results {
    let piped = judge(&course.syncs, &mut course.ledger).unwrap_or_default();
    let names = names(&source, &destination);
    let pipe = pipe_facts(&course, &piped, &names);
    let secrets = [source.secrets(), destination.secrets()];
    let last = destination.judgements.iter_mut().find(|judgement| judgement.facts.id == piped.launch);
    if let Some(judgement) = last {
        let wants = |rule: &str| find_statement(rule).is_some_and(|it| around.pipe.selection.wants(it));
        judgement.findings.extend(piped.findings.into_iter().filter(|finding| wants(&finding.rule)));
        judgement.outcomes.extend(piped.outcomes.into_iter().filter(|outcome| wants(outcome.rule)));
        secrets.iter().for_each(|secrets| conceal(judgement, secrets));
    }
    let cut_short = around.interruption.exit().or(exit_of_errors(&course.errors));
    let doubts = of_destination(&destination.suite);
    let [source_name, destination_name] = names;
    let own = [(source, source_name), (destination, destination_name)];
    let all: Vec<Results> = own.map(|(connector, name)| of_connector(connector, name, around)).into();
    let mut results = together(all, None, Vec::new()).expect("there are two");
    results.run.suite.path = None;
    results.doubts.splice(0..0, doubts);
    let died = course.facts.iter().filter_map(|sync| sync.died_first.as_ref()).map(|it| format!("{it}."));
    let told = course.doubts.iter().cloned().chain(died).map(|message| {
        let message = secrets.iter().fold(message, |told, secrets| secrets.redact(&told).into_owned());
        Doubt { kind: "pipe-broken".to_owned(), message }
    });
    results.doubts.splice(0..0, told.collect::<Vec<_>>());
    let command = around.pipe.invocation.clone();
    results.run.command = Some(secrets.iter().fold(command, |told, secrets| secrets.redact(&told).into_owned()));
    results.run.chosen = around.pipe.selection.chosen();
    results.pipe = pipe;
    settle(&mut results, &course.errors, cut_short, is_wrong);
    wire::add(&mut results, &around.pipe.transcripts);
    results
}

/// How the process is to exit: what is in the way of the run, then what is wrong with the connectors.
fn settle(results: &mut Results, errors: &[LaunchError], cut_short: Option<Exit>, is_wrong: bool) {
    let mut told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    told.dedup();
    if !told.is_empty() {
        results.run.status = Status::Error;
    }
    results.run.errors.extend(told);
    let found = results.findings.iter().any(|it| it.waived.is_none() && it.level >= results.run.fail_on);
    let judged = results.verdicts.iter().any(|it| matches!(it.status, Status::Pass | Status::Warn | Status::Fail));
    let exit = match cut_short {
        Some(exit) => exit,
        None if found || is_wrong => Exit::Findings,
        None if !judged => Exit::NothingJudged,
        None => Exit::Passed,
    };
    results.run.exit_code = exit.code();
}

/// What the two are called in the results: their suites' names, and which they are where those are the same.
fn names(source: &Connector, destination: &Connector) -> [String; 2] {
    match source.suite.name == destination.suite.name {
        false => [source.suite.name.clone(), destination.suite.name.clone()],
        true => [source, destination].map(|connector| format!("{} ({})", connector.suite.name, connector.role)),
    }
}

fn of_connector(connector: Connector, name: String, around: &Around<'_>) -> Results {
    let suite = &connector.suite;
    let path = suite.source.as_ref().map(|path| path.display().to_string());
    let suite_facts = SuiteFacts { path, digest: suite.digest.clone(), settings: facts::settings(suite) };
    let subject = connector.subject.clone();
    let told = ConnectorFacts { name: name.clone(), subject, suite: Some(suite_facts.clone()) };
    let pipe = around.pipe;
    let run = of_run(pipe.id.clone(), pipe.beginning, suite_facts, pipe.fail_on, Vec::new());
    let level = |code: &str, scenario: Option<&str>| {
        let named = suite.scenarios.iter().find(|it| Some(it.name.as_str()) == scenario);
        suite.level_of(code, named)
    };
    let policy =
        Policy { level: &level, waivers: &suite.waivers, today: jiff::Zoned::now().date(), find: find_statement };
    let mut judgements: Vec<LaunchJudgement> = connector.judgements;
    judgements.iter_mut().for_each(|judgement| judgement.facts.connector = name.clone());
    excerpts::fetch(judgements.iter_mut().flat_map(|it| &mut it.findings), &pipe.transcripts);
    let mut results = results_of(run, told, judgements, &policy, None);
    // Neither is tested to a depth, nor by itself: what the other one did not do is no doubt of it.
    results.doubts.retain(|doubt| doubt.kind != "nothing-read");
    results
}

fn pipe_facts(course: &Course, piped: &Piped, [source, destination]: &[String; 2]) -> Option<PipeFacts> {
    if course.facts.is_empty() {
        return None;
    }
    let known = |list: &[Option<bool>], place: usize| list.get(place).copied().flatten();
    let stream = |(place, it): (usize, &StreamLedger)| PipeStream {
        stream: it.stream.clone(),
        written_to: it.there.namespace.clone().unwrap_or_default(),
        sync_mode: it.reading.as_str().to_owned(),
        destination_sync_mode: it.writing.as_str().to_owned(),
        records: it.records,
        held_back: it.held_back,
        expected_rows: piped.expected.get(place).copied().flatten(),
        rows: it.rows,
        keys_equal: known(&piped.keys_equal, place),
        state_equal: known(&piped.state_equal, place),
    };
    Some(PipeFacts {
        source: source.clone(),
        destination: destination.clone(),
        syncs: course.facts.clone(),
        streams: course.ledger.streams.iter().enumerate().map(stream).collect(),
        left_out: course.pairing.left_out.clone(),
    })
}
