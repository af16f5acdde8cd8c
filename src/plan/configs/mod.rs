//! Variations of a good configuration: some that a connector must refuse, and some that it must take.
//!
//! They are made from what the specification says, so each is judged with its schema before it is handed out: one to be
//! refused breaks it, one to be taken conforms. The specification is the connector's and is not trusted: it can keep
//! variations from being made, and neither hang nor break us. The same input makes the same variations.

mod branch;
mod judge;
mod missing;
mod naming;
mod secrets;
mod spots;
mod surplus;
mod unreachable;
mod values;
mod variation;

pub use variation::{Content, Kind, Variation};

use judge::{Draft, Judge};
use naming::Ids;
use serde_json::Value;
use spots::Spots;

/// How many variations of a configuration are made, of those to be refused and of those to be taken.
pub const MOST: usize = 200;

/// How many drafts of a kind are judged: not every draft becomes a variation.
const DRAFTS: usize = 400;

/// Configurations that a connector must refuse, at most [`MOST`], the most telling first: of each [`Kind`] one, then the
/// next of each. `spec` is the `connectionSpecification`. Each breaks the schema, but for those with mangled secrets and
/// those that are no configuration at all; only the latter are made where `config` itself does not conform. Equal seeds
/// mangle secrets equally.
pub fn refused(spec: &Value, config: &Value, seed: u64) -> Vec<Variation> {
    let judge = Judge::of(spec).filter(|judge| config.is_object() && judge.conforms(config));
    let mut kinds = Vec::new();
    if let Some(judge) = judge {
        let spots = Spots::of(spec, config);
        let missing = judge.breaking(missing::required(&spots));
        let empty = missing.iter().any(|found| found.pointer.as_ref().is_some_and(|at| at.matches('/').count() == 1));
        kinds.push(missing);
        kinds.push(judge.conforming(secrets::mangled(&spots, &judge, seed)));
        kinds.extend([
            judge.breaking(values::of_wrong_type(&spots)),
            judge.breaking(values::outside_enum(&spots)),
            judge.breaking(branch::unknown(&spots)),
            judge.breaking(empty.then(missing::all)),
            judge.breaking(values::off_pattern(&spots)),
            judge.breaking(values::out_of_bounds(&spots)),
            judge.breaking(values::outside_const(&spots)),
            judge.breaking(missing::discriminators(&spots)),
        ]);
    }
    let place = kinds.len().min(2);
    kinds.insert(place, not_json());
    kinds.push(vec![not_an_object()]);
    interleaved(kinds)
}

/// Configurations that the specification allows, at most [`MOST`], ordered like those of [`refused`]. Each conforms to
/// the schema. One whose [`Kind::keeps_meaning`] has to work; of another, a connector may say that it does not work, as
/// of any configuration that conforms. `seed` chooses the names of unknown fields.
pub fn accepted(spec: &Value, config: &Value, seed: u64) -> Vec<Variation> {
    let Some(judge) = Judge::of(spec).filter(|judge| config.is_object() && judge.conforms(config)) else {
        return Vec::new();
    };
    let spots = Spots::of(spec, config);
    let optional = surplus::optional(&spots);
    interleaved(vec![
        judge.conforming(surplus::unknown_keys(&spots, &judge, seed)),
        judge.conforming(optional.at_default),
        // A part that can't be compiled may be what another branch would break.
        if judge.is_whole { judge.conforming(branch::others(&spots)) } else { vec![] },
        judge.conforming(optional.elsewhere),
    ])
}

/// Configurations whose hosts can't be reached: one that never answers, one that refuses each connection. None where the
/// configuration names no host, or where the schema wants none but its own.
pub fn unreachable(spec: &Value, config: &Value) -> Vec<Variation> {
    let Some(judge) = Judge::of(spec).filter(|judge| config.is_object() && judge.conforms(config)) else {
        return Vec::new();
    };
    judge.conforming(unreachable::hosts(&Spots::of(spec, config), &judge))
}

