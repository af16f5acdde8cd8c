//! The experiments of a run: each is begun anew whenever what it waits for is over, until it concludes.

use super::Schedule;
use crate::engine::Event;
use crate::engine::conceal::conceal;
use crate::engine::reproduction;
use crate::experiments::{
    ALL, Base, Conclusion, Experiment, Halt, JUDGED_WRITES, Lab, Occasion, Ran, launches_of, most_of,
};
use crate::plan::{PlannedLaunch, Purpose};
use crate::protocol::{Command, Expect, Specification, SyncMode};
use crate::rules::{self, Judged, Outcome};
use crate::suite::Scenario;
use crate::verdict::Reproduction;

/// An experiment in a scenario.
pub(super) struct Trial {
    experiment: &'static Experiment,
    scenario: usize,
    /// The places of the launches that it waits for. None of them: those that every suite makes.
    waits: Vec<usize>,
    is_over: bool,
    /// Whether what it comes to is told; else it is made for rules, which judge its launches.
    is_told: bool,
}

impl Schedule<'_> {
    /// The experiments that the suite makes, in each scenario that is expected to succeed; what is about `spec` once.
    pub(super) fn trials(&self) -> Vec<Trial> {
        let suite = &self.suite;
        let is_planned = |place: &usize| self.plan.launches.iter().any(|launch| launch.scenario == Some(*place));
        let planned: Vec<usize> = (0..suite.scenarios.len()).filter(is_planned).collect();
        let is_good = |place: &usize| suite.scenarios[*place].expect == Expect::Succeeded;
        let scenarios: Vec<usize> = planned.iter().copied().filter(is_good).collect();
        let is_destination = suite.destination.is_some();
        let is_wanted = |experiment: &&&Experiment| {
            experiment.depth <= suite.depth && experiment.is_made_of(is_destination) && self.is_of_case(experiment)
        };
        let mut trials = Vec::new();
        for experiment in ALL.iter().filter(is_wanted) {
            let is_of_spec = experiment.statement.commands == [Command::Spec];
            let once = if is_of_spec && !experiment.by_scenario { 1 } else { usize::MAX };
            // What needs no launch but `spec` can be told where every config is to be refused.
            let is_of_any = is_of_spec && experiment.launches.is_empty() && scenarios.is_empty();
            let mut judged: Vec<&usize> = if is_of_any { &planned } else { &scenarios }
                .iter()
                .filter(|place| self.is_made_in(experiment, **place))
                .collect();
            if experiment.needs_control() {
                judged.retain(|place| Occasion::of(&suite.scenarios[**place], None).control);
            }
            if experiment.needs_previous() {
                judged.sort_by_key(|place| suite.scenarios[**place].previous.is_none());
            }
            trials.extend(judged.into_iter().take(once).map(|scenario| Trial {
                experiment,
                scenario: *scenario,
                waits: Vec::new(),
                is_over: false,
                is_told: self.judges(experiment.statement, Some(*scenario)),
            }));
        }
        trials
    }

    /// Whether an experiment is made in a scenario: for itself, or since its writes are what wanted rules judge.
    fn is_made_in(&self, experiment: &Experiment, scenario: usize) -> bool {
        let shows_writes = self.run.selection.case.is_none() && JUDGED_WRITES.contains(&experiment.statement.code);
        let mut rules = rules::ALL.iter().filter(|rule| rule.commands.contains(&Command::Write));
        self.judges(experiment.statement, Some(scenario))
            || (shows_writes && rules.any(|rule| self.judges(rule.statement(), Some(scenario))))
    }

    /// How many launches the experiments may ask for, at most, but for those that confirm a fault.
    pub(super) fn most_asked(&self) -> usize {
        let suite = &self.suite;
        let trials = self.trials();
        let of = |(place, scenario): (usize, &Scenario)| {
            let made: Vec<&Experiment> =
                trials.iter().filter(|trial| trial.scenario == place).map(|trial| trial.experiment).collect();
            most_of(&launches_of(&made, suite.depth, Occasion::of(scenario, suite.destination.as_ref())), suite.depth)
        };
        suite.scenarios.iter().enumerate().map(of).sum()
    }

    pub(super) fn has_experiments(&self) -> bool {
        !self.trials.is_empty()
    }

    /// Whether an experiment makes the launch whose case alone is wanted, where one is.
    fn is_of_case(&self, experiment: &Experiment) -> bool {
        let Some(case) = &self.run.selection.case else { return true };
        experiment.launches.iter().any(|launches| case.contains(launches.id))
    }

    /// Begins every experiment anew that has what it waited for, and plans the launches that it asks for next. Says
    /// whether there is anything new: a launch, or a conclusion.
    pub(super) fn go_on_with_trials(&mut self) -> bool {
        let (planned, mut concluded) = (self.plan.launches.len(), false);
        for at in 0..self.trials.len() {
            let trial = &self.trials[at];
            let is_ready = trial.waits.iter().all(|place| self.over[*place].is_some());
            if trial.is_over || !is_ready || !self.is_set_up(trial.scenario) {
                continue;
            }
            let (experiment, scenario) = (trial.experiment, trial.scenario);
            match self.attempt(experiment, scenario) {
                Err(Halt::Wants(asks)) => {
                    let suite = &self.suite;
                    let code = experiment.statement.code;
                    let waits: Vec<usize> =
                        asks.into_iter().map(|ask| self.plan.ask(suite, scenario, ask, code)).collect();
                    self.trials[at].waits = waits;
                    self.over.resize_with(self.plan.launches.len(), || None);
                }
                Err(Halt::Cannot(reason)) => self.conclude(at, Err(reason)),
                Ok(conclusion) => self.conclude(at, Ok(conclusion)),
            }
            concluded |= self.trials[at].is_over;
        }
        concluded || self.plan.launches.len() > planned
    }

    fn attempt(&self, experiment: &Experiment, scenario: usize) -> Result<Conclusion, Halt> {
        let specification = self.spec_of(Some(scenario)).and_then(|spec| spec.ran.summary.specification.clone());
        if specification.is_some_and(|raw| Specification { raw }.is_destination()) && !experiment.is_of_destinations() {
            return Err(Halt::Cannot("a destination has nothing of the kind".to_owned()));
        }
        let of = |purpose: Purpose| {
            let is_it = |launch: &PlannedLaunch| launch.purpose == purpose && launch.scenario == Some(scenario);
            let launch = self.plan.launches.iter().position(is_it);
            launch.and_then(|place| self.over[place].as_ref()).map(|over| &over.ran)
        };
        let base = Base {
            spec: self.spec_of(Some(scenario)).map(|over| &over.ran),
            check: of(Purpose::Check),
            discover: of(Purpose::Discover),
            full_refresh: of(Purpose::Read(SyncMode::FullRefresh)),
            incremental: of(Purpose::Read(SyncMode::Incremental)),
        };
        let launches = self.plan.launches.iter().zip(&self.over);
        let asked = launches
            .filter(|(launch, _)| launch.scenario.is_none() || launch.scenario == Some(scenario))
            .filter_map(|(launch, over)| Some((launch.ask.as_deref()?, over.as_ref().map(|over| &over.ran))));
        let suite = &self.suite;
        let case = self.run.selection.case.as_deref().map(|case| suite.without_slug(case));
        let lab = Lab::new(&suite.scenarios[scenario], (suite.depth, suite.seed), base, asked.collect(), case);
        let lab =
            lab.limited(suite.usage).versioned(self.version()).strict(suite.gaps.as_deref()).beside(self.first_reads());
        let lab = lab.of_destination(suite.destination.as_ref(), self.namespace_of_run());
        let write_limit = suite.limits_of(Some(&suite.scenarios[scenario])).write;
        (experiment.run)(&lab.of_files(self.is_of_files()).writing_within(write_limit))
    }

    /// The one read of every stream of each scenario that has one, as far as they are over.
    fn first_reads(&self) -> Vec<Option<&Ran>> {
        let all = self.plan.launches.iter().zip(&self.over);
        let first = all.filter(|(launch, _)| launch.purpose == Purpose::Read(SyncMode::FullRefresh));
        first.map(|(_, over)| over.as_ref().map(|over| &over.ran)).collect()
    }

    /// Whether the connector says of itself that it reads files, and is one that Airbyte vouches for.
    fn is_of_files(&self) -> bool {
        let metadata = self.run.suite.metadata.as_ref();
        metadata.is_some_and(|it| it.is_certified() && it.text("/connectorSubtype") == Some("file"))
    }

    /// Whether the kinds of files are looked at that records are from.
    pub(super) fn looks_at_file_kinds(&self) -> bool {
        let is_told = |scenario: &Scenario| scenario.expected.file_types.is_some();
        self.is_of_files() || self.run.suite.scenarios.iter().any(is_told)
    }

    /// Puts what an experiment came to into the judgement of the launch that it is told of.
    fn conclude(&mut self, at: usize, conclusion: Result<Conclusion, String>) {
        self.trials[at].is_over = true;
        if !self.trials[at].is_told {
            return;
        }
        let (statement, scenario) = (self.trials[at].experiment.statement, self.trials[at].scenario);
        let told_of = conclusion.as_ref().ok().map(|conclusion| conclusion.launch.clone());
        let is_it = |place: &usize| match &told_of {
            Some(id) => self.plan.launches[*place].id == *id,
            // Without a launch of its own, the last that every suite makes of its command.
            None => {
                let launch = &self.plan.launches[*place];
                launch.ask.is_none()
                    && launch.scenario.is_none_or(|own| own == scenario)
                    && statement.commands.contains(&launch.purpose.command())
            }
        };
        let place = (0..self.over.len()).rev().find(|place| is_it(place) && self.over[*place].is_some()).unwrap_or(0);
        let cases = conclusion.iter().flat_map(|it| &it.findings).filter_map(|finding| finding.case.clone());
        let again: Vec<_> = cases.filter_map(|case| Some((case.clone(), self.reproduction_of(&case)?))).collect();
        let Some(over) = self.over[place].as_mut() else { return };
        over.judgement.reproductions.extend(again);
        match conclusion {
            Ok(conclusion) => {
                over.judgement.findings.extend(conclusion.findings);
                over.judgement.outcomes.extend(conclusion.outcomes);
            }
            Err(reason) => {
                let judged = Judged::No(reason);
                over.judgement.outcomes.push(Outcome { rule: statement.code, stream: None, judged });
            }
        }
        conceal(&mut over.judgement, &over.secrets);
        let own = over.judgement.findings.iter().filter(|finding| finding.rule == statement.code);
        let findings: Vec<_> = own.cloned().collect();
        self.tell(Event::Concluded { experiment: statement, findings });
    }

    /// The connector's version, as its image says, else as the file beside the suite does.
    fn version(&self) -> Option<String> {
        let of_metadata = || self.run.suite.metadata.as_ref()?.docker_image_tag();
        self.subject.version().or_else(of_metadata).map(str::to_owned)
    }

    fn reproduction_of(&self, case: &str) -> Option<Reproduction> {
        let place = self.plan.launches.iter().position(|launch| launch.id == case)?;
        let secrets = &self.over[place].as_ref()?.secrets;
        let run = self.run;
        reproduction::of(&self.plan.launches[place], &run.suite.connector, secrets, (&run.cases, &run.invocation))
    }

    /// Concludes what could not be carried to its end.
    pub(super) fn break_off_trials(&mut self) {
        let reason = match self.interruption.exit() {
            Some(_) => "the run was interrupted",
            None if !self.errors.is_empty() => "an error ended the run",
            None => "a launch that it needs is not made",
        };
        for at in 0..self.trials.len() {
            if !self.trials[at].is_over {
                self.conclude(at, Err(reason.to_owned()));
            }
        }
    }
}
