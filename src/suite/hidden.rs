//! Which values of a suite file are not shown beside a mistake: those that may be secrets.
//!
//! A suite holds configs, and a terminal or a CI log is no place for them. Values of configs and of the environment are
//! hidden, as is what steps run and send, and so are those of unknown keys: a config under a misspelt key, or one level too high, is still a config.

use super::interpolate;
use super::yaml::{Document, Kind, Node};
use crate::text::nearest;
use std::ops::Range;

/// Keys whose values are no secrets, wherever they are in a suite but for configs and the environment.
const OPEN_KEYS: &[&str] = &[
    "connectors",
    "profiles",
    "connector",
    "image",
    "exec",
    "memory",
    "network",
    "hosts",
    "mounts",
    "source",
    "target",
    "read_only",
    "folder",
    "cpus",
    "pids",
    "extends",
    "limits",
    "spec",
    "check",
    "discover",
    "read",
    "write",
    "silence",
    "grace",
    "scenarios",
    "name",
    "config",
    "expect",
    "canaries",
    "catalog",
    "state",
    "streams",
    "empty",
    "skip",
    "namespace",
    "reason",
    "rules",
    "waivers",
    "rule",
    "stream",
    "until",
    "depth",
    "seed",
    "usage",
    "cpu",
    "first_record",
    "records_per_second",
    "step",
    "changes",
    "destination",
    "reader",
    "cleaner",
    "namespaces",
    "outage",
    "state_within",
    "namespace_prefix",
    "data",
    "messages",
    "files",
    "table",
    "columns",
    "raw_id",
    "extracted_at",
    "meta",
    "generation_id",
    "data",
    "invalid_value",
    "undeclared_field",
    "union",
    "untyped",
    "cdc_delete",
    "commits",
    "when",
    "delivers",
    "reset",
    "setup",
    "teardown",
    "container",
    "dockerfile",
    "request",
    "method",
    "strict",
    "behaviours",
    "owner",
    "leave_out",
    "bypassed",
    "what",
    "part",
    "path",
    "specification",
    "records",
    "previous",
    "version",
    "future_state",
    "volatile",
    "file_types",
    "baselines",
    "normalize",
    "replace",
    "form",
    "sort",
    "drop",
    "round",
    "documentation",
    "links",
];

/// The same of a file of Airbyte's own acceptance tests, which names its configs and holds none: the environment alone.
pub(super) fn values_of_foreign(document: &Document) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let environment = document.root.get("custom_environment_variables");
    environment.into_iter().chain(&document.dropped).for_each(|node| walk(node, true, &mut found));
    found.sort_by_key(|range| range.start);
    found
}

/// The byte ranges to hide, in order.
pub(super) fn values(document: &Document) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    walk(&document.root, false, &mut found);
    document.dropped.iter().for_each(|node| walk(node, true, &mut found));
    found.sort_by_key(|range| range.start);
    found
}

fn walk(node: &Node, hide: bool, found: &mut Vec<Range<usize>>) {
    match &node.kind {
        Kind::Scalar { text, .. } if hide && !interpolate::refers(text) => found.push(node.span.start..node.span.end),
        Kind::Scalar { .. } => {}
        Kind::Sequence(items) => items.iter().for_each(|item| walk(item, hide, found)),
        Kind::Mapping(entries) => {
            for (key, entry) in entries {
                // A misspelt key is taken for what it was meant to be.
                let meant = nearest(key, OPEN_KEYS.iter().copied()).filter(|_| !hide);
                let is_config = meant == Some("config") && entry.value.entries().is_some();
                let profiles = entry.value.entries().filter(|_| meant == Some("profiles"));
                if let Some(profiles) = profiles {
                    // Their names are no keys.
                    profiles.values().for_each(|profile| walk(&profile.value, false, found));
                } else if meant != Some("rules") {
                    walk(&entry.value, meant.is_none() || is_config, found);
                }
            }
        }
    }
}