fn not_json() -> Vec<Variation> {
    let of = |id: &str, what: &str, bytes: &[u8]| Variation {
        id: id.to_owned(),
        what: what.to_owned(),
        pointer: None,
        kind: Kind::NotJson,
        content: Content::Bytes(bytes.to_vec()),
    };
    vec![
        of("no-json", "that is no JSON: it stops in the middle of a text", b"{\"this config\": \"stops in the midd"),
        of("empty-file", "that is an empty file", b""),
    ]
}

fn not_an_object() -> Variation {
    Variation {
        id: "an-array".to_owned(),
        what: "that is a JSON array and no object".to_owned(),
        pointer: None,
        kind: Kind::NotAnObject,
        content: Content::Bytes(b"[\"not\", \"an\", \"object\"]\n".to_vec()),
    }
}

/// The first of each, then the second of each, and so on, with ids of their own.
fn interleaved(kinds: Vec<Vec<Variation>>) -> Vec<Variation> {
    let mut kinds: Vec<_> = kinds.into_iter().map(Vec::into_iter).collect();
    let (mut all, mut ids) = (Vec::new(), Ids::default());
    loop {
        let before = all.len();
        all.extend(kinds.iter_mut().filter_map(Iterator::next));
        if all.len() == before || all.len() >= MOST {
            break;
        }
    }
    all.truncate(MOST);
    for variation in &mut all {
        variation.id = ids.unique(&variation.id);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::schema::CompiledSchema;
    use serde_json::{Map, json};

    fn spec() -> Value {
        let secret = json!({"type": "string", "airbyte_secret": true});
        json!({
            "type": "object", "required": ["login", "shop", "since"],
            "properties": {
                "login": {"type": "object", "oneOf": [
                    {"title": "Key", "type": "object", "required": ["way", "key"], "properties": {
                        "way": {"type": "string", "const": "key"}, "key": secret,
                    }},
                    {"title": "Key and user", "type": "object", "required": ["way", "key", "role"], "properties": {
                        "way": {"type": "string", "const": "user"}, "key": secret,
                        "role": {"type": "string", "enum": ["reader", "owner"]},
                    }},
                    {"title": "OAuth", "type": "object", "required": ["way", "refresh_token"], "properties": {
                        "way": {"type": "string", "const": "oauth"}, "refresh_token": secret,
                    }},
                ]},
                "shop": {"type": "string", "pattern": "^[a-z]+$"},
                "since": {"type": "string", "default": "2024-01-01"},
                "depth": {"type": "string", "enum": ["short", "full"]},
                "page": {"type": "integer", "minimum": 1, "maximum": 500, "default": 100},
                "host": {"type": "string", "default": "eu.example.com"},
            },
        })
    }

    fn config() -> Value {
        json!({
            "login": {"way": "key", "key": "sk-Ab12"}, "shop": "tulips", "since": "2025-01-01", "depth": "full",
            "page": 100, "host": "us.example.com",
        })
    }

    fn ids(variations: &[Variation]) -> Vec<&str> {
        variations.iter().map(|variation| variation.id.as_str()).collect()
    }

    fn json_of<'v>(variations: &'v [Variation], id: &str) -> &'v Value {
        match &variations.iter().find(|variation| variation.id == id).expect(id).content {
            Content::Json(config) => config,
            Content::Bytes(_) => panic!("{id} is no JSON"),
        }
    }

    #[test]
    fn what_breaks_the_specification_is_to_be_refused() {
        let found = refused(&spec(), &config(), 1);
        assert_eq!(
            ids(&found),
            [
                "without-login",
                "other-login-key",
                "no-json",
                "wrong-type-of-login",
                "outside-enum-of-depth",
                "unknown-login-way",
                "empty-object",
                "off-pattern-of-shop",
                "below-minimum-of-page",
                "without-login-way",
                "an-array",
                "without-shop",
                "empty-file",
                "wrong-type-of-shop",
                "above-maximum-of-page",
                "without-login-key",
                "wrong-type-of-since",
                "wrong-type-of-depth",
                "wrong-type-of-page",
                "wrong-type-of-host",
                "wrong-type-of-login-key",
            ]
        );
        let says = |id: &str| &*found.iter().find(|variation| variation.id == id).expect(id).what;
        assert_eq!(says("without-login-key"), "without the required field `login.key`");
        assert_eq!(says("wrong-type-of-page"), "with a text that is none in place of a number in `page`");
        assert_eq!(json_of(&found, "without-login-key").pointer("/login"), Some(&json!({"way": "key"})));
        assert_eq!(json_of(&found, "below-minimum-of-page")["page"], 0);
        assert_eq!(json_of(&found, "unknown-login-way")["login"], json!({"way": "no-such-branch", "key": "sk-Ab12"}));
    }

    #[test]
    fn each_breaks_the_schema_in_one_place_and_secrets_do_not() {
        let schema = CompiledSchema::compile(&spec()).expect("a schema");
        for variation in refused(&spec(), &config(), 1) {
            let Content::Json(changed) = &variation.content else { continue };
            assert_eq!(schema.accepts(changed), variation.kind == Kind::MangledSecret, "{}", variation.id);
            let at = variation.pointer.as_deref().expect("one place");
            let mut back = changed.clone();
            if let (Some(place), Some(good)) = (back.pointer_mut(at), config().pointer(at)) {
                *place = good.clone();
                assert_eq!(back, config(), "{}", variation.id);
            }
        }
    }

    #[test]
    fn what_conforms_is_to_be_taken() {
        let found = accepted(&spec(), &config(), 7);
        let expected =
            ["unknown-fields", "without-page", "other-login-key-and-user", "without-optional-fields", "without-host"];
        assert_eq!(ids(&found), expected);
        let unknown = json_of(&found, "unknown-fields");
        assert!(unknown.get("unknown_field_7").is_some() && unknown.pointer("/login/unknown_field_7").is_some());
        let login = json!({"way": "user", "key": "sk-Ab12", "role": "reader"});
        assert_eq!(json_of(&found, "other-login-key-and-user")["login"], login);
        let keeping: Vec<&str> = found.iter().filter(|one| one.kind.keeps_meaning()).map(|one| &*one.id).collect();
        assert_eq!(keeping, ["unknown-fields", "without-page"]);
    }

    #[test]
    fn what_is_closed_is_left_alone() {
        let mut closed = spec();
        closed["additionalProperties"] = json!(false);
        let found = accepted(&closed, &config(), 7);
        assert_eq!(json_of(&found, "unknown-fields")["shop"], "tulips");
        assert_eq!(json_of(&found, "unknown-fields").get("unknown_field_7"), None);
        let map = json!({"properties": {"headers": {"type": "object"}}, "additionalProperties": false});
        assert!(accepted(&map, &json!({"headers": {}}), 7).is_empty());
    }

    #[test]
    fn seeds_choose_secrets_and_nothing_else() {
        let (one, same, other) =
            (refused(&spec(), &config(), 1), refused(&spec(), &config(), 1), refused(&spec(), &config(), 2));
        assert_eq!(one, same);
        let differ: Vec<&str> =
            one.iter().zip(&other).filter(|(one, other)| one != other).map(|(one, _)| &*one.id).collect();
        assert_eq!(differ, ["other-login-key"]);
        let words: String = one.iter().map(|variation| format!("{} {}", variation.what, variation.id)).collect();
        assert!(!words.contains("Ab12"), "{words}");
    }

    #[test]
    fn a_secret_among_fixed_values_and_patterns_keeps_to_them() {
        let spec = json!({"properties": {
            "token": {"type": "string", "airbyte_secret": true, "pattern": "^[a-z]{4}[0-9]{4}$"},
            "password": {"type": "string", "enum": ["none", "some"]},
        }});
        let found = refused(&spec, &json!({"token": "abcd1234", "password": "none"}), 3);
        let secrets: Vec<&Variation> = found.iter().filter(|one| one.kind == Kind::MangledSecret).collect();
        assert_eq!(secrets.iter().map(|one| &*one.id).collect::<Vec<_>>(), ["other-token"]);
        assert_eq!(json_of(&found, "other-token")["password"], "none");
    }

    #[test]
    fn of_a_config_that_does_not_conform_only_files_are_made() {
        for (spec, config) in [(spec(), json!({})), (json!(7), json!({})), (json!(null), config()), (spec(), json!([]))]
        {
            assert_eq!(ids(&refused(&spec, &config, 1)), ["no-json", "an-array", "empty-file"]);
            assert!(accepted(&spec, &config, 1).is_empty());
        }
    }

    #[test]
    fn a_branch_that_needs_no_answer_fills_its_field() {
        let spec = json!({"required": ["method"], "properties": {"method": {"oneOf": [
            {"required": ["name"], "properties": {"name": {"const": "standard"}}},
            {"required": ["name", "slot"], "properties": {"name": {"const": "cdc"}, "slot": {"type": "string"}}},
        ]}}});
        let config = json!({"method": {"name": "cdc", "slot": "s"}});
        let found = refused(&spec, &config, 1);
        let missing = found.iter().filter(|one| [Kind::MissingRequired, Kind::Empty].contains(&one.kind));
        assert_eq!(missing.map(|one| &*one.id).collect::<Vec<_>>(), ["without-method-slot"]);
        let other = accepted(&spec, &config, 1);
        assert_eq!(*json_of(&other, "other-method-branch-1"), json!({"method": {"name": "standard"}}));
    }

    #[test]
    fn hostile_specifications_end() {
        let deep_config = (0..100).fold(json!({"key": "secret-1"}), |inner, _| json!({"a": inner}));
        let names: Map<String, Value> = (0..1_000).map(|at| (format!("f{at}"), json!("x"))).collect();
        let fields: Map<String, Value> = names.keys().map(|name| (name.clone(), json!({"type": "string"}))).collect();
        let many = json!({"required": names.keys().collect::<Vec<_>>(), "properties": fields});
        let values: Vec<Value> = (0..100_000).map(|at| json!(at.to_string())).collect();
        let branches: Vec<Value> =
            (0..2_000).map(|at| json!({"properties": {"way": {"const": at.to_string()}}})).collect();
        for (spec, config) in [
            (json!({"properties": {"a": {"$ref": "#"}}, "required": []}), deep_config),
            (json!({"$ref": "#", "oneOf": [{"$ref": "#"}]}), json!({"a": 1})),
            (
                json!({"allOf": [{"$ref": "#/definitions/a"}], "definitions": {"a": {"allOf": [{"$ref": "#"}]}}}),
                json!({}),
            ),
            (json!({"properties": {"a": {"enum": values}}}), json!({"a": "7"})),
            (json!({"properties": {"a": {"oneOf": branches}}}), json!({"a": {"way": "7"}})),
            (
                json!({"properties": {"a": {"pattern": "(a+)+$(?=b)", "minLength": 1e300, "minimum": "x"}}}),
                json!({"a": "a"}),
            ),
            (
                json!({"properties": {"a": {"minLength": u64::MAX, "maxLength": u64::MAX, "minItems": 3}}}),
                json!({"a": "a"}),
            ),
            (json!({"properties": {"a": {"minimum": i64::MIN, "maximum": i64::MAX}}}), json!({"a": 5})),
            (json!({"properties": 5, "required": "a", "oneOf": {}}), json!({"a": 5})),
            (many, Value::Object(names)),
        ] {
            assert!(refused(&spec, &config, 1).len() <= MOST);
            assert!(accepted(&spec, &config, 1).len() <= MOST);
        }
    }
}
