//! The checks of Airbyte's own acceptance tests, each with a fault of the faulty source that fails it: with their config, the
//! rule or experiment that stands for the check fails as well, and the healthy source passes all of them.

#![allow(clippy::unwrap_used, missing_docs)]

mod binary;
#[path = "faulty/program.rs"]
mod program;

use binary::Place;
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The check, a fault that fails it, and what of ours finds it.
const CHECKS: &[(&str, &str, &str)] = &[
    ("S00", "spec-twice", "SPEC-001"),
    ("S01", "spec-against-the-config", "SPEC-043"),
    ("S03", "spec-enum-twice", "SPEC-007"),
    ("S04a", "spec-one-of-nullable", "SPEC-008"),
    ("S04b", "spec-branch-without-properties", "SPEC-009"),
    ("S04c", "spec-branch-without-discriminator", "SPEC-010"),
    ("S04e", "spec-discriminator-default", "SPEC-011"),
    ("S09a", "spec-password-in-the-open", "SPEC-027"),
    ("S09b", "spec-secret-array", "SPEC-028"),
    ("S10", "spec-type-null-first", "SPEC-013"),
    ("S11", "spec-object-a-map", "SPEC-014"),
    ("S12", "spec-items-of-arrays", "SPEC-015"),
    ("S13", "spec-all-of", "SPEC-006"),
    ("S16", "spec-order-twice", "SPEC-024"),
    ("S17", "spec-group-nested", "SPEC-025"),
    ("S18", "spec-display-type-unknown", "SPEC-026"),
    ("S19", "spec-ref-in-a-branch", "SPEC-005"),
    ("S20", "oauth-output-in-the-other-branch", "SPEC-037"),
    ("S21", "oauth-is-not-the-default", "SPEC-047"),
    ("S23", "spec-additional-properties-a-schema", "SPEC-016"),
    ("C1", "check-says-it-twice", "CHECK-001"),
    ("C2", "check-takes-any-token", "CHECK-002"),
    ("D1a", "discover-fails-without-a-word", "DISC-001"),
    ("D1b", "catalog-empty", "DISC-002"),
    ("D1c", "stream-twice", "DISC-003"),
    ("D2", "schema-enum-no-array", "SCHEMA-001"),
    ("D3", "cursor-as-text", "DISC-011"),
    ("D4", "schema-ref-left", "SCHEMA-002"),
    ("D5", "schema-all-of", "SCHEMA-003"),
    ("D6", "key-not-nested-enough", "DISC-013"),
    ("D7", "sync-modes-empty", "DISC-007"),
    ("D8", "stream-additional-properties-false", "DISC-021"),
    ("D9", "key-an-array", "DISC-014"),
    ("R02", "healthy-empty-source", "SUITE-009"),
    ("R03a", "record-at-the-wrong-level", "READ-009"),
    ("R03b", "field-of-a-string-is-a-number", "READ-006"),
    ("R05", "healthy-empty-stream", "SUITE-009"),
    ("R06b", "cdc-delete-without-key", "READ-011"),
    ("R07", "field-never-filled", "READ-010"),
    ("R09", "status-never-running", "STATUS-003"),
    ("R09", "healthy-empty-stream", "STATUS-011"),
    ("R10a", "healthy-no-state-in-full-refresh", "STATE-034"),
    ("R10b", "healthy-but-legacy-state", "STATE-002"),
    ("R10c", "state-counts-in-part", "STATE-014"),
    ("R11", "catalog-any-mode-will-do", "READ-017"),
    ("F1b", "emitted-at-goes-back", "READ-033"),
    ("I2", "loss-page-skipped-in-a-namespace", "EXP-02"),
];

