//! What CIs read of a run: valid by its schema, harmless, bounded, and the same for the same results.

#![allow(clippy::unwrap_used, missing_docs)]

mod npm;
mod sample;

#[path = "report_formats/badges.rs"]
mod badges;
#[path = "report_formats/code_quality.rs"]
mod code_quality;
#[path = "report_formats/since.rs"]
mod since;
#[path = "report_formats/tap.rs"]
mod tap_parser;

use airproof::experiments::all_statements;
use airproof::protocol::Descriptor;
use airproof::report::{Checkout, badge, github, gitlab, junit, markdown, sarif, tap};
use airproof::verdict::{Results, Status};
use sample::{HOSTILE, faulty, healthy, hostile};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

fn checkout() -> Checkout {
    Checkout::new(Path::new("/repo"), Path::new("/repo/connectors"))
}

fn sarif(results: &Results) -> String {
    sarif::render(results, &all_statements().collect::<Vec<_>>(), &checkout())
}

/// Makes a format.
type Render = fn(&Results) -> String;

/// Each format by its name, and how large it may be at most, in bytes.
const FORMATS: [(&str, Render, usize); 9] = [
    ("junit", junit::render, 40_000_000),
    ("sarif", sarif, 10_000_000),
    ("github", |results| github::annotations(results, &checkout()), 100_000),
    ("summary", |results| markdown::render(results, github::SUMMARY), 1 << 20),
    ("markdown", |results| markdown::render(results, markdown::COMMENT), 65_536),
    ("gitlab", |results| gitlab::render(results, &checkout()), 10_000_000),
    ("tap", tap::render, 40_000_000),
    ("badge.svg", badge::svg, 4_000),
    ("badge.json", badge::endpoint, 1_000),
];

/// Runs that went wrong in other ways.
fn odd() -> Vec<(&'static str, Results)> {
    let mut nothing = healthy();
    (nothing.verdicts, nothing.launches) = (Vec::new(), Vec::new());
    sample::settle(&mut nothing);
    nothing.run.exit_code = 4;
    let mut broken = nothing.clone();
    (broken.run.errors, broken.run.exit_code) = (vec!["no daemon answers".to_owned()], 3);
    let mut unreviewed = healthy();
    (unreviewed.run.unreviewed, unreviewed.run.exit_code) = (3, 5);
    let mut interrupted = healthy();
    interrupted.run.exit_code = 130;
    vec![("nothing", nothing), ("broken", broken), ("unreviewed", unreviewed), ("interrupted", interrupted)]
}

fn runs() -> Vec<(&'static str, Results)> {
    let mut runs = vec![("healthy", healthy()), ("faulty", faulty()), ("hostile", hostile())];
    runs.extend(odd());
    runs
}

/// A run with hostile text where a person would look first.
fn hostile_titles() -> Results {
    let mut results = faulty();
    for (at, stream) in
        [HOSTILE, "]]>", "a\u{1b}[31m", "::error::x", "%0A::error::x", "- a: b # TODO", "`x` | @all\u{61c}\u{ffff}"]
            .into_iter()
            .enumerate()
    {
        let finding = &mut results.findings[at % 6];
        finding.title = stream.to_owned();
        finding.message = format!("{stream} once more");
        finding.streams = vec![Descriptor::named(stream)];
        results.verdicts[at].status = Status::Skip;
        results.verdicts[at].reason = Some(stream.to_owned());
        results.run.errors.push(stream.to_owned());
    }
    results
}

#[test]
fn the_same_results_make_the_same_bytes_and_not_too_many() {
    for (run, results) in runs() {
        for (format, render, limit) in FORMATS {
            let told = render(&results);
            assert!(told == render(&results), "{format} of {run} differs from itself");
            assert!(told.len() <= limit, "{format} of {run} has {} bytes", told.len());
        }
    }
}

#[test]
fn nothing_acts_on_who_reads_it() {
    let acts = |letter: char| {
        (letter.is_control() && letter != '\n')
            || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{ffff}')
    };
    for results in [hostile(), hostile_titles()] {
        for (format, render, _) in FORMATS {
            let told = render(&results);
            let found = told.find(acts).map(|at| told[at..].chars().take(40).collect::<String>());
            assert_eq!(found, None, "{format}");
        }
    }
}

