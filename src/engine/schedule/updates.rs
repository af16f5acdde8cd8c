//! Configs that the connector updates by a CONTROL message: later launches get them, as on the platform.

use super::Schedule;
use crate::capture::secrets_of_update;
use crate::launch::LaunchError;
use crate::plan::{PlannedLaunch, Purpose};
use crate::protocol::{Command, Expect, SecretValue};
use crate::suite::{ConfigUpdates, updated_config};
use crate::verdict::Doubt;
use serde_json::{Map, Value};
use std::fs::DirBuilder;
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// What updates have made of a scenario's config.
pub(super) struct Updated {
    /// As later launches get it.
    pub config: Value,
    /// All that was ever secret in an update, of tokens too that are used up.
    pub secrets: Vec<SecretValue>,
}

impl Schedule<'_> {
    /// The config of a scenario that is in force.
    pub(super) fn config_in_force(&self, scenario: usize) -> &Value {
        self.updated.get(&scenario).map_or(&self.suite.scenarios[scenario].config, |updated| &updated.config)
    }

    /// What is secret in all updates of a scenario's config.
    pub(super) fn secrets_of_updates(&self, scenario: usize) -> &[SecretValue] {
        self.updated.get(&scenario).map_or(&[], |updated| &updated.secrets)
    }

    /// Whether a launch has to wait for the end of another one that may give it a new config: where the connector has updated its config
    /// before, and, until the scenario's `check` has shown whether it does, where the config holds a refresh token, which may be good for one use.
    pub(super) fn waits_for_config(&self, launch: &PlannedLaunch, begun: &[bool]) -> bool {
        let Some(place) = launch.scenario.filter(|_| self.takes_updates(launch)) else { return false };
        let launches = || {
            let all = self.plan.launches.iter().zip(&self.over).zip(begun);
            all.filter(|((other, _), _)| other.scenario == Some(place) && other.purpose.command() != Command::Spec)
        };
        let runs = || launches().any(|((_, over), begun)| *begun && over.is_none());
        let is_checked = || launches().all(|((other, over), _)| other.purpose != Purpose::Check || over.is_some());
        let may_update = |config| names_a_refresh_token(config) && !is_checked();
        (self.updated.contains_key(&place) || may_update(&self.suite.scenarios[place].config)) && runs()
    }

    /// Configs that the connector has updated, and that the next run begins with as they were: a token in one may be used up.
    pub(super) fn stale_configs(&self) -> Vec<Doubt> {
        let is_kept = |place: usize| {
            self.suite.config_updates == ConfigUpdates::Save && self.suite.scenarios[place].config_file.is_some()
        };
        let stale = self.updated.keys().filter(|place| !is_kept(**place)).map(|place| Doubt {
            kind: "config-update-not-kept".to_owned(),
            message: format!(
                "The connector has updated the config of `{}`, and the new one is not kept: if a token was good for one use, \
                 the next run needs another. `config_updates: save` in an airproof.yml keeps that of a config in a file.",
                self.suite.scenarios[*place].name
            ),
        });
        stale.collect()
    }

    fn takes_updates(&self, launch: &PlannedLaunch) -> bool {
        let is_read = |place: usize| self.suite.scenarios[place].expect == Expect::Succeeded;
        self.suite.config_updates != ConfigUpdates::Ignore
            && launch.purpose.command() != Command::Spec
            && launch.scenario.is_some_and(is_read)
    }

    /// Takes over what a launch says of its config, which it was given in this form. Gives what is secret in that.
    pub(super) fn update_config(
        &mut self,
        launch: &PlannedLaunch,
        given: Option<&Value>,
        new: Option<&Map<String, Value>>,
    ) -> Vec<SecretValue> {
        let (Some(new), Some(place)) = (new, launch.scenario) else { return Vec::new() };
        let new = Value::Object(new.clone());
        let specification = self.spec_of(Some(place)).and_then(|over| over.ran.summary.specification.as_ref());
        let secrets = secrets_of_update(&new, specification);
        let Some(given) = given.filter(|_| self.takes_updates(launch)) else { return secrets };
        let in_force = self.config_in_force(place);
        // A launch may have been given less, or something else: only what it has changed holds for the others.
        let config = with_changes(in_force, given, &new);
        if config == *in_force {
            return secrets;
        }
        let mut known = self.updated.remove(&place).map_or(Vec::new(), |updated| updated.secrets);
        known.extend(secrets.iter().filter(|secret| !known.contains(secret)).cloned().collect::<Vec<_>>());
        let kept = match (&self.suite.scenarios[place].config_file, self.suite.config_updates) {
            (Some(file), ConfigUpdates::Save) => keep(&config, &updated_config(file)),
            _ => Ok(()),
        };
        self.surroundings.errors.extend(kept.err());
        self.updated.insert(place, Updated { config, secrets: known });
        secrets
    }
}

