//! Several connectors, one after the other, and one report about all of them.

use super::launchers::{Chosen, choose};
use super::{Event, Events, Interruption, Run, run};
use crate::launch::workspace::Workspace;
use crate::launch::{LaunchError, Launcher, Unavailable, end_descendants};
use crate::suite::Suite;
use crate::verdict::{self, Results};
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
    verdict::together(all, named, untested)
}
