//! `airproof init`, end to end: from a connector to a suite that is green, and what it says where there is none.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use binary::{Outcome, Place, SOURCE};
use serde_json::{Value, json};
use std::fs;

const TOKEN: &str = "demo-7f3a9c1e55";

fn demo() -> String {
    format!("'{}' demo-source", env!("CARGO_BIN_EXE_airproof"))
}

/// A connector that answers every command with these messages.
fn saying(place: &Place, messages: &[Value]) -> String {
    let lines: String = messages.iter().map(|message| format!("{message}\n")).collect();
    place.write("messages.jsonl", &lines);
    format!("sh -c 'cat {}'", place.path("messages.jsonl").display())
}

fn specification(schema: Value) -> Value {
    json!({"type": "SPEC", "spec": {"connectionSpecification": schema}})
}

fn suite_of(place: &Place) -> String {
    fs::read_to_string(place.path("airproof.yml")).unwrap()
}

fn with_token(place: &Place, arguments: &[&str]) -> Outcome {
    let mut command = place.command(arguments);
    command.env("DEMO_SOURCE_ACCESS_TOKEN", TOKEN);
    place.start(command).end()
}

#[test]
fn three_commands_lead_to_a_green_run() {
    let place = Place::new();
    let told = place.run(&["init", "--exec", &demo()]);
    told.exits(0).says("export DEMO_SOURCE_ACCESS_TOKEN=").says("  airproof test\n").says("written: ./airproof.yml");
    let suite = suite_of(&place);
    let first = suite.lines().next().unwrap();
    let schema = first.strip_prefix("# yaml-language-server: $schema=").expect("editors find the schema");
    let schema: Value = serde_json::from_str(&fs::read_to_string(place.path(schema)).unwrap()).unwrap();
    assert!(schema["definitions"]["scenario"]["properties"]["canaries"].is_object());
    assert_eq!(fs::read_to_string(place.path(".gitignore")).unwrap(), "secrets/\nairproof-report/\n");
    assert!(suite.contains("#orders: 1000\n"), "{suite}");

    place.run(&["test"]).exits(2).says("`DEMO_SOURCE_ACCESS_TOKEN` is not set");
    let run = with_token(&place, &["test"]);
    run.exits(0);
    assert_eq!(run.launch("wrong-secret.check")["expect"], "failed");
}

#[test]
fn a_config_is_checked_and_named_and_nothing_of_it_is_copied() {
    let place = Place::new();
    fs::create_dir(place.path("secrets")).unwrap();
    place.write("secrets/demo.json", &json!({"access_token": TOKEN, "orders": 37}).to_string());
    let told = place.run(&["init", "--exec", &demo(), "--config", "secrets/demo.json"]);
    told.exits(0).says("check: SUCCEEDED.").says("discover: 3 streams.");
    let suite = suite_of(&place);
    assert!(suite.contains("config: \"secrets/demo.json\"\n") && suite.contains("#   orders\n"), "{suite}");
    assert!(!suite.contains(TOKEN) && !suite.contains("37") && !told.told().contains(TOKEN), "{suite}");
    with_token(&place, &["test", "--suite", "quick"]).exits(0);
}

#[test]
fn a_config_that_does_not_work_is_told_and_kept_out_of_version_control() {
    let place = Place::new();
    place.write("config.json", &json!({"access_token": "s3cret-that-is-refused", "orders": 0}).to_string());
    let told = place.run(&["init", "sub/folder", "--exec", &demo(), "--config", "config.json"]);
    told.exits(0).says("check: FAILED: The access token was refused").says("discover: it was not asked");
    told.says("does not conform to the specification yet, at: /orders").says("airproof test sub/folder");
    let suite = fs::read_to_string(place.path("sub/folder/airproof.yml")).unwrap();
    let config = place.path("config.json").canonicalize().unwrap();
    assert!(suite.contains(&format!("config: \"{}\"", config.display())), "{suite}");
    place.run(&["list", "sub/folder"]).exits(0).says("sandbox.discover");

    place.run(&["init", "--exec", &demo(), "--config", "config.json"]).exits(0);
    assert!(fs::read_to_string(place.path(".gitignore")).unwrap().contains("\n/config.json\n"));
    place.run(&["init", "--force", "--exec", &demo(), "--config", "missing.json"]).exits(2).says("missing.json");
}