/// Their config for the faulty source, in a folder with the files that it names.
fn folder() -> Place {
    let place = Place::new();
    let config = config();
    place.write("good.json", &config.to_string());
    place.write(
        "bad.json",
        &json!({"credentials": {"auth_type": "token", "access_token": "tulip-0d93b1f27c"}, "start_date": "2024-01-01"})
            .to_string(),
    );
    place.write(
        "acceptance-test-config.yml",
        "connector_image: airproof/faulty:dev
acceptance_tests:
  spec: { tests: [{ spec_path: no-such-spec.json }] }
  connection:
    tests:
      - { config_path: good.json, status: succeed }
      - { config_path: bad.json, status: failed }
  discovery: { tests: [{ config_path: good.json }] }
  basic_read:
    tests:
      - config_path: good.json
        validate_data_points: yes
        validate_stream_statuses: yes
        fail_on_extra_columns: yes
  full_refresh: { tests: [{ config_path: good.json }] }
  incremental: { tests: [{ config_path: good.json }] }
",
    );
    place
}

/// The config of the scenario that must succeed.
fn config() -> Value {
    json!({
        "credentials": {"auth_type": "token", "access_token": "shop-4c1e/77f0+9b2d=\"5a 3e"},
        "private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvgIBADANBgkqhkiG9w0BAQEFAASC\nBKgwggSkAgEAAoIBAQC7VJTUt9Us8cKj\n-----END PRIVATE KEY-----\n",
        "start_date": "2024-01-01",
        "page_size": 100,
        "host": "shop.example.com",
        "tracking": {"campaign": "spring", "medium": "mail"},
    })
}

/// The levels at which a rule was found.
fn levels(fault: &str, rule: &str) -> Vec<String> {
    levels_in(&folder(), fault, rule)
}

/// The same with the config of that folder.
fn levels_in(place: &Place, fault: &str, rule: &str) -> Vec<String> {
    let exec = format!("'{}'", program::program().display());
    let mut command = place.command(&["test", ".", "--exec", &exec, "--rule", rule, "--format", "json", "--jobs", "2"]);
    command.env("FAULT", fault);
    let outcome = place.start(command).end_dirty();
    let findings = outcome.results()["findings"].as_array().unwrap().clone();
    findings.iter().map(|finding| finding["level"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_check_fails_with_their_config_where_it_would_fail_with_theirs() {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((check, fault, rule)) = CHECKS.get(next.fetch_add(1, Relaxed)) {
                    let found = levels(fault, rule);
                    if !found.iter().any(|level| level == "must") {
                        wrong.lock().unwrap().push(format!("{check} ({fault}): {rule} found {found:?}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_stream_without_a_state_fails_nothing_where_the_states_of_others_make_up_for_it() {
    let place = folder();
    place.write(
        "acceptance-test-config.yml",
        "acceptance_tests:
  connection: { tests: [{ config_path: good.json }] }
  basic_read: { bypass_reason: each stream is read incrementally }
  full_refresh: { bypass_reason: each stream is read incrementally }
  incremental: { tests: [{ config_path: good.json }] }
",
    );
    let found = levels_in(&place, "state-of-one-stream-missing", "STATE-*");
    assert!(found.iter().any(|level| level == "should"), "the stream is told: {found:?}");
    assert!(!found.iter().any(|level| level == "must"), "their tests count all states together: {found:?}");
}

#[test]
fn reasons_for_bypassing_stand_in_the_results() {
    let place = folder();
    place.write(
        "acceptance-test-config.yml",
        "connector_image: airproof/faulty:dev
acceptance_tests:
  spec: { bypass_reason: the form is tested elsewhere }
  connection: { tests: [{ config_path: good.json }, { config_path: bad.json, status: failed }] }
  full_refresh: { bypass_reason: there is too much of it }
  connector_documentation: { bypass_reason: nobody reads it }
",
    );
    let exec = format!("'{}'", program::program().display());
    let outcome = place.run(&["test", ".", "--exec", &exec, "--suite", "quick", "--rule", "CHECK-001"]);
    let doubts = outcome.exits(0).results()["doubts"].to_string();
    for reason in ["the form is tested elsewhere", "there is too much of it", "nobody reads it"] {
        assert!(doubts.contains(reason), "{doubts}");
        outcome.says(reason);
    }
}