/// Runs a program on a text; what it says, where it refuses it. None where the program is not there.
#[allow(clippy::print_stderr, reason = "a test that did not run says so")]
fn refused_by(program: &str, arguments: &[&str], input: &str) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "no {program}: in CI it checks what is written");
        let _ = writeln!(std::io::stderr(), "SKIPPED: {program} is not there to check what is written");
        return None;
    };
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    Some(if output.status.success() { String::new() } else { said.chars().take(2_000).collect() })
}

#[test]
fn junit_is_valid_by_surefires_schema() {
    for (run, results) in runs().into_iter().chain([("titles", hostile_titles())]) {
        let Some(said) = broken_junit(&junit::render(&results)) else { return };
        assert_eq!(said, "", "{run}");
    }
}

#[test]
fn junit_times_add_up_to_those_of_the_launches() {
    let results = healthy();
    let xml = junit::render(&results);
    let milliseconds = |text: &str| -> u64 {
        let time = text.split(" time=\"").nth(1).unwrap().split('"').next().unwrap();
        time.replace('.', "").parse().unwrap()
    };
    let of_launch = |id: &str| -> u64 {
        let class = format!(" classname=\"{id}\" ");
        xml.lines().filter(|line| line.contains(&class)).map(milliseconds).sum()
    };
    assert_eq!(of_launch("sandbox.read.full-refresh"), 21_400);
    assert_eq!(of_launch("spec"), 1_210);
    let cases: u64 = xml.lines().filter(|line| line.contains("<testcase ")).map(milliseconds).sum();
    let suite = xml.lines().find(|line| line.starts_with("<testsuite ")).unwrap();
    assert_eq!(milliseconds(suite), cases);
    assert!(xml.contains("<property name=\"airproof.duration\" value=\"94.218\"/>"));
}

#[test]
fn junit_and_tap_count_alike() {
    for (run, results) in runs() {
        let (junit, tap) = (junit::render(&results), tap::render(&results));
        let bad = junit.matches("<failure ").count() + junit.matches("<error ").count();
        let not_ok = tap.lines().filter(|line| line.starts_with("not ok ") && !line.contains(" # TODO ")).count();
        assert_eq!(bad, not_ok, "{run}");
        let cases = junit.matches("<testcase ").count();
        assert!(tap.contains(&format!("\n1..{cases}\n")) && junit.contains(&format!("tests=\"{cases}\"")), "{run}");
        let numbered = tap.lines().filter(|line| line.starts_with("ok ") || line.starts_with("not ok ")).count();
        assert_eq!(numbered, cases, "{run}");
        assert_eq!(bad == 0, results.run.exit_code == 0, "{run}: green where the run is not, or the other way round");
    }
}

#[test]
fn tap_is_read_line_by_line() {
    for results in [faulty(), hostile_titles()] {
        let tap = tap::render(&results);
        assert!(tap.starts_with("TAP version 14\n1.."));
        for line in tap.lines().skip(2) {
            let is_known = ["ok ", "not ok ", "# ", "  "].iter().any(|start| line.starts_with(start));
            assert!(is_known, "{line}");
        }
        assert_eq!(tap.matches("\n  ---\n").count(), tap.matches("\n  ...\n").count());
    }
    assert!(tap::render(&faulty()).contains(" # TODO waived: issue 318, fixed with the next client library\n"));
}

