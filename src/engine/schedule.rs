//! The loop: launches whose needs are met run side by side, those with the longest chain behind them first.

mod baselines;
mod carry;
mod coming_to;
mod feeding;
mod ready;
mod secrets;
mod stand_in;
pub(super) mod storage;
mod surroundings;
mod trials;
mod updates;

use super::conceal::{conceal, conceal_subject};
use super::facts;
use super::one::Eyes;
use super::steps::step_request;
use super::{Event, Events, Interruption, Progress, Run};
use crate::baseline::portrait::Portrait;
use crate::capture::{Manifest, Secrets, Summary};
use crate::experiments::{Answer, Ran};
use crate::launch::docker::Workshop;
use crate::launch::{LaunchError, LaunchRequest, Subject};
use crate::plan::{Plan, PlannedLaunch, Scrutiny};
use crate::protocol::{Command, ConfiguredCatalog, FinalState};
use crate::rules::{self, Level, Rule, Statement};
use crate::suite::{LevelSetting, Suite, Target};
use crate::verdict::{LaunchJudgement, LaunchState, Results};
use carry::{Failure, Returned, Steps, carry};
use feeding::Feeding;
use stand_in::{StandIn, StandIns};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use storage::{ReadBack, Storage};
use surroundings::Surroundings;
use tokio::task::JoinSet;
use trials::Trial;
use updates::Updated;

/// A launch that is over, with what later launches need of it.
struct Over {
    judgement: LaunchJudgement,
    ran: Ran,
    /// What must not be told of it.
    secrets: Secrets,
    /// What is held against baselines.
    portrait: Option<Portrait>,
}

/// Everything to carry out one launch.
struct Ready {
    place: usize,
    request: LaunchRequest,
    eyes: Eyes,
    manifest: Manifest,
    catalog: Option<ConfiguredCatalog>,
    steps: Steps,
    /// What is read of the storage when it is over.
    reads_back: Vec<ReadBack>,
    /// What is launched, where it is not the connector.
    stand_in: Option<StandIn>,
    /// What it is sent: files of it are gone with this.
    feeding: Option<Feeding>,
}

struct Schedule<'r> {
    run: &'r Run,
    /// The run's own, with what the set-ups of its scenarios made.
    suite: Suite,
    plan: Plan,
    subject: Subject,
    over: Vec<Option<Over>>,
    trials: Vec<Trial>,
    stand_ins: StandIns,
    errors: Vec<LaunchError>,
    surroundings: Surroundings,
    /// What is written to a destination, and what can't be seen of it.
    storage: Storage,
    /// Why single launches could not be sent what they were to be sent.
    unfed: Vec<LaunchError>,
    /// Configs that the connector has updated, by the place of their scenario.
    updated: BTreeMap<usize, Updated>,
    /// Builds and runs the containers of the suite's author.
    workshop: Arc<Workshop>,
    events: &'r Events,
    interruption: &'r Interruption,
}

/// Carries out a run. What goes wrong around the connector is part of the results.
pub async fn run(run: &Run, events: &Events, interruption: &Interruption) -> Results {
    let plan = Plan::of(&run.suite);
    let container = &run.suite.connector.container;
    let mut schedule = Schedule {
        suite: run.suite.clone(),
        surroundings: Surroundings::default(),
        storage: Storage::default(),
        unfed: Vec::new(),
        updated: BTreeMap::new(),
        workshop: Arc::new(Workshop::new(&run.id, &container.network, &container.hosts)),
        over: plan.launches.iter().map(|_| None).collect(),
        trials: Vec::new(),
        stand_ins: StandIns::default(),
        run,
        plan,
        subject: subject_of(&run.suite),
        errors: Vec::new(),
        events,
        interruption,
    };
    tokio::select! {
        biased;
        _ = interruption.interrupted() => {}
        prepared = run.launcher.prepare() => schedule.prepared(prepared),
    }
    schedule.trials = schedule.trials();
    schedule.drive().await;
    schedule.clean_up().await;
    schedule.stand_ins.settled().await;
    schedule.results()
}

