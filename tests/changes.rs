//! What a suite's author changes in the data, between reads and during one, must be delivered; the data are put back; a
//! step that fails is an error of the run and no fault of the connector.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use binary::{Outcome, Place};
use serde_json::{Value, json};
use std::fs;

/// Reads the file `ledger`, a line for each order with its id and day, as it stands when the read begins. `$NEWER` says which
/// days come after that of the state, `$STANDS_AT` where the next read is to go on.
const READ_LEDGER: &str = r#"
    say_status STARTED
    say_status RUNNING
    rows=$(cat "$LEDGER") from=0 count=0
    case $* in *--state*) from=$(sed -n 's/.*"2024-03-0\([0-9]\)T.*/\1/p' "$7") ;; esac
    while read -r id day; do
      if [ "$day" "$NEWER" "$from" ]; then say_record "$id" "$day"; count=$((count + 1)); sleep 0.2; fi
    done <<END
$rows
END
    case $STANDS_AT in
    records) last=$(echo "$rows" | cut -d' ' -f2 | sort | tail -1) ;;
    *) last=$(cut -d' ' -f2 "$LEDGER" | sort | tail -1) ;;
    esac
    say_state "$count" | sed "s/2024-03-03/2024-03-0$last/"
    say_status COMPLETE
"#;

const LEDGER: &str = "1 1\n2 2\n3 3\n";

/// What reads the rows of long ago whenever it goes on from a state.
const STUCK: &str = "rows=$(case $* in *--state*) head -3 ;; *) cat ;; esac < \"$LEDGER\")";

/// A run of EXP-05, EXP-18 and EXP-40 with these changes of the ledger.
fn run(newer: &str, stands_at: &str, changes: Value) -> (Place, Outcome) {
    run_with(READ_LEDGER, newer, stands_at, changes)
}

/// The same with another way to read.
fn run_with(read: &str, newer: &str, stands_at: &str, changes: Value) -> (Place, Outcome) {
    let place = Place::new();
    place.write("ledger", LEDGER);
    let ledger = place.path("ledger").display().to_string();
    let environment = json!({"ON_READ": read, "LEDGER": ledger, "NEWER": newer, "STANDS_AT": stands_at});
    let scenario = json!({
        "name": "sandbox",
        "config": {"api_key": "key-of-the-shop-1"},
        "changes": changes,
        "reset": {"run": ["sh", "-c", format!("printf '{}' > \"$LEDGER\"", LEDGER.replace('\n', "\\n"))]},
    });
    place.suite(json!({"connector": {"environment": environment}, "scenarios": [scenario]}));
    let outcome = place.run(&["test", "--rule", "EXP-05", "--rule", "EXP-18", "--rule", "EXP-40"]);
    (place, outcome)
}

/// Another order, `when`, with that day.
fn order(when: &str, id: u64, day: u64) -> Value {
    json!([{
        "name": "another order",
        "when": when,
        "run": ["sh", "-c", format!("echo '{id} {day}' >> \"$LEDGER\"")],
        "delivers": [{"stream": "orders", "key": {"id": id}}],
    }])
}

#[test]
fn an_order_in_the_moment_of_the_state_is_read_or_lost() {
    let (place, outcome) = run("-ge", "records", order("between", 4, 3));
    outcome.exits(0);
    assert_eq!(outcome.statuses("EXP-05"), ["pass"]);
    assert_eq!(fs::read_to_string(place.path("ledger")).unwrap(), LEDGER, "the data are put back");

    let (place, outcome) = run("-gt", "records", order("between", 4, 3));
    outcome.exits(1).says("a change of the data is never delivered");
    let finding = outcome.finding("EXP-05");
    assert_eq!((&finding["level"], &finding["streams"][0]["name"]), (&json!("must"), &json!("orders")));
    assert_eq!(finding["evidence"][0]["launch"], "sandbox.read.with-changes");
    assert!(finding["evidence"][0]["excerpt"].as_str().unwrap().contains("\"id\":4"), "{finding:#}");
    assert_eq!(fs::read_to_string(place.path("ledger")).unwrap(), LEDGER);
}

