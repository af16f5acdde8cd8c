//! Pairs of specifications and of catalogs, each with what is said of them.

use super::{catalog, spec};
use crate::protocol::Catalog;
use crate::rules::Level;
use serde_json::{Value, json};

/// What is said of two specifications: level and pointer of each change, below `/connectionSpecification`.
fn of_specs(before: Value, after: Value) -> Vec<String> {
    let found = spec::changes(&before, &after).expect("they are small");
    let place = |pointer: &str| pointer.trim_start_matches("/connectionSpecification").to_owned();
    found.iter().map(|change| format!("{} {}", change.level.as_str(), place(&change.pointer))).collect()
}

/// The same, of one field in each.
fn of_fields(before: Value, after: Value) -> Vec<String> {
    let spec = |field: Value| json!({"type": "object", "properties": {"f": field}});
    let found = of_specs(spec(before), spec(after));
    found.into_iter().map(|change| change.replace("/properties/f", "")).collect()
}

#[test]
fn types_of_a_field_may_grow() {
    let typed = |one: Value, other: Value| of_fields(json!({"type": one}), json!({"type": other}));
    for (before, after) in [
        (json!("string"), json!("string")),
        (json!(["string"]), json!("string")),
        (json!("string"), json!(["string"])),
        (json!("string"), json!(["string", "integer"])),
        (json!("string"), json!(["null", "string"])),
        (json!(["string"]), json!(["string", "null"])),
        (json!(["string", "null"]), json!(["null", "string"])),
    ] {
        assert_eq!(typed(before.clone(), after.clone()), [""; 0], "{before} {after}");
    }
    for (before, after) in [
        (json!("string"), json!("integer")),
        (json!("string"), json!(["integer", "null"])),
        (json!(["string", "integer"]), json!("string")),
        (json!(["string", "null"]), json!(["string"])),
        (json!("number"), json!("integer")),
    ] {
        assert_eq!(typed(before.clone(), after.clone()), ["must /type"], "{before} {after}");
    }
    assert_eq!(typed(json!("integer"), json!("number")), ["should /type"]);
    assert_eq!(of_fields(json!({}), json!({"type": "string"})), ["must /type"]);
    assert_eq!(of_fields(json!({"type": "string"}), json!({})), ["should /type"]);
    let either = json!({"oneOf": [{"type": "string"}, {"type": "object"}]});
    assert_eq!(of_fields(json!({"type": "string"}), either), [""; 0]);
}

