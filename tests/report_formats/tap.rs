//! TAP 14, as node-tap's own parser reads it. Without npm this test says SKIPPED; in CI it fails.

use super::npm::dependencies;
use super::{faulty, hostile_titles, runs};
use airproof::report::{junit, tap};
use airproof::verdict::Results;
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What the parser makes of a text.
fn read(folder: &Path, tap: &str) -> Value {
    let script = folder.join("read_tap.mjs");
    std::fs::write(&script, include_str!("read_tap.mjs")).unwrap();
    let mut node =
        Command::new("node").arg(&script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("npm has node");
    let mut stdin = node.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(tap.as_bytes()).unwrap());
        let output = node.wait_with_output().unwrap();
        assert!(output.status.success());
        serde_json::from_slice(&output.stdout).unwrap()
    })
}

#[test]
fn a_strict_parser_reads_all_of_it() {
    let (package, lock) = (include_str!("package.json"), include_str!("package-lock.json"));
    let Some(folder) = dependencies("tap-parser", package, lock, "TAP was not read by a parser") else { return };
    for (run, results) in runs().into_iter().chain([("titles", hostile_titles())]) {
        let tap = tap::render(&results);
        let told = read(&folder, &tap);
        assert_eq!(told["errors"].as_array().unwrap().iter().take(5).collect::<Vec<_>>(), [""; 0], "{run}");
        assert_eq!(told["version"], 14);
        let tests = told["tests"].as_array().unwrap();
        assert_eq!(told["plan"]["end"], tests.len(), "{run}");
        let with = |wanted: &dyn Fn(&Value) -> bool| tests.iter().filter(|test| wanted(test)).count();
        let junit = junit::render(&results);
        let bad = junit.matches("<failure ").count() + junit.matches("<error ").count();
        assert_eq!(with(&|test| test["ok"] == false && test["todo"] == false), bad, "{run}");
        assert_eq!(with(&|test| test["skip"] != false), junit.matches("<skipped ").count(), "{run}");
        assert!(told["comments"].as_array().unwrap().len() >= results.connectors.len().min(100), "{run}");
        assert_findings_are_told(&told, &results);
    }
    let results = faulty();
    assert!(
        assert_findings_are_told(&read(&folder, &tap::render(&results)), &results) > 0,
        "no diagnostic has a finding"
    );
}

/// Holds that a diagnostic has the findings of its test, as they are, and counts them.
fn assert_findings_are_told(told: &Value, results: &Results) -> usize {
    let mut seen = 0;
    for test in told["tests"].as_array().unwrap() {
        let findings = test["diag"]["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
        for finding in findings {
            let own = results.findings.iter().find(|own| own.id == finding["id"]).unwrap();
            assert!(test["name"].as_str().unwrap().contains(&own.rule), "{test}");
            assert_eq!(finding["level"], own.level.as_str());
            assert!(
                own.title.len() > 400
                    || own.title.contains(|it: char| !it.is_ascii_graphic() && it != ' ')
                    || finding["title"] == own.title
            );
            seen += 1;
        }
    }
    seen
}
