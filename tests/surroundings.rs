//! What a suite's author has done before and after the launches of a scenario, and the files that come of it.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use binary::{API_KEY, Outcome, Place, has_docker};
use serde_json::{Value, json};
use std::fs;

/// A step that notes its name in the file `trace`, and does more.
fn step(name: &str, more: &str) -> Value {
    json!({"run": ["sh", "-c", format!("echo {name} >> trace; {more}")]})
}

/// What makes a good config.
fn make(file: &str) -> String {
    format!("cp config.json {file}")
}

fn trace(place: &Place) -> Vec<String> {
    fs::read_to_string(place.path("trace")).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn run(place: &Place, suite: Value) -> Outcome {
    place.suite(suite);
    place.run(&["test", "--suite", "quick"])
}

#[test]
fn a_config_is_made_before_the_launches_and_removed_after_them() {
    let place = Place::new();
    let scenarios = json!([{
        "name": "sandbox",
        "config": "made.json",
        "setup": [step("setup", "true"), step("more", &make("made.json"))],
        "teardown": step("teardown", "rm made.json"),
    }]);
    place.suite(json!({"scenarios": scenarios, "teardown": step("last", "true")}));
    place.run(&["list", "--suite", "quick"]).exits(0).says("made.json is read when its `setup` is over");
    assert_eq!(trace(&place), [""; 0]);
    let outcome = place.run(&["test", "--suite", "quick"]);
    assert_eq!(outcome.exits(0).launch("sandbox.check")["outcome"]["state"], "ended", "{}", outcome.told());
    assert_eq!(trace(&place), ["setup", "more", "teardown", "last"]);
    assert!(!place.path("made.json").exists());
    for (file, content) in place.report_files() {
        assert!(!String::from_utf8_lossy(&content).contains(API_KEY), "{}", file.display());
    }
}

#[test]
fn scenarios_that_are_set_up_do_not_overlap() {
    let place = Place::new();
    let scenario = |name: &str| {
        let setup = format!("mkdir shared && {}", make("shared/config.json"));
        json!({
            "name": name, "config": "shared/config.json",
            "setup": step(&format!("{name}-up"), &setup), "teardown": step(&format!("{name}-down"), "rm -r shared"),
        })
    };
    let outcome = run(&place, json!({"scenarios": [scenario("one"), scenario("two")]}));
    outcome.exits(0);
    assert_eq!(trace(&place), ["one-up", "one-down", "two-up", "two-down"]);
    assert_eq!(outcome.launch("two.read.full-refresh")["outcome"]["state"], "ended");
}

#[test]
fn a_set_up_that_fails_is_the_error_of_its_scenario_alone() {
    let place = Place::new();
    let outcome = run(
        &place,
        json!({"scenarios": [
            {"name": "broken", "config": "none.json", "setup": step("up", "echo no database >&2; exit 3"),
             "teardown": step("down", "true")},
            {"name": "unmade", "config": "none.json", "setup": step("nothing", "true")},
            {"name": "sandbox", "config": {"api_key": API_KEY}},
        ]}),
    );
    outcome.exits(3).says("setup of broken").says("no database").says("none.json");
    let state = |id: &str| outcome.launch(id)["outcome"].clone();
    assert_eq!(state("broken.check")["state"], "error");
    assert!(state("unmade.check")["reason"].as_str().unwrap().contains("none.json"));
    assert_eq!(state("sandbox.read.full-refresh")["state"], "ended", "{}", outcome.told());
    assert_eq!(trace(&place), ["up", "down", "nothing"]);
}

#[test]
fn a_tear_down_that_fails_is_told_and_the_rest_is_done() {
    let place = Place::new();
    let outcome = run(
        &place,
        json!({"teardown": step("last", "true"), "scenarios": [
            {"name": "sandbox", "config": {"api_key": API_KEY},
             "teardown": [step("one", "echo stuck >&2; exit 1"), step("two", "true")]},
        ]}),
    );
    outcome.exits(3).says("teardown of sandbox").says("stuck");
    assert_eq!(trace(&place), ["one", "two", "last"]);
}

#[test]
fn ctrl_c_tears_down_all_the_same() {
    let place = Place::new();
    place.suite(json!({
        "connector": {"environment": {"ON_READ": "begin_read; echo waiting >&2; sleep 1000"}},
        "teardown": step("last", "true"),
        "scenarios": [{
            "name": "sandbox", "config": "made.json",
            "setup": step("up", &make("made.json")), "teardown": step("down", "true"),
        }],
    }));
    let mut running = place.start(place.command(&["test", "--suite", "quick"]));
    let is_reading = || place.processes().iter().any(|process| process.starts_with("sleep"));
    running.until("the read", is_reading);
    running.signal("INT");
    running.end().exits(130).within(30);
    assert_eq!(trace(&place), ["up", "down", "last"]);
}

#[test]
fn what_lacks_every_config_is_refused_and_listed() {
    let place = Place::new();
    place.suite(json!({"scenarios": [{"name": "sandbox", "config": "none.json"}]}));
    place.run(&["test"]).exits(2).says("none.json").says("no scenario has its config");
    place.run(&["list"]).exits(0).says("warning").says("not launched: the config `./none.json` cannot be read");
}

#[test]
fn a_value_is_taken_from_a_file_and_told_nowhere() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    fs::create_dir(place.path("secrets")).unwrap();
    place.write("secrets/key", &format!("{API_KEY}\n"));
    fs::set_permissions(place.path("secrets/key"), fs::Permissions::from_mode(0o644)).unwrap();
    let scenario = |path: &str| json!({"name": "sandbox", "config": {"api_key": format!("${{file:{path}}}")}});
    let say = "say_check \"$@\"; echo \"the key is $KEY\" >&2";
    let environment = json!({"KEY": "${file:secrets/key}", "ON_CHECK": say});
    place.suite(json!({"connector": {"environment": environment}, "scenarios": [scenario("secrets/key")]}));
    let outcome = place.run(&["test", "--suite", "quick"]);
    outcome.says("every user of this machine may read `./secrets/key`").says("chmod o-rwx ./secrets/key");
    assert_eq!(outcome.launch("sandbox.read.full-refresh")["outcome"]["state"], "ended", "{}", outcome.told());
    assert!(!outcome.told().contains(API_KEY), "{}", outcome.told());
    for (file, content) in place.report_files() {
        assert!(!String::from_utf8_lossy(&content).contains(API_KEY), "{}", file.display());
    }
    place.suite(json!({"scenarios": [scenario("secrets/none")]}));
    place.run(&["list"]).exits(2).says("the file `./secrets/none` cannot be read: there is no such file").says("^^^");
}

