//! Pairs of specifications.

use super::{none, told, with};
use crate::compat::{TooLarge, changes_of_spec};
use serde_json::{Value, json};

fn of_specs(before: Value, after: Value) -> Vec<String> {
    let payload = |schema: Value| json!({ "connectionSpecification": schema });
    told(&changes_of_spec(&payload(before), &payload(after)).expect("they are small"), "/connectionSpecification")
}

/// The same, of one field in each.
fn of_fields(before: Value, after: Value) -> Vec<String> {
    let spec = |field: Value| json!({"type": "object", "properties": {"f": field}});
    let told = of_specs(spec(before), spec(after));
    told.into_iter().map(|line| line.replace("/properties/f", "").trim().to_owned()).collect()
}

#[test]
fn types_of_a_field_of_a_config() {
    for (before, after, expected) in [
        // The transitions of Airbyte's acceptance tests: what they accept, they accept without a word.
        (json!("string"), json!("string"), ""),
        (json!(["string"]), json!("string"), ""),
        (json!("string"), json!(["string"]), ""),
        (json!(["string", "null"]), json!(["null", "string"]), ""),
        (json!("string"), json!(["string", "integer"]), "behavioural type-widened /type"),
        (json!("string"), json!(["null", "string"]), "behavioural type-widened /type"),
        (json!(["string"]), json!(["string", "null"]), "behavioural type-widened /type"),
        (json!(["string", "null"]), json!(["integer", "null", "string"]), "behavioural type-widened /type"),
        // What they refuse.
        (json!("string"), json!("integer"), "breaking type-changed /type"),
        (json!("string"), json!(["integer"]), "breaking type-changed /type"),
        (json!("string"), json!(["integer", "null"]), "breaking type-changed /type"),
        (json!(["string"]), json!("integer"), "breaking type-changed /type"),
        (json!(["string", "integer"]), json!("string"), "breaking type-narrowed /type"),
        (json!(["string", "null"]), json!(["string"]), "breaking type-narrowed /type"),
        (json!(["string", "null"]), json!(["integer", "null"]), "breaking type-changed /type"),
        (json!("number"), json!("integer"), "breaking type-narrowed /type"),
        // They refuse this one, and no config does.
        (json!("integer"), json!("number"), "behavioural type-replaced /type"),
    ] {
        let found = of_fields(json!({"type": before}), json!({"type": after}));
        assert_eq!(found.join("; "), expected, "{before} {after}");
    }
    assert_eq!(of_fields(json!({}), json!({"type": "string"})), ["breaking type-narrowed /type"]);
    assert_eq!(of_fields(json!({"type": "string"}), json!({})), ["behavioural type-replaced /type"]);
    // What follows from another type is not told again.
    let list = json!({"type": "array", "items": {"type": "string"}, "minItems": 1});
    assert_eq!(of_fields(json!({"type": "string", "maxLength": 3}), list), ["breaking type-changed /type"]);
}

#[test]
fn keywords_of_a_field_of_a_config() {
    let text = json!({"type": "string"});
    for (before, after, expected) in [
        (json!({}), json!({"format": "date"}), "breaking format-narrowed /format"),
        (json!({"format": "date"}), json!({}), "behavioural format-changed /format"),
        (json!({}), json!({"format": "email"}), "behavioural format-changed /format"),
        (json!({}), json!({"airbyte_type": "x"}), "cosmetic airbyte-type-changed /airbyte_type"),
        (json!({"enum": ["a", "b"]}), json!({"enum": ["a"]}), "breaking values-narrowed /enum"),
        (json!({"enum": ["a"]}), json!({"enum": ["b", "a"]}), "behavioural values-widened /enum"),
        (json!({"enum": ["a", "b"]}), json!({"enum": ["b", "a"]}), ""),
        (json!({"enum": ["a"]}), json!({}), "behavioural values-widened /enum"),
        (json!({}), json!({"enum": ["a"]}), "breaking values-narrowed /enum"),
        (json!({"const": "a"}), json!({"const": "b"}), "breaking values-narrowed /const"),
        (json!({"const": "a"}), json!({"enum": ["a", "b"]}), "behavioural values-widened /enum"),
        (json!({"enum": ["a"]}), json!({"const": "a"}), ""),
        (json!({}), json!({"pattern": "^[a-z]+$"}), "breaking pattern-narrowed /pattern"),
        (json!({"pattern": "^[a-z]+$"}), json!({}), "behavioural pattern-widened /pattern"),
        (json!({"pattern": "^[a-z]+$"}), json!({"pattern": "^[a-z]{2,}$"}), "breaking pattern-narrowed /pattern"),
        (json!({"pattern": "^ab"}), json!({"pattern": "^a"}), "behavioural pattern-changed /pattern"),
        (json!({}), json!({"minLength": 1}), "breaking bounds-narrowed /minLength"),
        (json!({}), json!({"minLength": 0}), ""),
        (json!({"maxLength": 9}), json!({"maxLength": 8}), "breaking bounds-narrowed /maxLength"),
        (json!({"maxLength": 9}), json!({"maxLength": 10}), "behavioural bounds-widened /maxLength"),
        (json!({"default": "a"}), json!({"default": "b"}), "behavioural default-changed /default"),
        (json!({}), json!({"airbyte_secret": true}), "behavioural secret-added /airbyte_secret"),
        (json!({"airbyte_secret": true}), json!({}), "behavioural secret-removed /airbyte_secret"),
        (json!({"description": "A"}), json!({"description": "B"}), "cosmetic description /description"),
        (json!({"title": "A"}), json!({}), "cosmetic title /title"),
        (json!({"order": 1}), json!({"order": 2}), "cosmetic order /order"),
        (json!({"examples": ["a"]}), json!({"examples": ["b"]}), "cosmetic annotation /examples"),
        (json!({}), json!({"not": {"const": "x"}}), "breaking constraint-narrowed /not"),
    ] {
        let found = of_fields(with(&text, before.clone()), with(&text, after.clone()));
        assert_eq!(found.join("; "), expected, "{before} {after}");
    }
    let number = |more: &str, value: i64| json!({"type": "integer", more: value});
    assert_eq!(of_fields(number("minimum", 1), number("minimum", 2)), ["breaking bounds-narrowed /minimum"]);
    assert_eq!(of_fields(number("minimum", 2), number("minimum", 1)), ["behavioural bounds-widened /minimum"]);
    assert_eq!(of_fields(json!({"type": "integer"}), number("multipleOf", 1)), none());
    assert_eq!(of_fields(number("multipleOf", 2), number("multipleOf", 4)), ["breaking bounds-narrowed /multipleOf"]);
    let list = |of: &str| json!({"type": "array", "items": {"type": of}});
    assert_eq!(of_fields(list("string"), list("integer")), ["breaking type-changed /items/type"]);
}

