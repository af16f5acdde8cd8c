//! Drafts are suites that can be read, whatever the specification.

use super::super::schema::tests::complaints;
use super::super::{LocalCommand, Overrides, Suite, Target, load_in};
use super::*;
use serde_json::json;

fn specification(schema: Value) -> Specification {
    Specification { raw: json!({"connectionSpecification": schema}) }
}

fn drafted(schema: Value) -> Draft {
    draft(&Target::Image("airbyte/source-shop:dev".to_owned()), &specification(schema), None)
}

/// Reads a draft as any suite is, where each variable that it names is set to that.
fn read(draft: &Draft, value: &str) -> Suite {
    assert_eq!(complaints(&draft.text), [""; 0], "{}", draft.text);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("airproof.yml"), &draft.text).expect("a file");
    let environment = |name: &str| match draft.variables.iter().any(|variable| variable == name) {
        true => Ok(value.to_owned()),
        false => Err(std::env::VarError::NotPresent),
    };
    load_in(folder.path(), &[], &Overrides::default(), &environment)
        .unwrap_or_else(|error| panic!("{error}\n{}", draft.text))
}

fn shop() -> Value {
    let secret = json!({"type": "string", "airbyte_secret": true, "title": "Key"});
    json!({
        "type": "object", "required": ["login", "shop", "since", "pages", "regions", "endpoint"],
        "properties": {
            "login": {"type": "object", "order": 0, "oneOf": [
                {"type": "object", "required": ["way", "key"], "properties": {
                    "way": {"type": "string", "const": "key"}, "key": secret, "role": {"type": "string"}}},
                {"type": "object", "required": ["way"], "properties": {"way": {"const": "none"}}},
            ]},
            "since": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$", "order": 1},
            "shop": {"type": "string", "title": "Shop", "description": "Its name.\nIn lower case.", "pattern": "^[a-z]+$"},
            "pages": {"type": "integer", "minimum": 5, "maximum": 10},
            "regions": {"type": "array", "minItems": 1, "items": {"type": "string", "enum": ["eu", "us"]}},
            "endpoint": {"$ref": "#/definitions/endpoint"},
            "token": secret, "note": {"type": "string", "default": "none ${env:HOME} ${file:/etc/passwd}"},
            "proxy": {"type": "object", "properties": {"host": {"type": "string"}}, "required": ["host"]},
        },
        "definitions": {"endpoint": {"type": "string", "examples": ["https://shop.example.com"]}},
    })
}

#[test]
fn a_config_is_made_that_conforms() {
    let draft = drafted(shop());
    assert_eq!(draft.variables, ["SHOP_KEY"]);
    assert_eq!(draft.placeholders, ["since", "shop", "pages"]);
    assert_eq!(draft.misfits, [""; 0], "{}", draft.text);
    let compiled = CompiledSchema::compile(&shop()).expect("a schema");
    for secret in ["x", "12", "true", "a: \"b\" # c"] {
        let suite = read(&draft, secret);
        let [sandbox, wrong] = &suite.scenarios[..] else { panic!("{}", draft.text) };
        let expected = json!({
            "login": {"way": "key", "key": secret}, "since": "2024-01-01T00:00:00Z", "shop": "example", "pages": 5,
            "regions": ["eu"], "endpoint": "https://shop.example.com",
        });
        assert_eq!(sandbox.config, expected);
        assert!(compiled.accepts(&sandbox.config) && compiled.accepts(&wrong.config));
        assert_eq!(wrong.config["login"]["key"], "not-a-real-secret");
        assert!(wrong.canaries && wrong.name == "wrong secret");
    }
    assert!(draft.text.contains("      # Shop: Its name. In lower case.\n"), "{}", draft.text);
}

#[test]
fn what_is_optional_can_be_uncommented() {
    let draft = drafted(shop());
    let uncommented: Vec<String> = draft
        .text
        .lines()
        .map(|line| match line.trim_start().strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') || line.starts_with("      #  ") => line.replacen('#', "", 1),
            _ => line.to_owned(),
        })
        .take_while(|line| !line.contains("wrong secret"))
        .collect();
    let draft = Draft {
        text: uncommented.join("\n"),
        variables: vec!["SHOP_KEY".into(), "SHOP_TOKEN".into()],
        placeholders: Vec::new(),
        misfits: Vec::new(),
    };
    let config = &read(&draft, "word").scenarios[0].config;
    assert_eq!(config["token"], "word");
    assert_eq!(config["proxy"], json!({"host": "example"}));
    assert_eq!(config["note"], "none ${env:HOME} ${file:/etc/passwd}", "the specification can't ask for what is here");
}

