//! The plan: which launches a suite asks for, which need which, and what each is for.
//!
//! Pure: nothing is launched here. A launch that two scenarios would make alike is made once, and so is one that two
//! experiments ask for. What experiments ask for depends on what came before, so the plan grows while the run goes on.

mod ask;
mod catalogs;
pub mod configs;

pub use ask::{Ask, ConfigFile, Instead, Mark, Scrutiny};
pub use catalogs::{Excluded, ReadCatalog};

use crate::protocol::{Command, Expect, SyncMode};
use crate::suite::{CatalogSource, Depth, Part, Scenario, Suite};
use std::sync::Arc;

/// What a launch is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The specification.
    Spec,
    /// Whether the configuration works.
    Check,
    /// The streams.
    Discover,
    /// Every stream, in the mode.
    Read(SyncMode),
    /// What an experiment asks for.
    Asked(Command),
}

impl Purpose {
    /// The command that serves it.
    pub fn command(self) -> Command {
        match self {
            Purpose::Spec => Command::Spec,
            Purpose::Check => Command::Check,
            Purpose::Discover => Command::Discover,
            Purpose::Read(_) => Command::Read,
            Purpose::Asked(command) => command,
        }
    }

    /// In words, for people.
    pub fn describe(self) -> &'static str {
        match self {
            Purpose::Spec => "the specification",
            Purpose::Check => "whether the configuration works",
            Purpose::Discover => "the streams",
            Purpose::Read(SyncMode::FullRefresh) => "full refresh",
            Purpose::Read(SyncMode::Incremental) => "incremental",
            Purpose::Asked(_) => "an experiment",
        }
    }

    /// The id, within a scenario, of a launch that every suite makes.
    fn id(self) -> &'static str {
        match self {
            Purpose::Spec => "spec",
            Purpose::Check => "check",
            Purpose::Discover => "discover",
            Purpose::Read(SyncMode::FullRefresh) => "read.full-refresh",
            Purpose::Read(SyncMode::Incremental) => "read.incremental",
            Purpose::Asked(command) => command.as_str(),
        }
    }
}

/// One launch of the plan.
#[derive(Debug, Clone)]
pub struct PlannedLaunch {
    /// Its id within the run: `spec`, or the scenario's id and what it is for; before that, where there are several
    /// connectors, which of them.
    pub id: String,
    /// The scenario's place in the suite; none for `spec`.
    pub scenario: Option<usize>,
    /// What it is for.
    pub purpose: Purpose,
    /// The places in the plan of the launches that must have ended before.
    pub needs: Vec<usize>,
    /// How many launches wait for it, one after another: those on the longest chain go first.
    pub chain: usize,
    /// What experiments ask for; none where every suite makes it.
    pub ask: Option<Arc<Ask>>,
    /// The codes of the experiments that asked for it.
    pub asked_by: Vec<&'static str>,
    /// Why the suite leaves it out, if it does.
    pub left_out: Option<String>,
}

impl PlannedLaunch {
    /// What it is for, in words.
    pub fn describe(&self) -> &str {
        self.ask.as_ref().map_or(self.purpose.describe(), |ask| &ask.purpose)
    }

    /// Why it is known before the run that it is not made: the suite leaves it out, or a file that it takes is not there.
    pub fn not_made<'s>(&'s self, suite: &'s Suite) -> Option<&'s str> {
        let lacks = self.scenario.filter(|_| self.purpose.command() != Command::Spec);
        let lack = lacks.and_then(|place| suite.scenarios[place].lacks.first());
        self.left_out.as_deref().or(lack.map(|lack| lack.message.as_str()))
    }
}

/// Everything that a run launches.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// In the order of reports; each one's needs stand before it.
    pub launches: Vec<PlannedLaunch>,
    /// Scenarios that are like an earlier one, by name, and that one's name.
    pub alike: Vec<(String, String)>,
}

impl Plan {
    /// Plans a suite.
    pub fn of(suite: &Suite) -> Self {
        let mut plan = Plan::default();
        plan.add(suite, None, Purpose::Spec, vec![]);
        for (place, scenario) in suite.scenarios.iter().enumerate() {
            match suite.scenarios[..place].iter().find(|earlier| are_alike(earlier, scenario)) {
                Some(earlier) => plan.alike.push((scenario.name.clone(), earlier.name.clone())),
                None => plan.add_scenario(suite, place),
            }
        }
        for place in (0..plan.launches.len()).rev() {
            let chain = plan.launches[place].chain + 1;
            for need in plan.launches[place].needs.clone() {
                plan.launches[need].chain = plan.launches[need].chain.max(chain);
            }
        }
        plan
    }

    /// The place of the launch whose specification a scenario's connector has: what it puts out may depend on the
    /// environment.
    pub fn spec_of(&self, suite: &Suite, scenario: Option<usize>) -> usize {
        let environment = |place: usize| &suite.scenarios[place].environment;
        let Some(wanted) = scenario.map(environment).filter(|environment| !environment.is_empty()) else { return 0 };
        let is_it = |launch: &PlannedLaunch| {
            launch.purpose == Purpose::Spec && launch.scenario.is_some_and(|place| environment(place) == wanted)
        };
        self.launches.iter().position(is_it).unwrap_or(0)
    }

