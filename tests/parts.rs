//! `test --failed`, `--shard` and `--since`, and `report`, as a user runs them.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use binary::{API_KEY, Place};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;

/// A read that breaks a MUST (TRACE-006) and a SHOULD (LOG-002).
const WRONG: &str = "say_read; echo chatter; say_error";

/// A suite of three scenarios, two of which are read.
fn place(on_read: &str) -> Place {
    let place = Place::new();
    let scenarios = json!([
        {"name": "sandbox", "config": {"api_key": API_KEY}},
        {"name": "eu", "config": {"api_key": "eu-b7d0e4c19f2a6358"}},
        {"name": "wrong", "config": {"api_key": "wrong"}, "expect": "failed"},
    ]);
    place.suite(json!({"depth": "quick", "connector": {"environment": {"ON_READ": on_read}}, "scenarios": scenarios}));
    place
}

fn results(place: &Place, folder: &str) -> Value {
    serde_json::from_slice(&fs::read(place.path(folder).join("results.json")).unwrap()).unwrap()
}

/// How often each rule came to what. SEC-004 looks at running processes: what it sees of a short launch differs from run to run.
fn verdicts(results: &Value) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for verdict in results["verdicts"].as_array().unwrap().iter().filter(|verdict| verdict["rule"] != "SEC-004") {
        *counts.entry(format!("{} {} {}", verdict["rule"], verdict["launch"], verdict["status"])).or_default() += 1;
    }
    counts
}

#[test]
fn merged_shards_tell_what_one_run_tells() {
    for (way, depth) in [("slice", "quick"), ("hash", "standard")] {
        let place = place(WRONG);
        place.run(&["test", "--suite", depth, "--report-dir", "whole", "--format", "json"]);
        let shards = ["s1", "s2", "s3", "s4"];
        for (at, folder) in shards.iter().enumerate() {
            let shard = format!("{way}:{}/4", at + 1);
            place.run(&["test", "--suite", depth, "--shard", &shard, "--report-dir", folder, "--format", "json"]);
            assert_eq!(results(&place, folder)["run"]["shard"], json!(shard));
        }
        let merged = place
            .run(&[&["report"][..], &shards[..], &["--report-dir", "all", "--format", "json,html,terminal"]].concat());
        merged.exits(1);
        let (whole, all) = (results(&place, "whole"), results(&place, "all"));
        let (told, once) = (verdicts(&all), verdicts(&whole));
        let differing: Vec<_> =
            told.keys().chain(once.keys()).filter(|key| told.get(*key) != once.get(*key)).take(10).collect();
        assert!(differing.is_empty(), "{way}: {differing:?}");
        let sum = |results: &Value| {
            let counts = results["run"]["verdict_counts"].as_object().unwrap().values();
            counts.map(|count| count.as_u64().unwrap()).sum::<u64>()
        };
        assert_eq!(sum(&all), sum(&whole));
        assert_eq!(all["run"]["lane"], whole["run"]["lane"]);
        let lanes = |results: &Value| results["doubts"].to_string().matches("without-credentials").count();
        assert_eq!(lanes(&all), lanes(&whole));
        let ids = |results: &Value| {
            let findings = results["findings"].as_array().unwrap().iter();
            let mut ids: Vec<String> = findings.map(|finding| finding["id"].as_str().unwrap().to_owned()).collect();
            ids.sort();
            ids
        };
        assert_eq!(ids(&all), ids(&whole));
        assert_eq!(all["run"]["parts"].as_array().unwrap().len(), 4);
    }
}

#[test]
fn an_empty_shard_passes_and_says_why() {
    let place = place("say_read");
    let outcome = place.run(&["test", "--shard", "slice:4/4"]);
    outcome.exits(0).says("Shard slice:4/4 is empty: the suite's 3 scenarios are in other shards.");
    outcome.says("Nothing is in shard slice:4/4");
    assert!(place.path("airproof-report/report.html").exists());
    place.run(&["test", "--shard", "slice:5/4"]).exits(2).says("from 1 to 4");
    place.run(&["report", "airproof-report", "--format", "terminal"]).exits(0);
}