#[test]
fn a_config_of_ones_own_is_named_and_not_copied() {
    let content = json!({"login": {"way": "key", "key": "s3cret-value"}, "shop": "tulips"});
    let streams = [Descriptor::named("orders"), Descriptor::named("evil\nscenarios: []\u{202e}")];
    let own = OwnConfig { path: "secrets/a b.json", content: &content, streams: &streams };
    let draft = draft(&Target::Exec(LocalCommand::here("python main.py")), &specification(shop()), Some(own));
    assert!(!draft.text.contains("s3cret") && !draft.text.contains("tulips"), "{}", draft.text);
    assert_eq!(draft.text.matches("config: \"secrets/a b.json\"").count(), 2);
    assert!(draft.text.contains("#   orders\n#   evil scenarios: []<U+202E>\n"), "{}", draft.text);
    assert!(draft.misfits.contains(&String::new()), "{:?}: `since` and more are missing", draft.misfits);
    assert_eq!(complaints(&draft.text), [""; 0]);
}

#[test]
fn hostile_specifications_make_suites_that_can_be_read() {
    let hostile = "x\n  - evil: true\r\u{85}\u{2028}\u{1b}[31m\u{0}\": ${env:HOME} # ' |";
    let deep = (0..200).fold(
        json!({"type": "string"}),
        |inner, _| json!({"type": "object", "required": ["a"], "properties": {"a": inner}}),
    );
    let many: serde_json::Map<String, Value> =
        (0..5_000).map(|at| (format!("f{at}"), json!({"type": "string", "title": hostile}))).collect();
    let secret =
        json!({"type": "string", "airbyte_secret": true, "title": hostile, "description": "y".repeat(100_000)});
    for schema in [
        json!({"required": [hostile, "<<", "null", "1", "- a"], "properties": {
            hostile: secret, "<<": {"const": hostile}, "null": {"default": hostile}, "1": {"enum": [hostile]},
            "- a": {"type": "object", "default": {hostile: [hostile]}, "properties": {hostile: secret}, "required": [hostile]},
            "optional": {"type": "string", "title": hostile, "default": hostile},
        }}),
        deep,
        json!({"properties": many, "required": many.keys().collect::<Vec<_>>()}),
        json!({"properties": {"a": {"$ref": "#"}}, "required": ["a"]}),
        json!({"$ref": "#", "oneOf": [{"$ref": "#"}], "allOf": [{"$ref": "#"}]}),
        json!({"required": ["a"], "properties": {"a": {"type": "array", "minItems": 1_000_000_000_u64, "items": {"type": "array", "minItems": 9e18, "items": secret}}}}),
        json!({"required": ["a"], "properties": {"a": {"type": "string", "minLength": 1_000_000_000_000_u64, "pattern": "(?=x)"}}}),
        json!({"properties": 7, "required": "all"}),
        json!([]),
        json!(null),
        json!({}),
    ] {
        let draft = drafted(schema);
        assert!(draft.text.len() < 200_000, "{}", draft.text.len());
        let suite = read(&draft, "word");
        let canaries = suite.scenarios.iter().filter(|scenario| scenario.canaries).count();
        assert!(suite.scenarios.len() == 1 + canaries && canaries <= 1, "{}", draft.text);
    }
}

#[test]
fn numbers_that_are_secret_stay_numbers() {
    let draft =
        drafted(json!({"required": ["pin"], "properties": {"pin": {"type": "integer", "airbyte_secret": true}}}));
    assert_eq!(read(&draft, "4711").scenarios[0].config, json!({"pin": 4711}));
}

#[test]
fn where_nothing_is_required_the_defaults_are_written() {
    let schema = json!({"properties": {
        "count": {"type": "integer", "default": 1000}, "seed": {"type": "integer", "default": -1},
        "note": {"type": "string"}, "token": {"type": "string", "airbyte_secret": true, "default": "x"},
    }});
    let draft = drafted(schema.clone());
    assert_eq!(read(&draft, "word").scenarios[0].config, json!({"count": 1000, "seed": -1}), "{}", draft.text);
    assert!(draft.text.contains("#note: ") && draft.variables.is_empty(), "{}", draft.text);
    let mut schema = schema;
    schema["required"] = json!(["note"]);
    assert_eq!(read(&drafted(schema), "word").scenarios[0].config, json!({"note": "example"}));
}
