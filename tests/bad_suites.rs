//! What is wrong with a suite, or merely odd in it, as users are told.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use airproof::suite::{self, Overrides};
use binary::Place;
use serde_json::json;
use std::fs;

const FOREIGN: &str = "acceptance-test-config.yml";

/// How often words are told.
fn times(told: &str, words: &str) -> usize {
    told.matches(words).count()
}

#[test]
fn a_foreign_file_is_read_as_python_reads_it() {
    let place = Place::new();
    let text = "connector_image: !!str a/b:dev\nacceptance_tests: !!map\n  basic_read: { tests: !!seq [{ config_path: \
                config.json, timeout_seconds: !!int 1:30, validate_schema: !!bool no }] }\n";
    let utf16 = |order: fn(u16) -> [u8; 2]| {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(order).collect::<Vec<u8>>()
    };
    for bytes in [text.as_bytes().to_vec(), utf16(u16::to_le_bytes), utf16(u16::to_be_bytes)] {
        fs::write(place.path(FOREIGN), &bytes).unwrap();
        place.run(&["list"]).exits(0).says("the image a/b:dev");
        let all: Vec<_> = airproof::experiments::all_statements().collect();
        let known: Vec<(&str, &str)> = all.iter().map(|statement| (statement.code, statement.name)).collect();
        let suite = suite::load(&place.path(FOREIGN), &known, &Overrides::default()).unwrap();
        assert_eq!(suite.limits_of(suite.scenarios.first()).read.as_secs(), 90);
        assert!(!suite.scenarios[0].rules.is_empty(), "`no` is false");
    }
    place.write(FOREIGN, "connector_image: !env a/b\nacceptance_tests: !!seq { spec: {} }\n");
    place.run(&["list"]).exits(2).says("the tag `!env` is not known").says("`!!seq` does not fit here");
}

#[test]
fn a_foreign_file_is_refused_in_its_own_words() {
    let place = Place::new();
    place.write(FOREIGN, "- spec: {}\n");
    let told = place.run(&["list"]);
    told.exits(2).says("a mapping with `acceptance_tests` at its root").says("write `connector_image: NAME`");
    assert!(!told.told().contains("scenarios"), "{}", told.told());
    fs::remove_file(place.path(FOREIGN)).unwrap();
    place.write("acceptance-test-config.yml.hbs", "connector_image: airbyte/{{name}}:dev\n");
    place.run(&["list"]).exits(2).says("has no suite, only the template of one: `./acceptance-test-config.yml.hbs`");
}

#[test]
fn every_yaml_mistake_comes_with_help() {
    let place = Place::new();
    for text in ["a: 1\n\tb: 2\n", "a: [1\n", "a: &a [*a]\n", "a: *none\n", "? [b]\n: c\n", "a: b: c\n"] {
        place.write("airproof.yml", text);
        place.run(&["list"]).exits(2).says("= help: ");
    }
    let deep = format!("scenarios: {}{}\n", "[".repeat(70), "]".repeat(70));
    place.write("airproof.yml", &deep);
    place.run(&["list"]).exits(2).says("levels deep").says("= help: put what is so deep");
}

#[test]
fn warnings_stand_beside_mistakes() {
    let place = Place::new();
    let text =
        "connector_image: a/b:dev\nconector: x\nacceptance_tests:\n  connection: { tests: [{ status: maybe }] }\n";
    place.write(FOREIGN, text);
    for command in ["list", "migrate"] {
        let told = place.run(&[command, "."]);
        told.exits(2).says("error: `maybe` is no status").says("warning: `conector` is no key of such a file");
    }
}

#[test]
fn a_missing_file_is_told_once_with_all_its_places() {
    let place = Place::new();
    let text = "connector_image: a/b:dev\nacceptance_tests:\n  connection:\n    tests:\n      - status: succeed\n  \
                full_refresh:\n    tests:\n      - configured_catalog_path: none.json\n        config_path: config.json\n  incremental:\n    tests:\n      \
                - configured_catalog_path: none.json\n        future_state: { future_state_path: ../x.json }\n";
    place.write(FOREIGN, text);
    let told = place.run(&["list"]);
    told.exits(0)
        .says("and here")
        .says("acceptance-test-config.yml:5:9")
        .says("without a `config_path` takes this one");
    for words in ["secrets/config.json` cannot be read", "none.json` cannot be read", "x.json` cannot be read"] {
        assert_eq!(times(&told.stderr, words), 1, "{words}: {}", told.stderr);
    }
    assert!(!told.stderr.contains("outside"), "what is not there is nowhere: {}", told.stderr);
}