#[test]
fn fields_of_a_config() {
    let text = json!({"type": "string", "description": "It."});
    let strict = json!({"type": "object", "required": ["x"], "properties": {"x": {"type": "string", "enum": ["1"]}}});
    let spec =
        |required: Value, properties: Value| json!({"type": "object", "required": required, "properties": properties});
    let one = || spec(json!(["a"]), json!({"a": text}));
    let open = |open: bool| with(&one(), json!({"additionalProperties": open}));
    for (before, after, expected) in [
        (one(), one(), ""),
        (one(), spec(json!(["a"]), json!({"a": text, "b": strict})), "behavioural field-added /properties/b"),
        (
            one(),
            spec(json!(["b", "a"]), json!({"a": text, "b": strict})),
            "breaking required-field-added /properties/b",
        ),
        (json!({"properties": {"a": text}, "type": "object"}), one(), "breaking became-required /required"),
        (one(), spec(json!([]), json!({"a": text})), "behavioural no-longer-required /required"),
        (spec(json!(["a"]), json!({"a": text, "b": strict})), one(), "behavioural field-removed /properties/b"),
        (
            with(&spec(json!(["a"]), json!({"a": text, "b": strict})), json!({"additionalProperties": false})),
            open(false),
            "breaking field-refused /properties/b",
        ),
        (one(), spec(json!(["c"]), json!({"c": text})), "breaking required-field-renamed /properties/c"),
        (
            spec(json!([]), json!({"a": text})),
            spec(json!([]), json!({"c": text})),
            "behavioural field-renamed /properties/c",
        ),
        (one(), open(true), "cosmetic open-said /additionalProperties"),
        (open(true), open(false), "behavioural closed /additionalProperties"),
        (open(false), one(), "cosmetic opened /additionalProperties"),
    ] {
        assert_eq!(of_specs(before.clone(), after.clone()).join("; "), expected, "{before} {after}");
    }
    // All of it is told, not the first alone.
    let worse = spec(json!(["a", "c"]), json!({"a": {"type": "integer", "description": "It."}, "c": strict}));
    assert_eq!(
        of_specs(one(), worse),
        ["breaking type-changed /properties/a/type", "breaking required-field-added /properties/c"]
    );
}