#[test]
fn a_step_runs_in_a_container_of_the_authors() {
    if !has_docker() {
        return;
    }
    let place = Place::new();
    fs::create_dir(place.path("hooks")).unwrap();
    place.write(
        "hooks/Dockerfile",
        "FROM airproof/shell-base:dev\nUSER root\nCOPY hook.sh /hook.sh\nENTRYPOINT [\"false\"]\n",
    );
    place.write("hooks/hook.sh", "set -e\necho \"$1\" >> /connector/trace\n$2\n");
    place.write("secrets.json", &json!({"api_key": API_KEY, "note": "pass-word-of-the-database-7"}).to_string());
    let step = |words: &[&str]| {
        let words = [&["sh", "/hook.sh"], words].concat();
        json!({"container": {"dockerfile": "hooks/Dockerfile", "run": words, "secrets": "secrets.json"}})
    };
    let scenario = json!({
        "name": "sandbox", "config": "made.json",
        "setup": step(&["up", "cp /tmp/config.json /connector/made.json"]),
        "teardown": [step(&["down", "cat /tmp/config.json /nothing"]), step(&["end", "true"])],
    });
    let outcome = run(&place, json!({"scenarios": [scenario]}));
    outcome.exits(3).says("teardown of sandbox").says("/nothing");
    assert!(!outcome.told().contains("pass-word-of-the-database-7"), "{}", outcome.told());
    assert_eq!(outcome.launch("sandbox.check")["outcome"]["state"], "ended", "{}", outcome.told());
    assert_eq!(trace(&place), ["up", "down", "end"]);
    let images = std::process::Command::new("docker").args(["images", "-q", "airproof-step"]).output().unwrap();
    assert!(images.stdout.is_empty(), "images are left");
}

