//! What is in the way around the connector: daemon, socket, image, disk. Exit code 3, with what to do, and what was
//! judged until then is told.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use binary::{Outcome, Place, has_docker, skipped};
use serde_json::json;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::process::Command;

const TEST_AN_IMAGE: [&str; 5] = ["test", "--image", "source-x:dev", "--config", "config.json"];

/// A user without rights.
const NOBODY: u32 = 65534;

fn with_daemon_at(place: &Place, host: &str, arguments: &[&str]) -> Outcome {
    let mut command = place.command(arguments);
    command.env("DOCKER_HOST", host);
    place.start(command).end()
}

fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        skipped("not root");
    }
    root
}

#[test]
fn no_daemon() {
    let place = Place::new();
    let socket = format!("unix://{}", place.path("docker.sock").display());
    for host in [socket.as_str(), "tcp://127.0.0.1:1"] {
        with_daemon_at(&place, host, &TEST_AN_IMAGE).exits(3).says("Docker").says("airproof doctor");
        with_daemon_at(&place, host, &["doctor"]).exits(3).says("Images can't be launched here yet");
        with_daemon_at(&place, host, &["clean"]).exits(0).says("the daemon: not looked at");
    }
    with_daemon_at(&place, "ssh://somewhere", &TEST_AN_IMAGE).exits(2).says("give a unix://");
    assert!(!place.path("airproof-report").exists(), "nothing was launched");
    // Local commands need none.
    place.suite(json!({}));
    with_daemon_at(&place, &socket, &["test"]).exits(0);
}

#[test]
fn no_permission_on_the_socket() {
    if !is_root() {
        return;
    }
    let place = Place::new();
    let socket = place.path("docker.sock");
    let _listener = UnixListener::bind(&socket).unwrap();
    fs::set_permissions(&socket, Permissions::from_mode(0o600)).unwrap();
    for folder in [".", "tmp"] {
        fs::set_permissions(place.path(folder), Permissions::from_mode(0o777)).unwrap();
    }
    // The built binary may be where that user may not look.
    fs::copy(env!("CARGO_BIN_EXE_airproof"), place.path("airproof")).unwrap();
    let mut command = Command::new(place.path("airproof"));
    command.args(TEST_AN_IMAGE).current_dir(place.path(".")).env("TMPDIR", place.path("tmp")).uid(NOBODY).gid(NOBODY);
    command.env("DOCKER_HOST", format!("unix://{}", socket.display()));
    place.start(command).end().exits(3).says("permission denied").says("docker $USER").says("airproof doctor");
}

#[test]
fn an_image_that_does_not_exist() {
    if !has_docker() {
        return;
    }
    let place = Place::new();
    let outcome = place.run(&["test", "--image", "localhost:1/no-such-image:dev", "--config", "config.json"]);
    outcome.exits(3).says("There is no image `localhost:1/no-such-image:dev`").says("airproof doctor");
    assert_eq!(outcome.results()["run"]["status"], "error");
    assert_eq!(outcome.results()["connectors"][0]["name"], "localhost:1/no-such-image:dev");
    assert_eq!(outcome.launch("spec")["outcome"]["state"], "error");
    let silent = place.run(&["test", "--image", "localhost:1/no:dev", "--config", "config.json", "--format", "json"]);
    silent.exits(3).says("There is no image");
    assert!(silent.stdout.is_empty());
    place.run(&["test", "--image", "No Such Image", "--config", "config.json"]).exits(2).says("does not name an image");
}

#[test]
fn a_version_to_compare_with_that_cannot_be_had() {
    let place = Place::new();
    place.suite(json!({}));
    let outcome = place.run(&["compare", "--control-exec", "./no-such-program", "--rule", "COMPAT-001"]);
    outcome.exits(3).says("no-such-program");
    assert_eq!(outcome.results()["run"]["errors"].as_array().unwrap().len(), 1, "{}", outcome.told());
}

#[test]
fn no_disk_for_what_does_not_fit_into_memory() {
    let place = Place::new();
    let stream = json!({
        "name": "orders", "json_schema": {"properties": {"id": {"type": "integer"}, "note": {}}},
        "supported_sync_modes": ["full_refresh"], "source_defined_primary_key": [["id"]],
    });
    let catalog =
        json!({"streams": [{"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "append"}]});
    let record =
        |id: u32| format!(r#"{{"type":"RECORD","record":{{"stream":"orders","data":{{"id":{id}}},"emitted_at":1}}}}"#);
    let records = (0..100_000).map(record).chain([record(77_777).replace("},", ",\"note\":1},")]);
    let records: Vec<String> = records.collect();
    let header = json!({"command": "read", "catalog": catalog});
    place.write("read.transcript", &format!("{header}\n--- stdout\n{}\n", records.join("\n")));
    let judge = ["judge", "read.transcript", "--rule", "READ-012"];
    place.run(&judge).says("message 100001 has the key of, and differs from, message 77778");
    let mut command = place.command(&judge);
    command.env("TMPDIR", "/nonexistent");
    let outcome = place.start(command).end();
    outcome.exits(4).says("1 of 1 verdict was skipped").says("Nothing was judged");
}

#[test]
fn a_full_disk_under_the_transcript() {
    if !is_root() {
        return;
    }
    let place = Place::new();
    let report = place.path("airproof-report");
    fs::create_dir(&report).unwrap();
    let mount = |words: &[&str]| Command::new(words[0]).args(&words[1..]).arg(&report).status().unwrap().success();
    if !mount(&["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs"]) {
        return skipped("nothing can be mounted here");
    }
    let noise = "begin_read; say_record true 4; head -c 4M /dev/urandom | od -An -tx1; sleep 1000";
    place.suite(json!({"connector": {"environment": {"ON_READ": noise}}}));
    let outcome = place.start(place.command(&["test"])).end();
    assert!(mount(&["umount"]));
    outcome.exits(3).says("can't be stored").says("No space left").says("TYPE-010").within(20);
    outcome.says("1 required rule broken").says("was cut short by us");
    assert_eq!(outcome.stderr.matches("can't be written").count(), outcome.stderr.matches("error: ").count());
}

#[test]
fn a_report_folder_that_cannot_be_written() {
    let place = Place::new();
    place.suite(json!({}));
    place.write("file", "");
    place.run(&["test", "--report-dir", "file/report"]).exits(3).says("file/report").says("--report-dir");
    place.run(&["test", "--report-dir", "/proc/airproof"]).exits(3).says("/proc/airproof").says("--report-dir");
    assert!(place.run(&["test", "--report-dir", "file"]).code >= 2);
}

#[test]
fn a_temporary_folder_that_cannot_be_written() {
    let place = Place::new();
    place.suite(json!({}));
    let mut command = place.command(&["test"]);
    command.env("TMPDIR", "/proc");
    place.start(command).end().exits(3).says("set TMPDIR");
}

#[test]
fn a_stdout_that_is_full_is_no_success() {
    let place = Place::new();
    place.suite(json!({"connector": {"environment": {"ON_READ": "exit 1"}}}));
    let script = format!("{} test >/dev/full", env!("CARGO_BIN_EXE_airproof"));
    let told = Command::new("sh").args(["-c", &script]).current_dir(place.path(".")).output().unwrap();
    assert_eq!(told.status.code(), Some(3), "{}", String::from_utf8_lossy(&told.stderr));
}
