//! Several connectors, one after the other, and one report about all of them.

use super::launchers::{Chosen, choose};
use super::{Event, Events, Interruption, Run, run};
use crate::exit::Exit;
use crate::launch::workspace::Workspace;
use crate::launch::{LaunchError, Launcher, Unavailable, end_descendants};
use crate::suite::{Depth, Suite};
use crate::verdict::{Lane, Results, Status, SuiteFacts, gravity};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Connectors that are tested together.
pub struct Several {
    /// Those that can be, in the order in which they are.
    pub suites: Vec<Suite>,
    /// What the user named them all by.
    pub named: Option<String>,
    /// Why others are not, a sentence each: errors of the whole, for which its exit code is that of a wrong suite.
    pub untested: Vec<String>,
}

/// Carries out the runs of several connectors and puts their results together. What is in the way of one does not stop
/// the others; an interruption does. `run_of` makes the run of a suite with its launcher; all have one id and beginning.
pub async fn run_several(
    Several { suites, named, untested }: Several,
    run_of: impl Fn(Suite, Arc<dyn Launcher>, Arc<Workspace>) -> Run,
    workspace: &Arc<Workspace>,
    (events, interruption): (&Events, &Interruption),
) -> Option<Results> {
    let of = suites.len();
    let mut all = Vec::new();
    for (at, suite) in suites.into_iter().enumerate() {
        if let Some(events) = events {
            let _ = events.send(Event::Turn { connector: suite.name.clone(), place: at + 1, of });
        }
        let interrupted = Unavailable(LaunchError::Environment("the run was interrupted".to_owned()));
        let single = run_of(suite, Arc::new(interrupted), workspace.clone());
        let without_daemon = |launcher| Chosen { launcher, daemon: None, workspace: workspace.clone() };
        let chosen = tokio::select! {
            biased;
            // Nothing is prepared then, and each launch is told to be left out.
            _ = interruption.interrupted() => Ok(without_daemon(single.launcher.clone())),
            chosen = choose(&single.suite.connector, &single.id, workspace.clone()) => chosen,
        };
        let Chosen { launcher, daemon, .. } =
            chosen.unwrap_or_else(|error| without_daemon(Arc::new(Unavailable(error))));
        all.push(run(Run { launcher, ..single }, events, interruption).await);
        if let Some(daemon) = daemon {
            daemon.settled().await;
        }
        end_descendants();
    }
    combine(all, named, untested)
}

/// One report about several connectors. None where there is none.
fn combine(all: Vec<Results>, named: Option<String>, untested: Vec<String>) -> Option<Results> {
    let digest = digest(&all);
    let unread = (!untested.is_empty()).then_some(Exit::Usage);
    let exits: Vec<Exit> = all.iter().filter_map(|one| Exit::of_code(one.run.exit_code)).chain(unread).collect();
    let mut together = all.into_iter().map(named_in_text).reduce(add)?;
    together.findings.sort_by_key(gravity);
    if !untested.is_empty() {
        together.run.status = Status::Error;
        together.run.errors.extend(untested);
    }
    together.run.suite = SuiteFacts { path: named, digest, settings: Vec::new() };
    together.run.exit_code = Exit::worst(exits).code();
    Some(together)
}

/// What is told of a connector in words says of which.
fn named_in_text(mut results: Results) -> Results {
    let Some(name) = results.connectors.first().map(|connector| connector.name.clone()) else { return results };
    for error in &mut results.run.errors {
        *error = format!("{name}: {error}");
    }
    for doubt in &mut results.doubts {
        doubt.message = format!("{name}: {}", doubt.message);
    }
    results
}

fn add(mut together: Results, one: Results) -> Results {
    let (run, more) = (&mut together.run, one.run);
    // Each run is timed from the beginning of the first.
    run.duration = run.duration.max(more.duration);
    let is_wrong = !run.errors.is_empty() || !more.errors.is_empty();
    run.status = if is_wrong { Status::Error } else { run.status.max(more.status) };
    run.unreviewed += more.unreviewed;
    run.errors.extend(more.errors);
    let depth = |name: &Option<String>| name.as_deref().and_then(Depth::named);
    if depth(&more.depth) < depth(&run.depth) {
        run.depth = more.depth;
    }
    if run.lane != more.lane {
        run.lane = Some(Lane::Mixed);
    }
    for (status, count) in more.verdict_counts {
        *run.verdict_counts.entry(status).or_insert(0) += count;
    }
    together.connectors.extend(one.connectors);
    together.launches.extend(one.launches);
    together.verdicts.extend(one.verdicts);
    together.findings.extend(one.findings);
    together.doubts.extend(one.doubts);
    together.questions.extend(one.questions);
    together
}

/// Follows from the digests of all suites.
fn digest(all: &[Results]) -> String {
    let mut hash = Sha256::new();
    for results in all {
        hash.update(results.run.suite.digest.as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
