//! `airproof demo`: the first command that anybody runs.

use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Runs the demo in an empty folder with a daemon or without, and returns what it printed and its results.
fn demo(folder: &Path, docker_host: Option<&str>) -> (String, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_airproof"));
    command.arg("demo").current_dir(folder);
    if let Some(host) = docker_host {
        command.env("DOCKER_HOST", host);
    }
    let output = command.output().expect("airproof runs");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{shown}{}", String::from_utf8_lossy(&output.stderr));
    let report = folder.join("airproof-report");
    assert!(report.join("report.html").is_file());
    let results = std::fs::read(report.join("results.json")).expect("results");
    (shown, serde_json::from_slice(&results).expect("JSON"))
}

fn is_healthy(results: &Value) {
    assert_eq!(results["findings"].as_array().map(Vec::len), Some(0), "{:#}", results["findings"]);
    assert_eq!(results["run"]["exit_code"], 0);
    let launches = results["launches"].as_array().expect("launches");
    assert_eq!(launches.len(), 21);
    assert!(launches.iter().all(|launch| launch["outcome"]["state"] == "ended"));
    let families = ["READ-006", "STATE-015", "DISC-013", "SEC-001", "EXP-01"];
    for rule in families {
        let passed = |verdict: &Value| verdict["rule"] == rule && verdict["status"] == "pass";
        assert!(results["verdicts"].as_array().expect("verdicts").iter().any(passed), "{rule} judged nothing");
    }
}

#[test]
fn without_a_daemon_it_runs_a_local_process_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let (shown, results) = demo(folder.path(), Some("unix:///nonexistent/docker.sock"));
    assert!(shown.contains("runs as a local process"), "{shown}");
    assert_eq!(results["connectors"][0]["subject"]["launcher"], "process");
    is_healthy(&results);
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["airproof-report"]);
}

#[test]
fn with_a_daemon_it_runs_in_docker_and_leaves_no_image() {
    let docker = |arguments: &[&str]| Command::new("docker").args(arguments).output();
    if !docker(&["version"]).is_ok_and(|output| output.status.success()) {
        let message = "no Docker daemon answers, so the demo was not run in one; `scripts/docker` starts one";
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{message}");
        let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("SKIPPED: {message}\n").as_bytes());
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (shown, results) = demo(folder.path(), None);
    assert!(shown.contains("runs in Docker"), "{shown}");
    assert_eq!(results["connectors"][0]["subject"]["launcher"], "docker");
    is_healthy(&results);
    let own = format!("label=airproof.run={}", results["run"]["id"].as_str().expect("a run id"));
    let images = docker(&["images", "--quiet", "--filter", &own]).expect("docker answers");
    assert_eq!(String::from_utf8_lossy(&images.stdout), "", "the demo's image is left");
}
