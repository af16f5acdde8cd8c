//! A launch that is asked for, and which of the stored ones is the same.

use super::StoredLaunch;
use crate::capture::{Inputs, REDACTED};
use crate::protocol::{Command, ConfiguredCatalog, ConfiguredStream, SyncMode};
use serde_json::Value;
use std::collections::BTreeSet;

/// A launch that is asked for.
pub(in crate::engine) struct Sought {
    /// The command.
    pub command: Command,
    /// The name of its scenario.
    pub scenario: Option<String>,
    /// The connector's name in its suite, for runs of several.
    pub connector: String,
    /// What it is given.
    pub inputs: Inputs,
    /// How many of the kind are asked for before it.
    pub round: u32,
}

impl Sought {
    /// The one of these that stands in for it, and whether that read more streams. Errs with what they lack: the end of a sentence that
    /// begins with "the stored run".
    pub(super) fn among<'s>(
        &self,
        launches: &'s [StoredLaunch],
        has_several: bool,
    ) -> Result<(&'s StoredLaunch, bool), String> {
        let command = self.command.as_str();
        let mut left: Vec<&StoredLaunch> =
            launches.iter().filter(|launch| launch.facts.command == self.command).collect();
        lacks(&left, || format!("holds no {command}"))?;
        if has_several {
            left.retain(|launch| launch.facts.connector == self.connector);
            lacks(&left, || format!("holds no {command} of a connector `{}`", self.connector))?;
        }
        left.retain(|launch| launch.facts.scenario.is_none() || launch.facts.scenario == self.scenario);
        let scenario = self.scenario.as_deref().unwrap_or_default();
        lacks(&left, || format!("holds no {command} in a scenario `{scenario}`"))?;
        left.retain(|launch| may_be_same(launch.manifest.inputs.config.as_ref(), self.inputs.config.as_ref()));
        lacks(&left, || format!("holds no {command} with this config: it was made with another one"))?;
        let asked = self.inputs.catalog.as_ref().and_then(|raw| ConfiguredCatalog::from_value(raw).ok());
        let mut fitting: Vec<(&StoredLaunch, bool)> = match &asked {
            None => left.into_iter().map(|launch| (launch, false)).collect(),
            Some(asked) => left.into_iter().filter_map(|launch| Some((launch, more_than(launch, asked)?))).collect(),
        };
        if fitting.is_empty() {
            return Err("holds no read of these streams in these modes, by these cursors".to_owned());
        }
        let streams = || asked.iter().flat_map(|asked| &asked.streams).collect::<Vec<_>>();
        let state = self.inputs.state.as_ref();
        fitting.retain(|(launch, _)| is_same_state(launch.manifest.inputs.state.as_ref(), state, &streams()));
        if fitting.is_empty() {
            let whose = if state.is_some() { "from this state" } else { "without a state" };
            return Err(format!("holds no {command} of these streams {whose}"));
        }
        fitting.sort_by_key(|(_, reads_more)| *reads_more);
        fitting.get(self.round as usize).copied().ok_or_else(|| {
            format!("holds one such {command} only ({}), so what differs by itself is not known", fitting[0].0.facts.id)
        })
    }
}

fn lacks(left: &[&StoredLaunch], lack: impl FnOnce() -> String) -> Result<(), String> {
    if left.is_empty() { Err(lack()) } else { Ok(()) }
}

/// Whether a stored read reads more than what is asked for. None where it does not read all of that in the same way, or where the rest
/// cannot be cut away: something else that it read may have made it fail.
fn more_than(launch: &StoredLaunch, asked: &ConfiguredCatalog) -> Option<bool> {
    let own = launch.catalog.as_ref()?;
    let is_read_so = |entry: &ConfiguredStream| {
        own.find(&entry.stream.descriptor).is_some_and(|stored| {
            stored.sync_mode == entry.sync_mode
                && (entry.sync_mode == SyncMode::FullRefresh || stored.cursor_field == entry.cursor_field)
                && columns(stored) == columns(entry)
        })
    };
    let reads_more = own.streams.len() > asked.streams.len();
    let is_read = asked.streams.iter().all(is_read_so) && (!reads_more || launch.exit.succeeded());
    is_read.then_some(reads_more)
}

