//! `reports/results.schema.json` describes `results.json`, and old readers read new files.

mod sample;

use airproof::report::json;
use airproof::verdict::{LaunchState, Results, SCHEMA_VERSION, Status, Unreadable, read};
use serde_json::{Value, json};
use std::path::Path;

#[test]
fn the_schema_in_the_repository_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/results.schema.json");
    let current = serde_json::to_string_pretty(&json::schema()).expect("JSON") + "\n";
    if std::env::var("AIRPROOF_UPDATE").as_deref() == Ok("1") {
        std::fs::write(&file, &current).expect("written");
    }
    let checked_in = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(checked_in == current, "reports/results.schema.json is not current: run this test with AIRPROOF_UPDATE=1");
}

#[test]
fn results_conform_to_their_schema() {
    let schema = jsonschema::validator_for(&json::schema()).expect("a schema");
    for results in [sample::healthy(), sample::faulty(), sample::hostile()] {
        let results = serde_json::to_value(results).expect("JSON");
        let errors: Vec<String> =
            schema.iter_errors(&results).map(|error| format!("{error} at {}", error.instance_path())).collect();
        assert_eq!(errors, [""; 0]);
    }
}

#[test]
fn results_come_back_as_they_were_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("results.json");
    let results = sample::faulty();
    json::write(&results, &path).expect("written");
    let read: Results = serde_json::from_slice(&std::fs::read(&path).expect("readable")).expect("results");
    let (read, written) = (serde_json::to_value(read), serde_json::to_value(results));
    assert_eq!(read.expect("JSON"), written.expect("JSON"));
}

/// Members whose own members are data, not part of the form.
const MAPS: [&str; 3] = ["verdict_counts", "messages", "labels"];

/// Gives every object of the form a member that nobody knows.
fn extend(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(extend),
        Value::Object(members) => {
            let parts = members.iter_mut().filter(|(name, _)| !MAPS.contains(&name.as_str()));
            parts.for_each(|(_, part)| extend(part));
            members.insert("added_in_a_later_version".to_owned(), json!({"any": ["thing"]}));
        }
        _ => {}
    }
}

#[test]
fn a_reader_of_today_reads_a_file_of_tomorrow() {
    let mut newer = serde_json::to_value(sample::faulty()).expect("JSON");
    extend(&mut newer);
    assert!(newer["findings"][0]["evidence"][0].get("added_in_a_later_version").is_some());
    let schema = jsonschema::validator_for(&json::schema()).expect("a schema");
    assert!(schema.is_valid(&newer), "the schema lets members be added");
    let read: Results = serde_json::from_value(newer).expect("results");
    assert_eq!(read.findings.len(), sample::faulty().findings.len());
}

fn bytes(results: &Value) -> Vec<u8> {
    serde_json::to_vec(results).expect("JSON")
}

#[test]
fn words_of_tomorrow_claim_nothing() {
    let mut newer = serde_json::to_value(sample::faulty()).expect("JSON");
    newer["run"]["status"] = json!("flaky");
    newer["run"]["verdict_counts"]["flaky"] = json!(2);
    newer["verdicts"][0]["status"] = json!("flaky");
    newer["findings"][0]["level"] = json!("may");
    newer["findings"][0]["authority"] = json!("oracle");
    newer["launches"][0]["outcome"] = json!({"state": "postponed", "until": "tomorrow"});
    newer["launches"][1]["outcome"]["exit"]["ended"] = json!("bored");
    newer["launches"][2]["command"] = json!("activate");
    let read = read(&bytes(&newer)).expect("results");
    assert_eq!((read.run.status, read.verdicts[0].status), (Status::Error, Status::Skip));
    assert_eq!(read.verdicts[0].reason.as_deref(), Some("its status, \"flaky\", is of a later version of airproof"));
    let skipped = sample::faulty().run.verdict_counts[&Status::Skip];
    assert_eq!(read.run.verdict_counts[&Status::Skip], skipped + 2);
    assert!(matches!(read.launches[0].outcome, LaunchState::Skipped { .. }));
    assert_eq!(read.launches.len(), sample::faulty().launches.len() - 1);
    let doubt = &read.doubts.last().expect("a doubt").message;
    for word in ["status \"flaky\"", "level \"may\"", "state \"postponed\"", "command \"activate\"", "ended \"bored\""]
    {
        assert!(doubt.contains(word), "{word} is not in {doubt}");
    }
}

#[test]
fn what_this_version_knows_is_read_as_it_is() {
    let written = serde_json::to_value(sample::faulty()).expect("JSON");
    assert_eq!(serde_json::to_value(read(&bytes(&written)).expect("results")).expect("JSON"), written);
}

#[test]
fn what_cannot_be_read_says_why() {
    let mut later = serde_json::to_value(sample::healthy()).expect("JSON");
    later["schema_version"] = json!(SCHEMA_VERSION + 1);
    assert!(matches!(read(&bytes(&later)), Err(Unreadable::Later(2))));
    let told = |text: &str| read(text.as_bytes()).expect_err("no results").to_string();
    assert!(
        told(&later.to_string()).starts_with("was written by a later airproof: its schema_version is 2, and this one")
    );
    assert!(told("{\"a\": 1").starts_with("is no JSON: "));
    for odd in [
        "{\"run\": \"x\", \"launches\": [\"y\"]",
        "{\"run\": {\"verdict_counts\": 3}, \"launches\": [{\"outcome\": 1}]",
    ] {
        assert!(
            told(&format!("{odd}, \"schema_version\": 1}}")).starts_with("is no results.json of airproof's"),
            "{odd}"
        );
    }
    assert_eq!(told("[]"), "is no results.json of airproof's: it has no schema_version");
    assert_eq!(told("{\"schema_version\": 1}"), "is no results.json of airproof's: missing field `run`");
}