#[test]
fn a_loss_between_reads_is_proven_before_the_data_are_put_back_for_a_change_during_one() {
    let mut changes = order("between", 4, 3);
    changes.as_array_mut().unwrap().extend(order("during", 5, 7).as_array().unwrap().clone());
    changes[1]["name"] = json!("an order meanwhile");
    let (_place, outcome) = run("-gt", "records", changes);
    assert_eq!(outcome.exits(1).statuses("EXP-05"), ["fail"]);
    assert_eq!(outcome.statuses("EXP-18"), ["pass"]);
}

#[test]
fn a_later_order_is_read_by_either() {
    let (_place, outcome) = run("-gt", "records", order("between", 4, 5));
    assert_eq!(outcome.exits(0).statuses("EXP-05"), ["pass"]);
}

#[test]
fn an_order_that_is_made_during_a_read_is_read_next_or_lost() {
    let (_place, outcome) = run("-gt", "records", order("during", 4, 7));
    assert_eq!(outcome.exits(0).statuses("EXP-18"), ["pass"]);
    let (_place, outcome) = run("-gt", "end", order("during", 4, 7));
    assert_eq!((outcome.exits(0).statuses("EXP-18"), outcome.found("should")), (vec!["warn"], vec!["EXP-18"]));
}

/// A change of which nobody states what it delivers.
fn unknown(script: &str) -> Value {
    json!([{"name": "whatever", "run": ["sh", "-c", script], "delivers": "unknown"}])
}

#[test]
fn after_a_change_of_unknown_outcome_a_read_must_differ() {
    // What is new, and nothing at all, are as good as anything.
    let (place, outcome) = run("-gt", "records", unknown("echo '4 5' >> \"$LEDGER\""));
    assert_eq!(outcome.exits(0).statuses("EXP-40"), ["pass"]);
    assert_eq!(fs::read_to_string(place.path("ledger")).unwrap(), LEDGER, "the data are put back");
    let (_place, outcome) = run("-gt", "records", unknown("true"));
    assert_eq!(outcome.exits(0).statuses("EXP-40"), ["pass"]);
    assert_eq!(outcome.statuses("EXP-05"), ["skip"]);
}

#[test]
fn a_read_that_is_the_same_after_a_change_is_a_fault() {
    let stuck = READ_LEDGER.replace("from=$(sed", "old=$(sed").replace("rows=$(cat \"$LEDGER\")", STUCK);
    let (_place, outcome) = run_with(&stuck, "-ge", "records", unknown("echo '4 5' >> \"$LEDGER\""));
    outcome.exits(1).says("a read is the same as before");
    assert_eq!(outcome.finding("EXP-40")["level"], "must");
    let (_place, outcome) = run_with(&stuck, "-ge", "records", unknown("true"));
    assert_eq!((outcome.exits(0).statuses("EXP-40"), outcome.found("should")), (vec!["warn"], vec!["EXP-40"]));
}

#[test]
fn what_no_read_has_is_no_loss() {
    let mut changes = order("between", 4, 5);
    changes[0]["run"] = json!(["true"]);
    let (_place, outcome) = run("-gt", "records", changes);
    assert_eq!(outcome.statuses("EXP-05"), ["skip"]);
    assert_eq!(outcome.found("must"), Vec::<&str>::new());
}

#[test]
fn a_step_that_fails_is_an_error_and_no_finding() {
    let mut changes = order("between", 4, 5);
    changes[0]["run"] = json!(["sh", "-c", "echo the shop is closed >&2; exit 7"]);
    let (place, outcome) = run("-gt", "records", changes);
    outcome.exits(3).says("another order").says("the shop is closed");
    assert_eq!(outcome.found("must"), Vec::<&str>::new());
    assert_eq!(fs::read_to_string(place.path("ledger")).unwrap(), LEDGER);
}