#[test]
fn what_helps_against_a_missing_file_is_not_doctor() {
    let place = Place::new();
    place.suite(json!({"depth": "quick", "scenarios": [
        {"name": "sandbox", "config": "config.json"},
        {"name": "one", "config": "none.json"},
        {"name": "two", "config": "none.json", "expect": "failed"},
    ]}));
    let run = place.run(&["test"]);
    run.exits(2).says("next: mend the suite").says("one, two: the config");
    assert!(!run.told().contains("doctor"), "{}", run.told());
    assert_eq!(run.results()["run"]["errors"].as_array().unwrap().len(), 1);
}

#[test]
fn all_that_is_outside_of_the_folder_is_told() {
    let place = Place::new();
    fs::create_dir(place.path("inside")).unwrap();
    place.write("token", "abcdefgh\n");
    place.write(
        "inside/airproof.yml",
        "connector: { image: 'a/b:c', mounts: ['../config.json:/local/config.json:ro', '.:/here'] }\nscenarios: [{ name: s, \
         config: { token: '${file:../token}' } }]\n",
    );
    let told = place.run(&["list", "inside"]);
    told.exits(0).says("the mount `inside/../config.json` is outside of the suite's folder");
    told.says("the file `inside/../token` is outside of the suite's folder");
    assert_eq!(times(&told.stderr, "outside of the suite's folder"), 2, "{}", told.stderr);
}

/// What is filled in there may be a whole config: shown as a path, it would give its secrets away.
#[test]
fn a_config_that_is_filled_in_is_not_shown_as_a_path() {
    let place = Place::new();
    place.write("whole.json", "{\"token\": \"s3cr3t-tok\"}\n");
    place
        .write("airproof.yml", "connector: { exec: 'true' }\nscenarios: [{ name: s, config: '${file:whole.json}' }]\n");
    let told = place.run(&["list"]);
    told.exits(2).says("not what is in one").says("write `config: PATH`");
    assert!(!told.told().contains("s3cr3t"), "{}", told.told());
}

/// So may one from the environment; that there is no such file is told without it.
#[test]
fn what_the_environment_fills_in_for_a_config_is_not_shown() {
    let place = Place::new();
    place.write(
        "airproof.yml",
        "connector: { exec: 'true' }\nscenarios: [{ name: s, config: '${env:AIRPROOF_KEY}' }]\n",
    );
    let list = |place: &Place, value: &str| {
        let mut command = place.command(&["list"]);
        command.env("AIRPROOF_KEY", value);
        place.start(command).end()
    };
    for value in ["s3cr3t-tok", "[\"s3cr3t-tok\"]", "\"s3cr3t-tok\"", "user:s3cr3t-tok@host/name"] {
        let told = list(&place, value);
        told.exits(0).says("the config `${env:AIRPROOF_KEY}` cannot be read: what is filled in there names no file");
        assert!(!told.told().contains("s3cr3t"), "{}", told.told());
    }
    place.write("own.json", "{}\n");
    list(&place, "own.json").exits(0);
}

#[test]
fn what_a_scenario_lacks_is_told_of_that_scenario() {
    let place = Place::new();
    place.write(
        "airproof.yml",
        "connector: { exec: 'true' }\nscenarios: [{ name: plain, config: {} }, { name: cloud, config: { key: \
         '${env:AIRPROOF_UNSET}', more: '${file:none}' } }]\nprofiles: { local: { scenarios: [{ name: plain, config: {} }] } }\n",
    );
    let told = place.run(&["list"]);
    told.exits(2)
        .says("`${env:AIRPROOF_UNSET:-default}`")
        .says("the scenario `cloud` needs it")
        .says("`--profile NAME`");
    told.says("the file `./none` cannot be read").says("`AIRPROOF_UNSET` is not set");
    place.run(&["list", "--profile", "local"]).exits(0).says("plain.check");
}

#[test]
fn what_is_migrated_goes_with_its_folder() {
    let place = Place::new();
    fs::create_dir_all(place.path("connectors/source-a")).unwrap();
    let file = format!("connectors/source-a/{FOREIGN}");
    place.write(&file, "base_path: tests\nacceptance_tests:\n  connection: { tests: [{ config_path: a.json }] }\n");
    let told = place.run(&["migrate", "connectors/source-a"]);
    told.exits(0).says("It does not say what to launch").says("--image NAME");
    let text = fs::read_to_string(place.path("connectors/source-a/airproof.yml")).unwrap();
    assert!(text.contains("config: ../../tests/a.json\n"), "{text}");
    let schema = text.lines().next().unwrap().strip_prefix("# yaml-language-server: $schema=").unwrap();
    assert!(place.path("connectors/source-a").join(schema).is_file(), "{schema}");
    place.write(&file, "connector_image: a/b:dev\nacceptance_tests: { spec: { tests: [{}] } }\n");
    let told = place.run(&["migrate", "connectors/source-a", "--force"]);
    told.exits(0).says("in its folder gives the verdicts that");
    assert!(!told.told().contains("does not say what to launch"), "{}", told.told());
}
