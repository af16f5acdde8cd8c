//! Experiments, each with a fault that it must catch and with health that it must not disturb. The connector is the
//! demo source as a local process, alone and behind wrappers that spoil its memory.

use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

/// Runs `airproof test` on the demo source behind a wrapper, and returns the exit code and the results.
fn test_behind(wrapper: Option<&str>) -> (i32, Value) {
    let airproof = env!("CARGO_BIN_EXE_airproof");
    let wrapper = wrapper.map_or(String::new(), |name| {
        let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "fixtures/connectors/amnesiac", name].iter().collect();
        format!("'{}' ", path.display())
    });
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("config.json");
    std::fs::write(&config, r#"{"access_token": "demo-7f3a9c1e55", "orders": 1000}"#).expect("a config");
    let report = folder.path().join("report");
    let output = Command::new(airproof)
        .args(["test", "--exec", &format!("{wrapper}'{airproof}' demo-source"), "--config"])
        .arg(&config)
        .arg("--report-dir")
        .arg(&report)
        .output()
        .expect("airproof runs");
    let results = std::fs::read(report.join("results.json")).unwrap_or_else(|error| {
        panic!("no results ({error}): {}", String::from_utf8_lossy(&output.stderr));
    });
    (output.status.code().expect("an exit code"), serde_json::from_slice(&results).expect("results are JSON"))
}

/// Level, title and streams of what EXP-01 found.
fn found(results: &Value) -> Vec<(String, String, Vec<String>)> {
    let findings = results["findings"].as_array().expect("findings");
    let own = findings.iter().filter(|finding| finding["rule"] == "EXP-01");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let streams =
        |finding: &Value| finding["streams"].as_array().expect("streams").iter().map(|s| text(&s["name"])).collect();
    own.map(|finding| (text(&finding["level"]), text(&finding["title"]), streams(finding))).collect()
}

fn verdicts(results: &Value) -> Vec<(String, String)> {
    let verdicts = results["verdicts"].as_array().expect("verdicts");
    let own = verdicts.iter().filter(|verdict| verdict["rule"] == "EXP-01");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    own.map(|verdict| (text(&verdict["stream"]["name"]), text(&verdict["status"]))).collect()
}

#[test]
fn a_source_that_remembers_passes() {
    let (exit, results) = test_behind(None);
    assert_eq!((exit, found(&results)), (0, vec![]));
    let pass = |stream: &str| (stream.to_owned(), "pass".to_owned());
    assert_eq!(verdicts(&results), [pass("orders"), pass("events")]);
}

#[test]
fn a_source_that_forgets_its_state_starts_over() {
    let (exit, results) = test_behind(Some("forgets-state"));
    let title = "a read from the final state delivers everything again".to_owned();
    // Orders lie within a day, which a lookback window could explain; nothing explains it for a number.
    let expected = [
        ("must".to_owned(), title.clone(), vec!["events".to_owned()]),
        ("should".to_owned(), title, vec!["orders".to_owned()]),
    ];
    assert_eq!((exit, found(&results)), (1, expected.to_vec()));
}

#[test]
fn a_lookback_window_is_told_and_fails_nothing() {
    let (exit, results) = test_behind(Some("looks-back"));
    let title = "a read from the final state delivers some records from before it".to_owned();
    assert_eq!((exit, found(&results)), (0, vec![("info".to_owned(), title, vec!["events".to_owned()])]));
}