#[test]
fn branches_of_a_choice() {
    let branch = |kind: &str, title: &str, field: &str| {
        json!({"title": title, "type": "object", "required": ["kind", field],
               "properties": {"kind": {"type": "string", "const": kind}, field: {"type": "string"}}})
    };
    let choice = |branches: Vec<Value>| json!({"type": "object", "oneOf": branches});
    let (token, oauth) = (branch("token", "Token", "token"), branch("oauth", "OAuth", "refresh"));
    let both = || choice(vec![token.clone(), oauth.clone()]);
    assert_eq!(of_fields(both(), choice(vec![oauth.clone(), token.clone()])), none());
    let swapped = vec![branch("token", "OAuth", "token"), branch("oauth", "Token", "refresh")];
    assert_eq!(of_fields(both(), choice(swapped)), ["cosmetic title /oneOf/0/title", "cosmetic title /oneOf/1/title"]);
    assert_eq!(of_fields(choice(vec![token.clone()]), both()), ["behavioural branch-added /oneOf/1"]);
    assert_eq!(of_fields(both(), choice(vec![token.clone()])), ["breaking branch-removed /oneOf/1"]);
    let other = choice(vec![token.clone(), branch("oauth2", "OAuth", "refresh")]);
    assert_eq!(of_fields(both(), other), ["breaking branch-removed /oneOf/1", "behavioural branch-added /oneOf/1"]);
    let harder = choice(vec![with(&token, json!({"required": ["kind"]})), oauth.clone()]);
    assert_eq!(of_fields(harder, both()), ["breaking became-required /oneOf/0/required"]);
    // What its parent requires, a branch may require.
    let mut parent = with(&both(), json!({"required": ["kind", "token", "refresh"]}));
    parent["oneOf"][0]["required"] = json!([]);
    let mut inner = both();
    inner["required"] = json!(["kind", "token", "refresh"]);
    assert_eq!(of_fields(parent, inner), none());
    let plain = json!({"type": "object", "required": ["token"], "properties": {"token": {"type": "string"}}});
    assert_eq!(of_fields(plain.clone(), both()), ["breaking became-choice /oneOf"]);
    let lenient = json!({"type": "object", "properties": {"token": {"type": "string"}}});
    assert_eq!(of_fields(plain, choice(vec![lenient, oauth])), ["behavioural choice-widened /oneOf"]);
    assert_eq!(
        of_fields(json!({"type": "string"}), json!({"oneOf": [{"type": "string"}, {"type": "object"}]})),
        ["behavioural choice-widened /oneOf"]
    );
}

#[test]
fn a_spec_as_a_whole_is_held_against_its_configs() {
    // Each branch alone is narrower, both together are not.
    let branch = |of: Value| json!({"title": "A", "type": "object", "properties": {"x": of}});
    let choice = |one: Value, other: Value| json!({"type": "object", "anyOf": [with(&branch(one), json!({"title": "A"})), with(&branch(other), json!({"title": "B"}))]});
    let before = choice(json!({"type": "string"}), json!({"type": "integer"}));
    let after = choice(json!({"type": "string"}), json!({"type": ["integer", "null"]}));
    assert_eq!(of_fields(before, after), ["behavioural type-widened /anyOf/1/properties/x/type"]);
    // A wider branch takes what was another's: a `oneOf` refuses what two take.
    let overlap =
        |of: Value| json!({"oneOf": [{"title": "A", "type": "string", "maxLength": 3}, {"title": "B", "type": of}]});
    let found = of_fields(overlap(json!("integer")), overlap(json!(["integer", "string"])));
    assert!(found.iter().any(|line| line.starts_with("breaking config-refused")), "{found:?}");
}

#[test]
fn what_a_specification_says_besides() {
    let told = |before: Value, after: Value| told(&changes_of_spec(&before, &after).expect("small"), "");
    let auth = |key: &str| json!({"advanced_auth": {"auth_flow_type": "oauth2.0", "oauth_config_specification": {"a": key, "b": 1}}});
    assert_eq!(told(json!({}), auth("x")), ["behavioural oauth-added /advanced_auth"]);
    assert_eq!(told(auth("x"), json!({"advanced_auth": null})), ["breaking oauth-removed /advanced_auth"]);
    assert_eq!(told(auth("x"), auth("y")), ["behavioural oauth-changed /advanced_auth/oauth_config_specification/a"]);
    let modes = |modes: Value| json!({"supported_destination_sync_modes": modes});
    assert_eq!(
        told(modes(json!(["append", "overwrite"])), modes(json!(["overwrite", "append_dedup"]))),
        [
            "breaking destination-mode-removed /supported_destination_sync_modes",
            "behavioural destination-mode-added /supported_destination_sync_modes"
        ]
    );
    assert_eq!(
        told(json!({"supportsIncremental": true}), json!({})),
        ["breaking ability-removed /supportsIncremental"]
    );
    assert_eq!(told(json!({"supportsIncremental": false}), json!({})), none());
    assert_eq!(
        told(json!({"documentationUrl": "a"}), json!({"documentationUrl": "b"})),
        ["cosmetic annotation /documentationUrl"]
    );
}

#[test]
fn references_are_followed_and_end() {
    let by_reference = |of: &str| {
        json!({"definitions": {"f": {"type": of}, "loop": {"properties": {"again": {"$ref": "#/definitions/loop"}}}},
               "type": "object", "properties": {"f": {"$ref": "#/definitions/f"}, "loop": {"$ref": "#/definitions/loop"}}})
    };
    assert_eq!(of_specs(by_reference("string"), by_reference("string")), none());
    assert_eq!(of_specs(by_reference("string"), by_reference("integer")), ["breaking type-changed /properties/f/type"]);
    let wide = |title: &str| {
        let again: Vec<Value> = (0..9).map(|_| json!({"$ref": "#"})).collect();
        json!({ "connectionSpecification": {"title": title, "oneOf": again} })
    };
    assert_eq!(changes_of_spec(&wide("a"), &wide("b")), Err(TooLarge));
}
