//! What a suite's author expects of a connector: its specification, its records, that a state of the future is the last,
//! kinds of files. Each is told where it is not so, and nothing is told of a connector that is as expected.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use binary::Place;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A read from a state delivers nothing, and all ends at the state that was given.
const READ: &str = r#"
    say_status STARTED
    say_status RUNNING
    case $* in
    *--state*) say_state 0 | sed "s/2024-03-03T00:00:00Z/$(sed -n 's/.*"updated_at": *"\([^"]*\)".*/\1/p' "$7")/" ;;
    *) say_record 1; say_record 2; say_record 3; say_state 3 ;;
    esac
    say_status COMPLETE
"#;

/// A run of the family in a suite whose scenario has these keys, with these files beside it: findings by code, as level
/// and message, and statuses of verdicts by code.
struct Run {
    exit: i32,
    found: Vec<(String, String)>,
    statuses: BTreeMap<String, Vec<String>>,
    reasons: BTreeMap<String, Vec<String>>,
    told: String,
}

fn run(files: &[(&str, &str)], keys: Value, suite: Value, environment: &[(&str, &str)]) -> Run {
    let place = Place::new();
    files.iter().for_each(|(name, text)| place.write(name, text));
    let mut scenario = json!({"name": "sandbox", "config": {"api_key": "key-of-the-shop-1"}});
    scenario.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    let mut variables = json!({"ON_READ": READ});
    for (name, value) in environment {
        variables[*name] = json!(value);
    }
    let mut changes = json!({"connector": {"environment": variables}, "scenarios": [scenario]});
    changes.as_object_mut().unwrap().extend(suite.as_object().unwrap().clone());
    place.suite(changes);
    let rules = (1..=9).flat_map(|number| ["--rule".to_owned(), format!("SUITE-00{number}")]);
    let arguments: Vec<String> = ["test".to_owned()].into_iter().chain(rules).collect();
    let outcome = place.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let results = outcome.results();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let found = results["findings"].as_array().unwrap().iter();
    let found = found.map(|it| (format!("{} {}", text(&it["rule"]), text(&it["level"])), text(&it["message"])));
    let (mut statuses, mut reasons): (BTreeMap<_, Vec<_>>, BTreeMap<_, Vec<_>>) = Default::default();
    for verdict in results["verdicts"].as_array().unwrap() {
        statuses.entry(text(&verdict["rule"])).or_default().push(text(&verdict["status"]));
        reasons.entry(text(&verdict["rule"])).or_default().extend(verdict["reason"].as_str().map(str::to_owned));
    }
    Run { exit: outcome.code, found: found.collect(), statuses, reasons, told: outcome.told() }
}

fn read_with(records: &str, keys: Value) -> Vec<(String, String)> {
    let mut expected = json!({"path": "expected.jsonl"});
    expected.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    run(&[("expected.jsonl", records)], json!({ "records": expected }), json!({"depth": "quick"}), &[]).found
}

const SPEC: &str = r#"{"connectionSpecification":{"$schema":"http://json-schema.org/draft-07/schema#","title":"Shell source","type":"object","required":["api_key"],"properties":{"api_key":{"type":"string","title":"API key","description":"Any but `wrong`.","airbyte_secret":true},"password":{"type":"string","title":"Password","description":"Unused.","airbyte_secret":true}}},"supportsNormalization":false}"#;

const ORDERS: &str = r#"{"stream":"orders","data":{"id":1,"updated_at":"2024-03-01T00:00:00Z"},"emitted_at":1}

{"type":"RECORD","record":{"stream":"orders","data":{"updated_at":"2024-03-02T00:00:00Z","id":2.0}}}
"#;

const FUTURE: &str = r#"[{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"updated_at":"2999-01-01T00:00:00Z"}}}]"#;

#[test]
fn nothing_is_told_of_a_connector_that_is_as_expected() {
    let files = [("spec.json", SPEC), ("expected.jsonl", ORDERS), ("future.json", FUTURE)];
    let keys = json!({
        "specification": "spec.json",
        "records": {"path": "expected.jsonl", "compare": "content", "order": "exact"},
        "future_state": {"path": "future.json"},
        "file_types": {"skip": "it reads no files"},
    });
    let run = run(&files, keys, json!({"strict": true}), &[]);
    assert_eq!((run.exit, run.found), (0, vec![]), "{}", run.told);
    for code in ["SUITE-001", "SUITE-002", "SUITE-003", "SUITE-004", "SUITE-005", "SUITE-006"] {
        assert!(run.statuses[code].contains(&"pass".to_owned()), "{code}: {:?}", run.statuses);
    }
    assert_eq!(run.statuses["SUITE-007"], ["skip"]);
}

#[test]
fn a_specification_that_differs_is_told_with_the_places() {
    let keys = json!({"specification": "spec.json"});
    let other = SPEC.replace("API key", "Key").replace("}}},", "},\"since\":{\"type\":\"string\"}}},");
    let run_with = |name: &str, text: &str| {
        run(&[(name, text)], json!({ "specification": name }), json!({"depth": "quick"}), &[]).found
    };
    let places = "`/connectionSpecification/properties/api_key/title`, `/connectionSpecification/properties/since`";
    let told = ("SUITE-003 must".to_owned(), format!("spec and spec.json differ at {places}"));
    assert_eq!(run_with("spec.json", &other), [told]);
    let manifest = |text: &str| {
        let spec: Value = serde_json::from_str(text).unwrap();
        json!({"version": "1", "spec": {"connection_specification": spec["connectionSpecification"]}}).to_string()
    };
    assert_eq!(run_with("manifest.yaml", &manifest(SPEC)), []);
    assert_eq!(run_with("manifest.yml", &manifest(&other)).len(), 1);
    // Where the file is not there, nothing is compared, and the reason says so.
    let run = run(&[], keys, json!({"depth": "quick"}), &[]);
    assert_eq!(run.found, []);
    let reasons = run.reasons.get("SUITE-003").map(Vec::as_slice);
    assert!(matches!(reasons, Some([why]) if why.contains("spec.json") && why.contains("no such file")), "{reasons:?}");
}

#[test]
fn expected_records_that_do_not_come_are_told_by_stream() {
    let (one, nine) = (r#"{"stream":"orders","data":{"id":1}}"#, r#"{"stream":"orders","data":{"id":9}}"#);
    assert_eq!(read_with(one, json!({})), []);
    let must = |message: &str| ("SUITE-004 must".to_owned(), message.to_owned());
    let missing = "of 2 expected records of `orders`, the keys of 1 did not come; 3 records came (the first that is missing: line 2 of the file)";
    assert_eq!(read_with(&format!("{one}\n{nine}"), json!({})), [must(missing)]);
    let whole = "of 1 expected record of `orders`, 1 did not come; 3 records came (the first that is missing: line 1 of the file)";
    assert_eq!(read_with(one, json!({"compare": "content"})), [must(whole)]);
    assert_eq!(read_with(one, json!({"compare": "content", "extra_fields": true})), []);
    assert_eq!(read_with(one, json!({"compare": "content", "ignore": {"orders": ["updated_*"]}})), []);
    let surplus = "2 records of `orders` are not among the expected ones";
    assert_eq!(read_with(one, json!({"extra_records": false})), [must(surplus)]);
    let turned = "{\"stream\":\"orders\",\"data\":{\"id\":2}}\n{\"stream\":\"orders\",\"data\":{\"id\":1}}";
    assert_eq!(read_with(turned, json!({})), []);
    assert_eq!(read_with(turned, json!({"order": "exact"})).len(), 1);
    let unknown = "records of `refunds` are expected, and discover does not give it";
    assert_eq!(read_with(r#"{"stream":"refunds","data":{"id":1}}"#, json!({})), [must(unknown)]);
}

#[test]
fn a_state_of_the_future_must_be_the_last() {
    let files = [("future.json", FUTURE)];
    let keys = json!({"future_state": {"path": "future.json"}});
    let codes = |read: &str, keys: &Value| -> Vec<String> {
        let run = run(&files, keys.clone(), json!({}), &[("ON_READ", read)]);
        run.found.into_iter().map(|(code, _)| code).collect()
    };
    assert_eq!(codes(READ, &keys), [""; 0]);
    let all_again = READ.replace("*--state*)", "*--state*) say_record 1;");
    assert_eq!(codes(&all_again, &keys), ["SUITE-005 must"]);
    let silent = READ.replace("*--state*) say_state 0 |", "*--state*) true; : |");
    assert_eq!(codes(&silent, &keys), ["SUITE-005 must"]);
    let days = READ
        .replace(r#"s/2024-03-03T00:00:00Z/$(sed -n 's/.*"updated_at": *"\([^"]*\)".*/\1/p' "$7")/"#, "s/T00:00:00Z//");
    assert_eq!(codes(&days, &keys), ["SUITE-006 must"]);
    let format = json!({"streams": [{"name": "orders", "format": "[0-9]{4}-[0-9]{2}-[0-9]{2}"}]});
    let formed = json!({"future_state": {"path": "future.json", "cursor_format": format}});
    assert_eq!(codes(&days, &formed), [""; 0]);
    // With a reason, no such read is made.
    let bypassed = json!({"future_state": {"reason": "the API has no cursor"}});
    assert_eq!(codes(&all_again, &bypassed), [""; 0]);
}

#[test]
fn a_strict_suite_is_told_what_it_leaves_out() {
    let strict = json!({"strict": true, "depth": "quick"});
    let gaps = run(&[], json!({}), strict.clone(), &[]).found;
    let told: Vec<&str> = gaps.iter().map(|(_, message)| message.as_str()).collect();
    let no_state = "sandbox: there is no state of the future (`future_state`), and no reason is given";
    assert_eq!(told, ["sandbox: no records are expected (`records`), and no reason is given", no_state]);
    let reasons = json!({"records": {"reason": "they change daily"}, "future_state": {"reason": "no cursor"}});
    assert_eq!(run(&[], reasons.clone(), strict.clone(), &[]).found, []);
    let mut volatile = reasons;
    volatile["streams"] = json!({"volatile": {"orders": ["updated_at", {"name": "a/b", "reason": "a clock"}]}});
    let told = "sandbox: no reason says why `updated_at` of `orders` is not compared";
    assert_eq!(run(&[], volatile, strict.clone(), &[]).found, [("SUITE-001 must".to_owned(), told.to_owned())]);
    // A stream of which nothing is expected, found when the streams are known.
    let files =
        [("expected.jsonl", ""), ("future.json", "[{\"stream\":{\"stream_descriptor\":{\"name\":\"other\"}}}]")];
    let keys = json!({"records": {"path": "expected.jsonl"}, "future_state": {"path": "future.json"}});
    let found = |environment: &[(&str, &str)]| run(&files, keys.clone(), strict.clone(), environment).found;
    let told = |message: &str| ("SUITE-002 must".to_owned(), message.to_owned());
    assert_eq!(
        found(&[]),
        [
            told("`orders` is in the catalog, and no expected record is of it"),
            told("`orders` is in the catalog, and the state of the future has none of it")
        ]
    );
    // Of several streams all are named, as far as anybody reads them.
    let streams = |names: &str| {
        let discover = format!(
            r#"entry=$(say_catalog | sed 's/.*"streams":\[\(.*\)\]}}}}$/\1/'); all=
            for name in {names}; do all=$all,$(printf %s "$entry" | sed "s/orders/$name/"); done
            printf '{{"type":"CATALOG","catalog":{{"streams":[%s]}}}}\n' "${{all#,}}""#
        );
        let found = found(&[("ON_DISCOVER", &discover)]).into_iter();
        found.filter(|(code, _)| code == "SUITE-002 must").map(|(_, message)| message).collect::<Vec<_>>()
    };
    assert_eq!(
        streams("orders refunds returns"),
        [
            "`orders`, `refunds` and `returns` are in the catalog, and no expected record is of any of them",
            "`orders`, `refunds` and `returns` are in the catalog, and the state of the future has none of them"
        ]
    );
    assert!(streams("a b c d e f g h i j k l")[0].contains("`i`, `j` and 2 more are in the catalog"));
}

#[test]
fn kinds_of_files_are_looked_for_where_they_are_asked_for() {
    let read = READ.replace("say_record 1;", r#"say_record 1 | sed 's/"id"/"_ab_source_file_url":"a\/b.CSV","id"/';"#);
    let found = |keys: Value| {
        run(&[], keys, json!({"depth": "quick"}), &[("ON_READ", &read)])
            .found
            .into_iter()
            .map(|(_, told)| told)
            .collect::<Vec<_>>()
    };
    assert_eq!(found(json!({})), [""; 0]);
    let unsupported = [".avro", ".parquet", ".pdf", ".doc", ".docx", ".ppt", ".pptx", ".md"];
    assert_eq!(
        found(json!({"file_types": {"unsupported": unsupported}})),
        ["no record of any first read is from a .jsonl file"]
    );
}

#[test]
fn a_catalog_with_a_stream_that_is_gone_is_told() {
    let stream = |name: &str| {
        json!({
            "stream": {"name": name, "json_schema": {"type": "object"}, "supported_sync_modes": ["full_refresh"]},
            "sync_mode": "full_refresh",
            "destination_sync_mode": "append",
        })
    };
    let catalog = json!({"streams": [stream("orders"), stream("refunds")]}).to_string();
    let keys = json!({"catalog": {"path": "catalog.json", "streams": "from discover"}});
    let found = run(&[("catalog.json", &catalog)], keys, json!({"depth": "quick"}), &[]).found;
    let codes: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["SUITE-008 must"], "{found:?}");
    assert!(found[0].1.contains("`refunds` is in "), "{found:?}");
}

#[test]
fn fields_that_are_volatile_are_not_told_of() {
    let read = r#"
        say_status STARTED
        say_status RUNNING
        for id in 1 2 3 4 5 6; do
          say_record $id 1 | sed "s/\"id\"/\"seen_at\":\"$(date +%s%N)\",\"id\"/"
        done
        say_state 6
        say_status COMPLETE
    "#;
    let found = |keys: Value| {
        let place = Place::new();
        let mut scenario = json!({"name": "sandbox", "config": {"api_key": "key-of-the-shop-1"}});
        scenario.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        place.suite(json!({"connector": {"environment": {"ON_READ": read}}, "scenarios": [scenario]}));
        let outcome = place.run(&["test", "--rule", "READ-020"]);
        outcome.results()["findings"].as_array().unwrap().len()
    };
    assert_eq!(found(json!({})), 1);
    assert_eq!(found(json!({"streams": {"volatile": {"orders": [{"name": "seen_*", "reason": "a clock"}]}}})), 0);
}

#[test]
fn a_broken_line_is_a_mistake_with_its_place() {
    let place = Place::new();
    place.write("expected.jsonl", "{\"stream\":\"orders\",\"data\":{}}\n\n{\"stream\":\"orders\"\n");
    place.suite(json!({"scenarios": [{"config": {"api_key": "k"}, "records": {"path": "expected.jsonl"}}]}));
    let outcome = place.run(&["test"]);
    assert!(outcome.code != 0 && outcome.stderr.contains("expected.jsonl:3:"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("this line is no expected record"), "{}", outcome.stderr);
}

#[test]
fn a_stream_without_records_is_told_where_the_suite_lists_the_empty_ones() {
    let read = READ.replace("say_record 1; say_record 2; say_record 3; say_state 3", "say_state 0");
    let found = |empty: Value| {
        let keys = json!({ "streams": empty });
        run(&[], keys, json!({"depth": "quick"}), &[("ON_READ", &read)]).found.len()
    };
    assert_eq!(found(json!({"empty": []})), 2);
    // That all are empty is told nevertheless.
    assert_eq!(found(json!({"empty": ["orders"]})), 1);
    let all = run(&[], json!({"streams": {"empty": []}}), json!({"depth": "quick"}), &[]);
    assert_eq!((all.found, &all.statuses["SUITE-009"]), (vec![], &vec!["pass".to_owned()]));
}

#[test]
fn a_read_without_any_record_is_told_quietly_where_nothing_says_what_is_empty() {
    let read = READ.replace("say_record 1; say_record 2; say_record 3; say_state 3", "say_state 0");
    let found = |read: &str, keys: Value, suite: Value| run(&[], keys, suite, &[("ON_READ", read)]).found;
    let told = |level: &str| vec![(format!("SUITE-009 {level}"), "no record of any stream came".to_owned())];
    let quietly = |found: Vec<(String, String)>| -> Vec<(String, String)> {
        found.into_iter().map(|(code, told)| (code, told.split(" in ").next().unwrap().to_owned())).collect()
    };
    let quick = json!({"depth": "quick"});
    assert_eq!(quietly(found(&read, json!({}), quick.clone())), told("info"));
    // One stream with records is enough, and nothing is told.
    assert_eq!(found(READ, json!({}), quick.clone()), []);
    let must = json!({"rules": {"SUITE-009": "must"}});
    assert_eq!(quietly(found(&read, must, quick)), told("must"));
    // What is read only incrementally counts as well; a quick suite makes no such read.
    let incremental = json!({"rules": {"SUITE-009": "must"}, "leave_out": ["read", "full_refresh"]});
    assert_eq!(quietly(found(&read, incremental, json!({}))), told("must"));
}
