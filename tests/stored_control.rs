//! `airproof compare --control-run`: an earlier run stands in for the version that is in use. What changed since is told, and what
//! the run does not hold is skipped with the reason.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "faulty/program.rs"]
mod program;

mod binary;

use binary::{Outcome, Place};
use program::program;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const SUITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/connectors/faulty/airproof.yml");

/// Stands in the config of the source below, in a default of its specification, and in its records.
const SECRET: &str = "orchid-5512-quay";

fn faulty(fault: &str) -> String {
    format!("env FAULT={fault} '{}'", program().display())
}

/// Stores a run of the faulty source in the folder `stored`.
fn store(place: &Place, fault: &str, depth: &str) {
    let arguments = ["test", SUITE, "--suite", depth, "--exec", &faulty(fault), "--report-dir", "stored"];
    let mut command = place.command(&arguments);
    command.args(["--rule", "COMPAT-*", "--rule", "READ-*", "--rule", "EXP-01", "--format", "json", "--jobs", "2"]);
    let outcome = place.start(command).end_dirty();
    assert!(outcome.code <= 1 || outcome.code == 4, "{}", outcome.told());
}

/// Compares a version with the stored run.
fn compare(place: &Place, fault: &str, more: &[&str]) -> Outcome {
    let target = faulty(fault);
    let mut command = place.command(&["compare", SUITE, "--control-run", "stored", "--target-exec", &target]);
    place
        .start({
            command.args(["--jobs", "2"]).args(more);
            command
        })
        .end_dirty()
}

/// The findings, by code and level.
fn found(outcome: &Outcome) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = outcome.results.as_ref().unwrap()["findings"].as_array().unwrap();
    findings.iter().map(|finding| (text(&finding["rule"]), text(&finding["level"]))).collect()
}