/// Whether a member anywhere in a config is called a refresh token.
fn names_a_refresh_token(config: &Value) -> bool {
    match config {
        Value::Object(members) => members.iter().any(|(name, value)| {
            name.to_lowercase().replace(['_', '-'], "").contains("refreshtoken") || names_a_refresh_token(value)
        }),
        Value::Array(items) => items.iter().any(names_a_refresh_token),
        _ => false,
    }
}

/// Writes a config where it is kept, for its owner alone: whole or not at all.
fn keep(config: &Value, file: &Path) -> Result<(), LaunchError> {
    let write = || -> io::Result<()> {
        let folder = file.parent().unwrap_or(file);
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        new.write_all(&serde_json::to_vec_pretty(config)?)?;
        new.as_file().sync_all()?;
        new.persist(file).map_err(|error| error.error).map(drop)
    };
    write().map_err(|error| {
        let hint = "Make its folder writable, or set `config_updates: run`";
        LaunchError::Environment(format!("The updated config can't be kept in {}: {error}. {hint}.", file.display()))
    })
}

/// A config with what has changed from one to another: members that it has as they were before. What differs in it on purpose stays.
pub(super) fn with_changes(config: &Value, before: &Value, after: &Value) -> Value {
    let (Value::Object(own), Value::Object(was), Value::Object(is)) = (config, before, after) else {
        return if config == before { after.clone() } else { config.clone() };
    };
    let mut changed = own.clone();
    for (name, value) in is {
        match (own.get(name), was.get(name)) {
            (Some(own), Some(was)) => changed.insert(name.clone(), with_changes(own, was, value)),
            (None, None) => changed.insert(name.clone(), value.clone()),
            _ => None,
        };
    }
    for (name, was) in was.iter().filter(|(name, _)| !is.contains_key(*name)) {
        if own.get(name) == Some(was) {
            changed.remove(name);
        }
    }
    changed.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_has_changed_is_carried_over_and_what_differs_on_purpose_stays() {
        let before = json!({"auth": {"token": "a", "id": 1}, "old": true, "limit": 1});
        let after = json!({"auth": {"token": "b", "id": 1}, "limit": 1, "new": 2});
        assert_eq!(with_changes(&before, &before, &after), after);
        let other = json!({"auth": {"token": "a"}, "limit": "many", "old": false});
        let expected = json!({"auth": {"token": "b"}, "limit": "many", "old": false, "new": 2});
        assert_eq!(with_changes(&other, &before, &after), expected);
        let wrong = json!({"auth": {"token": "wrong"}});
        assert_eq!(with_changes(&wrong, &before, &after), json!({"auth": {"token": "wrong"}, "new": 2}));
        assert_eq!(with_changes(&json!({"auth": []}), &before, &before), json!({"auth": []}));
    }

    #[test]
    fn a_kept_config_is_its_owners_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("updated/config.json");
        keep(&json!({"token": "a"}), &file).expect("written");
        keep(&json!({"token": "b"}), &file).expect("written again");
        let mode = |path: &Path| std::fs::metadata(path).expect("is there").permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().expect("a folder"))), (0o600, 0o700));
        assert!(std::fs::read_to_string(&file).expect("text").contains("\"b\""));
        assert!(keep(&json!({}), &file.join("x")).is_err());
    }
}
