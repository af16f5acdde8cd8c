//! Judging a launch that happened earlier: the same capture and the same rules over a recording.

use super::conceal::{conceal, conceal_subject};
use super::facts;
use super::one::{self, Eyes};
use super::outcome::{self, Beginning};
use super::{Event, Events, Progress, Selection};
use crate::capture::Inputs;
use crate::experiments::find_statement;
use crate::launch::replay::ReplayLauncher;
use crate::launch::{Handling, LaunchError, LaunchRequest, Launcher, Limits, Stdin, Stop};
use crate::plan::{PlannedLaunch, Purpose};
use crate::protocol::{Command, SyncMode};
use crate::rules::{Level, Scene};
use crate::verdict::{ConnectorFacts, LaunchJudgement, LaunchState, Policy, Results, SuiteFacts};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A launch that happened earlier.
pub struct Stored {
    /// Names it in the results.
    pub id: String,
    /// The command.
    pub command: Command,
    /// What it was given.
    pub inputs: Inputs,
    /// The wall clock when it began, in epoch milliseconds, if that is known.
    pub started_at: Option<i64>,
    /// The bytes of output that will come, if that is known; only for showing how far it is.
    pub size: Option<u64>,
    /// Its output and how it ended.
    pub recording: ReplayLauncher,
}

/// Judges a stored launch by the rules that are wanted. Errs when its inputs are none or its output can't be read.
pub async fn judge_stored(
    stored: Stored,
    selection: &Selection,
    fail_on: Level,
    events: &Events,
) -> Result<Results, LaunchError> {
    let beginning = Beginning::now();
    let run_id = format!("{:x}", beginning.started_at.as_millisecond());
    let scene =
        Scene::new(&stored.id, stored.command, &stored.inputs, stored.started_at).map_err(LaunchError::Usage)?;
    let mut subject = stored.recording.prepare().await?;
    let scene = scene.of(&subject);
    let catalog = scene.catalog.clone();
    let eyes = Eyes::of_rules(scene, &stored.inputs, |rule| selection.wants(rule.statement()));
    let request = replayed(&stored.id, stored.command);
    let progress = Arc::new(Progress::towards(stored.size));
    if let Some(events) = events {
        let _ = events.send(Event::Started { id: stored.id.clone(), progress: progress.clone() });
    }
    let seen = one::launch(&stored.recording, &request, eyes, None, progress, &Stop::default()).await?;
    let scenario = ("replay", stored.inputs.expect);
    let planned = PlannedLaunch {
        id: stored.id,
        scenario: None,
        purpose: purpose(stored.command),
        needs: vec![],
        chain: 0,
        ask: None,
        left_out: None,
        asked_by: vec![],
    };
    let ended = LaunchState::Ended { exit: seen.exit.clone() };
    let mut launch = facts::of_launch(&planned, Some(scenario), &subject.name, 0.0, ended);
    launch.purpose = "replayed".to_owned();
    launch.tally = facts::tally(&seen.summary, &seen.exit, seen.stderr_dropped);
    launch.streams = catalog.map(|catalog| facts::streams(&seen.summary, &catalog, &[])).unwrap_or_default();
    let mut judgement = LaunchJudgement {
        facts: launch,
        findings: seen.findings,
        outcomes: seen.outcomes,
        reproductions: Vec::new(),
        unjudged: Vec::new(),
    };
    conceal(&mut judgement, &seen.secrets);
    conceal_subject(&mut subject, &seen.secrets);
    let connector = ConnectorFacts { name: subject.name.clone(), subject, suite: None };
    let run = outcome::of_run(run_id, beginning, SuiteFacts::default(), fail_on, Vec::new());
    let policy = Policy { level: &|_, _| None, waivers: &[], today: jiff::Zoned::now().date(), find: find_statement };
    Ok(outcome::results(run, connector, vec![judgement], &policy, None))
}

/// A request that only names the launch: a recording is not to be limited.
pub(super) fn replayed(id: &str, command: Command) -> LaunchRequest {
    let endless = Duration::MAX;
    LaunchRequest {
        id: id.to_owned(),
        command,
        inputs: Vec::new(),
        stdin: Stdin::Closed,
        limits: Limits { total: endless, silence: endless, grace: endless, memory: None },
        network: false,
        environment: BTreeMap::new(),
        handling: Handling::default(),
    }
}

fn purpose(command: Command) -> Purpose {
    match command {
        Command::Spec => Purpose::Spec,
        Command::Check => Purpose::Check,
        Command::Discover => Purpose::Discover,
        Command::Read => Purpose::Read(SyncMode::FullRefresh),
        Command::Write => Purpose::Asked(Command::Write),
    }
}