#[test]
fn keywords_of_a_field() {
    let text = |more: Value| {
        let mut field = json!({"type": "string"});
        field.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        field
    };
    for (before, after, expected) in [
        (json!({}), json!({"format": "date"}), "must /format"),
        (json!({"format": "date"}), json!({"format": "date-time"}), "must /format"),
        (json!({"format": "date"}), json!({}), "should /format"),
        (json!({}), json!({"airbyte_type": "x"}), "must /airbyte_type"),
        (json!({"airbyte_type": "x"}), json!({}), "must /airbyte_type"),
        (json!({"enum": ["a", "b"]}), json!({"enum": ["a"]}), "must /enum"),
        (json!({"enum": ["a"]}), json!({"enum": ["b", "a"]}), ""),
        (json!({"enum": ["a"]}), json!({}), ""),
        (json!({}), json!({"enum": ["a"]}), "must /enum"),
        (json!({"const": "a"}), json!({"const": "b"}), "must /const"),
        (json!({"const": "a"}), json!({"enum": ["a", "b"]}), ""),
        (json!({"enum": ["a"]}), json!({"const": "a"}), ""),
        (json!({"enum": ["a", "b"]}), json!({"oneOf": [{"const": "a"}, {"const": "b"}]}), ""),
        (json!({"enum": ["a", "b"]}), json!({"oneOf": [{"const": "a"}, {"const": "c"}]}), "must /oneOf"),
        (json!({}), json!({"oneOf": [{"const": "a"}, {"const": "c"}]}), "must /oneOf"),
        (json!({}), json!({"pattern": "^[a-z]+$"}), "must /pattern"),
        (json!({"pattern": "^[a-z]+$"}), json!({}), ""),
        (json!({"format": "date"}), json!({"format": "date", "pattern": "^[0-9-]+$"}), "info /pattern"),
        (json!({"pattern": "a", "examples": ["ab"]}), json!({"pattern": "^a$"}), "must /pattern"),
        (json!({"pattern": "a", "examples": ["ab", "x"]}), json!({"pattern": "^ab"}), "info /pattern"),
        (json!({}), json!({"minLength": 1}), "must /minLength"),
        (json!({}), json!({"minLength": 0}), ""),
        (json!({"maxLength": 9}), json!({"maxLength": 8}), "must /maxLength"),
        (json!({"maxLength": 9}), json!({"maxLength": 10}), ""),
        (json!({"title": "A", "description": "B", "order": 1}), json!({"title": "C", "airbyte_secret": true}), ""),
    ] {
        let expected: Vec<&str> = Some(expected).filter(|expected| !expected.is_empty()).into_iter().collect();
        assert_eq!(of_fields(text(before.clone()), text(after.clone())), expected, "{before} {after}");
    }
    let number = |more: &str, value: i64| json!({"type": "integer", more: value});
    assert_eq!(of_fields(number("minimum", 1), number("minimum", 2)), ["must /minimum"]);
    assert_eq!(of_fields(number("minimum", 2), number("minimum", 1)), [""; 0]);
    assert_eq!(of_fields(number("title", 1), number("maximum", 1)), ["must /maximum"]);
    assert_eq!(of_fields(number("title", 1), number("multipleOf", 1)), [""; 0]);
    assert_eq!(of_fields(number("multipleOf", 4), number("multipleOf", 2)), [""; 0]);
    assert_eq!(of_fields(number("multipleOf", 2), number("multipleOf", 4)), ["must /multipleOf"]);
    assert_eq!(of_fields(json!({"enum": [1, 2]}), json!({"type": "integer", "enum": [1, 2, 3]})), [""; 0]);
    let list = |of: &str| json!({"type": "array", "items": {"type": of}});
    assert_eq!(of_fields(list("string"), list("integer")), ["must /items/type"]);
}

#[test]
fn fields_of_a_config() {
    let spec = |required: Value, properties: Value, open: bool| json!({"type": "object", "required": required, "properties": properties, "additionalProperties": open});
    let (a, b) = (json!({"type": "string"}), json!({"type": "object", "required": ["x"], "properties": {"x": {}}}));
    let one = || spec(json!(["a"]), json!({"a": a}), true);
    assert_eq!(of_specs(one(), spec(json!(["a"]), json!({"a": a, "b": b}), true)), [""; 0]);
    assert_eq!(of_specs(one(), spec(json!(["b", "a"]), json!({"a": a, "b": b}), true)), ["must /required"]);
    assert_eq!(of_specs(json!({"properties": {"a": a}}), one()), ["must /required"]);
    assert_eq!(of_specs(one(), spec(json!([]), json!({}), true)), ["info /properties/a"]);
    assert_eq!(of_specs(one(), spec(json!([]), json!({}), false)), ["must /properties/a"]);
    assert_eq!(of_specs(one(), spec(json!(["a"]), json!({"a": a}), false)), [""; 0]);
    let loose = json!({"type": "object", "properties": {"x": {}}});
    let nested = |field: &Value| spec(json!([]), json!({"b": field}), true);
    assert_eq!(of_specs(nested(&loose), nested(&b)), ["must /properties/b/required"]);
    // All of it is told, not the first alone.
    let worse = spec(json!(["a", "c"]), json!({"a": {"type": "integer", "minimum": 3}}), true);
    assert_eq!(of_specs(one(), worse), ["must /required", "must /properties/a/type", "must /properties/a/minimum"]);
}

