//! How each stream is read and written, and the two configured catalogs that follow from it.

use crate::feed::{Generation, Relocation, relocated, written};
use crate::plan::ReadCatalog;
use crate::protocol::{Catalog, ConfiguredStream, Descriptor, DestinationSyncMode, SyncMode};
use crate::suite::Scenario;
use crate::text;
use globset::GlobMatcher;
use serde_json::{Value, json};

/// The streams that are piped.
#[derive(Debug, Clone, Default)]
pub(super) struct Pairing {
    /// In the catalog's order.
    pub entries: Vec<Entry>,
    /// Those that are not, each with the reason in a sentence.
    pub left_out: Vec<String>,
}

/// A stream that is piped.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// How it is read.
    pub stream: ConfiguredStream,
    /// How it is written.
    pub writing: DestinationSyncMode,
    raw: Value,
}

/// The two catalogs of a sync.
pub(super) struct Catalogs {
    pub source: Value,
    pub destination: Value,
}

/// Configures each stream: read incrementally where it can be and the destination offers a way to write that, else as a whole.
pub(super) fn pair(scenario: &Scenario, discovered: &Catalog, offered: &[String], only: &[GlobMatcher]) -> Pairing {
    let [incremental, whole] = [SyncMode::Incremental, SyncMode::FullRefresh]
        .map(|mode| ReadCatalog::make(scenario, Some(discovered), mode, only));
    let mut pairing = Pairing::default();
    let order = whole.catalog.streams.iter().chain(&incremental.catalog.streams).map(|it| &it.stream.descriptor);
    let mut order: Vec<&Descriptor> = order.collect();
    let mut seen = std::collections::HashSet::new();
    order.retain(|stream| seen.insert(*stream));
    for stream in order {
        let found = [&incremental, &whole].into_iter().find_map(|made| entry(made, stream, offered));
        match found {
            Some(entry) => pairing.entries.push(entry),
            None => pairing.left_out.push(format!(
                "{} is not piped: the destination offers no mode for it.",
                text::visible(&stream.to_string())
            )),
        }
    }
    // What is configured in neither mode is told by its reason for the whole.
    let untold = whole.excluded.iter().filter(|out| !seen.contains(&out.stream));
    pairing.left_out.extend(untold.map(|out| {
        format!("{} is not piped: {}.", text::visible(&out.stream.to_string()), text::visible(&out.reason))
    }));
    pairing
}

fn entry(made: &ReadCatalog, stream: &Descriptor, offered: &[String]) -> Option<Entry> {
    let place = made.catalog.streams.iter().position(|entry| entry.stream.descriptor == *stream)?;
    let entry = made.catalog.streams[place].clone();
    let offers = |mode: DestinationSyncMode| offered.iter().any(|word| word == mode.as_str());
    let has_key = !entry.primary_key.is_empty() && !entry.cursor_field.is_empty();
    let wanted: &[DestinationSyncMode] = match entry.sync_mode {
        SyncMode::Incremental if has_key => &[DestinationSyncMode::AppendDedup, DestinationSyncMode::Append],
        SyncMode::Incremental => &[DestinationSyncMode::Append],
        SyncMode::FullRefresh => &[DestinationSyncMode::Overwrite, DestinationSyncMode::Append],
    };
    let writing = wanted.iter().copied().find(|mode| offers(*mode))?;
    Some(Entry { raw: made.catalog.raw["streams"][place].clone(), stream: entry, writing })
}

impl Pairing {
    /// The streams, as the source names them.
    pub fn descriptors(&self) -> Vec<Descriptor> {
        self.entries.iter().map(|entry| entry.stream.stream.descriptor.clone()).collect()
    }

    /// The catalogs of the sync of that number, counted from 1.
    pub fn catalogs(&self, sync: i64, relocation: &Relocation) -> Catalogs {
        let entries: Vec<Value> = self.entries.iter().map(|entry| entry.of_sync(sync)).collect();
        let both = entries.iter().cloned().zip(self.descriptors());
        let moved: Vec<Value> = both.map(|(entry, own)| relocated(entry, &own, relocation)).collect();
        Catalogs { source: json!({ "streams": entries }), destination: json!({ "streams": moved }) }
    }
}

impl Entry {
    /// With the ids that the platform gives: a stream that is read as a whole begins a generation with each sync, and one that
    /// is replaced needs no earlier one.
    fn of_sync(&self, sync: i64) -> Value {
        let generation = if self.stream.sync_mode == SyncMode::FullRefresh { sync } else { 1 };
        let minimum = if self.writing == DestinationSyncMode::Overwrite { generation } else { 0 };
        written(&self.raw, &self.stream, self.writing, Generation { id: generation, minimum, sync })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paired(offered: &[&str]) -> Pairing {
        let discovered = json!({"streams": [
            {"name": "keyed", "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"],
             "default_cursor_field": ["at"], "source_defined_primary_key": [["id"]]},
            {"name": "events", "json_schema": {}, "supported_sync_modes": ["incremental"], "source_defined_cursor": true},
            {"name": "rates", "namespace": "shop", "json_schema": {}, "supported_sync_modes": ["full_refresh"]},
        ]});
        let catalog = Catalog::from_value(&discovered).expect("a catalog");
        let offered: Vec<String> = offered.iter().map(|mode| (*mode).to_owned()).collect();
        pair(&Scenario::default(), &catalog, &offered, &[])
    }

    fn told(pairing: &Pairing) -> Vec<String> {
        let mut told: Vec<String> = pairing
            .entries
            .iter()
            .map(|it| {
                format!("{} {} {}", it.stream.stream.descriptor, it.stream.sync_mode.as_str(), it.writing.as_str())
            })
            .collect();
        told.sort();
        told
    }

    #[test]
    fn each_stream_gets_the_best_that_both_can() {
        let all = paired(&["append", "overwrite", "append_dedup"]);
        assert_eq!(
            told(&all),
            ["events incremental append", "keyed incremental append_dedup", "shop.rates full_refresh overwrite"]
        );
        let fewer = paired(&["overwrite"]);
        assert_eq!(told(&fewer), ["keyed full_refresh overwrite", "shop.rates full_refresh overwrite"]);
        assert!(fewer.left_out[0].starts_with("events is not piped"), "{:?}", fewer.left_out);
    }

    #[test]
    fn ids_go_on_as_the_platform_gives_them() {
        let pairing = paired(&["append", "overwrite", "append_dedup"]);
        let relocation = Relocation::under("run", false, &pairing.descriptors());
        let second = pairing.catalogs(2, &relocation);
        let ids = |name: &str| {
            let entries = second.destination["streams"].as_array().expect("a list");
            let entry = entries.iter().find(|entry| entry["stream"]["name"] == name).expect("the stream");
            ["generation_id", "minimum_generation_id", "sync_id"].map(|id| entry[id].as_i64())
        };
        assert_eq!(ids("keyed"), [Some(1), Some(0), Some(2)]);
        assert_eq!(ids("rates"), [Some(2), Some(2), Some(2)]);
        let namespaces_of = |catalog: &Value| -> Vec<Value> {
            catalog["streams"].as_array().into_iter().flatten().map(|it| it["stream"]["namespace"].clone()).collect()
        };
        assert!(namespaces_of(&second.source).contains(&json!("shop")));
        assert!(
            namespaces_of(&second.destination).iter().all(|it| it.as_str().is_some_and(|it| it.starts_with("run")))
        );
    }
}
