//! Pairs of schemas with what is known of them, and pairs made by chance.

use super::chooser::Chance;
use super::*;
use serde_json::json;

fn of(before: &Value, after: &Value) -> Containment {
    containment(before, after, Undeclared::Anything)
}

fn contained(before: Value, after: Value) {
    assert_eq!(of(&before, &after), Containment::Contained, "{before} in {after}");
}

/// Asserts that it is not contained, and gives the counterexample.
fn refuted(before: Value, after: Value) -> Value {
    let found = of(&before, &after);
    let Containment::NotContained { counterexample, reasons } = found else {
        panic!("{before} in {after}: {found:?}");
    };
    let compiled = |schema| CompiledSchema::compile(schema).expect("a schema");
    assert!(compiled(&before).accepts(&counterexample), "{counterexample} is not valid before: {before}");
    assert!(!compiled(&after).accepts(&counterexample), "{counterexample} is valid after: {after}");
    assert!(!reasons.is_empty());
    counterexample
}

#[test]
fn what_is_contained_one_way_is_refuted_the_other_way() {
    let object = |more: Value| {
        let mut schema = json!({"type": "object"});
        schema.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        schema
    };
    let text = json!({"type": "string"});
    let branch = |kind: &str, field: &str| {
        object(json!({"required": ["kind", field], "properties": {"kind": {"const": kind}, field: {"type": "string"}}}))
    };
    let (a, b, c) = (branch("a", "x"), branch("b", "y"), branch("c", "z"));
    let pairs = [
        (json!({"type": "string"}), json!({"type": ["string", "null"]})),
        (json!({"type": "integer"}), json!({"type": "number"})),
        (json!({"type": "string"}), json!(true)),
        (json!(false), json!({"type": "string"})),
        (json!({"enum": ["a", 1]}), json!({"type": ["string", "integer"]})),
        (json!({"enum": ["a", "b"]}), json!({"enum": ["b", "c", "a"]})),
        (json!({"const": "a"}), json!({"enum": ["a", "b"]})),
        (json!({"type": "boolean"}), json!({"enum": [true, false, null]})),
        (json!({"enum": ["ab", "abc"]}), json!({"type": "string", "pattern": "^ab", "maxLength": 3})),
        (json!({"enum": ["a", "b"]}), json!({"oneOf": [{"const": "a"}, {"const": "b"}, {"const": "c"}]})),
        (json!({"type": "integer", "minimum": 2}), json!({"type": "integer", "exclusiveMinimum": 0})),
        (json!({"type": "integer", "exclusiveMaximum": 5}), json!({"type": "integer", "maximum": 5})),
        (json!({"type": "integer", "multipleOf": 6}), json!({"type": "integer", "multipleOf": 3})),
        (
            json!({"type": "string", "minLength": 2, "maxLength": 4}),
            json!({"type": "string", "minLength": 1, "maxLength": 5}),
        ),
        (json!({"type": "string", "pattern": "^a"}), json!({"type": "string"})),
        (json!({"type": "string", "format": "date"}), json!({"type": "string", "format": "email"})),
        (object(json!({"required": ["x", "y"]})), object(json!({"required": ["y"]}))),
        (object(json!({"required": ["x"]})), object(json!({"minProperties": 1}))),
        (
            object(json!({"properties": {"x": text}})),
            object(json!({"properties": {"x": {"type": ["null", "string"]}}})),
        ),
        (
            object(json!({"properties": {"x": text}, "additionalProperties": false})),
            object(json!({"properties": {"x": text}})),
        ),
        (
            object(json!({"additionalProperties": {"type": "integer"}})),
            object(json!({"additionalProperties": {"type": "number"}})),
        ),
        (
            object(json!({"patternProperties": {"^x": {"type": "integer"}}})),
            object(json!({"patternProperties": {"^x": {"type": "number"}}})),
        ),
        (
            object(json!({"additionalProperties": {"type": "integer"}})),
            object(json!({"patternProperties": {"^x": {"type": "integer"}}})),
        ),
        (json!({"type": "array", "items": {"type": "integer"}}), json!({"type": "array", "items": {"type": "number"}})),
        (
            json!({"type": "array", "items": [{"const": 1}], "additionalItems": false}),
            json!({"type": "array", "items": {"const": 1}}),
        ),
        (
            json!({"type": "array", "minItems": 2, "maxItems": 3}),
            json!({"type": "array", "minItems": 1, "maxItems": 4}),
        ),
        (json!({"type": "array", "uniqueItems": true}), json!({"type": "array"})),
        (
            json!({"type": "array", "minItems": 1, "items": {"const": 1}}),
            json!({"type": "array", "contains": {"const": 1}}),
        ),
        (json!({"oneOf": [a, b]}), json!({"oneOf": [c, b, a]})),
        (json!({"anyOf": [{"type": "string"}, {"type": "null"}]}), json!({"type": ["null", "string", "boolean"]})),
        (
            json!({"type": ["null", "string"]}),
            json!({"anyOf": [{"type": "string"}, {"type": "null"}, {"type": "array"}]}),
        ),
        (json!({"allOf": [{"type": "string"}, {"minLength": 3}]}), json!({"type": "string", "minLength": 2})),
        (json!({"type": "string"}), json!({"not": {"type": "integer"}})),
        (json!({"enum": ["a", "b"]}), json!({"not": {"const": "c"}})),
        (
            json!({"definitions": {"x": {"type": "integer"}}, "type": "object", "properties": {"x": {"$ref": "#/definitions/x"}}}),
            json!({"definitions": {"y": {"type": "number"}}, "type": "object", "properties": {"x": {"$ref": "#/definitions/y"}}}),
        ),
        (
            json!({"definitions": {"n": {"type": "object", "required": ["v"], "properties": {"v": {"type": "integer"}, "next": {"$ref": "#/definitions/n"}}}}, "$ref": "#/definitions/n"}),
            json!({"definitions": {"n": {"type": "object", "properties": {"v": {"type": "number"}, "next": {"$ref": "#/definitions/n"}}}}, "$ref": "#/definitions/n"}),
        ),
        (
            object(json!({"required": ["kind", "x"], "properties": {"kind": {"const": "a"}}})),
            object(
                json!({"if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["x"]}, "else": {"required": ["y"]}}),
            ),
        ),
        (object(json!({"required": ["x", "y"]})), object(json!({"dependencies": {"x": ["y"]}}))),
    ];
    for (narrow, wide) in pairs {
        contained(narrow.clone(), wide.clone());
        refuted(wide, narrow);
    }
}

#[test]
fn what_means_the_same_is_contained_both_ways() {
    let pairs = [
        (json!({"type": "string"}), json!({"type": ["string"], "description": "other", "title": "T"})),
        (json!({"type": ["null", "string"]}), json!({"type": ["string", "null"], "default": "x", "order": 1})),
        (json!({"enum": [1, 2]}), json!({"enum": [2.0, 1.0]})),
        (json!({"type": "object"}), json!({"type": "object", "additionalProperties": true, "required": []})),
        (
            json!({"oneOf": [{"type": "string"}, {"type": "null"}]}),
            json!({"oneOf": [{"type": "null"}, {"type": "string"}]}),
        ),
        (json!({"not": {"pattern": "^(?!x)", "description": "a"}}), json!({"not": {"pattern": "^(?!x)"}})),
        (
            json!({"type": "string", "pattern": "^(a|b)$"}),
            json!({"type": "string", "pattern": "^(a|b)$", "format": "x"}),
        ),
    ];
    for (one, other) in pairs {
        let decided = |one: &Value, other: &Value| match of(one, other) {
            // The project's validator takes no look-ahead.
            Containment::Undecided { why, .. } => assert!(why.contains("can't be compiled"), "{one} in {other}: {why}"),
            found => assert_eq!(found, Containment::Contained, "{one} in {other}"),
        };
        decided(&one, &other);
        decided(&other, &one);
    }
}

#[test]
fn what_no_proof_reaches_is_searched() {
    assert_eq!(refuted(json!({"type": "string"}), json!({"type": "string", "pattern": "^[a-z]*$"})), json!("1"));
}

#[test]
fn counterexamples_are_small() {
    let field = |more: Value| json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "deep": {"type": "object", "properties": {"b": {"type": "string"}, "a": more}}}});
    let found =
        refuted(field(json!({"type": "integer", "maximum": 9})), field(json!({"type": "integer", "maximum": 8})));
    assert_eq!(found, json!({"id": "text", "deep": {"a": 9}}));
    let token = |least: u64| json!({"type": "object", "properties": {"token": {"type": "string", "pattern": "^sk-[0-9a-f]{4,}$", "minLength": least}}});
    let found = refuted(token(0), token(9));
    assert!(found["token"].as_str().is_some_and(|token| token.starts_with("sk-")), "{found}");
}

