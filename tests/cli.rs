//! The command line, end to end: what a user is told, and how the process exits.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use binary::{Place, SOURCE};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::process::Stdio;

/// A read that breaks a SHOULD and nothing else.
const CHATTY: &str = "say_read; echo chatter";

/// A read that breaks a MUST.
const WRONG: &str = "say_read; say_error; exit 3";

fn misbehaving(on_read: &str) -> Place {
    let place = Place::new();
    place.suite(json!({"connector": {"environment": {"ON_READ": on_read}}}));
    place
}

#[test]
fn a_suite_with_three_typos_shows_all_three() {
    let place = Place::new();
    place.write(
        "airproof.yml",
        "connectr: { exec: ./source }\nscenarios:\n  - name: sandbox\n    confg: {}\nrules: { READ-06: off }\n",
    );
    let outcome = place.run(&["test"]);
    outcome.exits(2).says("airproof.yml:1:1").says("airproof.yml:4:5").says("airproof.yml:5:10");
    outcome.says("did you mean `connector`?").says("did you mean `config`?").says("did you mean `READ-006`?");
    outcome.says("^^^^^^^^").says("^^^^^").says("^^^^^^^");
    assert!(!place.path("airproof-report").exists(), "something was written");
}

#[test]
fn input_files_that_are_none_are_named_and_nothing_is_launched() {
    let place = Place::new();
    place.write("broken.json", "{\"api_key\": \"hunter22\",}");
    place.write("list.json", "[]");
    let exec = format!("sh -c 'touch {}; exit 1'", place.path("launched").display());
    for (file, words) in [
        ("missing.json", "config `missing.json` cannot be read: there is no such file"),
        ("broken.json", "config `broken.json` is not valid JSON"),
        ("list.json", "must be a JSON object"),
    ] {
        let outcome = place.run(&["test", "--exec", &exec, "--config", file]);
        outcome.exits(2).says(file).says(words);
        assert!(!outcome.told().contains("hunter22"), "{}", outcome.told());
    }
    place.suite(json!({"connector": {"exec": exec}, "scenarios": [{"name": "a", "config": "${env:AIRPROOF_UNSET}"}]}));
    place.run(&["test"]).exits(2).says("`AIRPROOF_UNSET` is not set");
    place.run(&["test", "nowhere.yml"]).exits(2).says("nowhere.yml");
    place.run(&["list", "nowhere.yml"]).exits(2).says("nowhere.yml");
    assert!(!place.path("airproof-report").exists() && !place.path("launched").exists());
}

#[test]
fn a_command_line_that_is_none_says_so() {
    let place = misbehaving(":");
    place.run(&[]).exits(2).says("Usage");
    place.run(&["tset"]).exits(2).says("test");
    place.run(&["test", "--jobs", "0"]).exits(2).says("--jobs");
    place.run(&["test", "--rule", "["]).exits(2).says("pattern");
    place.run(&["test", "--image", "a", "--exec", "b"]).exits(2).says("--exec");
    place.run(&["--version"]).exits(0).says("airproof ");
}

#[test]
fn a_program_that_does_not_exist_is_the_users_to_mend() {
    let place = Place::new();
    let exec = |program: &str| place.run(&["test", "--exec", program, "--config", "config.json"]);
    exec("no-such-program-here").exits(2).says("There is no program `no-such-program-here` in PATH");
    exec("./no-such-file").exits(2).says("./no-such-file can't be run");
    exec("'unclosed").exits(2).says("not closed");
    assert!(!place.path("airproof-report").exists(), "nothing was launched, so there is nothing to report");
    place.write("script", "#!/no/such/interpreter\n");
    assert!(std::process::Command::new("chmod").arg("+x").arg(place.path("script")).status().unwrap().success());
    exec("./script").exits(2).says("first line (`#!…`)");
}

