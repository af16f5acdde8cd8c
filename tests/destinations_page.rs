//! docs/destinations.md, done as it stands there: from nothing to a green suite.

#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use binary::{Outcome, Place};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The blocks of the page in that language, in order.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let after = page.split(&fence).skip(1);
    after.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn from_nothing_to_a_green_suite() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/destinations.md")).unwrap();
    let (suites, said) = (blocks(&page, "yaml"), blocks(&page, "console"));
    let place = Place::new();
    let program = place.path("destination.py");
    fs::copy(root.join("fixtures/connectors/json-lines/destination.py"), &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();

    // Without a reader.
    place.write("airproof.yml", &suites[0]);
    let first = place.run(&["test"]);
    says_all(&first, &said[0]);
    // What came back was judged by each rule, not only by those that it breaks.
    let verdicts = first.results()["verdicts"].as_array().unwrap();
    for code in ["DEST-001", "DEST-002", "DEST-003", "DEST-004", "DEST-006", "DEST-034", "LINE-003"] {
        let passes = |verdict: &&serde_json::Value| verdict["rule"] == code && verdict["status"] == "pass";
        let of_write = |verdict: &&serde_json::Value| verdict["launch"].as_str().unwrap().contains("write");
        assert!(verdicts.iter().filter(passes).any(|verdict| of_write(&verdict)), "{code} does not pass");
    }

    // What it wrote stays, as it says: it had no cleaner.
    fs::remove_dir_all(place.path("out")).unwrap();

    // With one, and nothing declared. What takes most of the time is not made twice.
    place.write("airproof.yml", &suites[1]);
    says_all(&place.run(&["test", "--rule", "DEST-011", "--rule", "DEST-015"]), &said[1]);

    // With what it does declared.
    let declared = suites[1].clone() + "  behaviours" + suites[3].split("  behaviours").nth(1).unwrap();
    place.write("airproof.yml", &declared);
    says_all(&place.run(&["test"]), &said[2]);
    assert!(
        !place
            .path("out")
            .read_dir()
            .unwrap()
            .any(|left| { left.unwrap().file_name().to_string_lossy().starts_with("airproof_") }),
        "the cleaner removes what was written"
    );

    // With messages of one's own.
    let record =
        |id: u64| format!(r#"{{"type":"RECORD","record":{{"stream":"orders","emitted_at":1,"data":{{"id":{id}}}}}}}"#);
    place.write("orders.jsonl", &(1..=300).map(|id| record(id) + "\n").collect::<String>());
    place.write(
        "orders.catalog.json",
        r#"{"streams":[{"stream":{"name":"orders","json_schema":{"type":"object","properties":{"id":{"type":"integer"}}}},"sync_mode":"full_refresh"}]}"#,
    );
    place.write("airproof.yml", &(declared + suites[4].strip_prefix("destination:\n").unwrap()));
    let own = place.run(&["test", "--rule", "DEST-036"]);
    own.exits(0);
    let verdicts = own.results()["verdicts"].as_array().unwrap();
    assert!(
        verdicts.iter().any(|verdict| verdict["rule"] == "DEST-036" && verdict["status"] == "pass"),
        "{verdicts:#?}"
    );
}

#[test]
fn the_suite_that_init_writes_can_be_run_and_completed() {
    let place = Place::new();
    let program = place.path("destination.py");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/connectors/json-lines/destination.py");
    fs::copy(source, &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();

    place.run(&["init", "--exec", "./destination.py"]).exits(0).says("put your own values into airproof.yml: folder");
    let suite = fs::read_to_string(place.path("airproof.yml")).unwrap();
    assert!(suite.contains("\nextends: destination\n"), "{suite}");

    // As it stands, and with the lines that are commented out.
    let named = |rule: &'static str| ["test", "--rule", "DEST-001", "--rule", rule];
    place.run(&named("DEST-002")).exits(0).says("The suite names no reader");
    let shown = suite
        .replace("#destination:", "destination:")
        .replace(
            "#  reader: { run: \"./rows\" }",
            "  reader: { run: \"./destination.py rows --folder example\", columns: { data: _airbyte_data } }",
        )
        .replace("#  cleaner: { run: \"./drop\" }", "  cleaner: { run: \"./destination.py drop --folder example\" }")
        .replace("#  behaviours: {}", "  behaviours: {}");
    assert_ne!(shown, suite);
    place.write("airproof.yml", &shown);
    place.run(&named("DEST-014")).exits(0).says("Every rule that was judged holds");
}

/// A run succeeds, and says what a block says it does.
fn says_all(outcome: &Outcome, block: &str) {
    block.lines().filter(|line| !line.starts_with('$')).fold(outcome.exits(0), |outcome, line| outcome.says(line));
}