#[test]
fn members_that_nobody_declares_may_be_taken_for_absent() {
    let one = json!({"type": "object", "properties": {"x": {"type": "string"}}});
    let two =
        json!({"type": "object", "properties": {"x": {"type": "string"}, "y": {"type": "object", "required": ["z"]}}});
    let closed = json!({"type": "object", "properties": {"x": {"type": "string"}}, "additionalProperties": false});
    for after in [&two, &closed] {
        assert_eq!(containment(&one, after, Undeclared::Absent), Containment::Contained, "{after}");
        assert!(matches!(of(&one, after), Containment::NotContained { .. }), "{after}");
    }
    assert!(matches!(containment(&two, &closed, Undeclared::Absent), Containment::NotContained { .. }));
    // What must be given is there, declared or not.
    let given = json!({"type": "object", "required": ["z"], "properties": {"x": {"type": "string"}}});
    assert!(matches!(containment(&given, &closed, Undeclared::Absent), Containment::NotContained { .. }));
    // What declares nothing holds anything.
    let map = json!({"type": "object"});
    assert!(matches!(containment(&map, &two, Undeclared::Absent), Containment::NotContained { .. }));
}

#[test]
fn hostile_schemas_end() {
    let looped = json!({"$ref": "#"});
    let wide = |title: &str| {
        let again: Vec<Value> = (0..9).map(|_| json!({"$ref": "#"})).collect();
        json!({"title": title, "type": "object", "properties": {"a": {"oneOf": again}}})
    };
    let many = |most: u64| {
        let fields: serde_json::Map<String, Value> =
            (0..3_000).map(|n| (format!("f{n}"), json!({"type": "string", "maxLength": most}))).collect();
        json!({"type": "object", "properties": fields})
    };
    let deep =
        (0..60).fold(json!({"type": "string"}), |inner, _| json!({"type": "object", "properties": {"a": inner}}));
    for (before, after) in
        [(wide("a"), wide("b")), (many(9), many(10)), (deep.clone(), deep), (looped.clone(), json!({}))]
    {
        let _ = of(&before, &after);
    }
    let _ =
        of(&json!({"type": "string", "pattern": "((a{200}){200}){200}"}), &json!({"type": "string", "pattern": "b"}));
    assert!(matches!(of(&many(10), &many(9)), Containment::NotContained { .. }));
}

