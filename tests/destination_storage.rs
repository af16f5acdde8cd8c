//! What can go wrong around a destination's storage: readers that fail, and namespaces that are not ours.

#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use binary::Place;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// A quick suite of the destination of JSON lines, with this reader.
fn place(reader: Value) -> Place {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/connectors/json-lines/destination.py");
    let place = Place::new();
    let step = |what: &str| json!({"run": [program, what, "--folder", place.path("out")]});
    let suite = json!({
        "extends": "destination",
        "depth": "quick",
        "connector": {"exec": format!("'{}'", program.display())},
        "limits": {"step": if reader["run"][2] == "sleep 60" { "5s" } else { "1m" }},
        "scenarios": [{"name": "sandbox", "config": {"folder": place.path("out")}}],
        "destination": {"reader": reader, "cleaner": step("drop"), "namespaces": step("namespaces")},
    });
    place.write("airproof.yml", &suite.to_string());
    place
}

/// The suite with other keys in some of its parts.
fn change(place: &Place, change: impl FnOnce(&mut Value)) {
    let mut suite = serde_json::from_str(&fs::read_to_string(place.path("airproof.yml")).unwrap()).unwrap();
    change(&mut suite);
    place.write("airproof.yml", &suite.to_string());
}

fn shell(script: &str) -> Value {
    json!({"run": ["sh", "-c", script]})
}

/// The names of the folders of namespaces.
fn left(place: &Place) -> Vec<String> {
    let entries = fs::read_dir(place.path("out")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_reader_that_fails_is_an_error_of_the_run_and_no_finding() {
    for (script, told) in [
        (
            "echo 'no route to the warehouse' >&2; exit 7",
            "exit code 7. Its stderr ends with: no route to the warehouse",
        ),
        ("echo 'id | name'", "line 1 of what the reader prints is no row"),
        ("sleep 60", "it was not over after 5.0 s"),
        ("yes '{\"id\":1}' | head -c 300000000", "the reader prints more than 256.0 MiB"),
    ] {
        let outcome = place(shell(script)).run(&["test"]);
        outcome.exits(3).says("What is stored of").says(told);
        assert_eq!(outcome.results()["findings"], json!([]), "{script}");
    }
}

#[test]
fn a_reader_that_is_not_there_is_a_mistake_of_the_suite_or_told_as_such() {
    let outcome = place(json!({"run": ["no-such-client"]})).run(&["test"]);
    outcome.exits(3).says("no program `no-such-client`");
    place(json!({"run": "true", "files": "x"})).run(&["test"]).exits(2).says("`files` and a command both say");
}

#[test]
fn only_what_runs_of_ours_left_is_removed() {
    let place = place(shell("exit 3"));
    let mine = ["airproof_mine", "airproof_20200101_orders_raw", "shop"];
    let ours = "airproof_20200101_0123456789abcd_append";
    for namespace in mine.iter().chain([&ours]) {
        fs::create_dir_all(place.path("out").join(namespace)).unwrap();
        fs::write(place.path("out").join(namespace).join("t.jsonl"), "{}\n").unwrap();
    }
    place.run(&["test"]);
    let mut kept: Vec<String> = mine.iter().map(|name| (*name).to_owned()).collect();
    kept.sort();
    assert_eq!(left(&place), kept);
}

#[test]
fn a_cleaner_that_fails_tells_no_secret() {
    let place = place(shell("exit 3"));
    change(&place, |suite| {
        suite["scenarios"][0]["config"]["password"] = json!("tulip-0d93b1f27c");
        suite["destination"]["cleaner"] = shell("echo 'denied: tulip-0d93b1f27c' >&2; exit 1");
    });
    let outcome = place.run(&["test"]);
    outcome.exits(3).says("The step `cleaner` failed").says("denied: ***");
    assert!(
        !outcome.told().contains("tulip-0d93b1f27c") && !outcome.results().to_string().contains("tulip-0d93b1f27c")
    );
}

#[test]
fn the_cleaner_comes_before_what_takes_the_storage_down() {
    let place = place(shell("exit 3"));
    change(&place, |suite| {
        suite["scenarios"][0]["setup"] = json!({"run": ["mkdir", "-p", "storage"]});
        suite["scenarios"][0]["teardown"] = json!({"run": ["rmdir", "storage"]});
        suite["destination"]["cleaner"] = shell("test -d storage && echo \"$AIRPROOF_NAMESPACE\" >>cleaned");
    });
    place.run(&["test"]).exits(0);
    let cleaned = fs::read_to_string(place.path("cleaned")).unwrap();
    assert!(cleaned.lines().all(|name| name.starts_with("airproof_")) && cleaned.lines().count() > 0, "{cleaned}");
}

#[test]
fn a_reader_that_looks_elsewhere_is_no_required_rule_broken() {
    for script in ["exit 3", "exit 0"] {
        let place = place(shell(script));
        change(&place, |suite| suite["depth"] = json!("standard"));
        let outcome = place.run(&["test", "--rule", "DEST-*"]);
        outcome.exits(0).says("nothing is seen of what was written").says("or the reader looks elsewhere");
        let findings = outcome.results()["findings"].as_array().unwrap();
        assert!(findings.iter().all(|finding| finding["level"] != "must"), "{findings:#?}");
    }
}

#[test]
fn a_file_of_messages_that_cannot_be_sent_is_a_mistake_of_the_suite() {
    let place = place(shell("exit 3"));
    let stream = json!({"name": "orders", "json_schema": {"type": "object"}});
    place.write("orders.json", &json!({"streams": [{"stream": stream}]}).to_string());
    change(&place, |suite| {
        let mut rows = suite["destination"]["cleaner"].clone();
        rows["run"][1] = json!("rows");
        rows["columns"] = json!({"data": "_airbyte_data"});
        suite["destination"]["reader"] = rows;
        suite["destination"]["data"] = json!([{"messages": "orders.jsonl", "catalog": "orders.json"}]);
    });
    place.run(&["test"]).exits(2).says("cannot be read: there is no such file");
    place.write("orders.jsonl", "{\"type\":\"LOG\",\"log\":{}}\nplain text\n");
    place.run(&["test"]).exits(2).says("orders.jsonl: line 2: it is no JSON object");
    place.write(
        "orders.json",
        &json!({"streams": [{"stream": {"name": "orders"}, "destination_sync_mode": "upsert"}]}).to_string(),
    );
    place.run(&["test"]).exits(2).says("streams[0].destination_sync_mode is \"upsert\"");
}
