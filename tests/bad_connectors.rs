//! Connectors that crash, hang, flood, fork and daemonise: each gets a verdict within its limits, in bounded memory, and
//! leaves nothing behind.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use binary::{Outcome, Place, has_docker};
use serde_json::{Value, json};

/// The read that every one of these tests looks at.
const READ: &str = "sandbox.read.full-refresh";

/// A suite whose source does this on `read`, with these limits. Only a full refresh is read.
fn suite_of(on_read: &str, limits: Value) -> Value {
    let environment = json!({"ON_READ": on_read, "ON_DISCOVER": "say_catalog | sed 's/,\"incremental\"//'"});
    json!({"connector": {"environment": environment}, "limits": limits, "depth": "quick"})
}

fn run(on_read: &str, limits: Value) -> (Place, Outcome) {
    let place = Place::new();
    place.suite(suite_of(on_read, limits));
    let outcome = place.run(&["test"]);
    (place, outcome)
}

fn run_in_docker(on_read: &str, limits: Value) -> Option<(Place, Outcome)> {
    if !has_docker() {
        return None;
    }
    let place = Place::new();
    place.suite_in_docker(suite_of(on_read, limits));
    let outcome = place.run(&["test"]);
    Some((place, outcome))
}

/// How the read ended.
fn exit(outcome: &Outcome) -> &Value {
    &outcome.launch(READ)["outcome"]["exit"]
}

#[test]
fn a_healthy_source_passes() {
    let place = Place::new();
    place.suite(json!({}));
    let outcome = place.run(&["test"]);
    outcome.exits(0).says("Every rule that was judged holds").in_memory(64);
    // It takes any key, which is told and no fault.
    assert_eq!((outcome.found("must"), outcome.found("should")), (vec![], vec![]));
    assert_eq!(outcome.stderr, "");
}

