//! `reports/results.schema.json` describes `results.json`, and old readers read new files.

mod sample;

use airproof::report::json;
use airproof::verdict::Results;
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
