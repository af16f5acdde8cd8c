//! From a planned launch to everything that it takes to carry it out.

use super::carry::Steps;
use super::feeding::Feeding;
use super::updates::with_changes;
use super::{Over, Ready, Schedule, secrets};
use crate::capture::{Inputs, Manifest};
use crate::engine::one::{Eyes, Strike};
use crate::engine::steps::step_request;
use crate::engine::wire::Tap;
use crate::experiments::trail::Trail;
use crate::launch::step::StepRequest;
use crate::launch::{InputFile, LaunchRequest, Limits, Stdin};
use crate::plan::{Ask, ConfigFile, PlannedLaunch, Purpose, ReadCatalog, Scrutiny};
use crate::protocol::{Catalog, Command, ConfiguredCatalog, Specification, SyncMode};
use crate::rules::{Judge, Scene};
use crate::suite::{Counterpart, Scenario, Step};
use crate::verdict::{LaunchState, NO_INCREMENTAL_STREAM};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

impl Schedule<'_> {
    /// Prepares a launch from what its needs left behind; else says why it does not happen.
    pub(super) fn ready(&mut self, place: usize) -> Result<Ready, Box<LaunchState>> {
        let skip = |reason: &str| Box::new(LaunchState::Skipped { reason: reason.to_owned() });
        if !self.errors.is_empty() {
            return Err(LaunchState::Error { reason: "not launched after an earlier error".to_owned() }.into());
        }
        if self.interruption.exit().is_some() {
            return Err(skip("the run was interrupted"));
        }
        let planned = &self.plan.launches[place];
        if let Some(reason) = &planned.left_out {
            return Err(LaunchState::LeftOut { reason: reason.clone() }.into());
        }
        let scenario = planned.scenario.map(|place| &self.suite.scenarios[place]);
        if let Some(refused) = self.refused_by_surroundings(planned) {
            return Err(refused.into());
        }
        let lacks = scenario.map_or(&[][..], |scenario| &scenario.lacks);
        if let Some(lack) = lacks.first().filter(|_| planned.purpose.command() != Command::Spec) {
            return Err(LaunchState::Error { reason: lack.message.clone() }.into());
        }
        let command = planned.purpose.command();
        let refused = planned.ask.as_ref().and_then(|ask| self.run.launcher.refuses(&ask.handling));
        if let Some(reason) = refused {
            return Err(skip(&reason));
        }
        let mut inputs = self.inputs(planned).map_err(|reason| skip(&reason))?;
        let script = planned.ask.as_ref().and_then(|ask| ask.stdin.as_ref());
        let feeding = match script.map(Feeding::of).transpose() {
            Ok(feeding) => feeding,
            Err(error) => {
                let reason = error.to_string();
                self.unfed.push(error);
                return Err(LaunchState::Error { reason }.into());
            }
        };
        inputs.sent = feeding.as_ref().map(|feeding| feeding.sent.clone());
        let is_judged = planned.ask.as_ref().is_none_or(|ask| ask.scrutiny != Scrutiny::Nothing);
        let began = Some(Timestamp::now().as_millisecond());
        let scene = match Scene::new(&planned.id, command, &inputs, began) {
            // It is given what can't be read on purpose, and no rule judges what comes of it.
            Err(_) if !is_judged => {
                Scene::new(&planned.id, command, &Inputs { catalog: None, ..inputs.clone() }, began)
            }
            scene => scene,
        };
        let mut scene = scene.map_err(|reason| skip(&reason))?.of(&self.subject);
        scene.is_experiment = planned.ask.is_some();
        let secrets = self.secrets(planned, &inputs);
        let catalog = scene.catalog.clone();
        let streams = scene.descriptors();
        let eyes = Eyes {
            judge: Judge::new(scene, secrets.clone(), |rule| {
                is_judged && self.judges(rule.statement(), planned.scenario)
            }),
            secrets,
            strike: planned.ask.as_ref().and_then(|ask| ask.mark).map(Strike::at),
            trail: self.trail_of(planned, catalog.as_ref()),
            portrait: self.portrait_of(planned, catalog.as_ref()),
            tap: Some(Tap::new(&streams, catalog.as_ref())),
            companion: None,
            streams,
        };
        let manifest = Manifest {
            version: 1,
            id: planned.id.clone(),
            command,
            subject: self.subject.clone(),
            started_at: Timestamp::now().as_millisecond(),
            exit: None,
            stderr_dropped: 0,
            is_ordinary: self.is_ordinary(planned),
            inputs: inputs.clone(),
        };
        let steps = self.steps_of(planned);
        let stand_in = self.stand_in(planned, &inputs);
        let stdin = feeding.as_ref().map_or(Stdin::Closed, |feeding| Stdin::Script(feeding.script.clone()));
        let (request, reads_back) = (self.request(planned, &inputs, stdin), self.reads_back(planned));
        Ok(Ready { place, request, eyes, manifest, catalog, steps, reads_back, stand_in, feeding })
    }

    /// Whether it is launched as the platform does it, on data that nobody has changed for an experiment.
    fn is_ordinary(&self, planned: &PlannedLaunch) -> bool {
        let is_changed = self.plan.launches.iter().zip(&self.over).any(|(launch, over)| {
            let ask = launch.ask.as_ref();
            let changes = ask.is_some_and(|ask| !ask.before.is_empty() || !ask.meanwhile.is_empty());
            changes && over.is_some() && launch.scenario == planned.scenario
        });
        planned.ask.as_ref().is_none_or(|ask| ask.is_ordinary()) && !is_changed
    }

    fn trail_of(&self, planned: &PlannedLaunch, catalog: Option<&ConfiguredCatalog>) -> Option<Trail> {
        let is_read = self.has_experiments() && planned.purpose.command() == Command::Read;
        let trail = Trail::of(catalog.filter(|_| is_read)?);
        let mut trail = trail.looking_for(planned.ask.as_ref().map_or(&[], |ask| &ask.looks_for));
        let leaves_out = planned.ask.as_ref().map_or(&[][..], |ask| &ask.leaves_out);
        trail = trail.leaving_out(leaves_out);
        let instead = planned.ask.as_ref().and_then(|ask| ask.instead.as_ref());
        if instead.is_some_and(|instead| matches!(instead.counterpart, Counterpart::Stored(_))) {
            trail = trail.noting_redacted();
        }
        let Some(scenario) = planned.scenario.map(|place| &self.run.suite.scenarios[place]) else { return Some(trail) };
        trail = trail.without_volatile(&scenario.streams);
        // The one read of every stream as a whole is what is held against what the author expects.
        if planned.purpose == Purpose::Read(SyncMode::FullRefresh) {
            let expected = scenario.expected.records.as_ref().filter(|expected| expected.path.is_some());
            trail = expected.into_iter().fold(trail, Trail::awaiting);
            if self.looks_at_file_kinds() {
                trail = trail.noting_file_kinds();
            }
        }
        Some(trail)
    }

    fn steps_of(&self, planned: &PlannedLaunch) -> Steps {
        let connector = &self.suite.connector;
        let requests = |steps: &[(String, Step)]| -> Vec<StepRequest> {
            steps.iter().map(|(name, step)| step_request(name, step, connector, &self.workshop)).collect()
        };
        let ask = planned.ask.as_deref();
        Steps {
            before: ask.map(|ask| requests(&ask.before)).unwrap_or_default(),
            meanwhile: ask.map(|ask| requests(&ask.meanwhile)).unwrap_or_default(),
            afterwards: ask.map(|ask| requests(&ask.afterwards)).unwrap_or_default(),
            limit: self.suite.limits.step,
        }
    }

    fn request(&self, planned: &PlannedLaunch, inputs: &Inputs, stdin: Stdin) -> LaunchRequest {
        let command = planned.purpose.command();
        let ask = planned.ask.as_deref();
        let written = |content: &Option<Value>| Some(serde_json::to_vec(content.as_ref()?).unwrap_or_default());
        let config = match ask.and_then(|ask| ask.config.as_ref()) {
            Some(ConfigFile::Bytes(bytes)) => Some(bytes.to_vec()),
            _ => written(&inputs.config),
        };
        let state = match ask.and_then(|ask| ask.state_text.as_deref()) {
            Some(text) => Some(text.as_bytes().to_vec()),
            None => written(&inputs.state),
        };
        let files = [("config", config), ("catalog", written(&inputs.catalog)), ("state", state)];
        let files = files.into_iter().filter_map(|(option, content)| Some(InputFile { option, content: content? }));
        let scenario = planned.scenario.map(|place| &self.suite.scenarios[place]);
        let limits = self.suite.limits_of(scenario);
        let total = limits.total(command);
        LaunchRequest {
            id: planned.id.clone(),
            command,
            inputs: files.collect(),
            stdin,
            limits: Limits {
                total: ask.and_then(|ask| ask.limit).map_or(total, |limit| limit.min(total)),
                silence: limits.silence,
                grace: limits.grace,
                memory: Some(self.suite.connector.memory),
            },
            network: command != Command::Spec,
            environment: scenario.map(environment_of).unwrap_or_default(),
            handling: ask.map(|ask| ask.handling.clone()).unwrap_or_default(),
        }
    }

    /// What the launch is given. Errs with what is missing.
    fn inputs(&self, planned: &PlannedLaunch) -> Result<Inputs, String> {
        let specification = self.spec_of(planned.scenario).and_then(|spec| spec.ran.summary.specification.clone());
        let scenario = planned.scenario.map(|place| &self.suite.scenarios[place]);
        let Some(scenario) = scenario.filter(|_| planned.purpose != Purpose::Spec) else {
            return Ok(Inputs { metadata: self.suite.metadata.clone(), ..Inputs::default() });
        };
        let mut inputs = Inputs {
            config: Some(self.own_config(planned, specification.as_ref())),
            specification: specification.clone(),
            expect: scenario.expect,
            ..Inputs::default()
        };
        if let Some(ask) = &planned.ask {
            give(&mut inputs, ask);
            self.give_updates(&mut inputs, planned);
            return Ok(inputs);
        }
        let need = planned.needs.first().and_then(|need| self.over[*need].as_ref());
        let is_destination = specification.is_some_and(|raw| Specification { raw }.is_destination());
        match planned.purpose {
            Purpose::Spec | Purpose::Check | Purpose::Asked(_) => {}
            _ if is_destination => return Err("a destination has no such command".to_owned()),
            Purpose::Discover => inputs.metadata = self.suite.metadata.clone(),
            Purpose::Read(mode) => self.give_read(&mut inputs, scenario, need, mode)?,
        }
        Ok(inputs)
    }

    /// The config of the launch's scenario.
    fn own_config(&self, planned: &PlannedLaunch, specification: Option<&Value>) -> Value {
        let own = planned.scenario.map(|place| (&self.suite.scenarios[place], self.config_in_force(place)));
        own.map_or(Value::Null, |(it, config)| secrets::with_canaries_of(it, config, specification, &self.run.id))
    }

    /// A config that an experiment made of the suite's gets what the connector has changed in that.
    fn give_updates(&self, inputs: &mut Inputs, planned: &PlannedLaunch) {
        let made = planned.ask.as_ref().is_some_and(|ask| matches!(ask.config, Some(ConfigFile::Json(_))));
        if let (Some(place), Some(config)) = (planned.scenario.filter(|_| made), &mut inputs.config) {
            let scenario = &self.suite.scenarios[place];
            *config = with_changes(config, &scenario.config, self.config_in_force(place));
        }
    }

    fn give_read(
        &self,
        inputs: &mut Inputs,
        scenario: &Scenario,
        discover: Option<&Over>,
        mode: SyncMode,
    ) -> Result<(), String> {
        let discovered = discover.and_then(|discover| discover.ran.summary.catalog.as_ref());
        if discovered.is_none() && scenario.catalog.needs_discover() {
            return Err("blocked by discover, which delivered no catalog".to_owned());
        }
        let made = ReadCatalog::make(scenario, discovered, mode, &self.run.selection.streams);
        if made.catalog.streams.is_empty() {
            return Err(nothing_to_read(&made, discovered, mode));
        }
        inputs.catalog = Some(made.catalog.raw);
        inputs.state = scenario.state.clone().filter(|_| mode == SyncMode::Incremental);
        Ok(())
    }
}