#[test]
fn branches_are_known_by_what_they_take() {
    let branch = |kind: &str, title: &str, field: &str| {
        json!({"title": title, "type": "object", "required": ["kind", field],
               "properties": {"kind": {"type": "string", "const": kind}, field: {"type": "string"}}})
    };
    let choice = |branches: Vec<Value>| json!({"type": "object", "oneOf": branches});
    let (token, oauth) = (branch("token", "Token", "token"), branch("oauth", "OAuth", "refresh"));
    let both = || choice(vec![token.clone(), oauth.clone()]);
    assert_eq!(of_fields(both(), choice(vec![oauth.clone(), token.clone()])), [""; 0]);
    let swapped = vec![branch("token", "OAuth", "token"), branch("oauth", "Token", "refresh")];
    assert_eq!(of_fields(both(), choice(swapped)), [""; 0]);
    assert_eq!(of_fields(choice(vec![token.clone()]), both()), [""; 0]);
    assert_eq!(of_fields(both(), choice(vec![token.clone()])), ["must /oneOf/1"]);
    let other = choice(vec![token.clone(), branch("oauth2", "OAuth", "refresh")]);
    assert_eq!(of_fields(both(), other), ["must /oneOf/1"]);
    let harder = choice(vec![branch("token", "Token", "api_token"), oauth.clone()]);
    assert_eq!(of_fields(both(), harder), ["must /oneOf/0/required", "info /oneOf/0/properties/token"]);
    // What its parent requires, a branch may require.
    let (outer, mut inner) = (json!({"type": "object", "required": ["kind", "token", "refresh"]}), both());
    let mut parent = both();
    parent["required"] = outer["required"].clone();
    parent["oneOf"][0]["required"] = json!([]);
    inner["required"] = json!([]);
    assert_eq!(of_fields(parent, inner), [""; 0]);
    let plain = json!({"type": "object", "required": ["token"], "properties": {"token": {"type": "string"}}});
    assert_eq!(of_fields(plain.clone(), both()), ["must /oneOf"]);
    let lenient = json!({"type": "object", "properties": {"token": {"type": "string"}}});
    assert_eq!(of_fields(plain, choice(vec![lenient, oauth])), [""; 0]);
}

#[test]
fn references_are_followed_and_end() {
    let by_reference = |of: &str| {
        json!({"definitions": {"f": {"type": of}, "loop": {"properties": {"again": {"$ref": "#/definitions/loop"}}}},
               "properties": {"f": {"$ref": "#/definitions/f"}, "loop": {"$ref": "#/definitions/loop"}}})
    };
    assert_eq!(of_specs(by_reference("string"), by_reference("string")), [""; 0]);
    assert_eq!(of_specs(by_reference("string"), by_reference("integer")), ["must /properties/f/type"]);
    let wide = |title: &str| {
        let again: Vec<Value> = (0..9).map(|_| json!({"$ref": "#"})).collect();
        json!({"title": title, "oneOf": again})
    };
    assert_eq!(spec::changes(&wide("a"), &wide("b")), None);
}

/// What is said of two streams: level and pointer of each change.
fn of_streams(before: Value, after: Value) -> Vec<String> {
    let catalog = |streams: Value| Catalog::from_value(&json!({"streams": streams})).expect("a catalog");
    let found = catalog::changes(&catalog(before), &catalog(after)).expect("they are small");
    let level = |level: Level| level.as_str();
    found.iter().map(|change| format!("{} {}", level(change.level), change.pointer)).collect()
}

/// The same, of one field in each.
fn of_columns(before: Value, after: Value) -> Vec<String> {
    let stream = |field: Value| json!([{"name": "s", "json_schema": {"type": "object", "properties": {"f": field}}}]);
    let found = of_streams(stream(before), stream(after));
    found.into_iter().map(|change| change.replace("/json_schema/properties/f", "")).collect()
}

