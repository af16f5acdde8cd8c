//! The examples of docs/suites.md: each is written beside what it names, and `airproof list` takes it.

#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use binary::Place;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// The YAML blocks of the page, in order.
fn examples() -> Vec<String> {
    let page = fs::read_to_string("docs/suites.md").unwrap();
    page.split("```yaml\n").skip(1).filter_map(|rest| Some(rest.split("```").next()?.to_owned())).collect()
}

#[test]
fn every_example_can_be_listed() {
    let examples = examples();
    assert!(examples.len() >= 8);
    for example in examples {
        let place = Place::new();
        fs::create_dir(place.path("secrets")).unwrap();
        for (name, content) in [
            ("secrets/config.json", "{}"),
            ("secrets/key.txt", "k-1234"),
            ("catalog.json", r#"{"streams": []}"#),
            ("state.json", "[]"),
            ("spec.json", r#"{"connectionSpecification": {}}"#),
            ("expected.jsonl", "{\"stream\": \"orders\", \"data\": {\"id\": 1}}\n"),
            ("abnormal_state.json", "[]"),
            ("shop", ""),
        ] {
            place.write(name, content);
            // Secrets that everyone may read are told.
            fs::set_permissions(place.path(name), fs::Permissions::from_mode(0o600)).unwrap();
        }
        place.write("airproof.yml", &example);
        let arguments: &[&str] =
            if example.contains("profiles:") { &["list", "--profile", "nightly"] } else { &["list"] };
        let listed = place.run(arguments);
        assert_eq!(listed.code, 0, "{example}\n{}", listed.told());
        assert_eq!(listed.stderr, "", "{example}");
    }
}

/// A behaviour stands for rules; one that does not exist would waive nothing, and nobody would notice.
#[test]
fn each_declared_behaviour_waives_rules_that_exist() {
    let schema: serde_json::Value = serde_json::from_str(airproof::suite::SCHEMA).unwrap();
    let names = schema["definitions"]["behaviour"]["properties"]["name"]["enum"].as_array().unwrap();
    let statements: Vec<_> = airproof::experiments::all_statements().collect();
    let known: Vec<(&str, &str)> = statements.iter().map(|statement| (statement.code, statement.name)).collect();
    for name in names {
        let place = Place::new();
        let declared = format!("behaviours: [{{ name: {}, reason: so it is }}]", name.as_str().unwrap());
        place.write(
            "airproof.yml",
            &format!("connector: {{ image: a/b:c }}\nscenarios: [{{ config: {{}} }}]\n{declared}\n"),
        );
        let suite = airproof::suite::load(&place.path("airproof.yml"), &known, &Default::default()).unwrap();
        assert!(!suite.waivers.is_empty(), "{name}");
        for waiver in suite.waivers {
            assert!(known.iter().any(|(code, _)| *code == waiver.rule), "{name} waives {}", waiver.rule);
        }
    }
}
