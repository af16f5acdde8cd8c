//! The loop: launches whose needs are met run side by side, those with the longest chain behind them first.

mod promise;
mod secrets;

use super::conceal::{conceal, conceal_subject};
use super::facts;
use super::one::{self, Eyes, Seen};
use super::outcome::{self, Beginning};
use super::{Event, Events, Interruption, Progress, Run};
use crate::capture::{Inputs, Manifest, Secrets, Summary};
use crate::experiments::{
    READS_AGAIN, ReadDigest, Reading, Recall, all_statements, find_statement, judge_resume, references,
};
use crate::launch::{Handling, InputFile, LaunchError, LaunchRequest, Limits, Stdin, Subject};
use crate::plan::{Plan, PlannedLaunch, Purpose, ReadCatalog};
use crate::protocol::{ConfiguredCatalog, Specification, SyncMode};
use crate::rules::{Finding, Judge, Outcome, Scene, Statement};
use crate::suite::{LevelSetting, Suite, Target};
use crate::verdict::{LaunchJudgement, LaunchState, Policy, Results, SuiteFacts};
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;
use tokio::task::JoinSet;

/// A launch that is over, with what later launches need of it.
struct Over {
    judgement: LaunchJudgement,
    summary: Summary,
    succeeded: bool,
    catalog: Option<ConfiguredCatalog>,
    digest: Option<ReadDigest>,
    /// What must not be told of it.
    secrets: Secrets,
}

/// Everything to carry out one launch.
struct Ready {
    place: usize,
    request: LaunchRequest,
    eyes: Eyes,
    manifest: Manifest,
    catalog: Option<ConfiguredCatalog>,
}

/// A launch that came back: its place in the plan, its catalog, when it began, what was seen of it.
type Returned = (usize, Option<ConfiguredCatalog>, f64, Result<Seen, LaunchError>);

struct Schedule<'r> {
    run: &'r Run,
    plan: Plan,
    subject: Subject,
    beginning: Beginning,
    over: Vec<Option<Over>>,
    errors: Vec<LaunchError>,
    events: &'r Events,
    interruption: &'r Interruption,
}

/// Carries out a run. What goes wrong around the connector is part of the results.
pub async fn run(run: &Run, events: &Events, interruption: &Interruption) -> Results {
    let plan = Plan::of(&run.suite);
    let mut schedule = Schedule {
        over: plan.launches.iter().map(|_| None).collect(),
        run,
        plan,
        subject: subject_of(&run.suite),
        beginning: Beginning::now(),
        errors: Vec::new(),
        events,
        interruption,
    };
    tokio::select! {
        biased;
        _ = interruption.interrupted() => {}
        prepared = run.launcher.prepare() => schedule.prepared(prepared),
    }
    schedule.drive().await;
    schedule.results()
}

/// The connector as the suite names it.
fn subject_of(suite: &Suite) -> Subject {
    let (launcher, name) = match &suite.connector.target {
        Target::Image(image) => ("docker", image),
        Target::Exec(command_line) => ("process", command_line),
    };
    Subject { launcher: launcher.to_owned(), name: name.clone(), ..Subject::default() }
}