#[test]
fn findings_decide_the_exit_code_from_their_level_on() {
    misbehaving(WRONG).run(&["test"]).exits(1).says("airproof explain CLI-006").says("exit 1:");
    let chatty = misbehaving(CHATTY);
    chatty.run(&["test"]).exits(0).says("warning[LOG-002");
    chatty.run(&["test", "--fail-on", "should"]).exits(1);
    chatty.run(&["test", "--fail-on", "should", "--skip-rule", "log-as-plain-*"]).exits(0);
}

#[test]
fn a_run_that_fails_for_remarks_does_not_say_that_every_rule_holds() {
    let flagged = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/rules/LINE-017/flagged.transcript");
    let outcome = Place::new().run(&["judge", flagged, "--fail-on", "info", "--rule", "LINE-017"]);
    outcome.exits(1).says("at INFO").says("airproof explain LINE-017");
    assert!(!outcome.told().contains("judged holds"), "{}", outcome.told());
}

#[test]
fn a_run_in_which_nothing_was_judged_is_no_pass() {
    let place = misbehaving(WRONG);
    // No scenario of this suite is expected to fail, so that this rule is skipped.
    let outcome = place.run(&["test", "--rule", "CHECK-002"]);
    outcome.exits(4).says("Nothing was judged");
    assert_eq!(outcome.statuses("CHECK-002"), ["skip"]);
}

#[test]
fn a_waiver_accepts_until_it_expires() {
    let place = misbehaving(WRONG);
    let waived = |until: &str| {
        let waiver = json!({"rule": "CLI-006", "reason": "issue 12", "until": until});
        let environment = json!({"ON_READ": WRONG});
        place.suite(json!({"connector": {"environment": environment}, "waivers": [waiver]}));
        place.run(&["test"])
    };
    let accepted = waived("2999-01-01");
    accepted.exits(0).says("waived[CLI-006").says("(issue 12)");
    assert_eq!(accepted.finding("CLI-006")["waived"], "issue 12");
    assert!(fs::read_to_string(place.path("airproof-report/report.html")).unwrap().contains("issue 12"));
    waived("2020-01-01").exits(1).says("expired on 2020-01-01").says("error[CLI-006");
}

#[test]
fn a_rule_that_is_off_is_shown_as_off() {
    let place = Place::new();
    let rules = json!({"command-does-not-end-cleanly": "off"});
    place.suite(json!({"connector": {"environment": {"ON_READ": WRONG}}, "rules": rules}));
    let outcome = place.run(&["test"]);
    outcome.exits(0).says(" off");
    assert_eq!((outcome.statuses("CLI-006"), outcome.found("must")), (vec!["off"], vec![]));
    place.run(&["list"]).exits(0).says("off: CLI-006");
}

#[test]
fn judging_again_finds_what_the_run_found() {
    let place = misbehaving("say_read; echo chatter; say_record 4; exit 3");
    let outcome = place.run(&["test"]);
    let launch = "airproof-report/launches/sandbox.read.full-refresh";
    let findings = |results: &Value| {
        let all = results["findings"].as_array().unwrap().iter();
        let of_launch = all.filter(|finding| finding["launches"][0] == "sandbox.read.full-refresh");
        let mut told: Vec<String> =
            of_launch.map(|finding| format!("{} {}", finding["rule"], finding["message"])).collect();
        told.sort();
        told
    };
    let again = place.run(&["judge", launch, "--report-dir", "again"]);
    assert_eq!((again.code, outcome.code), (1, 1), "{}", again.told());
    let results: Value = serde_json::from_str(&fs::read_to_string(place.path("again/results.json")).unwrap()).unwrap();
    assert!(findings(&results).len() >= 3, "{}", again.told());
    assert_eq!(findings(&results), findings(outcome.results()));
    // The report that holds the transcript is not written over.
    place.run(&["judge", launch, "--report-dir", "airproof-report"]).exits(2).says("--report-dir");
    assert!(place.path(launch).join("manifest.json").exists());
}