/// Why an experiment did not judge.
fn skipped(outcome: &Outcome, code: &str) -> String {
    let verdicts = outcome.results.as_ref().unwrap()["verdicts"].as_array().unwrap();
    let skips = verdicts.iter().filter(|verdict| verdict["rule"] == code && verdict["status"] == "skip");
    skips.map(|verdict| verdict["reason"].as_str().unwrap_or_default()).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_version_is_compared_with_its_own_stored_run_and_nothing_is_found() {
    let place = Place::new();
    store(&place, "healthy", "standard");
    let outcome = compare(&place, "healthy", &[]);
    outcome.exits(0).says("The other version is a stored run").says("for airproof");
    assert_eq!(found(&outcome), [], "{}", outcome.told());
    let results = outcome.results.as_ref().unwrap();
    assert_eq!(results["doubts"][0]["kind"], "stored-run");
    let control = outcome.launch("shop.read.control");
    assert_eq!(control["subject"]["launcher"], "replay");
    assert_eq!(control["subject"]["recorded"]["folder"], "stored");
    assert_eq!(control["subject"]["recorded"]["airproof"], env!("CARGO_PKG_VERSION"));
    // All that can be compared was.
    for code in ["COMPAT-001", "COMPAT-002", "COMPAT-003", "COMPAT-004", "COMPAT-005", "COMPAT-006"] {
        assert_eq!(skipped(&outcome, code), "", "{code}: {}", outcome.told());
    }
    assert!(skipped(&outcome, "COMPAT-008").contains("measured at another time"), "{}", outcome.told());
}

#[test]
fn each_change_since_the_stored_run_is_told_alone() {
    let place = Place::new();
    store(&place, "healthy", "standard");
    for (version, code, level) in [
        ("next-check-wants-a-new-field", "COMPAT-001", "must"),
        ("next-stream-has-a-field-less", "COMPAT-002", "must"),
        // The data may have changed since, for all that is known.
        ("next-half-of-the-records", "COMPAT-004", "should"),
        ("next-value-in-one-record", "COMPAT-004", "should"),
    ] {
        let outcome = compare(&place, version, &[]);
        assert_eq!(found(&outcome), [(code.to_owned(), level.to_owned())], "{version}: {}", outcome.told());
        assert_eq!(outcome.code, i32::from(level == "must"), "{version}: {}", outcome.told());
    }
}

#[test]
fn what_the_stored_run_does_not_hold_is_skipped_with_the_reason() {
    let place = Place::new();
    store(&place, "healthy", "quick");
    let outcome = compare(&place, "next-state-is-refused-by-the-former", &["--skip-rule", "COMPAT-005"]);
    outcome.exits(0);
    assert_eq!(found(&outcome), [], "{}", outcome.told());
    for (code, words) in [
        ("COMPAT-004", "holds one such read only"),
        ("COMPAT-006", "holds no read of these streams in these modes"),
        ("COMPAT-007", "holds no read of these streams in these modes"),
    ] {
        assert!(skipped(&outcome, code).contains(words), "{code}: {}", skipped(&outcome, code));
    }
    // Fewer streams are cut out of what was read.
    let outcome = compare(&place, "healthy", &["--stream", "customers", "--rule", "COMPAT-003"]);
    outcome.exits(0);
    assert_eq!(skipped(&outcome, "COMPAT-003"), "", "{}", outcome.told());
}

/// A source whose specification and records hold the secret; `changes` are laid over what it says.
fn source(place: &Place, name: &str, changes: &[(&str, &str)]) -> String {
    let spec = json!({"type": "SPEC", "spec": {"connectionSpecification": {"type": "object", "properties": {
        "token": {"type": "string", "airbyte_secret": true},
        "user": {"type": "string", "default": SECRET, "title": "User"},
    }}}});
    let properties = json!({"id": {"type": "integer"}, "url": {"type": "string"}, "name": {"type": "string"}});
    let catalog = json!({"type": "CATALOG", "catalog": {"streams": [{
        "name": "shops", "json_schema": {"type": "object", "properties": properties},
        "supported_sync_modes": ["full_refresh"], "source_defined_primary_key": [["id"]],
    }]}});
    let record = |id: u64| {
        let data = json!({"id": id, "url": format!("https://{SECRET}.test/{id}"), "name": format!("shop {id}")});
        json!({"type": "RECORD", "record": {"stream": "shops", "emitted_at": 1_700_000_000_000_u64, "data": data}})
    };
    let check = json!({"type": "CONNECTION_STATUS", "connectionStatus": {"status": "SUCCEEDED"}});
    let mut script = format!(
        "case $1 in\nspec) echo '{spec}';;\ncheck) echo '{check}';;\ndiscover) echo '{catalog}';;\nread) echo '{}'; echo '{}';;\nesac\n",
        record(1),
        record(2)
    );
    changes.iter().for_each(|(before, after)| script = script.replace(before, after));
    place.write(name, &script);
    format!("sh {}", place.path(name).display())
}

#[test]
fn what_is_stored_without_its_secrets_is_no_difference() {
    let place = Place::new();
    place.suite(json!({
        "connector": {"exec": source(&place, "former", &[])},
        "scenarios": [{"name": "sandbox", "config": {"token": SECRET}}],
    }));
    // Two reads of all streams, and a run that itself compared: its own control is not what is stored.
    place.run(&["compare", ".", "--control-exec", &source(&place, "former", &[]), "--report-dir", "stored"]).exits(0);
    let stored = fs::read(place.path("stored/launches/spec/stdout.zst")).unwrap();
    let stored = String::from_utf8(zstd::decode_all(stored.as_slice()).unwrap()).unwrap();
    assert!(stored.contains("\"default\":\"***\""), "{stored}");
    let compare = |name: &str, changes: &[(&str, &str)]| {
        place.run(&["compare", ".", "--control-run", "stored", "--target-exec", &source(&place, name, changes)])
    };
    let outcome = compare("same", &[]);
    outcome.exits(0);
    assert_eq!(found(&outcome), [], "{}", outcome.told());
    assert_eq!(skipped(&outcome, "COMPAT-004"), "", "{}", outcome.told());
    // What is beside a secret is compared all the same.
    let outcome = compare("renamed", &[("shop 2", "store 2")]);
    assert_eq!(found(&outcome), [("COMPAT-004".to_owned(), "should".to_owned())], "{}", outcome.told());
    let outcome = compare("titled", &[("\"User\"", "\"Name\"")]);
    assert_eq!(found(&outcome), [("COMPAT-001".to_owned(), "info".to_owned())], "{}", outcome.told());
}

#[test]
fn a_folder_that_cannot_be_compared_with_is_an_error_before_anything_is_launched() {
    let place = Place::new();
    place.suite(json!({"depth": "quick"}));
    place.run(&["test", ".", "--report-dir", "stored", "--rule", "SPEC-*"]);
    let refused = |folder: &str, words: &str| {
        let outcome = place.run(&["compare", ".", "--control-run", folder]);
        outcome.exits(2).says(words);
        assert!(outcome.results.is_none() && !place.path("airproof-report").exists(), "{}", outcome.told());
    };
    refused("nowhere", "there is no such folder");
    refused("config.json", "it has no results.json");
    fs::create_dir(place.path("empty")).unwrap();
    refused("empty", "it has no results.json");

    let results = fs::read_to_string(place.path("stored/results.json")).unwrap();
    let with = |name: &str, results: &str| {
        copy(&place.path("stored"), &place.path(name));
        place.write(&format!("{name}/results.json"), results);
    };
    with("newer", &results.replacen("\"schema_version\": 1", "\"schema_version\": 99", 1));
    refused("newer", "the form 99 of a newer airproof");
    with("foreign", "{\"a\": 1}");
    refused("foreign", "none of airproof's");
    with("escaping", &results.replace("\"id\": \"spec\"", "\"id\": \"../spec\""));
    refused("escaping", "is no id of a launch");

    with("killed", &results);
    fs::remove_file(place.path("killed/results.json")).unwrap();
    refused("killed", "the run was killed, is not over");
    with("cut-off", &results);
    let manifest = place.path("cut-off/launches/spec/manifest.json");
    let mut content: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    content["exit"] = Value::Null;
    fs::write(&manifest, content.to_string()).unwrap();
    refused("cut-off", "the transcript of spec is cut off");
    with("bare", &results);
    fs::remove_dir_all(place.path("bare/launches/spec")).unwrap();
    refused("bare", "a transcript is missing");

    // Output that breaks off would look like records that are gone.
    with("torn", &results);
    let output = place.path("torn/launches/spec/stdout.zst");
    let bytes = fs::read(&output).unwrap();
    fs::write(&output, &bytes[..bytes.len() - 4]).unwrap();
    place.run(&["compare", ".", "--control-run", "torn"]).exits(3).says("can't be read");
}

#[test]
fn the_run_that_is_compared_with_is_not_written_over() {
    let place = Place::new();
    place.suite(json!({"depth": "quick"}));
    place.run(&["test", ".", "--rule", "SPEC-*"]);
    let before = place.report_files();
    for folder in ["airproof-report", "./airproof-report/", "airproof-report/launches"] {
        let outcome = place.run(&["compare", ".", "--control-run", folder]);
        outcome.exits(2).says("would be written over it");
    }
    assert!(before == place.report_files());
}

#[test]
fn a_run_with_another_config_is_compared_as_far_as_that_makes_no_difference() {
    let place = Place::new();
    place.suite(json!({"depth": "quick"}));
    place.run(&["test", ".", "--report-dir", "stored", "--rule", "SPEC-*"]);
    let config = json!({"api_key": binary::API_KEY, "start": "2024"});
    place.suite(json!({"depth": "quick", "scenarios": [{"name": "sandbox", "config": config}]}));
    let outcome = place.run(&["compare", ".", "--control-run", "stored"]);
    outcome.exits(0);
    assert_eq!(found(&outcome), [], "{}", outcome.told());
    assert_eq!(skipped(&outcome, "COMPAT-001"), "", "{}", outcome.told());
    assert!(skipped(&outcome, "COMPAT-002").contains("it was made with another one"), "{}", outcome.told());
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}