#[test]
fn check_promises_what_discover_or_every_read_breaks() {
    let place = Place::new();
    let broken = |on: &str, script: &str| {
        place.suite(json!({"connector": {"environment": {on: script}}}));
        place.run(&["test", "--rule", "CHECK-008"])
    };
    let fails = "say_error | sed 's/transient/config/'; exit 1";
    let outcome = broken("ON_DISCOVER", fails);
    let evidence = &outcome.exits(0).finding("CHECK-008")["evidence"];
    assert_eq!((evidence[0]["launch"].as_str(), evidence[1].as_object()), (Some("sandbox.discover"), None));
    let outcome = broken("ON_READ", fails);
    assert_eq!(outcome.exits(0).finding("CHECK-008")["evidence"].as_array().unwrap().len(), 2);
    assert_eq!(outcome.statuses("CHECK-008"), ["warn"]);
    // One record shows that the config is good, and so does a read that works; a shop that is closed says nothing.
    for script in [
        "say_status STARTED; say_record 1; exit 1".to_owned(),
        format!(r#"grep -q '"sync_mode":"incremental"' "$5" && {{ {fails}; }}; say_read "$@""#),
        "say_error; exit 1".to_owned(),
    ] {
        assert_eq!(broken("ON_READ", &script).statuses("CHECK-008"), ["pass"], "{script}");
    }
    assert_eq!(broken("ON_CHECK", "say_check \"$@\"; exit 1").statuses("CHECK-008"), ["skip"]);
}

#[test]
fn a_healthy_source_passes_in_docker() {
    if !has_docker() {
        return;
    }
    let place = Place::new();
    place.suite_in_docker(json!({}));
    let outcome = place.run(&["test"]);
    outcome.exits(0);
    // It takes any key, which is told and no fault.
    assert_eq!((outcome.found("must"), outcome.found("should")), (vec![], vec![]));
}

#[test]
fn one_that_exits_137() {
    let (_place, outcome) = run("begin_read; exit 137", json!({}));
    outcome.exits(1).says("read` fails").says("ended by signal 9");
    assert_eq!(outcome.found("must"), ["CLI-006"]);
    assert_eq!(exit(&outcome)["code"], 137);
    assert_eq!(exit(&outcome)["ended"], Value::Null);
}

#[test]
fn one_that_exits_137_in_docker() {
    let Some((_place, outcome)) = run_in_docker("begin_read; exit 137", json!({})) else { return };
    outcome.exits(1).says("read` fails").says("ended by signal 9");
    assert_eq!(exit(&outcome)["out_of_memory"], false);
}

#[test]
fn one_that_hangs_after_its_last_message() {
    let (_place, outcome) = run("say_read; sleep 1000", json!({"silence": "1s"}));
    outcome.exits(1).says("hangs when it is done").says("silent for too long").within(10);
    assert_eq!(outcome.found("must"), ["CLI-006"]);
}

#[test]
fn one_that_hangs_in_docker_and_ignores_sigterm() {
    let hang = "say_read; trap '' TERM; sleep 1000";
    let Some((_place, outcome)) = run_in_docker(hang, json!({"silence": "1s"})) else { return };
    outcome.exits(1).says("hangs when it is done").within(20);
    assert_eq!(exit(&outcome)["signal"], 9);
}

#[test]
fn one_that_closes_stdout_early_and_lives_on() {
    for closing in ["exec >&-", "exec >&- 2>&-"] {
        let (_place, outcome) = run(&format!("say_read; {closing}; sleep 1000"), json!({"silence": "1s"}));
        outcome.exits(1).says("hangs when it is done").within(10);
    }
}

#[test]
fn one_that_prints_200_mb_on_one_line() {
    let line = r#"begin_read; printf '{"type":"RECORD","record":{"stream":"orders","data":{"id":"'
        head -c 200000000 /dev/zero | tr '\0' x; echo '"}}}'; say_status COMPLETE"#;
    let (_place, outcome) = run(line, json!({}));
    outcome.exits(0).says("a line too long to be a message").says("190.7 MiB").in_memory(160).within(30);
    assert_eq!(outcome.launch(READ)["tally"]["lines"], 8);
    assert_eq!(outcome.found("should"), ["LINE-003"]);
}

#[test]
fn one_that_prints_invalid_utf_8() {
    let line = r#"begin_read; printf '{"type":"LOG","log":{"level":"INFO","message":"\377\376\200"}}\n'
        say_status COMPLETE"#;
    let (_place, outcome) = run(line, json!({}));
    outcome.says("UTF-8").says("<0xFF><0xFE><0x80>");
    assert!(outcome.results()["findings"][0]["rule"].as_str().unwrap().starts_with("LINE-"));
}

#[test]
fn one_that_prints_nothing() {
    let (_place, outcome) = run(":", json!({}));
    outcome.says("delivered no record of `orders`");
    let place = Place::new();
    place.suite(json!({"connector": {"exec": "true"}}));
    let outcome = place.run(&["test"]);
    outcome.exits(1).says("CHECK-001").says("SPEC-001").says("DISC-001");
    assert_eq!(outcome.launch(READ)["outcome"]["state"], "skipped");
}

#[test]
fn one_whose_child_keeps_stdout_open() {
    let (_place, outcome) = run("say_read; sleep 1000 &", json!({}));
    outcome.exits(0).says("an output stays open").within(15);
    assert_eq!(outcome.found("should"), ["CLI-006"]);
}

#[test]
fn one_whose_child_is_a_daemon() {
    let (_place, outcome) = run("say_read; setsid sh -c 'setsid sleep 1000 & sleep 1000' >/dev/null 2>&1 &", json!({}));
    outcome.exits(0).within(15);
}

#[test]
fn one_that_writes_10_gb_to_stderr() {
    let (place, outcome) = run("say_read; yes | head -c 10G >&2", json!({"read": "3s"}));
    outcome.exits(1).says("time limit reached").in_memory(100).within(20);
    assert!(place.report_size() < 70 << 20, "{}", place.report_size());
}

#[test]
fn one_that_writes_noise_to_stderr() {
    let (place, outcome) = run("say_read; head -c 100M /dev/urandom >&2", json!({"read": "20s"}));
    outcome.exits(0).in_memory(100).within(30);
    let size = place.report_size() >> 20;
    assert!((60..70).contains(&size), "{size} MiB");
}

#[test]
fn one_that_names_ever_more_streams() {
    let naming = r#"begin_read; seq 40000 | sed 's/.*/{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"s&"},"stream_state":{}}}}/'
        seq 40000 | sed 's/.*/{"type":"RECORD","record":{"stream":"r&","data":{"f&":1},"emitted_at":1}}/'; say_status COMPLETE"#;
    let (_place, outcome) = run(naming, json!({}));
    outcome.exits(1).says("READ-001").says("STATE-004").in_memory(64).within(30);
}

#[test]
fn one_that_never_ends_printing_records() {
    let (_place, outcome) = run(r#"begin_read; yes "$(say_record 1)""#, json!({"read": "2s"}));
    outcome.exits(1).says("does not end by itself").says("time limit reached").in_memory(100).within(15);
    assert!(outcome.launch(READ)["tally"]["messages"]["RECORD"].as_u64().unwrap() > 1000);
}

#[test]
fn one_that_never_ends_printing_records_in_docker() {
    let endless = r#"begin_read; yes "$(say_record 1)""#;
    let Some((_place, outcome)) = run_in_docker(endless, json!({"read": "2s"})) else { return };
    outcome.exits(1).says("does not end by itself").says("time limit reached").in_memory(100).within(20);
}
