//! `airproof review` and `airproof accept`: on a terminal, key by key, and without one.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;
#[path = "review/terminal.rs"]
mod terminal;

use airproof::baseline::{Observed, Proposal, Run, Snapshot, Store, Subject};
use airproof::protocol::Descriptor;
use binary::Place;
use serde_json::{Value, json};
use std::fs;
use terminal::Terminal;

/// What a run sees: streams with these fields, and an exit code of `check`.
fn see(place: &Place, streams: &[&str], fields: Value, code: i64) -> Store {
    let store = Store::new(place.path("baselines"));
    let of_stream = |name: &&str| {
        let stream = Descriptor::named(*name);
        let records = fields.as_object().unwrap().keys().map(|key| (key.clone(), json!(null))).collect::<Value>();
        let catalog = json!({"json_schema": {"properties": fields}});
        [
            Snapshot { subject: Subject::Catalog(stream.clone()), content: catalog },
            Snapshot { subject: Subject::Records(stream), content: json!({"records": {"1": records}}) },
        ]
    };
    let exits = Snapshot { subject: Subject::Exits, content: json!({"check": {"code": code}}) };
    let snapshots = streams.iter().flat_map(of_stream).chain([exits]).collect();
    let observed = [Observed { scenario: "sandbox".into(), complete: true, increments: true, snapshots }];
    store
        .settle(&Run { connector: "shop", scenarios: &["sandbox".into()], observed: &observed, proposals: &[] }, false)
        .unwrap();
    store
}

fn nullable() -> Value {
    json!({"type": ["null", "string"]})
}

/// Accepted baselines of some streams, and a change in each: a new nullable field `x`.
fn changed(streams: &[&str], code: i64) -> (Place, Store) {
    let place = Place::new();
    see(&place, streams, json!({"id": nullable()}), 0);
    place.run(&["accept", "--all"]).exits(0).says("accepted").says("first snapshot of");
    let store = see(&place, streams, json!({"id": nullable(), "x": nullable()}), code);
    (place, store)
}

fn review(place: &Place, columns: u16) -> Terminal {
    Terminal::start(place.command(&["review"]), columns)
}

fn pending(store: &Store) -> usize {
    store.read(None).entries.values().filter(|entry| entry.pending.is_some()).count()
}

const TWO: [&str; 2] = ["orders", "users"];

