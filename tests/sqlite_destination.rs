//! The SQLite destination by itself, driven by a pipe: whether what it does without a fault is what the protocol wants, so
//! that it can serve to test the tests of destinations.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "sqlite/database.rs"]
mod database;
#[path = "sqlite/program.rs"]
mod program;

use database::{Database, record, state, status, stream};
use serde_json::{Value, json};

/// A stream with an integer `id`.
fn numbers(with: Value) -> Value {
    stream("numbers", json!({"id": {"type": "integer"}}), with)
}

/// A refresh of this generation.
fn generation(number: i64) -> Value {
    numbers(json!({
        "destination_sync_mode": "overwrite", "generation_id": number, "minimum_generation_id": number, "sync_id": 10 + number,
    }))
}

fn id(number: i64) -> String {
    record("numbers", &json!({"id": number}), 1_700_000_000_123)
}

fn complete() -> String {
    status("numbers", "COMPLETE")
}

#[test]
fn appended_rows_are_added() {
    let database = Database::new();
    let first = database.write(&[numbers(json!({}))], &[id(1), id(2), state("numbers", 1), id(3), state("numbers", 2)]);
    assert_eq!(first.exit, Some(0), "{}", first.text);
    let counts =
        first.of("STATE").iter().map(|state| &state["state"]["destinationStats"]["recordCount"]).collect::<Vec<_>>();
    assert_eq!(counts, [2.0, 1.0]);
    assert_eq!(
        database.write(&[numbers(json!({"generation_id": 4, "minimum_generation_id": 0}))], &[id(4)]).exit,
        Some(0)
    );
    let rows = database.rows_of("", "numbers").unwrap();
    assert_eq!(rows.iter().map(|row| row["id"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(rows[0]["_airbyte_extracted_at"], "2023-11-14T22:13:20.123Z");
    assert_eq!([&rows[0]["_airbyte_generation_id"], &rows[3]["_airbyte_generation_id"]], [&Value::Null, &json!(4)]);
    assert_ne!(rows[0]["_airbyte_raw_id"], rows[1]["_airbyte_raw_id"]);
}

#[test]
fn overwriting_without_generations_replaces_at_the_end() {
    let database = Database::new();
    let streams = [numbers(json!({"destination_sync_mode": "overwrite"}))];
    for last in [2, 3] {
        assert_eq!(database.write(&streams, &[id(1), id(last)]).exit, Some(0));
        assert_eq!(database.column("numbers", "id"), ["1".to_owned(), last.to_string()]);
    }
    database.write_and_kill(&streams, &[id(9), state("numbers", 1)], 1);
    assert_eq!(database.column("numbers", "id"), ["1", "3"]);
    assert_eq!(database.write(&streams, &[id(5)]).exit, Some(0));
    assert_eq!(database.column("numbers", "id"), ["5"]);
}

#[test]
fn a_refresh_is_seen_once_it_is_whole() {
    let database = Database::new();
    assert_eq!(database.write(&[generation(1)], &[id(1), complete()]).exit, Some(0));
    let broken_off = [
        ("ended without a status", vec![id(2), state("numbers", 1), status("numbers", "STARTED")]),
        ("incomplete", vec![id(3), state("numbers", 2), status("numbers", "INCOMPLETE")]),
    ];
    for (how, lines) in broken_off {
        let written = database.write(&[generation(2)], &lines);
        assert_eq!((written.exit, written.of("STATE").len()), (Some(1), 1), "{how}: {}", written.text);
        assert!(written.error().contains("\"numbers\""), "{}", written.error());
        assert_eq!(database.column("numbers", "id"), ["1"], "{how}");
    }
    database.write_and_kill(&[generation(2)], &[id(4), state("numbers", 3)], 1);
    assert_eq!(database.write(&[generation(2)], &[id(5), complete()]).exit, Some(0));
    assert_eq!(database.column("numbers", "id"), ["2", "3", "4", "5"]);
    assert_eq!(database.column("numbers", "_airbyte_generation_id"), ["2"; 4]);
    // A later generation takes nothing over from an earlier one that was broken off.
    database.write(&[generation(3)], &[id(6), status("numbers", "INCOMPLETE")]);
    assert_eq!(database.write(&[generation(4)], &[complete()]).exit, Some(0));
    assert_eq!(database.rows_of("", "numbers"), Some(vec![]));
}

/// Records with their emitted_at, in each sync.
type Syncs = Vec<Vec<(Value, i64)>>;

#[test]
fn the_newest_of_each_key_stays() {
    let properties = json!({
        "a": {"type": "string"}, "b": {"type": "object"}, "at": {"type": ["string", "integer"]}, "v": {"type": "string"},
    });
    let with = |cursor: Value| json!({"destination_sync_mode": "append_dedup", "primary_key": [["a"], ["b", "c"]], "cursor_field": cursor});
    let row = |a: &str, c: i64, at: Value, v: &str| json!({"a": a, "b": {"c": c}, "at": at, "v": v});
    let deleted = |at: i64| json!({"a": "x", "b": {"c": 1}, "at": at, "_ab_cdc_deleted_at": "2024-01-01"});
    // What it is about, the cursor, the records with their emitted_at in each sync, and what is left of `v`.
    let cases: Vec<(&str, Value, Syncs, Vec<&str>)> = vec![
        (
            "all parts of the key",
            json!(["at"]),
            vec![vec![
                (row("x", 1, json!(1), "p"), 1),
                (row("x", 2, json!(1), "q"), 1),
                (row("y", 1, json!(1), "r"), 1),
            ]],
            vec!["p", "q", "r"],
        ),
        (
            "numbers",
            json!(["at"]),
            vec![vec![(row("x", 1, json!(10), "p"), 1), (row("x", 1, json!(9), "q"), 2)]],
            vec!["p"],
        ),
        (
            "moments",
            json!(["at"]),
            vec![vec![
                (row("x", 1, json!("2024-01-01T00:00:00Z"), "p"), 1),
                (row("x", 1, json!("2024-01-01T02:00:00+05:00"), "q"), 2),
            ]],
            vec!["p"],
        ),
        (
            "emitted_at decides a tie",
            json!(["at"]),
            vec![vec![(row("x", 1, json!(1), "p"), 2), (row("x", 1, json!(1), "q"), 1)]],
            vec!["p"],
        ),
        (
            "then the last",
            json!(["at"]),
            vec![vec![(row("x", 1, json!(1), "p"), 1), (row("x", 1, json!(1), "q"), 1)]],
            vec!["q"],
        ),
        (
            "without a cursor",
            json!([]),
            vec![vec![(row("x", 1, json!(5), "p"), 1), (row("x", 1, json!(1), "q"), 2)]],
            vec!["q"],
        ),
        (
            "a later sync",
            json!(["at"]),
            vec![vec![(row("x", 1, json!(5), "p"), 1)], vec![(row("x", 1, json!(4), "q"), 9)]],
            vec!["p"],
        ),
        ("a deletion", json!(["at"]), vec![vec![(row("x", 1, json!(1), "p"), 1), (deleted(2), 2)]], vec![]),
        ("no resurrection", json!(["at"]), vec![vec![(deleted(2), 2), (row("x", 1, json!(1), "p"), 3)]], vec![]),
        (
            "a new row with the key",
            json!(["at"]),
            vec![vec![(deleted(2), 2)], vec![(row("x", 1, json!(3), "p"), 3)]],
            vec!["p"],
        ),
    ];
    for (what, cursor, syncs, left) in cases {
        let database = Database::new();
        for records in syncs {
            let lines: Vec<String> =
                records.iter().map(|(data, emitted_at)| record("pairs", data, *emitted_at)).collect();
            let written = database.write(&[stream("pairs", properties.clone(), with(cursor.clone()))], &lines);
            assert_eq!(written.exit, Some(0), "{what}: {}", written.text);
        }
        let quoted: Vec<String> = left.iter().map(|value| format!("{value:?}")).collect();
        assert_eq!(database.column("pairs", "v"), quoted, "{what}");
    }
}

#[test]
fn appended_rows_can_be_deduplicated_later() {
    let database = Database::new();
    database.write(&[numbers(json!({}))], &[id(1), id(1), id(2)]);
    let dedup = numbers(json!({"destination_sync_mode": "append_dedup", "primary_key": [["id"]]}));
    assert_eq!(database.write(&[dedup], &[id(2)]).exit, Some(0));
    assert_eq!(database.column("numbers", "id"), ["1", "2"]);
}

#[test]
fn states_come_back_as_they_were() {
    let hostile = [
        r#"{"type":"STATE","id":17,"state":{"type":"STREAM","partition_id":"p","id":3,"sourceStats":{"recordCount":0.0},"stream":{"stream_descriptor":{"namespace":"n","name":"numbers"},"stream_state":{"big":123456789012345678901234567890,"one":1.0,"e":1E+2,"null":null,"list":[3,1,2,{"b":null}],"text":"\u00e9😀\u0000\"\\","é.\"":{}}}}}"#,
        r#"{"type": "STATE", "state": {"type": "STREAM", "stream": {"stream_descriptor": {"name": "unknown"}, "stream_state": null}, "destinationStats": {"recordCount": 0.0}}}"#,
    ];
    let written = Database::new().write(&[numbers(json!({}))], &hostile.map(str::to_owned));
    assert_eq!(written.exit, Some(0), "{}", written.text);
    let added = r#""destinationStats":{"recordCount":0.0},"#;
    let back: Vec<&str> = written.text.lines().collect();
    assert_eq!(back[0].replacen(added, "", 1), hostile[0]);
    assert_eq!(serde_json::from_str::<Value>(back[1]).unwrap(), serde_json::from_str::<Value>(hostile[1]).unwrap());
}

#[test]
fn a_state_of_all_streams_counts_all() {
    let global = |number: i64| json!({"type": "STATE", "state": {"type": "GLOBAL", "global": {"shared_state": {"n": number}, "stream_states": []}}});
    let database = Database::new();
    let streams = [numbers(json!({})), stream("others", json!({}), json!({}))];
    let other = record("others", &json!({}), 0);
    let written = database.write(&streams, &[id(1), other, global(1).to_string(), id(2), global(2).to_string()]);
    let counts: Vec<_> =
        written.messages.iter().map(|state| state["state"]["destinationStats"]["recordCount"].as_f64()).collect();
    assert_eq!(counts, [Some(2.0), Some(1.0)]);
    let mixed = database.write(&streams, &[global(1).to_string(), id(3), state("numbers", 1)]);
    assert_eq!((mixed.exit, mixed.of("STATE").len()), (Some(1), 1), "{}", mixed.text);
    assert!(mixed.error().contains("only one kind"), "{}", mixed.error());
}

#[test]
fn what_a_state_stands_for_outlives_a_kill() {
    let database = Database::new();
    let lines: Vec<String> = (1..=500).map(id).chain([state("numbers", 1), id(501)]).collect();
    database.write_and_kill(&[numbers(json!({}))], &lines, 1);
    let rows = database.rows_of("", "numbers").unwrap().len();
    assert!((500..=501).contains(&rows), "{rows} rows");
    assert_eq!(database.write(&[numbers(json!({}))], &[id(1)]).exit, Some(0));
}

#[test]
fn odd_names_stay_apart() {
    let long = "x".repeat(300);
    let names =
        ["Users", "users", "USERS", "a b", "a_b", "select", "1st", "Zoë 😀", "\"; DROP TABLE t1; --", "", &long];
    let database = Database::new();
    let fields: serde_json::Map<String, Value> =
        names.iter().map(|name| (name.to_string(), json!({"type": "string"}))).collect();
    let places: Vec<(&str, &str)> =
        ["", "one", "One"].iter().flat_map(|space| names.iter().map(move |name| (*space, *name))).collect();
    let streams: Vec<Value> =
        places.iter().map(|(space, name)| stream(name, json!(fields), json!({"namespace": space}))).collect();
    let row = |space: &str, name: &str| -> serde_json::Map<String, Value> {
        names.iter().map(|field| (field.to_string(), json!(format!("{space}/{name}/{field}")))).collect()
    };
    let lines = places.iter().map(|(space, name)| {
        let record = json!({"stream": name, "namespace": space, "data": row(space, name), "emitted_at": 1});
        json!({"type": "RECORD", "record": record}).to_string()
    });
    let written = database.write(&streams, &lines.collect::<Vec<_>>());
    assert_eq!(written.exit, Some(0), "{}", written.text);
    for (space, name) in places {
        let rows = database.rows_of(space, name).unwrap();
        assert_eq!(rows.len(), 1, "{space}/{name}");
        row(space, name).iter().for_each(|(field, value)| assert_eq!(rows[0][field], *value, "{space}/{name}"));
    }
    assert_eq!(database.look("namespaces", ""), "One\none\n");
    database.look("drop", "one");
    assert_eq!(database.look("namespaces", ""), "One\n");
    assert_eq!((database.rows_of("one", "users"), database.rows_of("", "users").unwrap().len()), (None, 1));
}

#[test]
fn values_are_kept_or_nulled_and_told() {
    let typed = |schema: &str| serde_json::from_str::<Value>(schema).unwrap();
    // The field's schema, the value as written, the value as stored, and the reason of a change.
    let cases = [
        (r#"{"type":"integer"}"#, "9223372036854775808", "9223372036854775808", None),
        (r#"{"type":"integer"}"#, r#""42""#, "null", Some("DESTINATION_TYPECAST_ERROR")),
        (r#"{"type":["null","number"]}"#, "1234567890.1234567890123456789", "1234567890.1234567890123456789", None),
        (r#"{"type":"boolean"}"#, "1", "null", Some("DESTINATION_TYPECAST_ERROR")),
        (r#"{"type":"string","format":"date"}"#, r#""2023-02-29""#, "null", Some("DESTINATION_TYPECAST_ERROR")),
        (
            r#"{"type":"string","format":"date-time"}"#,
            r#""2022-11-22T01:23:45.1+05:30""#,
            r#""2022-11-22T01:23:45.1+05:30""#,
            None,
        ),
        (r#"{"oneOf":[{"type":"integer"},{"type":"object"}]}"#, r#"{"a":[1.0]}"#, r#"{"a":[1.0]}"#, None),
        (r#"{"type":"array"}"#, r#"["151",152,true,{"id":1},null]"#, r#"["151",152,true,{"id":1},null]"#, None),
        (r#"{}"#, "[]", "[]", None),
        (r#"{"type":"string"}"#, r#""a\u0000b""#, r#""a\u0000b""#, None),
        (r#"{"type":"string"}"#, r#""a\ud800b""#, "\"a\u{FFFD}b\"", Some("DESTINATION_SERIALIZATION_ERROR")),
    ];
    for (schema, written, stored, reason) in cases {
        let database = Database::new();
        let streams =
            [stream("values", json!({"value": typed(schema), "missing": {"type": "string"}}), json!({"sync_id": 5}))];
        let meta = r#"{"changes":[{"field":"f","change":"NULLED","reason":"SOURCE_RETRIEVAL_ERROR"}]}"#;
        let line = format!(
            r#"{{"type":"RECORD","record":{{"stream":"values","data":{{"value":{written},"undeclared":1}},"emitted_at":1,"meta":{meta}}}}}"#
        );
        assert_eq!(database.write(&streams, &[line]).exit, Some(0), "{written}");
        let shown = database.text_of("", "values").unwrap();
        assert!(shown.contains(&format!(r#","value":{stored},"missing":null}}"#)), "{written} of {schema}: {shown}");
        let row: Value = serde_json::from_str(&shown).unwrap();
        let reasons: Vec<_> = row["_airbyte_meta"]["changes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|change| change["reason"].as_str())
            .collect();
        assert_eq!(reasons, [Some("SOURCE_RETRIEVAL_ERROR"), reason][..1 + usize::from(reason.is_some())], "{written}");
        assert_eq!((&row["_airbyte_meta"]["sync_id"], row.get("undeclared")), (&json!(5), None));
    }
}

#[test]
fn what_is_no_message_is_skipped_and_what_is_not_known_ignored() {
    let lines = [
        "",
        "plain",
        "{\"type\":\"RECORD\",",
        "[1]",
        "{\"type\":\"RECORD\"}",
        "{\"type\":\"FUTURE\",\"future\":{}}",
        "{\"type\":\"LOG\",\"log\":{\"level\":\"INFO\",\"message\":\"m\"}}",
        "{\"type\":\"TRACE\",\"trace\":{\"type\":\"ERROR\",\"emitted_at\":1,\"error\":{\"message\":\"m\"}}}",
        "{\"type\":\"CONTROL\",\"control\":{}}",
    ];
    let database = Database::new();
    let lines: Vec<String> = lines.iter().flat_map(|line| [line.to_string(), id(1)]).collect();
    let written = database.write(&[numbers(json!({}))], &lines);
    assert_eq!((written.exit, database.column("numbers", "id").len()), (Some(0), 9));
    let told: Vec<&str> = written.of("LOG").iter().map(|log| log["log"]["message"].as_str().unwrap()).collect();
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told.iter().all(|message| message.starts_with("line ") && !message.contains("plain")), "{told:?}");
}

#[test]
fn what_cannot_be_done_is_said() {
    let unknown = record("unknown", &json!({"id": 1}), 1);
    let cases = [
        ("an unknown stream", numbers(json!({})), vec![unknown], "not in the catalog"),
        (
            "another way of writing",
            numbers(json!({"destination_sync_mode": "soft_delete"})),
            vec![id(1)],
            "append_dedup",
        ),
        (
            "some generations",
            numbers(json!({"generation_id": 5, "minimum_generation_id": 3})),
            vec![complete()],
            "from 3 to 5",
        ),
        ("no key", numbers(json!({"destination_sync_mode": "append_dedup"})), vec![], "primary key"),
    ];
    for (what, entry, lines, told) in cases {
        let database = Database::new();
        let written = database.write(&[entry], &lines);
        assert_eq!(written.exit, Some(1), "{what}");
        assert!(written.error().contains(told), "{what}: {}", written.error());
        assert_eq!(database.rows_of("", "unknown"), None, "{what}");
    }
}

#[test]
fn nothing_makes_an_empty_table_and_many_streams_are_no_matter() {
    let database = Database::new();
    assert_eq!(database.write(&[], &[]).exit, Some(0));
    assert_eq!(database.write(&[numbers(json!({}))], &[state("numbers", 1)]).of("STATE").len(), 1);
    assert_eq!(database.rows_of("", "numbers"), Some(vec![]));
    let names: Vec<String> = (0..500).map(|number| format!("s{number}")).collect();
    let streams: Vec<Value> =
        names.iter().map(|name| stream(name, json!({"id": {"type": "integer"}}), json!({}))).collect();
    let huge = record("s7", &json!({"id": 1, "text": "x".repeat(20 << 20)}), 1);
    let lines = (0..3).flat_map(|_| names.iter().map(|name| record(name, &json!({"id": 1}), 1))).chain([huge]);
    assert_eq!(database.write(&streams, &lines.collect::<Vec<_>>()).exit, Some(0));
    assert_eq!([database.column("s7", "id").len(), database.column("s499", "id").len()], [4, 3]);
}

#[test]
fn a_schema_may_change_between_syncs() {
    let database = Database::new();
    let of = |properties: Value| [stream("users", properties, json!({}))];
    database.write(
        &of(json!({"a": {"type": "integer"}, "b": {"type": "string"}})),
        &[record("users", &json!({"a": 1, "b": "x"}), 1)],
    );
    let later = database.write(
        &of(json!({"a": {"type": "string"}, "c": {"type": "string"}})),
        &[record("users", &json!({"a": "z", "c": "y"}), 2)],
    );
    assert_eq!(later.exit, Some(0));
    assert_eq!(
        ["a", "b", "c"].map(|field| database.column("users", field).join(" ")),
        ["\"z\" 1", "\"x\" null", "\"y\" null"]
    );
}
