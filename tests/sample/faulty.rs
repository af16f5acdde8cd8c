//! A run with findings of every kind.

use super::wire::{question, wire};
use super::{CONNECTOR, exit, healthy, settle};
use airproof::launch::Ended;
use airproof::protocol::{Command, Descriptor};
use airproof::rules::{Authority, Evidence, Level};
use airproof::verdict::{Doubt, FindingResult, LaunchState, Results, Status, Verdict};

const FULL: &str = "sandbox.read.full-refresh";
const AGAIN: &str = "sandbox.read.full-refresh-2";
const INCREMENTAL: &str = "sandbox.read.incremental";
const RESUMED: &str = "sandbox.read.final-state";

/// The healthy run with seven defects of the connector, one launch that was cut off and one that did not happen.
pub fn faulty() -> Results {
    let mut results = healthy();
    results.run.verdict_counts.clear();
    results.findings = vec![
        amount_is_text(),
        placed_at_without_offset(),
        record_after_state(),
        plain_text_line(),
        key_repeats(),
        field_never_filled(),
        error_log(),
    ];
    for finding in results.findings.clone() {
        mark(&mut results.verdicts, &finding);
    }
    cut_off(&mut results);
    for launch in results.launches.iter_mut().filter(|launch| launch.id == FULL || launch.id == INCREMENTAL) {
        launch.wire = Some(wire("orders", r#"{"type":"RECORD","record":{"stream":"orders"}}…"#));
    }
    results.questions = vec![question("orders", "\"18.40\"")];
    results.doubts = [
        ("launch-skipped", "sandbox.read.final-state was not launched: the read before it left no final state."),
        (
            "no-records",
            "sandbox.read.full-refresh delivered no record of `refunds`: nothing was judged about their data.",
        ),
        ("rules-skipped", "29 of 233 verdicts were skipped; each says why."),
        (
            "waiver-expired",
            "The waiver of STATE-012 for `events` (issue 12) expired on 2026-01-31; its findings count again.",
        ),
    ]
    .map(|(kind, message)| Doubt { kind: kind.to_owned(), message: message.to_owned() })
    .into();
    settle(&mut results);
    results
}

/// One read did not end by itself, and so the next has nothing to begin from.
fn cut_off(results: &mut Results) {
    for launch in &mut results.launches {
        if launch.id == INCREMENTAL {
            let exit = airproof::launch::ExitFacts {
                code: None,
                signal: Some(15),
                ended: Some(Ended::Silent),
                ..exit(0, 84.0)
            };
            launch.outcome = LaunchState::Ended { exit };
        }
        if launch.id == RESUMED {
            let reason = "the read before it left no final state".to_owned();
            launch.outcome = LaunchState::Skipped { reason };
            (launch.streams, launch.tally) = (Vec::new(), Default::default());
        }
        launch.streams.iter_mut().for_each(|facts| facts.said_to_be_empty = None);
    }
    results
        .verdicts
        .retain(|verdict| verdict.launch != RESUMED || verdict.stream.as_ref().is_none_or(|s| s.name == "orders"));
    for verdict in results.verdicts.iter_mut().filter(|verdict| verdict.launch == RESUMED) {
        verdict.status = Status::Skip;
        verdict.stream = None;
        verdict.reason = Some("the read before it left no final state".to_owned());
    }
    for verdict in results.verdicts.iter_mut().filter(|verdict| verdict.rule == "SPEC-023") {
        (verdict.status, verdict.reason) = (Status::Off, Some("switched off by the suite".to_owned()));
    }
    assert_eq!(results.launches[0].command, Command::Spec);
}

/// Gives the verdicts that a finding is behind their status and reason.
fn mark(verdicts: &mut [Verdict], finding: &FindingResult) {
    let status = match (&finding.waived, finding.level) {
        (Some(_), _) | (None, Level::Info) => Status::Pass,
        (None, Level::Should) => Status::Warn,
        (None, Level::Must) => Status::Fail,
    };
    for verdict in verdicts.iter_mut().filter(|verdict| verdict.rule == finding.rule) {
        let touches = verdict.stream.as_ref().is_none_or(|stream| finding.streams.contains(stream));
        if touches && finding.launches.contains(&verdict.launch) && verdict.status <= status {
            verdict.status = status;
            let waived = finding.waived.as_ref().map(|reason| format!("waived: {reason}"));
            verdict.reason = Some(waived.unwrap_or(finding.title.clone()));
        }
    }
}

fn finding(rule: &str, name: &str, level: Level, digest: &str, streams: &[&str], launches: &[&str]) -> FindingResult {
    FindingResult {
        id: format!("{rule}-{digest}"),
        rule: rule.to_owned(),
        name: name.to_owned(),
        level,
        authority: Authority::ProtocolText,
        source: "supported data types: record structure; AirbyteStream.json_schema".to_owned(),
        connector: CONNECTOR.to_owned(),
        scenario: Some("sandbox".to_owned()),
        streams: streams.iter().map(|name| Descriptor::named(*name)).collect(),
        launches: launches.iter().map(|id| (*id).to_owned()).collect(),
        title: String::new(),
        message: String::new(),
        count: 1,
        evidence: Vec::new(),
        why: "Destinations make their tables from the schema. A value that breaks it is nulled, stringified or refused, \
              depending on the destination, and whoever queries the table finds out last."
            .to_owned(),
        help: "Decide which of the two is wrong. If the API is right, widen the schema: `[\"null\", \"string\"]` where \
               values may be absent, `number` where fractions occur. If the schema is right, convert the value before it \
               is emitted (Low-code: a `transformations` entry or `schema_normalization: Default`; Python CDK: a \
               `TypeTransformer`)."
            .to_owned(),
        reproduction: None,
        waived: None,
        since: None,
    }
}

pub fn evidence(launch: &str, message: u64, pointer: &str, excerpt: &str, expected: &str, actual: &str) -> Evidence {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Evidence {
        launch: launch.to_owned(),
        message: Some(message),
        stderr: false,
        pointer: given(pointer),
        excerpt: given(excerpt),
        expected: given(expected),
        actual: given(actual),
    }
}

fn amount_is_text() -> FindingResult {
    let places = [(FULL, 1_042, "18.40"), (FULL, 1_057, "7.00"), (FULL, 1_102, "129.95"), (AGAIN, 1_040, "18.40")];
    let streams = ["orders", "order_lines"];
    FindingResult {
        title: "`total` does not conform to its schema (type)".to_owned(),
        message: "`total`: \"18.40\" is not of type \"number\"".to_owned(),
        count: 52_691,
        evidence: places
            .map(|(launch, message, amount)| {
                let excerpt = format!(
                    "{{\"type\":\"RECORD\",\"record\":{{\"stream\":\"orders\",\"data\":{{\"id\":{},\"customer_id\":311,\
                     \"currency\":\"EUR\",\"total\":\"{amount}\",\"placed_at\":\"2026-02-28T23:59:12\",\"lines\":3}},\
                     \"emitted_at\":1773479561000}}}}",
                    message + 70_000
                );
                evidence(launch, message, "/record/data/total", &excerpt, "type: \"number\"", &format!("\"{amount}\""))
            })
            .into(),
        ..finding("READ-006", "record-violates-schema", Level::Must, "5d0c91e2", &streams, &[FULL, AGAIN, INCREMENTAL])
    }
}

fn placed_at_without_offset() -> FindingResult {
    let excerpt = "{\"type\":\"RECORD\",\"record\":{\"stream\":\"orders\",\"data\":{\"id\":71112,\"customer_id\":311,\
                   \"total\":\"18.40\",\"placed_at\":\"2026-02-28T23:59:12\",\"lines\":3},\"emitted_at\":1773479561000}}";
    FindingResult {
        title: "`placed_at` does not conform to its schema (format)".to_owned(),
        message: "`placed_at`: \"2026-02-28T23:59:12\" is not a \"date-time\": it has no offset from UTC".to_owned(),
        count: 12_480,
        evidence: vec![evidence(
            FULL,
            1_042,
            "/record/data/placed_at",
            excerpt,
            "format: \"date-time\"",
            "\"2026-02-28T23:59:12\"",
        )],
        ..finding("READ-006", "record-violates-schema", Level::Must, "c2a70b14", &["orders"], &[FULL, AGAIN])
    }
}

fn record_after_state() -> FindingResult {
    let excerpt = "{\"type\":\"RECORD\",\"record\":{\"stream\":\"customers\",\"data\":{\"id\":3172,\"email\":\"m.weber@example.org\",\
                   \"updated_at\":\"2026-03-13T17:20:05Z\"},\"emitted_at\":1773479611000}}";
    FindingResult {
        authority: Authority::ProtocolText,
        source: "protocol: state and checkpointing; AirbyteStateMessage".to_owned(),
        title: "records come after the last state of their stream".to_owned(),
        message: "172 records of `customers` come after its last state, message 3,011".to_owned(),
        count: 172,
        evidence: vec![evidence(
            INCREMENTAL,
            3_012,
            "",
            excerpt,
            "a state after the last record",
            "the stream ends with a record",
        )],
        why: "The platform stores the last state that the destination confirmed. Records behind it are read again in \
              every sync, or lost where the state already covers them."
            .to_owned(),
        help: "Emit the stream's state once more when its last slice is done.\n\n```python\nfor slice in slices:\n    \
               yield from self.read_slice(slice)\n    yield self.checkpoint(slice)   # also after the last one\n```"
            .to_owned(),
        ..finding("STATE-010", "record-after-last-state", Level::Must, "91ab3f07", &["customers"], &[INCREMENTAL])
    }
}

fn plain_text_line() -> FindingResult {
    let line = "DeprecationWarning: datetime.utcnow() is deprecated and scheduled for removal in a future version␛[0m";
    FindingResult {
        authority: Authority::ProtocolText,
        source: "protocol: AirbyteLogMessage".to_owned(),
        title: "plain text on stdout".to_owned(),
        message: "a line of stdout is not a message: it begins with `DeprecationWarning`".to_owned(),
        count: 8,
        evidence: vec![evidence("sandbox.check", 1, "", line, "a LOG message, or the line on stderr", ""), evidence(FULL, 1, "", line, "", "")],
        why: "The platform takes such a line for a log line without level. It cannot be filtered, and a line that breaks \
              in the middle of a message takes the message with it."
            .to_owned(),
        help: "Send warnings to the connector's logger: `logging.captureWarnings(True)` in the entrypoint, before anything \
               else is imported."
            .to_owned(),
        ..finding("LINE-003", "line-is-no-message", Level::Should, "0f4471bd", &[], &["spec", "sandbox.check", "wrong-key.check", "sandbox.discover", FULL, AGAIN, INCREMENTAL])
    }
}

fn key_repeats() -> FindingResult {
    FindingResult {
        authority: Authority::Inference,
        source: "follows from the meaning of a primary key".to_owned(),
        title: "a primary key occurs more than once in a full refresh".to_owned(),
        message: "the key `[\"sku\"]` = \"A-100-XL\" of `inventory_levels` occurs 3 times, with different records"
            .to_owned(),
        count: 46,
        evidence: vec![evidence(
            FULL,
            55_310,
            "/record/data/sku",
            "{\"type\":\"RECORD\",\"record\":{\"stream\":\"inventory_levels\",\"data\":{\"sku\":\"A-100-XL\",\"site\":\"HAM\",\"level\":4}}}",
            "",
            "\"A-100-XL\"",
        )],
        why: "Deduplicating destinations keep one of them, and which one is chance.".to_owned(),
        help: "Make the key as wide as what identifies a record, here `[[\"sku\"], [\"site\"]]`.".to_owned(),
        ..finding(
            "READ-012",
            "primary-key-repeated",
            Level::Should,
            "77e0a3c5",
            &["inventory_levels", "products"],
            &[FULL, AGAIN],
        )
    }
}

fn field_never_filled() -> FindingResult {
    let streams = ["orders", "order_lines", "customers", "products", "inventory_levels", "events"];
    FindingResult {
        authority: Authority::Inference,
        source: "follows from the schema".to_owned(),
        title: "declared fields are null in every record".to_owned(),
        message: "`legacy_id` and 3 more fields are null in each of 12,480 records".to_owned(),
        count: 9,
        evidence: vec![Evidence {
            message: None,
            ..evidence(FULL, 0, "", "", "", "legacy_id, source_ip, note, tags[].colour")
        }],
        why: "Such a field may be dead, or renamed in the API.".to_owned(),
        help: String::new(),
        ..finding("READ-010", "field-never-filled", Level::Info, "e81b22d9", &streams, &[FULL])
    }
}

fn error_log() -> FindingResult {
    FindingResult {
        authority: Authority::Inference,
        source: "protocol: AirbyteLogMessage.level".to_owned(),
        title: "a log message of level ERROR in a launch that succeeds".to_owned(),
        message: "\"cache miss for /v2/sites, reading uncached\"".to_owned(),
        count: 31,
        evidence: vec![Evidence {
            stderr: true,
            ..evidence(FULL, 12, "", "ERROR cache miss for /v2/sites, reading uncached", "", "")
        }],
        why: "Whoever searches a failed sync for its cause finds this first.".to_owned(),
        help: "Log it as WARN.".to_owned(),
        waived: Some("issue 318, fixed with the next client library".to_owned()),
        ..finding("LOG-005", "error-log-in-success", Level::Should, "4a90ffe1", &[], &[FULL, AGAIN])
    }
}