fn environment_of(scenario: &Scenario) -> BTreeMap<String, String> {
    scenario.environment.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Gives a launch what an experiment wants it to have.
fn give(inputs: &mut Inputs, ask: &Ask) {
    inputs.expect = ask.expect;
    inputs.catalog = ask.catalog.as_deref().cloned();
    inputs.state = ask.state.as_deref().cloned();
    match &ask.config {
        Some(ConfigFile::Own) => {}
        Some(ConfigFile::Json(config)) => inputs.config = Some(config.as_ref().clone()),
        // What is no JSON goes into the file alone; there is nothing to judge by.
        Some(ConfigFile::Bytes(_)) | None => inputs.config = None,
    }
}

/// Why a read has no stream: because the connector has none of the mode, or because of what is left out.
fn nothing_to_read(made: &ReadCatalog, discovered: Option<&Catalog>, mode: SyncMode) -> String {
    let declares_others = |catalog: &&Catalog| {
        !catalog.streams.is_empty() && !catalog.streams.iter().any(|stream| stream.supports(SyncMode::Incremental))
    };
    if mode == SyncMode::Incremental && discovered.filter(declares_others).is_some() {
        return NO_INCREMENTAL_STREAM.to_owned();
    }
    let chosen = made.excluded.iter().find(|out| out.reason.contains("--stream"));
    match chosen {
        Some(_) => "no stream that is read in this mode matches --stream".to_owned(),
        None => format!("no stream to read in mode {}", mode.as_str()),
    }
}
