//! Output that is huge, deep, circular or explosive: judged or refused with a finding, in bounded time and memory, and
//! never a panic. The bounds are generous, for busy machines: what they are to catch grows without end.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use binary::{Outcome, Place};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::net::TcpListener;
use std::process::Stdio;

/// Seconds, and MiB.
const LONG: u64 = 60;
const MUCH: u64 = 400;

/// Judges lines as what a command printed on stdout.
fn judge(header: Value, lines: impl IntoIterator<Item = String>) -> Outcome {
    let place = Place::new();
    let mut file = BufWriter::new(File::create(place.path("x.transcript")).unwrap());
    writeln!(file, "{header}\n--- stdout").unwrap();
    lines.into_iter().for_each(|line| writeln!(file, "{line}").unwrap());
    file.into_inner().unwrap();
    let outcome = place.run(&["judge", "x.transcript", "--report-dir", "airproof-report"]);
    assert!([0, 1].contains(&outcome.code), "{}", outcome.told());
    outcome.within(LONG).in_memory(MUCH);
    outcome
}

fn stream(name: &str, schema: &Value) -> Value {
    json!({"name": name, "json_schema": schema, "supported_sync_modes": ["full_refresh"]})
}

fn catalog(streams: Vec<Value>) -> String {
    json!({"type": "CATALOG", "catalog": {"streams": streams}}).to_string()
}

fn discover(schema: &Value) -> Outcome {
    judge(json!({"command": "discover"}), [catalog(vec![stream("s", schema)])])
}

