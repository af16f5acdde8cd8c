//! One of the two connectors: its launches, and what was judged of them.

use super::{Around, Halt};
use crate::capture::{Inputs, Manifest, Secrets, secrets_of_update};
use crate::engine::conceal::{conceal, conceal_subject};
use crate::engine::facts;
use crate::engine::one::{self, Companion, Eyes, Seen};
use crate::engine::wire::Tap;
use crate::engine::{Event, Progress};
use crate::launch::docker::Workshop;
use crate::launch::{InputFile, LaunchError, LaunchRequest, Launcher, Limits, Stdin, Stop, Subject};
use crate::plan::{PlannedLaunch, Purpose};
use crate::protocol::{Command, ConfiguredCatalog, SecretValue, secret_values};
use crate::rules::{Judge, Rule, Scene, Statement};
use crate::suite::{LevelSetting, Scenario, Suite};
use crate::text;
use crate::verdict::{LaunchJudgement, LaunchState};
use jiff::Timestamp;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

/// One of the two.
pub(super) struct Connector {
    /// `source` or `destination`; ids of launches begin with it.
    pub role: &'static str,
    pub suite: Suite,
    /// The place of its scenario.
    pub place: usize,
    pub subject: Subject,
    pub specification: Option<Value>,
    /// The config in force: the connector may have changed it.
    pub config: Value,
    pub workshop: Arc<Workshop>,
    /// Whether its scenario's set-up was begun.
    pub is_set_up: bool,
    pub judgements: Vec<LaunchJudgement>,
    launcher: Arc<dyn Launcher>,
    /// What no file and no report may hold: its own secrets, and those that it was told of while it ran.
    updates: Vec<SecretValue>,
    /// The secrets of the other one, whose messages it may come to see.
    pub others: Vec<SecretValue>,
}

/// What is launched.
pub(super) struct Job {
    pub command: Command,
    /// What stands behind the role in its id.
    pub id: String,
    pub purpose: String,
    pub catalog: Option<Value>,
    /// The content of the state file.
    pub state: Option<String>,
    /// The launch that the state is of.
    pub resumes: Option<String>,
    pub stdin: Stdin,
    pub companion: Option<Companion>,
}

impl Job {
    /// A command that is given nothing but the config.
    pub fn of(command: Command) -> Job {
        let purpose = match command {
            Command::Spec => "what it takes",
            Command::Check => "whether its config works",
            _ => "which streams there are",
        };
        let id = command.as_str().to_owned();
        let (catalog, state, resumes, companion) = (None, None, None, None);
        Job { command, id, purpose: purpose.to_owned(), catalog, state, resumes, stdin: Stdin::Closed, companion }
    }
}

/// Everything to carry out one launch.
pub(super) struct Ready {
    launcher: Arc<dyn Launcher>,
    request: LaunchRequest,
    eyes: Eyes,
    manifest: Manifest,
    folder: PathBuf,
    /// What is to be told of it when it is over.
    pub told: Told,
}

/// What is told of a launch.
pub(super) struct Told {
    planned: PlannedLaunch,
    purpose: String,
    resumes: Option<String>,
    catalog: Option<ConfiguredCatalog>,
    started: f64,
}

impl Ready {
    /// Launches. What it was given, its stdin above all, is gone when this returns.
    pub async fn carry_out(self, around: &Around<'_>, stop: &Stop) -> (Result<Seen, LaunchError>, Told) {
        let progress = Arc::new(Progress::new());
        around.tell(Event::Started { id: self.request.id.clone(), progress: progress.clone() });
        let transcript = Some((self.folder.as_path(), self.manifest));
        let seen = one::launch(self.launcher.as_ref(), &self.request, self.eyes, transcript, progress, stop).await;
        (seen, self.told)
    }
}

impl Connector {
    pub fn new(role: &'static str, suite: &Suite, launcher: &Arc<dyn Launcher>, around: &Around<'_>) -> Connector {
        let place = suite.scenarios.iter().position(is_usable).unwrap_or(0);
        let container = &suite.connector.container;
        Connector {
            role,
            place,
            subject: Subject::default(),
            specification: None,
            config: Value::Null,
            workshop: Arc::new(Workshop::new(&around.pipe.id, &container.network, &container.hosts)),
            is_set_up: false,
            judgements: Vec::new(),
            launcher: launcher.clone(),
            updates: Vec::new(),
            others: Vec::new(),
            suite: suite.clone(),
        }
    }