/// A token that holds for one use: `discover` must get the one that `check` gave out.
#[test]
fn a_config_that_the_connector_updates_is_handed_on_and_told() {
    let place = Place::new();
    let spec =
        specification(json!({"type": "object", "properties": {"token": {"type": "string", "airbyte_secret": true}}}));
    let control = json!({"type": "CONTROL", "control": {"type": "CONNECTOR_CONFIG", "emitted_at": 1, "connectorConfig": {"config": {"token": "second-tok"}}}});
    let status = json!({"type": "CONNECTION_STATUS", "connectionStatus": {"status": "SUCCEEDED"}});
    let catalog = json!({"type": "CATALOG", "catalog": {"streams": [{"name": "orders", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}]}});
    let script = format!(
        "case $1 in spec) echo '{spec}';; check) echo '{control}'; echo '{status}';; *) grep -q second-tok \"$3\" && echo '{catalog}';; esac"
    );
    place.write("source", &script);
    place.write("config.json", &json!({"token": "first-tok"}).to_string());
    let told = place.run(&["init", "--exec", "sh source", "--config", "config.json"]);
    told.exits(0).says("discover: 1 stream.").says("The connector has updated the config");
    assert!(!told.told().contains("-tok"), "{}", told.told());
}

#[test]
fn what_is_there_stays_unless_it_is_forced() {
    let place = Place::new();
    place.write("airproof.yml", "# mine\n");
    place.write(".gitignore", "/secrets\n# mine");
    let exec = format!("sh -c 'touch {}'", place.path("launched").display());
    place.run(&["init", "--exec", &exec]).exits(2).says("airproof.yml is there already").says("--force");
    assert_eq!(suite_of(&place), "# mine\n");
    assert!(!place.path("launched").exists() && !place.path(".airproof").exists());
    place.run(&["init", "--force", "--exec", &demo()]).exits(0);
    assert!(suite_of(&place).contains("demo-source"));
    assert_eq!(fs::read_to_string(place.path(".gitignore")).unwrap(), "/secrets\n# mine\nairproof-report/\n");
    fs::remove_file(place.path("airproof.yml")).unwrap();
    place.write("airproof.yaml", "# mine, too\n");
    place.run(&["init", "--force", "--exec", &demo()]).exits(2).says("Move it away");
}

#[test]
fn without_a_specification_nothing_is_written() {
    let place = Place::new();
    let failing = place.run(&["init", "--exec", "sh -c 'echo oops; echo trace >&2; exit 7'"]);
    failing.exits(1).says("gave no specification, so nothing was written");
    failing.says("exit code 7, after 1 line on stdout and 1 line on stderr");
    place.run(&["init", "--exec", "no-such-program-here"]).exits(2).says("There is no program");
    place.run(&["init"]).exits(2).says("--image");
    place.run(&["init", "--image", "a", "--exec", "b"]).exits(2).says("--exec");
    for name in ["airproof.yml", ".gitignore", ".airproof"] {
        assert!(!place.path(name).exists(), "{name} was written");
    }
}

#[test]
fn an_interruption_leaves_nothing() {
    let place = Place::new();
    let exec = format!("sh -c 'touch {}; sleep 60'", place.path("launched").display());
    let mut running = place.start(place.command(&["init", "--exec", &exec]));
    running.until("the launch", || place.path("launched").exists());
    running.signal("INT");
    running.end().exits(130).says("nothing was written").within(20);
    assert!(!place.path("airproof.yml").exists());
}

#[test]
fn hostile_specifications_neither_act_nor_break_the_suite() {
    let place = Place::new();
    let hostile = "x\n  - evil: true\u{1b}[31m\": ${env:HOME} # |";
    let schema = json!({
        "required": [hostile, "note"],
        "properties": {
            hostile: {"type": "string", "title": hostile, "description": hostile, "airbyte_secret": true},
            "note": {"type": "string", "title": hostile, "default": hostile},
        },
    });
    let told = place.run(&["init", "--exec", &saying(&place, &[specification(schema)])]);
    told.exits(0).says("export MESSAGES_X_EVIL_TRUE_31M_ENV_HOME=");
    assert!(!told.told().contains('\u{1b}') && !suite_of(&place).contains('\u{1b}'), "{}", suite_of(&place));
    let mut command = place.command(&["list"]);
    command.env("MESSAGES_X_EVIL_TRUE_31M_ENV_HOME", "a-secret");
    place.start(command).end().exits(0).says("sandbox.check").says("wrong-secret.check");
}

#[test]
fn what_the_shell_source_says_can_be_gone_on_with() {
    let place = Place::new();
    let told = place.run(&["init", "--exec", &format!("sh {SOURCE}"), "--config", "config.json"]);
    told.exits(0).says("check: SUCCEEDED");
    assert!(!told.told().contains(binary::API_KEY) && !suite_of(&place).contains("sk-4f9a"));
}