#[test]
fn a_nullable_field_in_fourteen_streams_is_one_keystroke() {
    let names: Vec<String> = (1..=14).map(|number| format!("stream_{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (place, store) = changed(&names, 0);
    let mut terminal = review(&place, 80);
    terminal.until("[1/1]").until("new field `x` (null, string) in 14 streams");
    terminal.until("catalog, records · 14 streams · 28 files · 28 places · 1 scenario").until("+   \"x\": {");
    terminal.press("a").until("Questions: 1 accepted, 0 open.");
    assert_eq!((terminal.end(), pending(&store)), (0, 0));
    place.run(&["review"]).exits(0).says("Nothing is pending");
}

#[test]
fn one_looks_then_answers_then_quits() {
    let (place, store) = changed(&TWO, 1);
    let mut terminal = review(&place, 100);
    terminal.press("?").until("for this one and all that remain");
    terminal.press("d").until(" │ +   \"x\": {");
    terminal.press("e").until("catalog of `users` in `sandbox` /json_schema/properties/x: nothing → {\"type\"");
    terminal
        .press("a")
        .until("accepted new field `x`")
        .until("[2/2]")
        .until("-   \"code\": 0")
        .until("+   \"code\": 1");
    terminal.press("q").until("Questions: 1 accepted, 1 open.");
    assert_eq!((terminal.end(), pending(&store)), (5, 1));
}

#[test]
fn reject_skip_and_the_capitals() {
    let (place, store) = changed(&TWO, 1);
    let mut terminal = review(&place, 80);
    terminal.press("s").until("skipped").press("r").until("rejected");
    terminal.until("Questions: 0 accepted, 1 rejected, 1 open.");
    assert_eq!((terminal.end(), pending(&store)), (5, 4));
    see(&place, &TWO, json!({"id": nullable(), "x": nullable()}), 1);
    let mut terminal = review(&place, 80);
    terminal.press("A").until("Questions: 2 accepted, 0 open.");
    assert_eq!((terminal.end(), pending(&store)), (0, 0));
}

#[test]
fn enter_accepts_and_ctrl_c_keeps_what_was_answered() {
    let (place, store) = changed(&TWO, 1);
    let mut terminal = review(&place, 80);
    terminal.press("\r").until("accepted").press("\x03");
    assert_eq!((terminal.end(), pending(&store)), (130, 1));
    let mut terminal = review(&place, 80);
    terminal.press("\x1b");
    assert_eq!((terminal.end(), pending(&store)), (5, 1));
}

#[test]
fn a_narrow_terminal_without_colours() {
    let (place, _store) = changed(&TWO, 0);
    let mut command = place.command(&["review"]);
    command.env("NO_COLOR", "1");
    let mut terminal = Terminal::start(command, 24);
    terminal.until("+   \"x\": {").press("d").until("+   \"x\": {").press("q");
    assert_eq!(terminal.end(), 5);
    let raw = terminal.raw();
    assert!(!raw.contains("\x1b["), "{raw:?}");
    let of_difference = raw.lines().filter(|line| line.starts_with("+ ") || line.starts_with("- "));
    assert!(
        of_difference.clone().count() > 4 && of_difference.clone().all(|line| line.trim_end().chars().count() <= 24)
    );
}

#[test]
fn without_a_terminal_the_commands_are_told_and_work() {
    let (place, store) = changed(&TWO, 1);
    let outcome = place.run(&["review"]);
    outcome.exits(5).says("2 questions wait for an answer").says("new field `x`").says("  airproof accept --all");
    assert_eq!(place.run(&["review", "--list"]).stdout, outcome.stdout);
    let commands: Vec<&str> = outcome.stdout.lines().filter(|line| line.contains("--only")).collect();
    assert_eq!(commands.len(), 2);
    let words: Vec<&str> = commands[0].split_whitespace().skip(1).collect();
    place.run(&words).exits(0).says("accepted").says("1 question left: `airproof review`");
    assert_eq!(pending(&store), 1);
    place.run(&words).exits(2).says("no question that is pending has the id");
    place.run(&["accept", "--all"]).exits(0);
    assert_eq!(pending(&store), 0);
    place.run(&["accept", "--all"]).exits(0).says("Nothing of that kind is pending.");
    place.run(&["accept"]).exits(2).says("--stale");
    place.run(&["accept", "--all", "--baselines", "elsewhere"]).exits(2).says("there is no elsewhere");
}

#[test]
fn stale_baselines_go_on_request_only() {
    let (place, store) = changed(&TWO, 0);
    see(&place, &TWO[..1], json!({"id": nullable()}), 0);
    fs::write(place.path("baselines/sandbox/streams/users/notes.json"), "{}").unwrap();
    place.run(&["review"]).exits(5).says("stream `users` is no longer there: remove 2 baselines").says("--stale");
    place.run(&["accept", "--all"]).exits(0).says("Nothing of that kind is pending.").says("1 question left");
    place.run(&["accept", "--stale"]).exits(0);
    assert_eq!(store.read(None).entries.len(), 3);
    assert!(place.path("baselines/sandbox/streams/users/notes.json").exists(), "a foreign file was removed");
    assert!(!place.path("baselines/sandbox/streams/users/catalog.json").exists());
}

#[test]
fn a_volatile_field_is_masked_when_it_is_accepted() {
    let (place, store) = changed(&TWO, 0);
    let reason = "`updated_at` differed in 1,000 of 1,000 records";
    store.propose(&[Proposal::new(Some("orders"), "/updated_at", ("form", json!("date-time")), reason)]).unwrap();
    let mut terminal = review(&place, 80);
    terminal.until("[1/2]").until("mask `updated_at` in `orders`, as long as it is a date-time?").press("a");
    terminal.until("accepted").press("s");
    assert_eq!(terminal.end(), 5);
    let rules = fs::read_to_string(place.path("baselines/normalize.yml")).unwrap();
    assert!(rules.contains("path: \"/updated_at\"") && rules.contains("1,000 of 1,000"), "{rules}");
    assert!(!place.path("baselines/normalize.pending.yml").exists());
}

#[test]
fn a_baseline_that_was_broken_by_hand_is_told_and_stays() {
    let (place, store) = changed(&TWO, 0);
    let path = store.accepted_path("sandbox", &Subject::Catalog(Descriptor::named("users")));
    fs::write(&path, "{ by hand").unwrap();
    let outcome = place.run(&["review"]);
    outcome.exits(2).says("streams/users/catalog.json: it is no JSON").says("restore it from version control");
    outcome.says("new field `x` (null, string) in `orders`, `users`");
    place.run(&["accept", "--all"]).exits(2).says("accepted");
    assert_eq!(fs::read_to_string(&path).unwrap(), "{ by hand");
    // What remains is no clean bill.
    let _gone = fs::remove_file(store.pending_path("sandbox", &Subject::Catalog(Descriptor::named("users"))));
    let told = "What can't be used was compared with nothing: ./baselines/sandbox/streams/users/catalog.json.";
    for words in [["review", "--list"], ["accept", "--all"]] {
        let outcome = place.run(&words);
        outcome.exits(2).says("Nothing else").says(told);
        assert!(!outcome.stdout.contains("as the last run saw them"), "{}", outcome.stdout);
    }
}

#[test]
fn a_baseline_of_valid_json_that_says_nothing_is_an_error() {
    let (place, store) = changed(&TWO, 0);
    place.run(&["accept", "--all"]).exits(0);
    let path = store.accepted_path("sandbox", &Subject::Records(Descriptor::named("users")));
    let mut file: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    file["content"] = json!({"records": 7});
    fs::write(&path, file.to_string()).unwrap();
    let outcome = place.run(&["review", "--list"]);
    outcome.exits(2).says("streams/users/records.json: `content.records` is no object").says("or remove it");
}