    pub fn scenario(&self) -> &Scenario {
        &self.suite.scenarios[self.place]
    }

    /// Makes sure that it can be launched.
    pub async fn prepare(&mut self, around: &Around<'_>) -> Result<(), Halt> {
        if !self.suite.scenarios.get(self.place).is_some_and(is_usable) {
            return Err(Halt::Error(LaunchError::Usage(format!(
                "The suite of {} has no scenario that is expected to succeed and has its config: nothing can be piped.",
                text::visible(&self.suite.name)
            ))));
        }
        self.config = self.scenario().config.clone();
        self.subject = tokio::select! {
            biased;
            _ = around.interruption.interrupted() => return Err(Halt::Interrupted),
            prepared = self.launcher.prepare() => prepared?,
        };
        Ok(())
    }

    /// That it is wrong, and why nothing more is launched.
    pub fn wrong(&self, what: &str) -> Halt {
        let name = text::visible(&self.secrets().redact(&self.subject.name));
        Halt::Wrong(format!("Nothing was piped: the {}, {name}, {what}.", self.role))
    }

    /// What must not be told: its secrets by its specification and by their names, and what the environment filled in.
    pub fn secrets(&self) -> Secrets {
        Secrets::new(&self.own_secrets()).and(&self.others)
    }

    /// The same as values.
    pub fn own_secrets(&self) -> Vec<SecretValue> {
        let inputs = self.inputs(Command::Check);
        let mut values = inputs.secret_values();
        values.extend(secret_values(&self.scenario().config, None));
        values.extend(self.updates.iter().cloned());
        let filled_in = self.suite.env_values.iter();
        values.extend(filled_in.map(|value| SecretValue { value: value.clone(), marked: false }));
        values
    }

    pub fn without_secrets(&self, error: LaunchError) -> LaunchError {
        error.told(|text| self.secrets().redact(&text).into_owned())
    }

    fn inputs(&self, command: Command) -> Inputs {
        if command == Command::Spec {
            return Inputs { metadata: self.suite.metadata.clone(), ..Inputs::default() };
        }
        let metadata = self.suite.metadata.clone().filter(|_| command == Command::Discover);
        let (config, specification) = (Some(self.config.clone()), self.specification.clone());
        Inputs { config, specification, metadata, expect: self.scenario().expect, ..Inputs::default() }
    }

    /// Whether a rule judges its launches. What a destination was sent is known at the end alone.
    pub fn judges(&self, statement: Statement, around: &Around<'_>) -> bool {
        let is_off = self.suite.level_of(statement.code, Some(self.scenario())) == Some(LevelSetting::Off);
        around.pipe.selection.wants(statement) && !is_off
    }