/// The columns that a connection selects.
fn columns(entry: &ConfiguredStream) -> BTreeSet<&String> {
    let properties = entry.stream.json_schema().get("properties").and_then(Value::as_object);
    properties.into_iter().flat_map(|properties| properties.keys()).collect()
}

/// Whether a stored input may have been this one: what was cut out of it may have been anything.
fn may_be_same(stored: Option<&Value>, now: Option<&Value>) -> bool {
    match (stored, now) {
        (Some(Value::String(text)), Some(_)) if text.contains(REDACTED) => true,
        (Some(Value::Object(stored)), Some(Value::Object(now))) => {
            stored.len() == now.len() && stored.iter().all(|(name, value)| may_be_same(Some(value), now.get(name)))
        }
        (Some(Value::Array(stored)), Some(Value::Array(now))) => {
            stored.len() == now.len()
                && stored.iter().zip(now).all(|(stored, now)| may_be_same(Some(stored), Some(now)))
        }
        (stored, now) => stored == now,
    }
}

/// Whether two states say the same of these streams.
fn is_same_state(stored: Option<&Value>, now: Option<&Value>, streams: &[&ConfiguredStream]) -> bool {
    let (Some(Value::Array(stored)), Some(Value::Array(now))) = (stored, now) else { return stored == now };
    // The state of a stream that is not read makes no difference; a global one is of all of them.
    let is_of_another = |state: &Value| {
        let descriptor = state.pointer("/stream/stream_descriptor");
        let is_of = |entry: &ConfiguredStream| {
            let text = |key: &str| descriptor.and_then(|it| it.get(key)).and_then(Value::as_str);
            text("name") == Some(&entry.stream.descriptor.name)
                && text("namespace") == entry.stream.descriptor.namespace.as_deref()
        };
        descriptor.is_some() && !streams.iter().any(|entry| is_of(entry))
    };
    let stored: Vec<&Value> = stored.iter().filter(|state| !is_of_another(state)).collect();
    let now: Vec<&Value> = now.iter().filter(|state| !is_of_another(state)).collect();
    stored.len() == now.len() && stored.iter().all(|state| now.contains(state))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_cut_out_of_a_config_may_have_been_anything() {
        let stored = json!({"api_key": "***", "url": "https://***@host", "start": "2024-01-01"});
        let now = |start: &str| json!({"api_key": {"a": 1}, "url": "https://a:b@host", "start": start});
        assert!(may_be_same(Some(&stored), Some(&now("2024-01-01"))));
        assert!(!may_be_same(Some(&stored), Some(&now("2024-01-02"))));
        assert!(!may_be_same(Some(&stored), Some(&json!({"api_key": "a"}))));
        assert!(may_be_same(None, None) && !may_be_same(None, Some(&stored)));
    }

    #[test]
    fn a_state_is_the_same_if_it_says_the_same_of_the_streams_that_are_read() {
        let of = |name: &str, cursor: u64| json!({"type": "STREAM", "stream": {"stream_descriptor": {"name": name}, "stream_state": {"at": cursor}}});
        let catalog = json!({"streams": [{"stream": {"name": "a"}}]});
        let catalog = ConfiguredCatalog::from_value(&catalog).expect("a catalog");
        let streams: Vec<&ConfiguredStream> = catalog.streams.iter().collect();
        let same = |one: Value, other: Value| is_same_state(Some(&one), Some(&other), &streams);
        assert!(same(json!([of("b", 1), of("a", 2)]), json!([of("a", 2)])));
        assert!(!same(json!([of("a", 1)]), json!([of("a", 2)])));
        assert!(!same(json!([{"type": "GLOBAL", "global": {}}]), json!([of("a", 2)])));
        assert!(is_same_state(None, None, &streams) && !is_same_state(Some(&json!([])), None, &streams));
    }
}