impl Schedule<'_> {
    fn prepared(&mut self, prepared: Result<Subject, LaunchError>) {
        match prepared {
            Ok(subject) => {
                let (connector, launches) = (subject.name.clone(), self.plan.launches.len());
                self.tell(Event::Prepared { connector, launches });
                self.subject = subject;
            }
            Err(error) => self.errors.push(error),
        }
    }

    async fn drive(&mut self) {
        let mut running: JoinSet<Returned> = JoinSet::new();
        let mut begun = vec![false; self.plan.launches.len()];
        loop {
            while running.len() < self.run.jobs {
                let Some(place) = self.next(&begun) else { break };
                begun[place] = true;
                match self.ready(place) {
                    Ok(ready) => self.begin(ready, &mut running),
                    Err(outcome) => self.not_launched(place, outcome),
                }
            }
            match running.join_next().await {
                Some(Ok((place, catalog, started, seen))) => self.end(place, catalog, started, seen),
                Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
                None if self.next(&begun).is_none() => break,
                None => {}
            }
        }
    }

    /// The launch that is to begin next: its needs are over, and the longest chain waits for it.
    fn next(&self, begun: &[bool]) -> Option<usize> {
        let launches = self.plan.launches.iter().enumerate();
        launches
            .filter(|(place, launch)| !begun[*place] && launch.needs.iter().all(|need| self.over[*need].is_some()))
            .max_by_key(|(place, launch)| (launch.chain, std::cmp::Reverse(*place)))
            .map(|(place, _)| place)
    }

    fn begin(&self, ready: Ready, running: &mut JoinSet<Returned>) {
        let Ready { place, request, eyes, manifest, catalog } = ready;
        let progress = Arc::new(Progress::new());
        self.tell(Event::Started { id: request.id.clone(), progress: progress.clone() });
        let (launcher, stop) = (self.run.launcher.clone(), self.interruption.stop.clone());
        let (folder, started) = (self.run.transcripts.join(&request.id), self.beginning.began.elapsed().as_secs_f64());
        running.spawn(async move {
            let seen = one::launch(launcher.as_ref(), &request, eyes, Some((&folder, manifest)), progress, &stop).await;
            (place, catalog, started, seen)
        });
    }

    /// Prepares a launch from what its needs left behind; else says why it does not happen.
    fn ready(&self, place: usize) -> Result<Ready, LaunchState> {
        let skip = |reason: &str| LaunchState::Skipped { reason: reason.to_owned() };
        if !self.errors.is_empty() {
            return Err(LaunchState::Error { reason: "not launched after an earlier error".to_owned() });
        }
        if self.interruption.exit().is_some() {
            return Err(skip("the run was interrupted"));
        }
        let planned = &self.plan.launches[place];
        let inputs = self.inputs(planned).map_err(|reason| skip(&reason))?;
        let scene =
            Scene::new(&planned.id, planned.purpose.command(), &inputs, Some(Timestamp::now().as_millisecond()))
                .map_err(|reason| skip(&reason))?
                .of(&self.subject);
        let secrets = self.secrets(planned, &inputs);
        let catalog = scene.catalog.clone();
        let digest =
            (planned.purpose == Purpose::Read(SyncMode::Incremental)).then(|| catalog.as_ref().map(ReadDigest::new));
        let eyes = Eyes {
            streams: scene.descriptors(),
            judge: Judge::new(scene, secrets.clone(), |rule| self.judges(rule.statement())),
            secrets,
            digest: digest.flatten(),
            recall: self.recall(planned, catalog.as_ref()),
        };
        let manifest = Manifest {
            version: 1,
            id: planned.id.clone(),
            command: planned.purpose.command(),
            subject: self.subject.clone(),
            started_at: Timestamp::now().as_millisecond(),
            exit: None,
            stderr_dropped: 0,
            inputs: inputs.clone(),
        };
        Ok(Ready { place, request: self.request(planned, &inputs), eyes, manifest, catalog })
    }

    fn request(&self, planned: &PlannedLaunch, inputs: &Inputs) -> LaunchRequest {
        let command = planned.purpose.command();
        let files = [("config", &inputs.config), ("catalog", &inputs.catalog), ("state", &inputs.state)];
        let files = files.into_iter().filter_map(|(option, content)| {
            Some(InputFile { option, content: serde_json::to_vec(content.as_ref()?).unwrap_or_default() })
        });
        let limits = &self.run.suite.limits;
        LaunchRequest {
            id: planned.id.clone(),
            command,
            inputs: files.collect(),
            stdin: Stdin::Closed,
            limits: Limits {
                total: limits.total(command),
                silence: limits.silence,
                grace: limits.grace,
                memory: Some(self.run.suite.connector.memory),
            },
            network: planned.purpose != Purpose::Spec,
            handling: Handling::default(),
        }
    }

    /// What the launch is given. Errs with what is missing.
    fn inputs(&self, planned: &PlannedLaunch) -> Result<Inputs, String> {
        let specification = self.over[0].as_ref().and_then(|spec| spec.summary.specification.clone());
        let Some(scenario) = planned.scenario.map(|place| &self.run.suite.scenarios[place]) else {
            return Ok(Inputs { metadata: self.run.suite.metadata.clone(), ..Inputs::default() });
        };
        let mut inputs = Inputs {
            config: Some(secrets::with_canaries_of(scenario, specification.as_ref(), &self.run.id)),
            specification: specification.clone(),
            expect: scenario.expect,
            ..Inputs::default()
        };
        let need = planned.needs.first().and_then(|need| self.over[*need].as_ref());
        let is_destination = specification.is_some_and(|raw| Specification { raw }.is_destination());
        match planned.purpose {
            Purpose::Spec | Purpose::Check => {}
            _ if is_destination => return Err("a destination: this version judges its spec and its check".to_owned()),
            Purpose::Discover => {}
            Purpose::Read(mode) => {
                let discovered = need.and_then(|discover| discover.summary.catalog.as_ref());
                if discovered.is_none() && matches!(scenario.catalog, crate::suite::CatalogSource::Discover) {
                    return Err("blocked by discover, which delivered no catalog".to_owned());
                }
                let made = ReadCatalog::make(scenario, discovered, mode, &self.run.selection.streams);
                if made.catalog.streams.is_empty() {
                    return Err(nothing_to_read(&made, mode));
                }
                inputs.catalog = Some(made.catalog.raw);
                inputs.state = scenario.state.clone().filter(|_| mode == SyncMode::Incremental);
            }
            Purpose::Resume => {
                let first = need.ok_or("blocked by the incremental read, which did not happen")?;
                let catalog = first.catalog.as_ref().ok_or("blocked by the incremental read, which did not happen")?;
                if !first.succeeded {
                    return Err("blocked by the incremental read, which failed".to_owned());
                }
                if first.summary.final_state.is_empty() {
                    return Err("the incremental read ended without a state".to_owned());
                }
                inputs.catalog = Some(catalog.raw.clone());
                inputs.state = Some(first.summary.final_state.to_input());
            }
        }
        Ok(inputs)
    }

    fn recall(&self, planned: &PlannedLaunch, catalog: Option<&ConfiguredCatalog>) -> Option<Recall> {
        let first = self.over[*planned.needs.first()?].as_ref().filter(|_| planned.purpose == Purpose::Resume)?;
        let digest = first.digest.as_ref()?;
        Some(Recall::new(digest, references(catalog?, digest, &first.summary.final_state)))
    }

    fn judges(&self, statement: Statement) -> bool {
        self.run.selection.wants(statement) && !self.is_off(statement)
    }

    fn is_off(&self, statement: Statement) -> bool {
        self.run.suite.rules.get(statement.code) == Some(&LevelSetting::Off)
    }

    /// The rules and experiments that are about a launch of this purpose.
    fn statements(&self, purpose: Purpose) -> impl Iterator<Item = Statement> {
        let is_about = move |statement: &Statement| {
            statement.commands.contains(&purpose.command())
                && (purpose == Purpose::Resume || statement.code != READS_AGAIN.code)
        };
        all_statements().filter(is_about).filter(|statement| self.run.selection.wants(*statement))
    }

    fn end(&mut self, place: usize, catalog: Option<ConfiguredCatalog>, started: f64, seen: Result<Seen, LaunchError>) {
        let seen = match seen {
            Ok(seen) => seen,
            Err(error) => {
                self.errors.push(error.clone());
                return self.not_launched(place, LaunchState::Error { reason: error.to_string() });
            }
        };
        let planned = self.plan.launches[place].clone();
        let scenario = planned.scenario.map(|place| &self.run.suite.scenarios[place]);
        let ended = LaunchState::Ended { exit: seen.exit.clone() };
        let named = scenario.map(|scenario| (scenario.name.as_str(), scenario.expect));
        let mut launch = facts::of_launch(&planned, named, &self.subject.name, started, ended);
        if planned.purpose == Purpose::Resume {
            launch.resumes = planned.needs.first().map(|need| self.plan.launches[*need].id.clone());
        }
        launch.tally = facts::tally(&seen.summary, &seen.exit, seen.stderr_dropped);
        if let (Some(catalog), Some(scenario)) = (&catalog, scenario) {
            launch.streams = facts::streams(&seen.summary, catalog, &scenario.streams.empty);
        }
        let (mut findings, mut outcomes) = (seen.findings, seen.outcomes);
        if let Some(recall) = seen.recall.as_ref().filter(|_| self.judges(READS_AGAIN)) {
            let reading =
                Reading { launch: &planned.id, succeeded: seen.exit.succeeded(), state: &seen.summary.final_state };
            let (more, judged) = self.resume(&planned, catalog.as_ref(), &reading, recall);
            findings.extend(more);
            outcomes.extend(judged);
        }
        self.errors.extend(seen.storage_error.map(LaunchError::Environment));
        let off = self.statements(planned.purpose).filter(|statement| self.is_off(*statement)).collect();
        let mut judgement = LaunchJudgement { facts: launch, findings, outcomes, unjudged: off };
        conceal(&mut judgement, &seen.secrets);
        conceal_subject(&mut self.subject, &seen.secrets);
        self.tell(Event::Ended { facts: Box::new(judgement.facts.clone()), findings: judgement.findings.clone() });
        self.over[place] = Some(Over {
            judgement,
            succeeded: seen.exit.succeeded(),
            summary: seen.summary,
            catalog,
            digest: seen.digest,
            secrets: seen.secrets,
        });
    }

    fn resume(
        &self,
        planned: &PlannedLaunch,
        catalog: Option<&ConfiguredCatalog>,
        later: &Reading<'_>,
        recall: &Recall,
    ) -> (Vec<Finding>, Vec<Outcome>) {
        let first = planned.needs.first().and_then(|need| self.over[*need].as_ref());
        let config = planned.scenario.map_or(&Value::Null, |place| &self.run.suite.scenarios[place].config);
        let (Some(catalog), Some(first), Some(digest)) =
            (catalog, first, first.and_then(|first| first.digest.as_ref()))
        else {
            return Default::default();
        };
        let launch = &first.judgement.facts.id;
        let earlier = Reading { launch, succeeded: first.succeeded, state: &first.summary.final_state };
        judge_resume(catalog, config, (&earlier, digest), (later, recall))
    }

    fn not_launched(&mut self, place: usize, outcome: LaunchState) {
        let planned = self.plan.launches[place].clone();
        let scenario = planned.scenario.map(|place| &self.run.suite.scenarios[place]);
        let started = self.beginning.began.elapsed().as_secs_f64();
        let named = scenario.map(|scenario| (scenario.name.as_str(), scenario.expect));
        let facts = facts::of_launch(&planned, named, &self.subject.name, started, outcome);
        let unjudged = self.statements(planned.purpose).collect();
        self.tell(Event::Ended { facts: Box::new(facts.clone()), findings: Vec::new() });
        self.over[place] = Some(Over {
            judgement: LaunchJudgement { facts, findings: Vec::new(), outcomes: Vec::new(), unjudged },
            summary: Summary::default(),
            succeeded: false,
            catalog: None,
            digest: None,
            secrets: Secrets::default(),
        });
    }

    fn results(mut self) -> Results {
        self.judge_promises();
        let suite = &self.run.suite;
        let cut_short = self.interruption.exit().or(outcome::exit_of_errors(&self.errors));
        let mut errors: Vec<String> = self.errors.iter().map(ToString::to_string).collect();
        errors.dedup();
        let path = suite.source.as_ref().map(|path| path.display().to_string());
        let suite_facts = SuiteFacts { path, digest: suite.digest.clone() };
        let run = outcome::of_run(self.run.id.clone(), self.beginning, suite_facts, self.run.fail_on, errors);
        let judgements = self.over.into_iter().flatten().map(|over| over.judgement).collect();
        let policy = Policy {
            levels: &suite.rules,
            waivers: &suite.waivers,
            today: jiff::Zoned::now().date(),
            find: find_statement,
        };
        outcome::results(run, self.subject, judgements, &policy, cut_short)
    }

    fn tell(&self, event: Event) {
        if let Some(events) = self.events {
            let _ = events.send(event);
        }
    }
}

/// Why a read has no stream: because of what is left out, or because there is none of the mode.
fn nothing_to_read(made: &ReadCatalog, mode: SyncMode) -> String {
    let chosen = made.excluded.iter().find(|out| out.reason.contains("--stream"));
    match chosen {
        Some(_) => "no stream that is read in this mode matches --stream".to_owned(),
        None => format!("no stream to read in mode {}", mode.as_str()),
    }
}