    fn add_scenario(&mut self, suite: &Suite, place: usize) {
        let scenario = &suite.scenarios[place];
        let mut spec = self.spec_of(suite, Some(place));
        if spec == 0 && !scenario.environment.is_empty() {
            spec = self.add(suite, Some(place), Purpose::Spec, vec![]);
        }
        self.add(suite, Some(place), Purpose::Check, vec![spec]);
        // What a destination is sent follows from experiments alone.
        if scenario.expect != Expect::Succeeded || suite.destination.is_some() {
            return;
        }
        let discover = match self.discover_for(suite, place) {
            Some(discover) => discover,
            None => self.add(suite, Some(place), Purpose::Discover, vec![spec]),
        };
        // A catalog of the user's own does not wait for what the connector discovers.
        let catalog = if scenario.catalog.needs_discover() { discover } else { spec };
        self.add(suite, Some(place), Purpose::Read(SyncMode::FullRefresh), vec![catalog]);
        if suite.depth > Depth::Quick {
            self.add(suite, Some(place), Purpose::Read(SyncMode::Incremental), vec![catalog]);
        }
    }

    /// The place of another scenario's `discover`, for one that needs it and does not judge it: that of the same config.
    fn discover_for(&self, suite: &Suite, place: usize) -> Option<usize> {
        let own = &suite.scenarios[place];
        let is_only_needed = !own.does(Part::Discover) && left_out(own, Purpose::Discover).is_none();
        let serves = |launch: &PlannedLaunch| {
            let other = launch.scenario.map(|place| &suite.scenarios[place]);
            launch.purpose == Purpose::Discover
                && launch.left_out.is_none()
                && other.is_some_and(|other| {
                    let is_complete = is_ready_made(own) && is_ready_made(other);
                    is_complete && other.config == own.config && other.environment == own.environment
                })
        };
        self.launches.iter().position(serves).filter(|_| is_only_needed)
    }

    /// Adds what an experiment asks for in a scenario, unless it is there already, and returns its place.
    pub fn ask(&mut self, suite: &Suite, scenario: usize, ask: Ask, experiment: &'static str) -> usize {
        let scenario =
            (ask.command != Command::Spec || !suite.scenarios[scenario].environment.is_empty()).then_some(scenario);
        let is_it = |launch: &PlannedLaunch| {
            launch.scenario == scenario && launch.ask.as_ref().is_some_and(|known| known.is_the_launch_of(&ask))
        };
        if let Some(place) = self.launches.iter().position(is_it) {
            let asked_by = &mut self.launches[place].asked_by;
            if !asked_by.contains(&experiment) {
                asked_by.push(experiment);
            }
            return place;
        }
        let wanted = suite.launch_id(scenario, &ask.id);
        let mut id = wanted.clone();
        let mut number = 1;
        while self.launches.iter().any(|launch| launch.id == id) {
            number += 1;
            id = format!("{wanted}-{number}");
        }
        let purpose = Purpose::Asked(ask.command);
        let (ask, asked_by) = (Some(Arc::new(ask)), vec![experiment]);
        let (needs, chain, left_out) = (Vec::new(), 0, None);
        self.launches.push(PlannedLaunch { id, scenario, purpose, needs, chain, ask, asked_by, left_out });
        self.launches.len() - 1
    }

    fn add(&mut self, suite: &Suite, scenario: Option<usize>, purpose: Purpose, needs: Vec<usize>) -> usize {
        let id = suite.launch_id(scenario, purpose.id());
        let left_out = scenario.and_then(|place| left_out(&suite.scenarios[place], purpose));
        let (chain, ask, asked_by) = (0, None, Vec::new());
        self.launches.push(PlannedLaunch { id, scenario, purpose, needs, chain, ask, asked_by, left_out });
        self.launches.len() - 1
    }
}

/// Why a scenario goes without a launch that is made for every other. What a part that is done needs is made for it.
fn left_out(scenario: &Scenario, purpose: Purpose) -> Option<String> {
    let reads = [Part::Read, Part::FullRefresh, Part::Incremental];
    let parts: &[Part] = match purpose {
        Purpose::Spec | Purpose::Asked(_) => return None,
        Purpose::Check => &[Part::Check],
        Purpose::Discover if scenario.catalog.needs_discover() => {
            &[Part::Discover, Part::Read, Part::FullRefresh, Part::Incremental]
        }
        Purpose::Discover => &[Part::Discover],
        Purpose::Read(SyncMode::FullRefresh) => &reads[..2],
        Purpose::Read(SyncMode::Incremental) => &reads[2..],
    };
    let first = scenario.left_out(parts[0])?;
    parts.iter().all(|part| !scenario.does(*part)).then(|| first.describe())
}

/// Whether all that a scenario's launches are given is known, and nothing has to be done before or after them.
fn is_ready_made(scenario: &Scenario) -> bool {
    scenario.lacks.is_empty() && !scenario.has_surroundings()
}

/// Whether two scenarios would make the same launches and be judged alike.
fn are_alike(one: &Scenario, other: &Scenario) -> bool {
    let catalog = |scenario: &Scenario| match &scenario.catalog {
        CatalogSource::Discover => None,
        CatalogSource::File { catalog, rediscovered, .. } => Some((catalog.raw.clone(), *rediscovered)),
    };
    let is_complete = is_ready_made(one) && is_ready_made(other);
    is_complete
        && one.config == other.config
        && one.environment == other.environment
        && one.limits == other.limits
        && one.rules == other.rules
        && one.leave_out == other.leave_out
        && one.expect == other.expect
        && one.canaries == other.canaries
        && one.state == other.state
        && one.previous == other.previous
        && one.streams.skip == other.streams.skip
        && one.streams.empty == other.streams.empty
        && one.streams.lists_empty == other.streams.lists_empty
        && one.streams.volatile == other.streams.volatile
        && one.expected == other.expected
        && catalog(one) == catalog(other)
}
