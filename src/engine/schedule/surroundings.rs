//! What is done before and after the launches of a scenario. Scenarios with such steps come one after the other: what they
//! set up may be the same database.

use super::Schedule;
use super::carry::Steps;
use crate::capture::Secrets;
use crate::engine::steps::step_request;
use crate::launch::step::StepRequest;
use crate::launch::{LaunchError, Stop};
use crate::plan::PlannedLaunch;
use crate::protocol::{Command, SecretValue, is_distinctive, secret_values};
use crate::suite::Step;
use crate::verdict::LaunchState;
use serde_json::Value;
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// How far the run is with the scenarios that have steps around their launches.
#[derive(Default)]
pub(super) struct Surroundings {
    /// The one whose launches are made now.
    open: Option<Open>,
    /// Those whose launches were made.
    closed: Vec<usize>,
    /// What went wrong: it keeps no other scenario from being launched.
    pub errors: Vec<LaunchError>,
}

struct Open {
    scenario: usize,
    /// Why its launches can't be made.
    failed: Option<String>,
}

impl Schedule<'_> {
    /// The scenario that has to be set up for a launch; one that is not made needs none.
    fn surrounded(&self, launch: &PlannedLaunch) -> Option<usize> {
        let place = launch.scenario.filter(|place| self.suite.scenarios[*place].has_surroundings())?;
        let is_made = launch.purpose.command() != Command::Spec && launch.not_made(&self.suite).is_none();
        is_made.then_some(place)
    }

    /// Whether a launch's scenario is the one whose turn it is, or can be made it.
    pub(super) fn has_its_turn(&self, launch: &PlannedLaunch) -> bool {
        match (self.surrounded(launch), &self.surroundings.open) {
            (Some(place), Some(open)) => open.scenario == place,
            _ => true,
        }
    }

    /// Whether the experiments of a scenario can begin: before its set-up, its files may not be there.
    pub(super) fn is_set_up(&self, scenario: usize) -> bool {
        let is_open = self.surroundings.open.as_ref().is_some_and(|open| open.scenario == scenario);
        is_open || !self.suite.scenarios[scenario].has_surroundings()
    }

    /// Why a launch can't be made, for the steps around it.
    pub(super) fn refused_by_surroundings(&self, launch: &PlannedLaunch) -> Option<LaunchState> {
        let place = self.surrounded(launch)?;
        if self.surroundings.closed.contains(&place) {
            return Some(LaunchState::Skipped { reason: "what was set up for its scenario is gone".to_owned() });
        }
        let open = self.surroundings.open.as_ref().filter(|open| open.scenario == place)?;
        open.failed.clone().map(|reason| LaunchState::Error { reason })
    }

    /// Sets up what a launch needs, if that was not done yet.
    pub(super) async fn open_for(&mut self, launch: usize) {
        let Some(place) = self.surrounded(&self.plan.launches[launch]) else { return };
        let is_known = self.surroundings.open.is_some() || self.surroundings.closed.contains(&place);
        if is_known || !self.errors.is_empty() || self.interruption.exit().is_some() {
            return;
        }
        let failed = self.set_up(place).await.err();
        let reason = failed.as_ref().map(ToString::to_string);
        self.surroundings.errors.extend(failed);
        self.surroundings.open = Some(Open { scenario: place, failed: reason });
    }

    async fn set_up(&mut self, place: usize) -> Result<(), LaunchError> {
        let name = &self.suite.scenarios[place].name;
        let steps = self.named_steps(&format!("setup of {name}"), &self.suite.scenarios[place].setup);
        let secrets = self.all_secrets();
        Steps::carry_out(&steps, self.suite.limits.step, &self.interruption.stop, &secrets).await?;
        let scenario = &mut self.suite.scenarios[place];
        scenario.read_late_files().map_err(|why| {
            let hint = "Its `setup` has to make the files that the scenario names";
            LaunchError::Usage(format!("After the setup of {}, {why}. {hint}.", scenario.name))
        })
    }

    /// Undoes what was set up, once nothing is left to launch for it. Says whether something was.
    pub(super) async fn close(&mut self) -> bool {
        let Some(open) = self.surroundings.open.take() else { return false };
        self.reset(open.scenario).await;
        self.clean_storage().await;
        let scenario = &self.suite.scenarios[open.scenario];
        let steps = self.named_steps(&format!("teardown of {}", scenario.name), &scenario.teardown);
        self.undo(&steps).await;
        self.surroundings.closed.push(open.scenario);
        true
    }

    /// What comes at the end of all, where anything was done before.
    pub(super) async fn close_suite(&mut self) {
        let was_launched = self.over.iter().flatten().any(|over| over.ran.exit.is_ok());
        if was_launched || !self.surroundings.closed.is_empty() {
            let steps = self.named_steps("teardown", &self.suite.teardown);
            self.undo(&steps).await;
        }
        self.surroundings.errors.extend(self.workshop.close().await.err());
    }

    /// Carries out all steps whatever comes of each, and also where the run was interrupted.
    pub(super) async fn undo(&mut self, steps: &[StepRequest]) {
        let secrets = self.all_secrets();
        let stop = Stop { interrupt: CancellationToken::new(), ..self.interruption.stop.clone() };
        for step in steps {
            let done = Steps::carry_out(std::slice::from_ref(step), self.suite.limits.step, &stop, &secrets).await;
            self.surroundings.errors.extend(done.err());
        }
    }

    fn named_steps(&self, name: &str, steps: &[Step]) -> Vec<StepRequest> {
        steps.iter().map(|step| step_request(name, step, &self.suite.connector, &self.workshop)).collect()
    }

    /// What no step may tell of: the secrets of all scenarios, of the environment, and of what containers are given.
    pub(super) fn all_secrets(&self) -> Secrets {
        let mut values: Vec<SecretValue> = Vec::new();
        for (place, scenario) in self.suite.scenarios.iter().enumerate() {
            let specification = self.spec_of(Some(place)).and_then(|over| over.ran.summary.specification.as_ref());
            let schema = specification.and_then(|raw| raw.get("connectionSpecification"));
            let by_name = secret_values(&scenario.config, None).into_iter();
            values.extend(by_name.filter(|secret| is_distinctive(&secret.value)));
            values.extend(secret_values(&scenario.config, schema));
            values.extend_from_slice(self.secrets_of_updates(place));
        }
        let unmarked = |value: &String| SecretValue { value: value.clone(), marked: false };
        values.extend(self.suite.env_values.iter().map(unmarked));
        let around = self.suite.scenarios.iter().flat_map(|it| it.setup.iter().chain(&it.teardown).chain(&it.reset));
        let changes = self.suite.scenarios.iter().flat_map(|it| it.changes.iter().map(|change| &change.step));
        for step in around.chain(changes).chain(&self.suite.teardown) {
            if let Step::Container { secrets: Some(path), .. } = step {
                values.extend(texts_of(path).iter().filter(|text| is_distinctive(text)).map(unmarked));
            }
        }
        Secrets::new(&values)
    }
}

/// Every text in a JSON file.
fn texts_of(path: &Path) -> Vec<String> {
    let content = std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let (mut texts, mut left) = (Vec::new(), Vec::from_iter(content));
    while let Some(value) = left.pop() {
        match value {
            Value::String(text) => texts.push(text),
            Value::Array(items) => left.extend(items),
            Value::Object(members) => left.extend(members.into_iter().map(|(_, value)| value)),
            _ => {}
        }
    }
    texts
}
