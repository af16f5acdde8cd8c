//! A fault of the SQLite destination, and the suite that it is judged by.

use crate::binary::Place;
use crate::program::program;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Command;

/// What healthy destinations that are unlike the others declare.
const DECLARED: [(&str, &str, &str); 4] = [
    ("healthy-commits-at-the-end", "commits", "at_end"),
    ("healthy-soft-deletes", "cdc_delete", "soft"),
    ("healthy-keeps-undeclared-fields", "undeclared_field", "kept"),
    ("healthy-refuses-invalid-values", "invalid_value", "fails"),
];

/// What is told of each where it does not.
const UNDECLARED: [(&str, &str); 4] = [
    ("healthy-commits-at-the-end", "DEST-005 DEST-007"),
    ("healthy-soft-deletes", "DEST-016"),
    ("healthy-keeps-undeclared-fields", "DEST-011"),
    ("healthy-refuses-invalid-values", "DEST-012"),
];

/// Rules whose launches are made by a certification alone.
const DEEP: [&str; 3] = ["DEST-007", "DEST-030", "DEST-035"];

pub struct Case {
    pub name: String,
    /// The rules that are to fire at MUST or SHOULD.
    pub expected: BTreeSet<String>,
    /// Those that may fire besides, as time has it.
    allowed: BTreeSet<String>,
    declares: Value,
}

/// The codes of a list that must fire, and those that may, which have a `?` behind them.
fn codes(text: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (may, must): (Vec<&str>, Vec<&str>) = text.split_whitespace().partition(|code| code.ends_with('?'));
    let owned = |codes: Vec<&str>| codes.into_iter().map(|code| code.trim_end_matches('?').to_owned()).collect();
    (owned(must), owned(may))
}

/// Every fault and every healthy variant, with the variant's behaviour declared.
pub fn all() -> Vec<Case> {
    let listed = Command::new(program()).arg("faults").output().unwrap();
    let text = String::from_utf8(listed.stdout).unwrap();
    let case = |line: &str| {
        let (name, expected) = line.split_once('\t').unwrap();
        let own = DECLARED.iter().filter(|(fault, ..)| *fault == name);
        let declares = own.map(|(_, key, word)| ((*key).to_owned(), json!(word))).collect();
        let (expected, allowed) = codes(expected);
        Case { name: name.to_owned(), expected, allowed, declares: Value::Object(declares) }
    };
    let healthy =
        Case { name: "healthy".to_owned(), expected: BTreeSet::new(), allowed: BTreeSet::new(), declares: json!({}) };
    [healthy].into_iter().chain(text.lines().map(case)).collect()
}

/// The variants as if nothing were declared.
pub fn undeclared() -> Vec<Case> {
    let case = |(name, expected): &(&str, &str)| {
        let (expected, allowed) = codes(expected);
        Case { name: format!("undeclared: {name}"), expected, allowed, declares: json!({}) }
    };
    UNDECLARED.iter().map(case).collect()
}

impl Case {
    /// The codes of what is found at MUST or SHOULD.
    pub fn fired(&self) -> BTreeSet<String> {
        let place = Place::new();
        let exec = format!("'{}'", program().display());
        let fault = self.name.trim_start_matches("undeclared: ");
        let fault = if fault == "healthy" { "" } else { fault };
        self.fired_by(&place, json!({"exec": exec, "environment": {"FAULT": fault}}), &place.path("out.db"), "out.db")
    }