    /// Prepares a launch.
    pub fn ready(&self, job: Job, around: &Around<'_>) -> Result<Ready, LaunchError> {
        let state = job.state.as_deref().and_then(|state| serde_json::from_str(state).ok());
        let inputs = Inputs { catalog: job.catalog, state, ..self.inputs(job.command) };
        let id = format!("{}.{}", self.role, job.id);
        let started_at = Timestamp::now().as_millisecond();
        let scene = Scene::new(&id, job.command, &inputs, Some(started_at)).map_err(LaunchError::Usage)?;
        let scene = scene.of(&self.subject);
        let (catalog, streams) = (scene.catalog.clone(), scene.descriptors());
        let secrets = self.secrets();
        let is_judged = |rule: &Rule| !is_late(rule.statement()) && self.judges(rule.statement(), around);
        let eyes = Eyes {
            judge: Judge::new(scene, secrets.clone(), is_judged),
            secrets,
            trail: None,
            portrait: None,
            strike: None,
            tap: Some(Tap::new(&streams, catalog.as_ref())),
            companion: job.companion,
            streams,
        };
        let written = |content: &Option<Value>| Some(serde_json::to_vec(content.as_ref()?).unwrap_or_default());
        let state = job.state.map(String::into_bytes);
        let files = [("config", written(&inputs.config)), ("catalog", written(&inputs.catalog)), ("state", state)];
        let files = files.into_iter().filter_map(|(option, content)| Some(InputFile { option, content: content? }));
        let limits = self.suite.limits_of(Some(self.scenario()));
        let environment = self.scenario().environment.iter();
        let request = LaunchRequest {
            id: id.clone(),
            command: job.command,
            inputs: files.collect(),
            stdin: job.stdin,
            limits: Limits {
                total: limits.total(job.command),
                silence: limits.silence,
                grace: limits.grace,
                memory: Some(self.suite.connector.memory),
            },
            network: job.command != Command::Spec,
            environment: environment.map(|(name, value)| (name.clone(), value.clone())).collect(),
            handling: Default::default(),
        };
        let planned = PlannedLaunch {
            id: id.clone(),
            scenario: None,
            purpose: Purpose::Asked(job.command),
            needs: vec![],
            chain: 0,
            ask: None,
            left_out: None,
            asked_by: vec![],
        };
        let started = around.pipe.beginning.began.elapsed().as_secs_f64();
        let told = Told { planned, purpose: job.purpose, resumes: job.resumes, catalog, started };
        let folder = around.pipe.transcripts.join(&id);
        let manifest = Manifest {
            version: 1,
            id,
            command: job.command,
            subject: self.subject.clone(),
            started_at,
            inputs,
            exit: None,
            stderr_dropped: 0,
            is_ordinary: true,
        };
        Ok(Ready { launcher: self.launcher.clone(), request, eyes, manifest, folder, told })
    }

    /// Launches, and takes note of what came of it.
    pub async fn launch(&mut self, job: Job, around: &Around<'_>) -> Result<Seen, Halt> {
        if around.interruption.exit().is_some() {
            return Err(Halt::Interrupted);
        }
        let (seen, told) = self.ready(job, around)?.carry_out(around, &around.interruption.stop).await;
        let seen = self.note(seen, told, around)?;
        match around.interruption.exit() {
            Some(_) => Err(Halt::Interrupted),
            None => Ok(seen),
        }
    }

    /// Takes note of what came of a launch.
    pub fn note(&mut self, seen: Result<Seen, LaunchError>, told: Told, around: &Around<'_>) -> Result<Seen, Halt> {
        let mut seen = seen.map_err(|error| self.without_secrets(error))?;
        if let Some(new) = &seen.summary.new_config {
            let new = Value::Object(new.clone());
            self.updates.extend(secrets_of_update(&new, self.specification.as_ref()));
            self.config = new;
        }
        let secrets = self.secrets();
        let named = (told.planned.purpose.command() != Command::Spec)
            .then(|| (self.scenario().name.as_str(), self.scenario().expect));
        let ended = LaunchState::Ended { exit: seen.exit.clone() };
        let mut launch = facts::of_launch(&told.planned, named, &self.subject.name, told.started, ended);
        (launch.purpose, launch.resumes) = (told.purpose, told.resumes);
        launch.tally = facts::tally(&seen.summary, &seen.exit, seen.stderr_dropped);
        if let Some(catalog) = &told.catalog {
            launch.streams = facts::streams(&seen.summary, catalog, &self.scenario().streams.empty);
        }
        launch.wire = seen.tap.take().map(|tap| tap.finish(&secrets));
        let (findings, outcomes) = (std::mem::take(&mut seen.findings), std::mem::take(&mut seen.outcomes));
        let mut judgement =
            LaunchJudgement { facts: launch, findings, outcomes, reproductions: Vec::new(), unjudged: Vec::new() };
        conceal(&mut judgement, &secrets);
        conceal_subject(&mut self.subject, &secrets);
        let (facts, findings) = (Box::new(judgement.facts.clone()), judgement.findings.clone());
        around.tell(Event::Ended { facts, findings });
        self.judgements.push(judgement);
        match seen.storage_error.take() {
            Some(error) => Err(Halt::Error(LaunchError::Environment(error))),
            None => Ok(seen),
        }
    }
}

/// Whether a rule judges by what was sent, and so after the launch.
pub(super) fn is_late(statement: Statement) -> bool {
    statement.family() == "DEST"
}

fn is_usable(scenario: &Scenario) -> bool {
    scenario.expect == crate::protocol::Expect::Succeeded && scenario.lacks.is_empty()
}