#[test]
fn streams_and_their_settings() {
    let stream = |more: Value| {
        let mut stream =
            json!({"name": "s", "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]});
        stream.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        json!([stream])
    };
    assert_eq!(of_streams(stream(json!({})), json!([{"name": "t"}])), ["must "]);
    assert_eq!(of_streams(stream(json!({})), stream(json!({"namespace": "n"}))), ["must "]);
    assert_eq!(of_streams(json!([]), stream(json!({}))), [""; 0]);
    let cursor = |path: Value| stream(json!({"default_cursor_field": path}));
    assert_eq!(of_streams(cursor(json!(["a"])), cursor(json!(["b"]))), ["must /default_cursor_field"]);
    assert_eq!(of_streams(cursor(json!(["a"])), cursor(json!(["a", "b"]))), ["must /default_cursor_field"]);
    assert_eq!(of_streams(cursor(json!(["a"])), cursor(json!([]))), ["must /default_cursor_field"]);
    assert_eq!(of_streams(cursor(json!(null)), cursor(json!(["a"]))), [""; 0]);
    let key = |key: Value| stream(json!({"source_defined_primary_key": key}));
    assert_eq!(of_streams(key(json!([["a"]])), key(json!([["b"]]))), ["should /source_defined_primary_key"]);
    assert_eq!(of_streams(key(json!([["a"], ["b"]])), key(json!([["b"], ["a"]]))), [""; 0]);
    assert_eq!(of_streams(key(json!([])), key(json!([["a"]]))), [""; 0]);
    let modes = stream(json!({"supported_sync_modes": ["full_refresh"]}));
    assert_eq!(of_streams(stream(json!({})), modes.clone()), ["should /supported_sync_modes"]);
    assert_eq!(of_streams(modes, stream(json!({}))), [""; 0]);
}

#[test]
fn columns_keep_their_types() {
    let typed = |one: Value, other: Value| of_columns(json!({"type": one}), json!({"type": other}));
    for (before, after) in [
        (json!("string"), json!(["string", "null"])),
        (json!(["null", "string"]), json!("string")),
        (json!(["null", "string"]), json!(["string", "null"])),
    ] {
        assert_eq!(typed(before.clone(), after.clone()), [""; 0], "{before} {after}");
    }
    for (before, after) in [
        (json!("string"), json!("integer")),
        (json!("integer"), json!("number")),
        (json!("string"), json!(["string", "integer"])),
        (json!(["string", "integer"]), json!(["string", "boolean"])),
        (json!(["string", "integer"]), json!("string")),
    ] {
        assert_eq!(typed(before.clone(), after.clone()), ["must /type"], "{before} {after}");
    }
    assert_eq!(of_columns(json!({}), json!({"type": "string"})), ["must /type"]);
    assert_eq!(of_columns(json!({"type": "string"}), json!({})), ["must /type"]);
    let text = |more: Value| {
        let mut field = json!({"type": ["null", "string"], "description": "text"});
        field.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        field
    };
    let moment = json!({"format": "date-time"});
    let zoned = json!({"format": "date-time", "airbyte_type": "timestamp_with_timezone"});
    let local = json!({"format": "date-time", "airbyte_type": "timestamp_without_timezone"});
    for (before, after, expected) in [
        (json!({}), moment.clone(), "must /format"),
        (json!({"format": "date"}), moment.clone(), "must /format"),
        (moment.clone(), json!({}), "must /format"),
        (json!({}), json!({"format": "uri"}), "should /format"),
        (moment.clone(), zoned.clone(), "should /airbyte_type"),
        (moment, local.clone(), "must /airbyte_type"),
        (zoned, local, "must /airbyte_type"),
    ] {
        assert_eq!(of_columns(text(before.clone()), text(after.clone())), [expected], "{before} {after}");
    }
}

#[test]
fn fields_may_come_and_keywords_go() {
    let object = |properties: Value| json!({"type": "object", "additionalProperties": true, "properties": properties});
    let bare = |properties: Value| json!({"type": "object", "properties": properties});
    let (a, b) = (json!({"type": "string", "description": "A"}), json!({"type": "string"}));
    assert_eq!(of_columns(object(json!({"a": a})), bare(json!({"a": b, "b": b}))), [""; 0]);
    assert_eq!(of_columns(object(json!({"a": a, "b": b})), object(json!({"a": a}))), ["must /properties/b"]);
    let list = |field: &Value| json!({"type": "array", "items": bare(json!({"a": field}))});
    assert_eq!(of_columns(list(&b), list(&json!({"type": "integer"}))), ["must /items/properties/a/type"]);
    let either = |field: &Value| json!({"anyOf": [{"type": "null"}, bare(json!({"a": field}))]});
    assert_eq!(of_columns(either(&a), either(&b)), [""; 0]);
    assert_eq!(
        of_columns(either(&a), json!({"anyOf": [{"type": "null"}, bare(json!({}))]})),
        ["must /anyOf/1/properties/a"]
    );
}
