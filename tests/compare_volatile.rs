//! `airproof compare` where records differ from read to read: by the time of the export, and by keys that each read makes anew.

#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use binary::{Outcome, Place};
use serde_json::json;

/// `orders` begins with the cursor of the state (`-ge`), or behind it (`-gt`); `sessions` has so many records.
fn source(place: &Place, name: &str, from: &str, sessions: u64) -> String {
    let spec = json!({"type": "SPEC", "spec": {"connectionSpecification": {"type": "object", "properties": {}}}});
    let check = json!({"type": "CONNECTION_STATUS", "connectionStatus": {"status": "SUCCEEDED"}});
    let integer = json!({"type": "integer"});
    let orders = json!({
        "name": "orders", "supported_sync_modes": ["full_refresh", "incremental"], "source_defined_primary_key": [["id"]],
        "source_defined_cursor": true, "default_cursor_field": ["id"],
        "json_schema": {"type": "object", "properties": {"id": integer, "exported": integer}},
    });
    let sessions_stream = json!({
        "name": "sessions", "supported_sync_modes": ["full_refresh"], "source_defined_primary_key": [["key"]],
        "json_schema": {"type": "object", "properties": {"key": integer}},
    });
    let catalog = json!({"type": "CATALOG", "catalog": {"streams": [orders, sessions_stream]}});
    let record = r#"echo '{"type":"RECORD","record":{"stream":"'$1'","emitted_at":1700000000000,"data":{'$2'}}}'"#;
    let state = json!({"type": "STATE", "state": {
        "type": "STREAM", "stream": {"stream_descriptor": {"name": "orders"}, "stream_state": {"id": 9}},
    }});
    let script = format!(
        "record() {{ {record}; }}\ncase $1 in\nspec) echo '{spec}';;\ncheck) echo '{check}';;\ndiscover) echo '{catalog}';;\n\
         read) last=0; [ -n \"$7\" ] && grep -q '\"id\": *9' \"$7\" && last=9\n\
         grep -q '\"orders\"' \"$5\" && {{ for id in 1 2 3 4 5 6 7 8 9; do \
         [ $id {from} $last ] && record orders '\"id\":'$id',\"exported\":'$(date +%s%N); done; echo '{state}'; }}\n\
         grep -q '\"sessions\"' \"$5\" && for at in $(seq {sessions}); do record sessions '\"key\":'$(date +%s%N); done; :;;\n\
         esac\n"
    );
    place.write(name, &script);
    format!("sh {}", place.path(name).display())
}

fn compare(place: &Place, control: &str, target: &str) -> Outcome {
    place.suite(json!({"connector": {"exec": target}, "scenarios": [{"name": "sandbox", "config": {}}]}));
    place.run(&["compare", ".", "--control-exec", control])
}

fn found(outcome: &Outcome) -> Vec<(&str, &str)> {
    let findings = outcome.results.as_ref().unwrap()["findings"].as_array().unwrap();
    findings.iter().map(|one| (one["rule"].as_str().unwrap(), one["title"].as_str().unwrap())).collect()
}

#[test]
fn a_record_that_came_before_is_not_lost_though_it_is_exported_at_another_time() {
    let place = Place::new();
    let (inclusive, exclusive) = (source(&place, "inclusive", "-ge", 6), source(&place, "exclusive", "-gt", 6));
    for (control, target) in [(&inclusive, &exclusive), (&exclusive, &inclusive)] {
        let outcome = compare(&place, control, target);
        assert_eq!(found(&outcome), [], "{}", outcome.told());
        outcome.exits(0);
    }
}

#[test]
fn why_nothing_could_be_compared_is_told_where_the_control_does_not_run() {
    let place = Place::new();
    let target = source(&place, "target", "-ge", 6);
    compare(&place, "false", &target).exits(4).says("did not succeed (exit code 1)").says("verdicts skipped: ");
}

#[test]
fn records_whose_keys_are_made_anew_in_each_read_are_counted() {
    let place = Place::new();
    let (many, few) = (source(&place, "many", "-ge", 12), source(&place, "few", "-ge", 6));
    let outcome = compare(&place, &many, &few);
    assert_eq!(found(&outcome), [("COMPAT-004", "breaking: records no longer come")], "{}", outcome.told());
    let outcome = compare(&place, &few, &many);
    assert_eq!(found(&outcome), [("COMPAT-004", "behavioural: records come that did not")], "{}", outcome.told());
}