    /// The same of this connector, which sees the database at another path than this machine does.
    pub fn fired_by(
        &self,
        place: &Place,
        connector: Value,
        seen_at: &std::path::Path,
        database: &str,
    ) -> BTreeSet<String> {
        let is_deep = self.expected.iter().any(|code| DEEP.contains(&code.as_str()));
        let here = place.path(database);
        let look = |what: &str| json!({"run": [program(), what, "--database", here]});
        let outage = format!("{}.outage", here.display());
        let mut behaviours = self.declares.clone();
        if behaviours.is_null() {
            behaviours = json!({});
        }
        let mut suite = json!({
            "extends": "destination",
            "depth": if is_deep { "certification" } else { "standard" },
            "connector": connector,
            "limits": {"spec": "20s", "check": "20s", "write": "30s", "silence": "8s", "grace": "500ms"},
            "scenarios": [{"name": "sandbox", "config": {"path": seen_at}}],
            "destination": {
                "reader": look("read"),
                "cleaner": look("drop"),
                "namespaces": look("namespaces"),
                "state_within": "3s",
                "behaviours": behaviours,
            },
        });
        // An outage takes its time to begin.
        if self.name == "healthy" || self.expected.contains("DEST-033") {
            suite["destination"]["outage"] =
                json!({"begin": {"run": ["touch", outage]}, "end": {"run": ["rm", "-f", outage]}});
        }
        if self.name.starts_with("healthy") || self.expected.contains("DEST-036") {
            suite["destination"]["data"] = own_data(place);
        }
        place.write("airproof.yml", &suite.to_string());
        let results = place.start(place.command(&["test", "--format", "json"])).end_dirty().results().clone();
        let findings = results["findings"].as_array().unwrap().iter();
        let findings = findings.filter(|finding| finding["level"] != "info" && finding["waived"].is_null());
        let codes = findings.map(|finding| finding["rule"].as_str().unwrap().to_owned());
        codes.filter(|code| !self.allowed.contains(code)).collect()
    }
}

/// Two files of messages as an author has them: orders that are deduplicated, with a state of theirs, and visits with a GLOBAL one.
fn own_data(place: &Place) -> Value {
    let catalog = |name: &str, mode: &str| {
        let fields = json!({"id": {"type": "integer"}, "note": {"type": ["null", "string"]}});
        let stream = json!({
            "name": name, "namespace": "shop", "json_schema": {"type": "object", "properties": fields},
            "supported_sync_modes": ["full_refresh", "incremental"],
        });
        let entry = json!({
            "stream": stream, "sync_mode": "incremental", "destination_sync_mode": mode,
            "cursor_field": ["id"], "primary_key": [["id"]],
        });
        json!({ "streams": [entry] }).to_string()
    };
    let record = |name: &str, id: u64| {
        let data = json!({"id": id, "note": format!("{name} {}", id / 2)});
        let record =
            json!({"stream": name, "namespace": "shop", "emitted_at": 1_700_000_000_000_u64 + id, "data": data});
        json!({"type": "RECORD", "record": record})
    };
    let descriptor = |name: &str| json!({"name": name, "namespace": "shop"});
    let lines = |records: Vec<Value>, state: Value| {
        let all = records.into_iter().chain([json!({"type": "STATE", "state": state})]);
        all.map(|line| line.to_string() + "\n").collect::<String>()
    };
    let of_stream = json!({"stream_descriptor": descriptor("orders"), "stream_state": {"id": 1_000_250}});
    let state = json!({"type": "STREAM", "stream": of_stream, "sourceStats": {"recordCount": 500.0}});
    let orders = (0..500).map(|number| record("orders", 1_000_001 + number % 250)).collect();
    place.write("orders.jsonl", &lines(orders, state));
    place.write("orders.json", &catalog("orders", "append_dedup"));
    let of_visits = json!({"stream_descriptor": descriptor("visits"), "stream_state": {"lsn": u64::MAX}});
    let global = json!({"shared_state": {"lsn": u64::MAX}, "stream_states": [of_visits]});
    let state = json!({"type": "GLOBAL", "global": global, "sourceStats": {"recordCount": 3.0}});
    place.write("visits.jsonl", &lines((1..=3).map(|id| record("visits", id)).collect(), state));
    place.write("visits.json", &catalog("visits", "append"));
    json!([
        {"messages": "orders.jsonl", "catalog": "orders.json"},
        {"messages": "visits.jsonl", "catalog": "visits.json"},
    ])
}