/// The shell source with a token that holds for one use: it refuses all but the last one that it gave out.
fn rotating(place: &Place, updates: Value) -> Value {
    place.write("valid", "tok-1-9f8e7d6c");
    place.write(
        "config.json",
        &json!({"api_key": "tok-1-9f8e7d6c", "password": "unused", "refresh_token": "unused"}).to_string(),
    );
    let rotate = r#"key=$(sed 's/.*"api_key": *"\([^"]*\)".*/\1/' "$3"); [ "$key" = "$(cat "$STORE/valid")" ] || { say_error; exit 1; }
new="tok-$(date +%N)-9f8e7d6c"; printf %s "$new" > "$STORE/valid"; echo "$new" >> "$STORE/given"
printf '{"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG","emitted_at":%s,"connectorConfig":{"config":{"api_key":"%s","password":"unused","refresh_token":"unused"}}}}\n' "$(now)" "$new"
echo "the token is $new" >&2
"#;
    let environment = json!({
        "STORE": place.path("."),
        "ON_CHECK": format!("{rotate} say_check \"$@\""),
        "ON_READ": format!("{rotate} begin_read \"$@\"; say_status COMPLETE"),
    });
    json!({
        "connector": {"environment": environment}, "config_updates": updates,
        "scenarios": [{"name": "sandbox", "config": "config.json"}],
    })
}

fn outcome_of_reads(outcome: &Outcome) -> Vec<u64> {
    let launches = outcome.results()["launches"].as_array().unwrap().clone();
    let is_good = |id: &str| id.contains(".read") && !id.ends_with("invalid-mode");
    let reads = launches.iter().filter(|launch| is_good(launch["id"].as_str().unwrap()));
    reads.map(|read| read["outcome"]["exit"]["code"].as_u64().unwrap_or(99)).collect()
}

#[test]
fn a_token_that_holds_once_is_handed_on() {
    let place = Place::new();
    place.suite(rotating(&place, json!("run")));
    let outcome = place.run(&["test", "--suite", "standard", "--jobs", "4"]);
    let reads = outcome_of_reads(&outcome);
    assert!(reads.len() > 3 && reads.iter().all(|code| *code == 0), "{reads:?} {}", outcome.told());
    outcome.says("The connector has updated the config of `sandbox`, and the new one is not kept");
    let given = fs::read_to_string(place.path("given")).unwrap();
    assert!(given.lines().count() > 4);
    for token in given.lines().chain(["tok-1-9f8e7d6c"]) {
        assert!(!outcome.told().contains(token), "{}", outcome.told());
        for (file, content) in place.report_files() {
            assert!(!String::from_utf8_lossy(&content).contains(token), "{}", file.display());
        }
    }
    assert!(fs::read_to_string(place.path("config.json")).unwrap().contains("tok-1-9f8e7d6c"));
    assert!(!place.path("updated_configurations").exists());
}

#[test]
fn an_updated_config_is_kept_where_that_is_asked_for_and_the_next_run_begins_with_it() {
    let place = Place::new();
    place.suite(rotating(&place, json!("save")));
    let all_well = |outcome: &Outcome| {
        let reads = outcome_of_reads(outcome);
        assert!(!reads.is_empty() && reads.iter().all(|code| *code == 0), "{reads:?} {}", outcome.told());
    };
    all_well(&place.run(&["test", "--suite", "quick"]));
    let kept = fs::read_to_string(place.path("updated_configurations/config.json")).unwrap();
    assert!(kept.contains(&fs::read_to_string(place.path("valid")).unwrap()), "{kept}");
    let again = place.run(&["test", "--suite", "quick"]);
    again.says("the connector has updated this config: `./updated_configurations/config.json` is used");
    all_well(&again);
    assert!(!again.told().contains("is not kept"), "{}", again.told());
}

#[test]
fn updates_of_a_config_can_be_ignored() {
    let place = Place::new();
    place.suite(rotating(&place, json!("ignore")));
    let outcome = place.run(&["test", "--suite", "quick"]);
    assert_eq!(fs::read_to_string(place.path("given")).unwrap().lines().count(), 1, "{}", outcome.told());
}
