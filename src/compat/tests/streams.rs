//! Pairs of catalogs.

use super::{told, with};
use crate::compat::changes_of_catalog;
use crate::protocol::Catalog;
use serde_json::{Value, json};

fn of_streams(before: Value, after: Value) -> Vec<String> {
    let catalog = |streams: Value| Catalog::from_value(&json!({ "streams": streams })).expect("a catalog");
    told(&changes_of_catalog(&catalog(before), &catalog(after)).expect("they are small"), "/json_schema")
}

/// The same, of one field in each.
fn of_columns(before: Value, after: Value) -> Vec<String> {
    let stream = |field: Value| json!([{"name": "s", "json_schema": {"type": "object", "properties": {"f": field}}}]);
    let told = of_streams(stream(before), stream(after));
    told.into_iter().map(|line| line.replace("/properties/f", "").trim().to_owned()).collect()
}

#[test]
fn streams_and_their_settings() {
    let base = json!({"name": "s", "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]});
    let stream = |more: Value| json!([with(&base, more)]);
    let fields = json!({"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}});
    for (before, after, expected) in [
        (json!({}), json!({}), ""),
        (json!({}), json!({"name": "t"}), "breaking stream-removed; behavioural stream-added"),
        (json!({"json_schema": fields}), json!({"name": "t", "json_schema": fields}), "breaking stream-renamed /name"),
        (json!({}), json!({"namespace": "n"}), "breaking namespace-changed /namespace"),
        (
            json!({"default_cursor_field": ["a"]}),
            json!({"default_cursor_field": ["b"]}),
            "breaking default-cursor-changed /default_cursor_field",
        ),
        (
            json!({"default_cursor_field": ["a"]}),
            json!({"default_cursor_field": ["a", "b"]}),
            "breaking default-cursor-changed /default_cursor_field",
        ),
        (
            json!({"default_cursor_field": ["a"]}),
            json!({"default_cursor_field": []}),
            "breaking default-cursor-changed /default_cursor_field",
        ),
        (
            json!({"default_cursor_field": null}),
            json!({"default_cursor_field": ["a"]}),
            "behavioural default-cursor-set /default_cursor_field",
        ),
        (
            json!({"source_defined_primary_key": [["a"]]}),
            json!({"source_defined_primary_key": [["b"]]}),
            "breaking primary-key-changed /source_defined_primary_key",
        ),
        (
            json!({"source_defined_primary_key": [["a"], ["b"]]}),
            json!({"source_defined_primary_key": [["b"], ["a"]]}),
            "",
        ),
        (
            json!({"source_defined_primary_key": [["a"]]}),
            json!({}),
            "breaking primary-key-removed /source_defined_primary_key",
        ),
        (
            json!({"source_defined_primary_key": []}),
            json!({"source_defined_primary_key": [["a"]]}),
            "behavioural primary-key-set /source_defined_primary_key",
        ),
        (
            json!({}),
            json!({"supported_sync_modes": ["full_refresh"]}),
            "breaking sync-mode-removed /supported_sync_modes",
        ),
        (
            json!({"default_cursor_field": ["a"], "source_defined_cursor": true, "is_resumable": true}),
            json!({"supported_sync_modes": ["full_refresh"]}),
            "breaking sync-mode-removed /supported_sync_modes",
        ),
        (
            json!({"supported_sync_modes": ["full_refresh"]}),
            json!({}),
            "behavioural sync-mode-added /supported_sync_modes",
        ),
        (
            json!({"source_defined_cursor": true}),
            json!({}),
            "breaking source-defined-cursor-dropped /source_defined_cursor",
        ),
        (
            json!({}),
            json!({"source_defined_cursor": true}),
            "behavioural source-defined-cursor-changed /source_defined_cursor",
        ),
        (
            json!({"is_resumable": true}),
            json!({"is_resumable": false}),
            "behavioural no-longer-resumable /is_resumable",
        ),
        (json!({}), json!({"is_resumable": true}), "behavioural resumable /is_resumable"),
        (json!({}), json!({"is_file_based": true}), "behavioural file-based /is_file_based"),
        (json!({}), json!({"is_file_based": false}), ""),
        (json!({}), json!({"x": 1}), "cosmetic stream-member /x"),
    ] {
        assert_eq!(of_streams(stream(before.clone()), stream(after.clone())).join("; "), expected, "{before} {after}");
    }
    assert_eq!(of_streams(json!([]), stream(json!({}))), ["behavioural stream-added"]);
}

#[test]
fn columns_keep_their_types() {
    for (before, after, expected) in [
        (json!("string"), json!("string"), ""),
        (json!(["string"]), json!("string"), ""),
        (json!(["null", "string"]), json!(["string", "null"]), ""),
        (json!("string"), json!(["string", "null"]), "behavioural nullability /type"),
        (json!(["null", "string"]), json!("string"), "behavioural nullability /type"),
        (json!("string"), json!("integer"), "breaking column-retyped /type"),
        (json!("integer"), json!("number"), "breaking column-retyped /type"),
        (json!("string"), json!(["string", "integer"]), "breaking column-retyped /type"),
        (json!(["string", "integer"]), json!(["string", "boolean"]), "breaking column-retyped /type"),
        (json!(["string", "integer"]), json!("string"), "breaking column-retyped /type"),
    ] {
        let found = of_columns(json!({"type": before}), json!({"type": after}));
        assert_eq!(found.join("; "), expected, "{before} {after}");
    }
    let text = json!({"type": ["null", "string"], "description": "text"});
    let moment = json!({"format": "date-time"});
    let zoned = json!({"format": "date-time", "airbyte_type": "timestamp_with_timezone"});
    let local = json!({"format": "date-time", "airbyte_type": "timestamp_without_timezone"});
    for (before, after, expected) in [
        (json!({}), moment.clone(), "breaking column-format /format"),
        (json!({"format": "date"}), zoned.clone(), "breaking column-format /format"),
        (moment.clone(), json!({}), "breaking column-format /format"),
        (json!({}), json!({"format": "uri"}), "behavioural column-same-format /format"),
        (moment.clone(), zoned.clone(), "behavioural column-same-airbyte-type /airbyte_type"),
        (moment, local.clone(), "breaking column-airbyte-type /airbyte_type"),
        (zoned, local, "breaking column-airbyte-type /airbyte_type"),
        (json!({}), json!({"description": "other"}), "cosmetic description /description"),
        (json!({}), json!({"additionalProperties": true}), "cosmetic open-said /additionalProperties"),
        (json!({"enum": ["a"]}), json!({}), "behavioural records-constrained /enum"),
        (json!({"default": 1}), json!({}), "cosmetic annotation /default"),
    ] {
        let found = of_columns(with(&text, before.clone()), with(&text, after.clone()));
        assert_eq!(found.join("; "), expected, "{before} {after}");
    }
    let whole = json!({"type": "number", "airbyte_type": "integer"});
    assert_eq!(of_columns(json!({"type": "integer"}), whole)[0], "behavioural column-same-type /type");
}

#[test]
fn fields_of_streams_come_and_go() {
    let object = |properties: Value| json!({"type": "object", "additionalProperties": true, "properties": properties});
    let bare = |properties: Value| json!({"type": "object", "properties": properties});
    let (a, b) = (json!({"type": "string", "description": "A"}), json!({"type": "string"}));
    // What Airbyte's tests take for a field that is gone (BD6): a keyword of a field.
    assert_eq!(
        of_columns(object(json!({"a": a})), bare(json!({"a": b}))),
        ["cosmetic open-said /additionalProperties", "cosmetic description /properties/a/description"]
    );
    assert_eq!(
        of_columns(bare(json!({"a": a})), bare(json!({"a": a, "b": b}))),
        ["behavioural column-added /properties/b"]
    );
    assert_eq!(
        of_columns(bare(json!({"a": a, "b": b})), bare(json!({"a": a}))),
        ["breaking column-removed /properties/b"]
    );
    assert_eq!(of_columns(bare(json!({"a": a})), bare(json!({"b": a}))), ["breaking column-renamed /properties/b"]);
    let list = |field: &Value| json!({"type": "array", "items": bare(json!({"a": field}))});
    assert_eq!(
        of_columns(list(&b), list(&json!({"type": "integer"}))),
        ["breaking column-retyped /items/properties/a/type"]
    );
    let either = |field: Value| json!({"anyOf": [{"type": "null"}, field]});
    assert_eq!(
        of_columns(either(bare(json!({"a": b}))), either(bare(json!({})))),
        ["breaking column-removed /anyOf/1/properties/a"]
    );
}