/// One of the schemas of others.
fn schema(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas").join(name);
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// Where a value breaks a schema.
fn errors(schema: &jsonschema::Validator, value: &Value) -> Vec<String> {
    schema.iter_errors(value).take(5).map(|error| format!("{error} at {}", error.instance_path())).collect()
}

fn sarif_schema() -> jsonschema::Validator {
    let mut schema = schema("sarif-schema-2.1.0.json");
    // Its pattern has a bracket too many, which strict readers of patterns refuse. No file of ours has a language.
    for part in ["run", "toolComponent"] {
        schema["definitions"][part]["properties"]["language"].as_object_mut().unwrap().remove("pattern");
    }
    jsonschema::validator_for(&schema).unwrap()
}

/// Where a JUnit file breaks Surefire's schema. None where xmllint is not there.
fn broken_junit(xml: &str) -> Option<String> {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/surefire-test-report.xsd");
    refused_by("xmllint", &["--noout", "--huge", "--nonet", "--schema", schema.to_str().unwrap(), "-"], xml)
}

#[test]
fn sarif_is_valid_by_its_schema_and_within_githubs_limits() {
    let schema = sarif_schema();
    for (run, results) in runs().into_iter().chain([("titles", hostile_titles())]) {
        let log: Value = serde_json::from_str(&sarif(&results)).unwrap();
        assert_eq!(errors(&schema, &log), [""; 0], "{run}");
        let told = log["runs"][0]["results"].as_array().unwrap();
        assert!(told.len() <= 5_000 && told.len() <= results.findings.len());
        let prints: BTreeSet<String> = told.iter().map(|result| result["partialFingerprints"].to_string()).collect();
        assert_eq!(prints.len(), told.len(), "{run}: alerts are taken for one another");
        for result in told {
            let rule = &log["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
            assert_eq!(rule["id"], result["ruleId"]);
        }
    }
    let log: Value = serde_json::from_str(&sarif(&faulty())).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 7);
    assert_eq!(results[0]["level"], "error");
    let location = &results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(location, "connectors/source-orders/airproof.yml");
    assert_eq!(results[6]["suppressions"][0]["justification"], "issue 318, fixed with the next client library");
    let rule = &log["runs"][0]["tool"]["driver"]["rules"][0];
    assert!(rule["help"]["markdown"].as_str().unwrap().contains("## How to mend it"), "{rule}");
    assert_eq!(rule["helpUri"], "https://docs.airbyte.com/understanding-airbyte/supported-data-types", "{rule}");
}

#[test]
fn annotations_are_commands_and_at_most_ten_a_kind() {
    for results in [faulty(), hostile(), hostile_titles()] {
        let commands = github::annotations(&results, &checkout());
        for kind in ["error", "warning", "notice"] {
            let of_kind = commands.lines().filter(|line| line.starts_with(&format!("::{kind} "))).count();
            assert!(of_kind <= 10, "{of_kind} of {kind}");
        }
        assert!(commands.lines().all(|line| line.starts_with("::")), "{commands}");
    }
    let commands = github::annotations(&faulty(), &checkout());
    let first = "::error title=READ-006 record-violates-schema,file=connectors/source-orders/airproof.yml,line=1::";
    assert!(commands.starts_with(first), "{commands}");
    assert!(!commands.contains("LOG-005"), "what is waived is no annotation");
    assert_eq!(github::annotations(&healthy(), &checkout()), "::notice title=airproof::PASS: conforms\n");
}

#[test]
fn markdown_shows_text_as_text() {
    for results in [hostile(), hostile_titles()] {
        let page = markdown::render(&results, github::SUMMARY);
        let mut fence: Option<String> = None;
        for line in page.lines() {
            let ticks: String = line.chars().take_while(|letter| *letter == '`').collect();
            match &fence {
                Some(open) if line == open => fence = None,
                Some(_) => {}
                None if ticks.len() > 2 && line[ticks.len()..] == *"text" => fence = Some(ticks),
                None => {
                    let bare = line.split('`').step_by(2).collect::<String>();
                    let markup = ["<details>", "<summary>", "</summary>", "</details>"];
                    let bare = markup.iter().fold(bare, |bare, tag| bare.replace(tag, ""));
                    assert!(!bare.contains('<') && !bare.contains("@a") && !bare.contains("](http"), "{line}");
                }
            }
        }
        assert_eq!(fence, None, "a block of code is left open");
    }
    let page = markdown::render(&hostile(), markdown::COMMENT);
    assert!(page.contains("more findings are in the report.") || page.contains("more findings in the report."));
    assert!(page.contains("Exit code 1: findings at or above --fail-on."), "the end is not cut off");
}

#[test]
fn what_is_told_of_a_run_with_findings() {
    let results = faulty();
    insta::assert_snapshot!("formats_markdown", markdown::render(&results, markdown::COMMENT));
    insta::assert_snapshot!("formats_annotations", github::annotations(&results, &checkout()));
    insta::assert_snapshot!("formats_badge", badge::svg(&results));
    let telling = |line: &&str| !line.starts_with("ok ") || line.contains(" # ");
    let tap: Vec<String> = tap::render(&results).lines().filter(telling).take(120).map(str::to_owned).collect();
    insta::assert_snapshot!("formats_tap", tap.join("\n"));
}