/// The connector as the suite names it.
fn subject_of(suite: &Suite) -> Subject {
    let (launcher, name) = match &suite.connector.target {
        Target::Image(image) => ("docker", image),
        Target::Exec(command) => ("process", &command.line),
    };
    Subject { launcher: launcher.to_owned(), name: name.clone(), ..Subject::default() }
}

impl Schedule<'_> {
    /// What the connector is called in the results: what is launched, or its name where there are several.
    fn connector(&self) -> &str {
        let suite = &self.suite;
        if suite.slug.is_some() { &suite.name } else { &self.subject.name }
    }

    fn prepared(&mut self, prepared: Result<Subject, LaunchError>) {
        match prepared {
            Ok(subject) => {
                let (connector, launches, more) = (subject.name.clone(), self.plan.launches.len(), self.most_asked());
                self.tell(Event::Prepared { connector, launches, more });
                self.subject = subject;
            }
            Err(error) => self.errors.push(error),
        }
    }

    async fn drive(&mut self) {
        let mut running: JoinSet<Returned> = JoinSet::new();
        let mut begun = vec![false; self.plan.launches.len()];
        // What a destination stores need not bear more than one at a time.
        let jobs = if self.suite.destination.is_some() { 1 } else { self.run.jobs };
        loop {
            let mut goes_on = false;
            while running.len() < jobs {
                let Some(place) = self.next(&begun) else { break };
                begun[place] = true;
                goes_on = true;
                self.open_for(place).await;
                match self.ready(place) {
                    Ok(ready) => self.begin(ready, &mut running),
                    Err(outcome) => self.not_launched(place, *outcome),
                }
            }
            match running.join_next().await {
                Some(Ok(returned)) => self.end(returned),
                Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
                None if goes_on => {}
                None if self.go_on_with_trials() => {}
                // What was set up for a scenario has served, and the next one has its turn.
                None if self.close().await => {}
                None => break,
            }
            self.go_on_with_trials();
            begun.resize(self.plan.launches.len(), false);
        }
    }

    /// The launch that is to begin next: its needs are over, and the longest chain waits for it. Those for which data are
    /// changed come after all others, and one at a time.
    fn next(&self, begun: &[bool]) -> Option<usize> {
        let launches = || self.plan.launches.iter().enumerate();
        let is_late = |launch: &PlannedLaunch| launch.ask.as_ref().is_some_and(|ask| ask.late);
        let runs = |place: usize| begun[place] && self.over[place].is_none();
        if launches().any(|(place, launch)| runs(place) && is_late(launch)) {
            return None;
        }
        let is_due = |place: usize, launch: &PlannedLaunch| {
            let has_needs = || launch.needs.iter().all(|need| self.over[*need].is_some());
            !begun[place] && has_needs() && self.has_its_turn(launch) && !self.waits_for_config(launch, begun)
        };
        let due = launches().filter(|(place, launch)| is_due(*place, launch) && !is_late(launch));
        let first = due.max_by_key(|(place, launch)| (launch.chain, std::cmp::Reverse(*place)));
        let is_last_call = || first.is_none() && !launches().any(|(place, _)| runs(place));
        let late = launches().filter(|(place, launch)| is_last_call() && is_due(*place, launch));
        // What looks after a change comes before the next change, or before the data are put back for it.
        let changes = |launch: &PlannedLaunch| {
            launch.ask.as_ref().is_some_and(|ask| !ask.before.is_empty() || !ask.meanwhile.is_empty())
        };
        let late = late.min_by_key(|(place, launch)| (changes(launch), *place));
        first.or(late).map(|(place, _)| place)
    }

    fn begin(&self, ready: Ready, running: &mut JoinSet<Returned>) {
        let progress = Arc::new(Progress::new());
        let id = ready.request.id.clone();
        self.tell(Event::Started { id: id.clone(), progress: progress.clone() });
        let (launcher, stop) = (self.run.launcher.clone(), self.interruption.stop.clone());
        let begins = (self.run.transcripts.join(&id), self.run.beginning.began.elapsed().as_secs_f64());
        running.spawn(carry(launcher, ready, begins, progress, stop));
    }

    /// Puts the data of a scenario back, where they were changed for launches.
    async fn reset(&mut self, scenario: usize) {
        let launches = self.plan.launches.iter().zip(&self.over).filter(|(it, _)| it.scenario == Some(scenario));
        let mut asks = launches.filter(|(_, over)| over.is_some()).filter_map(|(launch, _)| launch.ask.as_deref());
        if asks.any(|ask| !ask.before.is_empty() || !ask.meanwhile.is_empty()) {
            let step = self.suite.scenarios[scenario].reset.as_ref();
            let step = step.map(|step| step_request("reset", step, &self.suite.connector, &self.workshop));
            self.undo(step.as_slice()).await;
        }
    }

    /// Undoes all that was done to the data.
    async fn clean_up(&mut self) {
        self.close().await;
        for scenario in 0..self.suite.scenarios.len() {
            // The others' data were put back when their turn was over.
            if !self.suite.scenarios[scenario].has_surroundings() {
                self.reset(scenario).await;
            }
        }
        self.clean_storage().await;
        self.close_suite().await;
    }

    /// Whether a launch is the first write of its scenario that the rules judge: no suite makes one by itself, so that one
    /// stands for all.
    fn is_first_write(&self, place: usize) -> bool {
        let is_judged = |launch: &PlannedLaunch| {
            let ask = launch.ask.as_ref();
            ask.is_some_and(|ask| ask.command == Command::Write && ask.scrutiny == Scrutiny::Rules)
        };
        let launch = &self.plan.launches[place];
        let before = self.plan.launches.iter().zip(&self.over).filter(|(_, over)| over.is_some());
        is_judged(launch) && !before.into_iter().any(|(other, _)| is_judged(other) && other.scenario == launch.scenario)
    }

    fn judges(&self, statement: Statement, scenario: Option<usize>) -> bool {
        self.run.selection.wants(statement) && !self.is_off(statement, scenario)
    }

    fn is_off(&self, statement: Statement, scenario: Option<usize>) -> bool {
        let scenario = scenario.map(|place| &self.suite.scenarios[place]);
        self.suite.level_of(statement.code, scenario) == Some(LevelSetting::Off)
    }

    /// The specification that a scenario's connector has: that of its environment.
    fn spec_of(&self, scenario: Option<usize>) -> Option<&Over> {
        self.over[self.plan.spec_of(&self.suite, scenario)].as_ref()
    }

    /// The rules that are about a launch; of one that an experiment asked for, none must have judged it.
    fn statements(&self, launch: &PlannedLaunch) -> impl Iterator<Item = Statement> {
        let (command, is_asked) = (launch.purpose.command(), launch.ask.is_some());
        let about = move |rule: &&'static Rule| !is_asked && rule.commands.contains(&command);
        rules::ALL.iter().copied().filter(about).map(Rule::statement).filter(|it| self.run.selection.wants(*it))
    }

    fn end(&mut self, returned: Returned) {
        let Returned { place, subject, catalog, config, started, seen, meanwhile, stored } = returned;
        let seen = match seen {
            Ok(seen) => seen,
            Err(Failure::LeftOut(reason)) => return self.not_launched(place, LaunchState::Skipped { reason }),
            Err(Failure::Error(error)) => {
                self.errors.push(error.clone());
                return self.not_launched(place, LaunchState::Error { reason: error.to_string() });
            }
        };
        let planned = self.plan.launches[place].clone();
        self.note_storage(&planned, catalog.as_ref(), &stored);
        let updates = self.update_config(&planned, config.as_ref(), seen.summary.new_config.as_ref());
        let secrets = seen.secrets.and(&updates);
        let scenario = planned.scenario.map(|place| &self.suite.scenarios[place]);
        let ended = LaunchState::Ended { exit: seen.exit.clone() };
        let named = scenario.map(|scenario| (scenario.name.as_str(), scenario.expect));
        let mut launch = facts::of_launch(&planned, named, self.connector(), started, ended);
        launch.tally = facts::tally(&seen.summary, &seen.exit, seen.stderr_dropped);
        if let (Some(catalog), Some(scenario)) = (&catalog, scenario) {
            launch.streams = facts::streams(&seen.summary, catalog, &scenario.streams.empty);
        }
        launch.wire = seen.tap.map(|tap| tap.finish(&secrets));
        let transcript = self.run.transcripts.join(&planned.id);
        launch.subject = subject.clone();
        let subject = subject.unwrap_or_else(|| self.subject.clone());
        let (id, mut trail) = (planned.id.clone(), seen.trail);
        let (exit, mut summary) = (Ok(seen.exit), seen.summary);
        if let Some(trail) = trail.as_mut().filter(|_| planned.ask.is_some()) {
            // There can be a hundred such launches. Nobody goes on from the middle of one, but of a control's whole read.
            match planned.ask.as_ref().is_some_and(|ask| ask.instead.is_some() && ask.state.is_none()) {
                true => trail.checkpoints.keep_one_and_last(),
                false => trail.checkpoints.keep_last(),
            }
            if trail.checkpoints.can_be_given().is_err() {
                summary.final_state = FinalState::default();
            }
        }
        let ran = Ran { id, subject, started, exit, summary, catalog, trail, transcript, meanwhile, stored };
        let (mut findings, mut outcomes) = (seen.findings, seen.outcomes);
        if let Some(ask) = &planned.ask {
            if ask.scrutiny == Scrutiny::Refusal && !Answer::of(&ran).is_no() {
                findings.clear();
            }
            // Each rule has judged the launches that every suite makes: of the others, what they broke is enough, and
            // what is only told (a field without a value, a late state) says less of a part of the data.
            if !self.is_first_write(place) {
                findings.retain(|finding| finding.level > Level::Info);
                outcomes.retain(|outcome| findings.iter().any(|finding| finding.rule == outcome.rule));
            }
        }
        self.errors.extend(seen.storage_error.map(LaunchError::Environment));
        let off = self.statements(&planned).filter(|statement| self.is_off(*statement, planned.scenario)).collect();
        let mut judgement =
            LaunchJudgement { facts: launch, findings, outcomes, reproductions: Vec::new(), unjudged: off };
        conceal(&mut judgement, &secrets);
        conceal_subject(&mut self.subject, &secrets);
        self.tell(Event::Ended { facts: Box::new(judgement.facts.clone()), findings: judgement.findings.clone() });
        self.over[place] = Some(Over { judgement, ran, secrets, portrait: seen.portrait });
    }

    fn not_launched(&mut self, place: usize, outcome: LaunchState) {
        let planned = self.plan.launches[place].clone();
        let scenario = planned.scenario.map(|place| &self.suite.scenarios[place]);
        let started = self.run.beginning.began.elapsed().as_secs_f64();
        let named = scenario.map(|scenario| (scenario.name.as_str(), scenario.expect));
        let facts = facts::of_launch(&planned, named, self.connector(), started, outcome);
        let unjudged = self.statements(&planned).collect();
        self.tell(Event::Ended { facts: Box::new(facts.clone()), findings: Vec::new() });
        let reason = match &facts.outcome {
            LaunchState::LeftOut { reason } | LaunchState::Skipped { reason } | LaunchState::Error { reason } => {
                reason.clone()
            }
            LaunchState::Ended { .. } => String::new(),
        };
        let ran = Ran {
            id: planned.id,
            subject: Subject::default(),
            started,
            exit: Err(reason),
            summary: Summary::default(),
            catalog: None,
            trail: None,
            transcript: PathBuf::new(),
            meanwhile: None,
            stored: Vec::new(),
        };
        let judgement =
            LaunchJudgement { facts, findings: Vec::new(), outcomes: Vec::new(), reproductions: Vec::new(), unjudged };
        self.over[place] = Some(Over { judgement, ran, secrets: Secrets::default(), portrait: None });
    }

    fn tell(&self, event: Event) {
        if let Some(events) = self.events {
            let _ = events.send(event);
        }
    }
}
