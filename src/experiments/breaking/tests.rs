//! How much changes weigh.

use super::level;
use crate::compat::{Change, changes_of_catalog, changes_of_spec};
use crate::protocol::Catalog;
use serde_json::{Value, json};

/// Level and rule of each change that is told.
fn told(changes: &[Change]) -> Vec<String> {
    let told = |change: &Change| Some(format!("{} {}", level(change)?.as_str(), change.rule.word));
    changes.iter().filter_map(told).collect()
}

fn of_fields(before: Value, after: Value) -> String {
    let payload = |field: Value| json!({"connectionSpecification": {"type": "object", "properties": {"f": field}}});
    told(&changes_of_spec(&payload(before), &payload(after)).expect("they are small")).join("; ")
}

fn of_streams(before: Value, after: Value) -> String {
    let stream = |more: Value| {
        let mut stream = json!({"name": "s", "supported_sync_modes": ["full_refresh", "incremental"]});
        stream.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        Catalog::from_value(&json!({ "streams": [stream] })).expect("a catalog")
    };
    told(&changes_of_catalog(&stream(before), &stream(after)).expect("they are small")).join("; ")
}

#[test]
fn what_breaks_configs_must_not_be() {
    for (before, after, expected) in [
        (json!({"type": "string"}), json!({"type": "integer"}), "must type-changed"),
        (json!({"enum": ["a", "b"]}), json!({"enum": ["a"]}), "must values-narrowed"),
        (json!({"type": "string"}), json!({"type": "string", "format": "date"}), "must format-narrowed"),
        // The acceptance tests refuse these, and no config is refused.
        (json!({"type": "integer"}), json!({"type": "number"}), "should type-replaced"),
        (json!({"type": "string", "format": "date"}), json!({"type": "string"}), "should format-changed"),
        (json!({"type": "string"}), json!({"type": "string", "airbyte_type": "x"}), "should airbyte-type-changed"),
        (
            json!({"type": "string", "pattern": "^ab"}),
            json!({"type": "string", "pattern": "^a"}),
            "info pattern-changed",
        ),
        (json!({"properties": {"x": {}, "y": {}}}), json!({"properties": {"x": {}}}), "info field-removed"),
        // Nobody says a word about these.
        (json!({"type": "string"}), json!({"type": ["string", "null"], "description": "B"}), ""),
        (json!({"type": "string", "pattern": "^ab"}), json!({"type": "string"}), ""),
        (json!({"default": 1}), json!({"default": 2}), ""),
    ] {
        assert_eq!(of_fields(before.clone(), after.clone()), expected, "{before} {after}");
    }
}

#[test]
fn what_breaks_connections_must_not_be() {
    let field = |field: Value| json!({"json_schema": {"properties": {"f": field}}});
    for (before, after, expected) in [
        (field(json!({"type": "string"})), field(json!({"type": "integer"})), "must column-retyped"),
        (json!({"default_cursor_field": ["a"]}), json!({}), "must default-cursor-changed"),
        (json!({"source_defined_primary_key": [["a"]]}), json!({}), "should primary-key-removed"),
        (json!({}), json!({"supported_sync_modes": ["full_refresh"]}), "should sync-mode-removed"),
        (
            field(json!({"type": "string"})),
            field(json!({"type": "string", "format": "uri"})),
            "should column-same-format",
        ),
        (field(json!({"type": "string", "description": "A"})), field(json!({"type": ["null", "string"]})), ""),
        (json!({}), json!({"is_resumable": true}), ""),
    ] {
        assert_eq!(of_streams(before.clone(), after.clone()), expected, "{before} {after}");
    }
}