/// A schema made by chance.
fn schema(chance: &mut Chance, depth: usize) -> Value {
    let scalars = [
        json!({"type": "string"}),
        json!({"type": ["string", "null"]}),
        json!({"type": "integer", "minimum": 1}),
        json!({"type": "number", "maximum": 5}),
        json!({"enum": ["a", "b"]}),
        json!({"const": "a"}),
        json!({"type": "boolean"}),
        json!({"type": "string", "maxLength": 3}),
        json!({"type": "string", "pattern": "^[a-c]+$"}),
        json!({}),
        json!(true),
        json!({"type": "string", "format": "date"}),
        json!({"type": "integer", "multipleOf": 2}),
        json!({"type": "null"}),
    ];
    let scalar = |chance: &mut Chance| scalars[chance.below(scalars.len())].clone();
    if depth == 0 {
        return scalar(chance);
    }
    let list =
        |chance: &mut Chance| -> Vec<Value> { (0..1 + chance.below(3)).map(|_| schema(chance, depth - 1)).collect() };
    match chance.below(9) {
        0 | 1 => {
            let names = ["a", "b", "c"];
            let properties: serde_json::Map<String, Value> = names
                .iter()
                .take(1 + chance.below(3))
                .map(|name| ((*name).to_owned(), schema(chance, depth - 1)))
                .collect();
            let mut object = json!({"type": "object", "properties": properties});
            if chance.below(2) == 0 {
                object["required"] = json!([names[chance.below(3)]]);
            }
            match chance.below(4) {
                0 => object["additionalProperties"] = json!(false),
                1 => object["additionalProperties"] = scalar(chance),
                2 => object["patternProperties"] = json!({"^b": scalar(chance)}),
                _ => {}
            }
            object
        }
        2 => {
            json!({"type": "array", "items": schema(chance, depth - 1), "minItems": chance.below(2), "maxItems": 1 + chance.below(2)})
        }
        3 => json!({"oneOf": list(chance)}),
        4 => json!({"anyOf": list(chance)}),
        5 => json!({"allOf": list(chance)}),
        6 => json!({"not": schema(chance, depth - 1)}),
        7 => json!({"if": scalar(chance), "then": schema(chance, depth - 1), "else": schema(chance, depth - 1)}),
        _ => scalar(chance),
    }
}

/// The same with one place of it made anew.
fn varied(schema_before: &Value, chance: &mut Chance) -> Value {
    let places = crate::protocol::schema::positions(schema_before);
    let pointer = places[chance.below(places.len())].pointer.clone();
    let mut after = schema_before.clone();
    if let Some(place) = after.pointer_mut(&pointer) {
        *place = schema(chance, 1);
    }
    after
}

#[test]
fn what_is_proven_has_no_counterexample() {
    let mut chance = Chance(7);
    let (mut proven, mut refuted, mut open) = (0, 0, 0);
    for _ in 0..400 {
        let before = schema(&mut chance, 3);
        let after = varied(&before, &mut chance);
        let undeclared = [Undeclared::Anything, Undeclared::Absent][chance.below(2)];
        let compiled = [&before, &after].map(|schema| CompiledSchema::compile(schema).expect("a schema"));
        let proof = prove(&before, &after, undeclared);
        let (is_proven, at) = (proof.is_ok(), proof.err().map(|doubt| doubt.at).unwrap_or_default());
        let found = search::counterexample([&before, &after], [&compiled[0], &compiled[1]], undeclared, &at, 200);
        match (is_proven, found) {
            (true, Some(found)) => panic!("{before} in {after} ({undeclared:?}): {found}"),
            (true, None) => proven += 1,
            (false, Some(_)) => refuted += 1,
            (false, None) => open += 1,
        }
    }
    assert!(proven > 60 && refuted > 60 && open < 60, "{proven} {refuted} {open}");
}

#[test]
fn the_same_question_has_the_same_answer() {
    let mut chance = Chance(11);
    for _ in 0..20 {
        let (before, after) = (schema(&mut chance, 2), schema(&mut chance, 2));
        assert_eq!(of(&before, &after), of(&before, &after));
    }
}