fn configured(streams: Vec<Value>) -> Value {
    let configured =
        |stream| json!({"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "overwrite"});
    json!({"streams": streams.into_iter().map(configured).collect::<Vec<Value>>()})
}

fn status(stream: &str, word: &str) -> String {
    let status = json!({"stream_descriptor": {"name": stream}, "status": word});
    json!({"type": "TRACE", "trace": {"type": "STREAM_STATUS", "emitted_at": 1_700_000_000_000_u64, "stream_status": status}})
        .to_string()
}

fn record(stream: &str, data: &Value) -> String {
    json!({"type": "RECORD", "record": {"stream": stream, "data": data, "emitted_at": 1_700_000_000_000_u64}})
        .to_string()
}

/// A read of one stream with this schema that brings these records.
fn read(schema: &Value, records: impl IntoIterator<Item = Value>) -> Outcome {
    let mut lines = vec![status("s", "STARTED"), status("s", "RUNNING")];
    lines.extend(records.into_iter().map(|data| record("s", &data)));
    lines.push(status("s", "COMPLETE"));
    judge(json!({"command": "read", "catalog": configured(vec![stream("s", schema)])}), lines)
}

fn object(properties: Value) -> Value {
    json!({"type": "object", "properties": properties})
}

/// Text that is nested so deep: `{"properties":{"a":` … `}}`.
fn nested(before: &str, innermost: &str, after: &str, levels: usize) -> String {
    format!("{}{innermost}{}", before.repeat(levels), after.repeat(levels))
}

#[test]
fn a_catalog_with_2000_streams() {
    let columns: serde_json::Map<String, Value> =
        (0..20).map(|at| (format!("column_{at}"), json!({"type": ["null", "string"]}))).collect();
    let schema = object(Value::Object(columns));
    let streams: Vec<Value> = (0..2_000).map(|at| stream(&format!("s{at}"), &schema)).collect();
    judge(json!({"command": "discover"}), [catalog(streams.clone())]).exits(0);
    let names: Vec<String> = (0..2_000).map(|at| format!("s{at}")).collect();
    let healthy = names.iter().flat_map(|name| {
        let record = record(name, &json!({"column_0": "a"}));
        [status(name, "STARTED"), status(name, "RUNNING"), record, status(name, "COMPLETE")]
    });
    let header = json!({"command": "read", "catalog": configured(streams)});
    judge(header.clone(), healthy).exits(0);
    // The same thing wrong in each of them is one finding.
    let wrong = names.iter().flat_map(|name| {
        let record = record(name, &json!({"column_0": 1}));
        [status(name, "STARTED"), status(name, "RUNNING"), record, status(name, "COMPLETE")]
    });
    let outcome = judge(header, wrong);
    outcome.exits(1);
    assert_eq!(outcome.finding("READ-006")["streams"].as_array().unwrap().len(), 2_000);
    assert!(outcome.stdout.len() < 100_000, "{}", outcome.stdout.len());
}

#[test]
fn a_schema_400_levels_deep() {
    let schema = nested(r#"{"type":"object","properties":{"a":"#, r#"{"type":"string"}"#, "}}", 400);
    let line = catalog(vec![stream("s", &json!("SCHEMA"))]).replace("\"SCHEMA\"", &schema);
    let outcome = judge(json!({"command": "discover"}), [line]);
    assert!(!outcome.results()["findings"].as_array().unwrap().is_empty(), "{}", outcome.told());
    // A rule about what could not be read has not been judged.
    let verdicts = outcome.results()["verdicts"].as_array().unwrap();
    assert!(verdicts.iter().any(|verdict| verdict["rule"] == "DISC-003" && verdict["status"] == "skip"));
    // As deep as JSON readers take it, with data to match.
    let (schema, data) = (nested(r#"{"properties":{"a":"#, "{}", "}}", 55), nested(r#"{"a":"#, "1", "}", 55));
    let parse = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    read(&parse(&schema), [parse(&data)]).exits(0);
    // Deeper than any reader goes, in a field that nobody declared.
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let line = record("s", &json!({"a": "DATA"})).replace("\"DATA\"", &deep);
    let header = json!({"command": "read", "catalog": configured(vec![stream("s", &object(json!({})))])});
    judge(header, [status("s", "STARTED"), status("s", "RUNNING"), line, status("s", "COMPLETE")]);
}

#[test]
fn a_schema_that_refers_to_itself() {
    let person = json!({"type": "object", "properties": {"name": {"type": "string"}, "boss": {"$ref": "#"}}});
    discover(&person);
    let chain = (0..50).fold(json!({"name": "top"}), |boss, at| json!({"name": at.to_string(), "boss": boss}));
    assert_eq!(read(&person, [chain]).found("must"), [""; 0]);
    let wrong = json!({"name": "a", "boss": {"name": "b", "boss": {"name": 3}}});
    assert_eq!(read(&person, [wrong]).found("must"), ["READ-006"]);
    // Circles without a way out.
    for circle in [
        json!({"$ref": "#"}),
        json!({"type": "object", "properties": {"a": {"$ref": "#/properties/b"}, "b": {"$ref": "#/properties/a"}}}),
        json!({"type": "object", "properties": {"a": {"allOf": [{"$ref": "#/properties/a"}, {"$ref": "#/properties/a"}]}}}),
        json!({"type": "object", "properties": {"a": {"anyOf": [{"not": {"$ref": "#/properties/a"}}]}}}),
    ] {
        discover(&circle);
        read(&circle, [json!({"a": 1}), json!({"a": {"a": {}}})]);
    }
}

#[test]
fn a_schema_that_doubles_at_every_level() {
    let mut definitions = json!({"d0": {"type": "string"}});
    for level in 1..60 {
        let below = json!({"$ref": format!("#/definitions/d{}", level - 1)});
        definitions[format!("d{level}")] = object(json!({"a": below, "b": below}));
    }
    let mut schema = object(json!({"root": {"$ref": "#/definitions/d59"}}));
    schema["definitions"] = definitions;
    discover(&schema);
    let data = (0..50).fold(json!({}), |data, _| json!({"a": data}));
    read(&schema, [json!({"root": data})]);
}

#[test]
fn a_remote_reference_is_never_fetched() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("http://{}/person.json", listener.local_addr().unwrap());
    for reference in [address.as_str(), "file:///etc/hostname", "//example.test/x", "other.json"] {
        let schema = object(json!({"owner": {"$ref": reference}}));
        discover(&schema);
        read(&schema, [json!({"owner": {"name": "a"}})]);
        let specification = json!({"connectionSpecification": object(json!({"owner": {"$ref": reference}}))});
        judge(json!({"command": "spec"}), [json!({"type": "SPEC", "spec": specification}).to_string()]);
    }
    assert!(listener.accept().is_err(), "a reference was followed");
}

#[test]
fn a_pattern_that_explodes() {
    let victim = format!("{}!", "a".repeat(40_000));
    for pattern in [
        "^(a+)+$",
        "^(a|aa)+$",
        r"^(?=(a+)+$)a",
        r"^(a+)+\1$",
        r"^(?:(a+)+b|(a*)*c|(?!(a+)*d)(a|a)*e)$",
        "^(((a{0,100}){0,100}){0,100}){0,100}$",
        "^(a{1,1000}){1,1000}$",
        r"^[\p{L}\p{N}]{0,10000}$",
    ] {
        let schema = object(json!({"text": {"type": "string", "pattern": pattern}}));
        discover(&schema);
        read(&schema, (0..20).map(|_| json!({"text": victim})));
        let specification = json!({"connectionSpecification": schema});
        let header = json!({"command": "check", "config": {"text": victim}, "specification": specification});
        let failed = json!({"type": "CONNECTION_STATUS", "connectionStatus": {"status": "FAILED"}});
        judge(header, [failed.to_string()]);
    }
}

#[test]
fn a_record_with_50_000_keys() {
    let wide = |value: &Value| -> Value {
        let columns = (0..50_000).map(|at| (format!("column_{at}"), value.clone()));
        Value::Object(columns.collect())
    };
    let records = || (0..3).map(|_| wide(&json!("text")));
    assert_eq!(read(&object(wide(&json!({"type": "string"}))), records()).found("must"), [""; 0]);
    // All undeclared, all wrong.
    assert!(read(&object(json!({})), records()).stdout.len() < 400_000);
    let outcome = read(&object(wide(&json!({"type": "integer"}))), records());
    assert_eq!(outcome.found("must"), ["TYPE-010"]);
    assert!(outcome.stdout.len() < 100_000);
    // One key 50,000 times.
    let twice = (0..50_000).map(|_| r#""a":"b""#).collect::<Vec<_>>().join(",");
    let line = record("s", &json!("DATA")).replace("\"DATA\"", &format!("{{{twice}}}"));
    let header = json!({"command": "read", "catalog": configured(vec![stream("s", &object(json!({"a": {}})))])});
    judge(header, [status("s", "STARTED"), status("s", "RUNNING"), line, status("s", "COMPLETE")]);
}

#[test]
fn a_spec_of_20_mb() {
    let spec = |schema: Value| json!({"type": "SPEC", "spec": {"connectionSpecification": schema}}).to_string();
    let wordy = object(json!({"key": {"type": "string", "description": "x".repeat(20_000_000)}}));
    let outcome = judge(json!({"command": "spec"}), [spec(wordy)]);
    assert!(outcome.stdout.len() < 100_000);
    let many: serde_json::Map<String, Value> = (0..250_000)
        .map(|at| (format!("property_{at}"), json!({"type": "string", "title": "A title", "description": "Words."})))
        .collect();
    let many = spec(object(Value::Object(many)));
    assert!(many.len() > 19_000_000, "{}", many.len());
    assert!(judge(json!({"command": "spec"}), [many]).stdout.len() < 100_000);
}

/// A launch, from the spec to the reads: everything that is handed on from one command to the next is big.
#[test]
fn a_connector_that_is_big_in_everything() {
    let place = Place::new();
    let words = "x".repeat(18_000_000);
    let property = json!({"api_key": {"type": "string", "title": "Key", "airbyte_secret": true, "description": words}});
    let spec = json!({"connectionSpecification": object(property)});
    place.write("spec", &json!({"type": "SPEC", "spec": spec}).to_string());
    let schema = object(json!({"id": {"type": "integer"}}));
    place.write("discover", &catalog((0..2_000).map(|at| stream(&format!("s{at}"), &schema)).collect()));
    place.write("check", r#"{"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}"#);
    let of_stream = |at: usize| {
        let name = format!("s{at}");
        let record = record(&name, &json!({"id": at}));
        [status(&name, "STARTED"), status(&name, "RUNNING"), record, status(&name, "COMPLETE")].join("\n")
    };
    place.write("read", &(0..2_000).map(of_stream).collect::<Vec<_>>().join("\n"));
    place.write("source", r#"cat "$(dirname "$0")/$1"; echo"#);
    let source = format!("sh {}", place.path("source").display());
    place.write(
        "airproof.yml",
        &json!({
            "connector": {"exec": source},
            "scenarios": [{"name": "big", "config": {"api_key": "a-key-that-is-secret"}}],
            "depth": "quick",
        })
        .to_string(),
    );
    let outcome = place.run(&["test"]);
    assert!([0, 1].contains(&outcome.code), "{}", outcome.told());
    outcome.within(LONG).in_memory(MUCH);
    assert_eq!(outcome.launch("big.read.full-refresh")["tally"]["messages"]["RECORD"], 2_000);
}

/// Writes a read of so many records, about 250 bytes each.
fn write_read(records: u64, output: &mut dyn Write) -> std::io::Result<()> {
    writeln!(output, "{}\n{}", status("s", "STARTED"), status("s", "RUNNING"))?;
    let words = "words that fill the record ".repeat(5);
    for id in 0..records {
        writeln!(
            output,
            r#"{{"type":"RECORD","record":{{"stream":"s","data":{{"id":{id},"text":"{words}"}},"emitted_at":1700000000000}}}}"#
        )?;
    }
    writeln!(output, "{}", status("s", "COMPLETE"))
}

/// A transcript may be of any size, and come from anywhere: what is held does not grow with it.
#[test]
fn a_long_transcript_is_judged_in_flat_memory() {
    let place = Place::new();
    let schema = object(json!({"id": {"type": "integer"}, "text": {"type": "string"}}));
    let configured = configured(vec![stream("s", &schema)]);
    place.write("catalog.json", &configured.to_string());
    let judge_pipe = |records: u64, words: &[&str], head: &str| {
        let mut command = place.command(&[&["judge", "-"], words].concat());
        command.stdin(Stdio::piped());
        let mut running = place.start(command);
        running.feed(|input| {
            input.write_all(head.as_bytes())?;
            write_read(records, input)
        });
        let outcome = running.end();
        outcome.exits(0).within(2 * LONG);
        assert_eq!(outcome.stderr, "", "nothing is told of progress where there is no terminal");
        outcome.peak >> 20
    };
    let bare = ["--command", "read", "--catalog", "catalog.json"];
    let head = format!("{}\n--- stdout\n", json!({"command": "read", "catalog": configured}));
    let (short, long) = (judge_pipe(20_000, &bare, ""), judge_pipe(600_000, &bare, ""));
    assert!(long < short + 48, "{short} MiB for 5 MB, {long} MiB for 150 MB");
    let long = judge_pipe(600_000, &[], &head);
    assert!(long < short + 96, "{short} MiB for 5 MB, {long} MiB for a transcript file of 150 MB");
}
