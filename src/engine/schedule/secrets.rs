//! What is secret in a launch; and canaries, which stand in for secrets where a config need not work.

use super::Schedule;
use crate::capture::{Inputs, Secrets};
use crate::plan::{PlannedLaunch, Purpose};
use crate::protocol::{SecretValue, Specification, is_distinctive, secret_values, with_canaries};
use crate::suite::Scenario;
use serde_json::Value;
use std::hash::{DefaultHasher, Hash, Hasher};

impl Schedule<'_> {
    /// The secrets of a launch: those of its config (for `spec`, those of every config, by their names), and whatever the environment filled in.
    pub(super) fn secrets(&self, planned: &PlannedLaunch, inputs: &Inputs) -> Secrets {
        let mut values = inputs.secret_values();
        if planned.purpose == Purpose::Spec {
            // Nothing of a config is given to it; but what it says, and its image, may still hold one's secrets.
            let all = self.suite.scenarios.iter().flat_map(|scenario| secret_values(&scenario.config, None));
            values.extend(all.filter(|secret| is_distinctive(&secret.value)));
        }
        // A config that an experiment made holds parts of the scenario's own, and what it leaves out is no less secret.
        let given = |place: &usize| planned.ask.is_some() || self.updated.contains_key(place);
        let own = planned.scenario.filter(given).map(|place| &self.suite.scenarios[place].config);
        let schema = inputs.specification.as_ref().and_then(|raw| raw.get("connectionSpecification"));
        values.extend(own.into_iter().flat_map(|config| secret_values(config, schema)));
        values.extend(planned.scenario.into_iter().flat_map(|place| self.secrets_of_updates(place)).cloned());
        let filled_in = self.suite.env_values.iter();
        values.extend(filled_in.map(|value| SecretValue { value: value.clone(), marked: false }));
        Secrets::new(&values)
    }
}

/// The config that a launch is given: with canaries, texts that stand nowhere else in the world, where the suite wants
/// them. Without a specification nothing says which values are secret.
pub(super) fn with_canaries_of(scenario: &Scenario, config: &Value, specification: Option<&Value>, run: &str) -> Value {
    let Some(raw) = specification.filter(|_| scenario.canaries).cloned() else { return config.clone() };
    let specification = Specification { raw };
    let canary = |place: &str| {
        let mut hasher = DefaultHasher::new();
        (run, &scenario.name, place).hash(&mut hasher);
        format!("canary-{:016x}", hasher.finish())
    };
    with_canaries(config, specification.connection_specification(), &canary)
}