#[test]
fn a_shard_lists_what_it_has() {
    let place = place("say_read");
    let first = place.run(&["list", "--shard", "slice:1/2"]);
    first.exits(0).says("Shard slice:1/2 has 2 of 3 scenarios: sandbox, wrong\nin other shards: eu\n");
    first.says("sandbox.read.full-refresh").says("wrong.check");
    assert!(!first.told().contains("eu.check"), "{}", first.told());
    let empty = place.run(&["list", "--shard", "slice:4/4"]);
    empty.exits(0).says("Shard slice:4/4 has 0 of 3 scenarios: none\nin other shards: sandbox, eu, wrong");
    place.run(&["list", "--shard", "slice:5/4"]).exits(2).says("from 1 to 4");
}

#[test]
fn what_failed_is_judged_again_and_told() {
    let place = place(WRONG);
    place.run(&["test", "--failed"]).exits(2).says("has no results of one");
    let first = place.run(&["test"]);
    first.exits(1);
    let wrong = place.run(&["test", "--failed"]);
    wrong.exits(1).says("Judging again what failed").says("STILL FAILING TRACE-006");
    let judged = wrong.results()["verdicts"].as_array().unwrap().iter();
    assert!(judged.clone().count() > 0 && judged.into_iter().all(|verdict| verdict["rule"] == "TRACE-006"));
    assert!(wrong.results()["launches"].as_array().unwrap().iter().all(|launch| launch["scenario"] != "wrong"));
    let text = fs::read_to_string(place.path("airproof.yml")).unwrap();
    place.write("airproof.yml", &text.replace("; say_error", ""));
    place.run(&["test", "--failed"]).exits(0).says("FIXED TRACE-006").says("Only what failed in run");
    place.run(&["test", "--failed"]).exits(0).says("Nothing failed in the last run");
}

#[test]
fn what_was_mended_behind_the_same_command_is_fixed_and_not_flaky() {
    let place = Place::new();
    let program = place.path("on-read");
    place.write("on-read", WRONG);
    let on_read = format!(". '{}'", program.display());
    place.suite(json!({"depth": "quick", "connector": {"environment": {"ON_READ": on_read}}}));
    place.run(&["test", "--report-dir", "old"]).exits(1);
    place.run(&["test"]).exits(1);
    place.write("on-read", "say_read");
    let mended = place.run(&["test", "--failed"]);
    mended.exits(0).says("FIXED TRACE-006");
    assert!(!mended.told().contains("FLAKY"), "{}", mended.told());
    assert!(mended.results()["since"]["flaky"].is_null());
    place.run(&["test", "--since", "old"]).exits(0).says("FLAKY TRACE-006").says("unless the program was changed");
}

#[test]
fn an_earlier_run_is_compared_with() {
    let place = place(WRONG);
    place.run(&["test", "--report-dir", "old"]);
    let text = fs::read_to_string(place.path("airproof.yml")).unwrap();
    place.write("airproof.yml", &text.replace("; say_error", ""));
    let outcome = place.run(&["test", "--since", "old"]);
    outcome.exits(0).says("0 new, 2 fixed, 2 still there").says("FIXED TRACE-006");
    assert_eq!(outcome.results()["since"]["still"], 2);
    let written = fs::read(place.path("airproof-report/results.json")).unwrap();
    let again = place.run(&["report", "old", "--since", "airproof-report", "--format", "terminal,junit"]);
    again.exits(1).says("2 new, 0 fixed, 2 still there").says("NEW TRACE-006");
    assert!(place.path("old/junit.xml").exists() && place.path("old/launches").is_dir());
    assert_eq!(fs::read(place.path("airproof-report/results.json")).unwrap(), written, "what is read stays");
    place.run(&["test", "--since", "nowhere.json"]).exits(2).says("nowhere.json can't be read");
    place.run(&["report", "config.json"]).exits(2).says("config.json is no results.json of airproof's");
    place.run(&["report", "old", "--report-dir", "airproof-report"]).exits(2).says("with its transcripts");
    place.run(&["report", "old", "old"]).exits(2).says("of the same run");
}

#[test]
fn no_line_of_the_connector_is_a_command_of_the_runner() {
    let place = place("say_read; echo '##[error]gotcha'; echo '::error::gotcha'; say_error");
    let mut command = place.command(&["test"]);
    command.env("GITHUB_ACTIONS", "true");
    let outcome = place.start(command).end();
    outcome.exits(1).says("gotcha");
    let told = outcome.told();
    assert!(!told.contains("##["), "{told}");
    assert!(told.lines().all(|line| !line.trim_start().starts_with("::")), "{told}");
    let mut command = place.command(&["test"]);
    command.env("LC_ALL", "C");
    assert!(place.start(command).end().exits(1).told().is_ascii(), "ours is in ASCII");
}
