//! Ctrl-C, SIGTERM and SIGKILL in the middle of a run: what was captured is judged, and nothing is left behind, at the
//! latest by the next run.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use binary::{Outcome, Place, Running, containers_of, has_docker};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::net::UnixListener;
use std::time::Duration;

/// A read that breaks a MUST, says that it waits, and waits; two of them at a time.
const WAITING: &str = "begin_read; say_record true 4; echo waiting >&2; sleep 1000";

/// The same, deaf to SIGTERM.
const DEAF: &str = "trap '' TERM; begin_read; say_record true 4; while :; do sleep 1; done";

fn place_of(on_read: &str, grace: &str) -> Place {
    let place = Place::new();
    place.suite(suite(on_read, grace));
    place
}

fn suite(on_read: &str, grace: &str) -> Value {
    json!({"connector": {"environment": {"ON_READ": on_read}}, "limits": {"grace": grace}})
}

/// Starts a run and waits until both reads have put out everything that they will.
fn start(place: &Place) -> Running<'_> {
    let mut running = place.start(place.command(&["test", "--jobs", "2"]));
    let sleeping = || place.processes().iter().filter(|process| process.starts_with("sleep")).count();
    running.until("both reads", || sleeping() >= 2);
    std::thread::sleep(Duration::from_millis(200));
    running
}

/// Whether every process of a connector is on record for a sweep.
fn all_recorded(place: &Place, airproof: u32) -> bool {
    let folders = place.temporary();
    let records = folders.iter().map(|name| std::fs::read_to_string(place.path(&format!("tmp/{name}/processes"))));
    let records: String = records.map(Result::unwrap_or_default).collect();
    let is_known = |id: &String| records.lines().any(|line| line.split(' ').next() == Some(id));
    place.process_ids().iter().filter(|id| **id != airproof.to_string()).all(is_known)
}

/// What came until the interruption was judged, and the interruption itself is nobody's fault.
fn assert_judged(outcome: &Outcome) {
    assert_eq!(outcome.found("must"), ["TYPE-010"], "{}", outcome.told());
    let launch = outcome.launch("sandbox.read.full-refresh");
    assert_eq!(launch["outcome"]["exit"]["ended"], "interrupted");
    assert_eq!(launch["tally"]["messages"]["RECORD"], 4);
    assert_eq!(outcome.statuses("EXP-02"), ["skip"]);
}

#[test]
fn ctrl_c_judges_and_reports_what_was_captured() {
    let place = place_of(WAITING, "5s");
    let running = start(&place);
    running.signal("INT");
    let outcome = running.end();
    outcome.exits(130).says("TYPE-010").says("Interrupted").within(10);
    outcome.says("The run was interrupted; until then, 1 required rule broken.").says("was cut short by us");
    assert_judged(&outcome);
    let html = fs::read_to_string(place.path("airproof-report/report.html")).unwrap();
    assert!(html.contains("the run was interrupted before it was complete"));
}

#[test]
fn ctrl_c_twice_does_not_wait_for_a_deaf_connector() {
    let place = place_of(DEAF, "1h");
    let running = start(&place);
    running.signal("INT");
    std::thread::sleep(Duration::from_millis(500));
    running.signal("INT");
    let outcome = running.end();
    outcome.exits(130).says("Killing").within(10);
    assert_judged(&outcome);
}

#[test]
fn sigterm_is_like_ctrl_c() {
    let place = place_of(WAITING, "5s");
    let running = start(&place);
    running.signal("TERM");
    let outcome = running.end();
    outcome.exits(143).within(10);
    assert_judged(&outcome);
}

#[test]
fn a_healthy_connector_is_not_blamed_for_the_interruption() {
    let place = place_of("begin_read; sleep 1000", "5s");
    let running = start(&place);
    running.signal("INT");
    let outcome = running.end();
    outcome.exits(130).says("The run was interrupted.");
    assert_eq!(outcome.results()["findings"], json!([]), "{}", outcome.told());
}

#[test]
fn ctrl_c_before_the_first_launch_leaves_nothing() {
    let place = Place::new();
    // A daemon that takes the call and never answers.
    let socket = place.path("docker.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let mut command = place.command(&["test", "--image", "source-x:dev", "--config", "config.json"]);
    command.env("DOCKER_HOST", format!("unix://{}", socket.display()));
    let running = place.start(command);
    let _connection = listener.accept().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    running.signal("INT");
    running.end().exits(130).says("nothing to report").within(5);
}

#[test]
fn a_killed_run_is_cleaned_up_by_the_next() {
    let place = place_of("begin_read; setsid sleep 1000 & sleep 1000", "5s");
    let kill = || {
        let mut running = start(&place);
        // A process that detached within the last tenth of a second is not on record, and a sweep can't know of it.
        let airproof = running.pid();
        running.until("all processes on record", || all_recorded(&place, airproof));
        running.signal("KILL");
        assert_eq!(running.end_dirty().code, -9);
        assert!(!place.temporary().is_empty() && !place.processes().is_empty(), "nothing to clean up");
    };
    kill();
    place.run(&["clean"]).exits(0).says("1 folder");
    kill();
    place.suite(suite("", "5s"));
    place.run(&["test"]).exits(0);
}

#[test]
fn ctrl_c_removes_the_containers() {
    if !has_docker() {
        return;
    }
    let place = Place::new();
    for (signals, grace) in [(1, "1s"), (2, "1h")] {
        place.suite_in_docker(suite(DEAF, grace));
        let mut running = place.start(place.command(&["test", "--jobs", "2"]));
        let pid = running.pid();
        running.until("the reads", || containers_of(pid).iter().filter(|name| name.contains("read")).count() == 2);
        std::thread::sleep(Duration::from_millis(1500));
        for _ in 0..signals {
            running.signal("INT");
            std::thread::sleep(Duration::from_millis(200));
        }
        let outcome = running.end();
        outcome.exits(130).within(20);
        assert_judged(&outcome);
    }
}

#[test]
fn containers_of_a_killed_run_are_removed_by_the_next() {
    if !has_docker() {
        return;
    }
    let place = Place::new();
    for next in ["clean", "test"] {
        place.suite_in_docker(suite(WAITING, "1s"));
        let mut running = place.start(place.command(&["test"]));
        let pid = running.pid();
        running.until("a read", || containers_of(pid).iter().any(|name| name.contains("read")));
        running.signal("KILL");
        assert_eq!(running.end_dirty().code, -9);
        assert!(!containers_of(pid).is_empty());
        place.suite_in_docker(json!({}));
        place.run(&[next]).exits(0);
        assert_eq!(containers_of(pid), [""; 0]);
    }
}
