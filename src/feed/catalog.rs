//! The configured catalog of a write.

use super::Relocation;
use crate::protocol::{ConfiguredStream, Descriptor, DestinationSyncMode};
use serde_json::{Value, json};

/// A stream as a write is configured for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Its name and namespace.
    pub stream: Descriptor,
    /// The JSON schema of its records.
    pub schema: Value,
    /// What becomes of what is there already.
    pub mode: DestinationSyncMode,
    /// The paths of the key's parts; empty where it has none.
    pub key: Vec<Vec<String>>,
    /// The path of the cursor; empty where there is none.
    pub cursor: Vec<String>,
    /// The ids that a platform gives; None as older ones leave them out.
    pub generation: Option<Generation>,
}

/// The ids that a platform gives to a stream of a sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation {
    /// The generation that is written.
    pub id: i64,
    /// The oldest that is to be there afterwards.
    pub minimum: i64,
    /// The sync.
    pub sync: i64,
}

impl Generation {
    /// Puts the ids into an entry of a configured catalog.
    fn put_into(self, entry: &mut Value) {
        entry["generation_id"] = json!(self.id);
        entry["minimum_generation_id"] = json!(self.minimum);
        entry["sync_id"] = json!(self.sync);
    }
}

/// An entry of a configured catalog as the platform gives it to a destination: how the stream is written, by what key and cursor, and
/// the ids. All else stays as it is.
pub fn written(entry: &Value, stream: &ConfiguredStream, mode: DestinationSyncMode, generation: Generation) -> Value {
    let mut entry = entry.clone();
    entry["sync_mode"] = json!(stream.sync_mode.as_str());
    entry["destination_sync_mode"] = json!(mode.as_str());
    entry["cursor_field"] = json!(stream.cursor_field);
    entry["primary_key"] = json!(stream.primary_key);
    generation.put_into(&mut entry);
    entry
}

/// The same entry about the stream that stands for its own in a destination.
pub fn relocated(mut entry: Value, own: &Descriptor, relocation: &Relocation) -> Value {
    if let Some(there) = relocation.there(own) {
        entry["stream"]["name"] = json!(there.name);
        entry["stream"]["namespace"] = json!(there.namespace);
    }
    entry
}

impl Target {
    /// Rows are added to a stream, as the first sync of a platform does.
    pub fn append(stream: Descriptor, schema: Value) -> Target {
        let generation = Some(Generation { id: 1, minimum: 0, sync: 1 });
        let (key, cursor) = (Vec::new(), Vec::new());
        Target { stream, schema, mode: DestinationSyncMode::Append, key, cursor, generation }
    }

    /// What is there is replaced by this generation.
    pub fn refreshed(self, generation: i64, sync: i64) -> Target {
        Target { generation: Some(Generation { id: generation, minimum: generation, sync }), ..self }
    }

    /// Of this generation and sync, beside what is there.
    pub fn of(self, generation: i64, sync: i64) -> Target {
        Target { generation: Some(Generation { id: generation, minimum: 0, sync }), ..self }
    }

    /// In that mode.
    pub fn mode(self, mode: DestinationSyncMode) -> Target {
        Target { mode, ..self }
    }

    /// One row for each key, the one of the greatest cursor.
    pub fn deduplicated(self, key: &[&[&str]], cursor: &[&str]) -> Target {
        let path = |path: &[&str]| path.iter().map(|part| (*part).to_owned()).collect::<Vec<String>>();
        let key = key.iter().map(|part| path(part)).collect();
        Target { mode: DestinationSyncMode::AppendDedup, key, cursor: path(cursor), ..self }
    }

    /// As a platform that knows no generations gives it.
    pub fn without_generation(self) -> Target {
        Target { generation: None, ..self }
    }

    fn entry(&self) -> Value {
        let is_whole = self.generation.is_some_and(|generation| generation.minimum == generation.id)
            || self.mode == DestinationSyncMode::Overwrite;
        let mut stream = json!({
            "name": self.stream.name,
            "json_schema": self.schema,
            "supported_sync_modes": ["full_refresh", "incremental"],
        });
        if let Some(namespace) = &self.stream.namespace {
            stream["namespace"] = json!(namespace);
        }
        if !self.key.is_empty() {
            stream["source_defined_primary_key"] = json!(self.key);
        }
        let mut entry = json!({
            "stream": stream,
            "sync_mode": if is_whole { "full_refresh" } else { "incremental" },
            "destination_sync_mode": self.mode.as_str(),
            "cursor_field": self.cursor,
            "primary_key": self.key,
        });
        if let Some(generation) = self.generation {
            generation.put_into(&mut entry);
        }
        entry
    }
}

/// The content of a `--catalog` file.
pub fn configured_catalog(targets: &[Target]) -> Value {
    json!({"streams": targets.iter().map(Target::entry).collect::<Vec<_>>()})
}