#[test]
fn bare_output_is_judged_from_a_file_and_from_stdin() {
    let place = Place::new();
    let catalog = json!({"streams": [{"stream": {"name": "orders", "json_schema": {}}, "sync_mode": "full_refresh"}]});
    place.write("catalog.json", &catalog.to_string());
    let output = "{\"type\":\"RECORD\",\"record\":{\"stream\":\"other\",\"data\":{\"id\":1},\"emitted_at\":1}}\n";
    place.write("output.jsonl", output);
    let arguments = ["judge", "output.jsonl", "--command", "read", "--catalog", "catalog.json"];
    place.run(&arguments).exits(1).says("READ-001");
    let mut command = place.command(&["judge", "-", "--command", "read", "--catalog", "catalog.json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(output.as_bytes()).unwrap();
    let told = child.wait_with_output().unwrap();
    assert_eq!(told.status.code(), Some(1));
    assert!(String::from_utf8(told.stdout).unwrap().contains("READ-001"));
    place.run(&["judge", "output.jsonl"]).exits(2).says("--command");
    place.run(&["judge", "output.jsonl", "--command", "read"]).exits(2).says("--catalog");
    place.run(&["judge", "missing.jsonl", "--command", "spec"]).exits(2).says("missing.jsonl can't be read");
    place.run(&["judge", "tmp"]).exits(2).says("no manifest.json");
    place.write("empty", "");
    place.run(&["judge", "empty", "--command", "read", "--catalog", "config.json"]).exits(2).says("catalog");
}

#[test]
fn a_judgement_is_written_in_every_form_of_a_run() {
    let place = Place::new();
    let flagged = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/rules/READ-006/flagged.transcript");
    let every = "json,html,junit,sarif,markdown,github,gitlab,tap,badge";
    let outcome = place.run(&["judge", flagged, "--report-dir", "again", "--format", every]);
    outcome.exits(1).says("::error title=READ-006");
    for file in ["results.json", "report.html", "junit.xml", "results.sarif", "report.md", "summary.md"] {
        assert!(place.path("again").join(file).exists(), "no {file}");
    }
    for file in ["gl-code-quality.json", "results.tap", "badge.svg", "badge.json"] {
        assert!(place.path("again").join(file).exists(), "no {file}");
    }
    assert!(!outcome.told().contains("Exit code"), "the terminal's view was not wanted: {}", outcome.told());
    place.run(&["judge", flagged, "--format", "github"]).exits(1).says("::error title=READ-006");
    assert!(!place.path("airproof-report").exists(), "nothing is written without a folder");
    let refused = place.run(&["judge", flagged, "--format", "terminal,junit"]);
    refused.exits(2).says("`--format junit` writes a file").says("--report-dir");
    place.run(&["judge", flagged, "--report-dir", "again"]).exits(1).says("READ-006");
    assert!(!place.path("again/junit.xml").exists(), "what an earlier judgement wrote is removed");
}

#[test]
fn a_transcript_file_is_judged_by_what_it_says() {
    let place = Place::new();
    let flagged = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/rules/READ-006/flagged.transcript");
    let silent = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/rules/READ-006/silent.transcript");
    place.run(&["judge", flagged]).exits(1).says("READ-006");
    place.run(&["judge", silent]).exits(0);
    place.run(&["judge", silent, "--rule", "SEC-001"]).exits(4);
    place.run(&["judge", silent, "--rule", "READ-06"]).exits(2).says("matches no rule").says("READ-006");
}

#[test]
fn rules_are_explained_by_code_and_by_name() {
    let place = Place::new();
    place.run(&["explain", "READ-006"]).exits(0).says("record-violates-schema").says("How to mend it");
    place.run(&["explain", "record-violates-schema"]).exits(0).says("READ-006");
    let unknown = place.run(&["explain", "READ-0006"]);
    unknown.exits(2).says("there is no rule `READ-0006`").says("Did you mean: READ-006");
    place.run(&["explain", "\u{1b}[31mred"]).exits(2).says("airproof rules");
    let listed = place.run(&["rules", "--format", "json"]);
    let rules: Vec<Value> = serde_json::from_str(&listed.exits(0).stdout).unwrap();
    assert!(rules.len() > 40 && rules.iter().any(|rule| rule["code"] == "READ-006"));
    place.run(&["rules"]).exits(0).says("READ-006");
}

#[test]
fn the_list_says_what_would_be_launched_and_launches_nothing() {
    let place = Place::new();
    let exec = format!("sh -c 'touch {}'", place.path("launched").display());
    place.suite(json!({"connector": {"exec": exec}}));
    let outcome = place.run(&["list"]);
    outcome.exits(0).says("5 launches").says("read.from-final-state\n").says("after sandbox.discover").says("EXP-01");
    // Of a hundred rules the families are told, and their codes where they are asked for.
    let families = outcome.says(", STATE 2").told();
    assert!(!families.contains("STATE-010"), "{families}");
    let codes = place.run(&["list", "--verbose"]).exits(0).says("STATE-010").told();
    assert!(!codes.contains(", STATE 2"), "{codes}");
    assert!(!place.path("launched").exists() && !place.path("airproof-report").exists());
}

#[test]
fn a_suite_can_be_chosen_by_name_or_file_but_not_twice() {
    let place = Place::new();
    place.suite(json!({}));
    place.run(&["list", "--suite", "certification"]).exits(0);
    place.run(&["list", ".", "--suite", "quick"]).exits(0);
    place.run(&["list", "--suite", "airproof.yml"]).exits(0);
    let twice = place.run(&["list", "airproof.yml", "--suite", "other.yml"]);
    twice.exits(2).says("`--suite other.yml` and `airproof.yml` both name a suite");
    for words in [&["list", "--suite", "standrad"][..], &["test", "standard"]] {
        place.run(words).exits(2).says("there is no such file").says("did you mean `--suite standard`?");
    }
}

#[test]
fn a_reader_that_has_seen_enough_changes_nothing_but_the_view() {
    let place = misbehaving(WRONG);
    let airproof = env!("CARGO_BIN_EXE_airproof");
    let piped = |arguments: &str| {
        let script = format!("set -o pipefail; {airproof} {arguments} | head -n 1");
        let mut command = place.command(&[]);
        let environment: Vec<_> =
            command.get_envs().map(|(name, value)| (name.to_owned(), value.map(Into::into))).collect();
        command = std::process::Command::new("bash");
        command.args(["-c", &script]).current_dir(place.path("."));
        for (name, value) in environment {
            let value: Option<std::ffi::OsString> = value;
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        let told = command.output().unwrap();
        (told.status.code(), String::from_utf8(told.stderr).unwrap())
    };
    assert_eq!(piped("rules"), (Some(0), String::new()));
    assert_eq!(piped("explain READ-006"), (Some(0), String::new()));
    assert_eq!(piped("--help"), (Some(0), String::new()));
    // A failed run does not become a success.
    assert_eq!(piped("test"), (Some(1), String::new()));
    assert_eq!(place.results().unwrap()["run"]["exit_code"], 1);
}

#[test]
fn nothing_but_a_terminal_gets_colours() {
    let place = misbehaving(CHATTY);
    let plain = place.run(&["test"]);
    assert!(!plain.told().contains('\u{1b}'), "{:?}", plain.told());
    let forced = place.run(&["test", "--color", "always"]);
    assert!(forced.stdout.contains("\u{1b}["), "{}", forced.told());
    let mut command = place.command(&["test"]);
    command.env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1");
    let outcome = place.start(command).end();
    assert!(!outcome.told().contains('\u{1b}'), "{:?}", outcome.told());
}

#[test]
fn what_is_not_wanted_is_not_written() {
    let place = misbehaving(WRONG);
    let outcome = place.run(&["test", "--format", "json"]);
    outcome.exits(1);
    assert_eq!(outcome.stdout, "");
    assert!(!place.path("airproof-report/report.html").exists());
    let outcome = place.run(&["test", "--format", "terminal"]);
    outcome.exits(1).says("CLI-006");
    assert!(!place.path("airproof-report/results.json").exists(), "of an earlier run");
}

#[test]
fn what_a_ci_reads_is_written_and_an_earlier_one_removed() {
    let place = misbehaving(WRONG);
    place.write("summary-of-the-step", "before\n");
    let formats = "html,junit,sarif,markdown,github,gitlab,tap,badge";
    let mut command = place.command(&["test", "--format", formats]);
    command.env("GITHUB_STEP_SUMMARY", place.path("summary-of-the-step"));
    let outcome = place.start(command).end();
    outcome.exits(1);
    assert!(outcome.stdout.starts_with("::error title=CLI-006 "), "{}", outcome.stdout);
    let files = [
        "results.json",
        "report.html",
        "junit.xml",
        "results.sarif",
        "report.md",
        "summary.md",
        "gl-code-quality.json",
        "results.tap",
        "badge.svg",
        "badge.json",
    ];
    for file in files {
        assert!(place.path("airproof-report").join(file).is_file(), "{file}");
    }
    let summary = fs::read_to_string(place.path("summary-of-the-step")).unwrap();
    assert!(summary.starts_with("before\n## airproof: FAIL") && summary.contains("CLI-006"), "{summary}");

    let outcome = place.run(&["test", "--format", "terminal,tap"]);
    outcome.exits(1).says("written: airproof-report/results.tap");
    for file in files {
        let is_wanted = ["results.json", "results.tap"].contains(&file);
        assert_eq!(place.path("airproof-report").join(file).is_file(), is_wanted, "{file}");
    }
}

#[test]
fn hostile_output_is_inert() {
    let hostile = r#"begin_read; printf '\033[2J\033]0;owned\007 </script><script>alert(1)</script>\n'
        printf '{"type":"TRACE","trace":{"type":"ERROR","emitted_at":1,"error":{"message":"\\u001b[31m<img src=x onerror=alert(1)>"}}}\n'
        printf '\033[1mstderr\n' >&2; exit 1"#;
    let place = misbehaving(hostile);
    let outcome = place.run(&["test"]);
    outcome.exits(1).says("<img src=x");
    assert!(!outcome.told().contains(['\u{1b}', '\u{7}']), "{:?}", outcome.told());
    let html = fs::read_to_string(place.path("airproof-report/report.html")).unwrap();
    assert!(!html.contains("<script>alert") && !html.contains("<img src=x") && !html.contains('\u{1b}'));
    assert!(html.contains("&lt;img src=x"));
    let results = fs::read_to_string(place.path("airproof-report/results.json")).unwrap();
    assert!(!results.contains('\u{1b}'));
}

#[test]
fn a_folder_with_something_else_in_it_is_no_report_folder() {
    let place = misbehaving(":");
    for name in ["photos", "photos/launches", "photos/launches/sputnik"] {
        fs::create_dir(place.path(name)).unwrap();
        place.write(&format!("{name}/precious.txt"), "mine");
    }
    let source = format!("sh {SOURCE}");
    let arguments = ["test", "--exec", &source, "--config", "config.json", "--report-dir"];
    for folder in ["photos", "photos/launches", "."] {
        place.run(&[&arguments[..], &[folder]].concat()).exits(2).says("--report-dir");
    }
    for name in ["photos", "photos/launches", "photos/launches/sputnik"] {
        assert!(place.path(name).join("precious.txt").exists());
    }
    // A folder that looks like a report and holds something of the user's among the transcripts.
    fs::remove_file(place.path("photos/precious.txt")).unwrap();
    place.run(&[&arguments[..], &["photos"]].concat()).exits(2);
    assert!(place.path("photos/launches/sputnik/precious.txt").exists());
}
