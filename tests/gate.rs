//! The gates for GitHub and GitLab: their files are YAML, pin what they use, and each of their scripts does with bash what it
//! is there for.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use airproof::suite::plain_yaml;
use binary::{Place, SOURCE};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

const ACTION: &str = "action.yml";
const GITLAB: &str = "ci/airproof.gitlab-ci.yml";

fn text(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn yaml(name: &str, text: &str) -> Value {
    plain_yaml(Path::new(name), text).unwrap_or_else(|error| panic!("{}", error.render(false)))
}

fn steps() -> Vec<Value> {
    yaml(ACTION, &text(ACTION))["runs"]["steps"].as_array().unwrap().clone()
}

fn step(name: &str) -> Value {
    steps().into_iter().find(|step| step["name"] == name).unwrap()
}

/// Runs a script as a CI does, in a place; gives the exit code and what it printed.
fn bash(place: &Place, script: &str, environment: &BTreeMap<String, String>) -> (i32, String) {
    place.write("script", script);
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-eo", "pipefail", "script"]).current_dir(place.path("."));
    let output = command.envs(environment).env("TMPDIR", place.path("tmp")).output().unwrap();
    let told = [output.stdout, output.stderr].map(|told| String::from_utf8(told).unwrap()).concat();
    (output.status.code().unwrap(), told)
}

/// The variables of a step, filled in as GitHub does, with its inputs' defaults below these.
fn variables(place: &Place, step: &Value, inputs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let action = yaml(ACTION, &text(ACTION));
    let fill = |expression: &str| match expression.strip_prefix("inputs.") {
        Some(input) => {
            let given = inputs.iter().find(|(name, _)| *name == input).map(|(_, value)| *value);
            given.or(action["inputs"][input]["default"].as_str()).unwrap().to_owned()
        }
        None if expression == "steps.install.outputs.airproof" => env!("CARGO_BIN_EXE_airproof").to_owned(),
        None if expression == "github.action_path" => env!("CARGO_MANIFEST_DIR").to_owned(),
        None => panic!("{expression} is nothing that the test knows"),
    };
    let filled = step["env"].as_object().unwrap().iter().map(|(name, value)| {
        let expression = value.as_str().unwrap().strip_prefix("${{ ").unwrap().strip_suffix(" }}").unwrap();
        (name.clone(), fill(expression))
    });
    let files = ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"].map(|name| (name.to_owned(), place.path(name)));
    let of_github = files.into_iter().chain([("GITHUB_WORKSPACE".to_owned(), place.path("."))]);
    filled.chain(of_github.map(|(name, path)| (name, path.display().to_string()))).collect()
}

/// A connector in every state that a gate tells apart, with the exit code and the word for it.
fn cases() -> [(&'static str, i32, Value); 5] {
    let bad_read = json!({"connector": {"environment": {"ON_READ": "say_status STARTED; say_record 1; exit 0"}}});
    [
        ("passed", 0, json!({})),
        ("findings", 1, bad_read),
        ("usage", 2, json!({"limits": {"read": "soon"}})),
        ("environment", 3, json!({"connector": {"exec": null, "image": "airproof/not-there:1"}})),
        ("unreviewed", 5, json!({"baselines": "baselines"})),
    ]
}

/// A place with the suite of a case.
fn place(changes: &Value) -> Place {
    let place = Place::new();
    let mut suite = json!({
        "depth": "quick",
        "connector": {"exec": format!("sh {SOURCE}")},
        "limits": {"silence": "20s", "grace": "500ms"},
        "scenarios": [{"name": "sandbox", "config": "config.json"}],
    });
    for (name, value) in changes.as_object().unwrap() {
        match (suite[name].as_object_mut(), value.as_object()) {
            (Some(below), Some(above)) => below.extend(above.clone()),
            _ => suite[name] = value.clone(),
        }
    }
    if let Some(connector) = suite["connector"].as_object_mut() {
        connector.retain(|_, value| !value.is_null());
    }
    place.write("airproof.yml", &suite.to_string());
    place
}

#[test]
fn the_action_tells_every_outcome_apart() {
    let step = step("Test the connector");
    for (outcome, code, changes) in cases() {
        let place = place(&changes);
        let mut variables = variables(&place, &step, &[("arguments", "--jobs\n2\n")]);
        variables.insert("DOCKER_HOST".to_owned(), "unix:///nowhere/docker.sock".to_owned());
        let (exit, told) = bash(&place, step["run"].as_str().unwrap(), &variables);
        assert_eq!(exit, code, "{outcome}: {told}");
        let outputs = fs::read_to_string(place.path("GITHUB_OUTPUT")).unwrap();
        assert_eq!(outputs, format!("outcome={outcome}\nexit-code={code}\n"));
        if ["passed", "findings", "unreviewed"].contains(&outcome) {
            for file in ["results.json", "report.html", "junit.xml", "results.sarif", "summary.md"] {
                assert!(place.path("airproof-report").join(file).is_file(), "{outcome}: no {file}");
            }
            let summary = fs::read_to_string(place.path("GITHUB_STEP_SUMMARY")).unwrap();
            assert!(summary.contains("airproof"), "{summary}");
        }
        assert_eq!(told.contains("\n::error"), outcome == "findings", "{told}");
    }
}

#[test]
fn inputs_are_values_and_never_run() {
    let step = step("Test the connector");
    let place = place(&json!({}));
    let hostile = [("path", "$(touch ran)"), ("fail-on", "`touch ran`"), ("arguments", "--image\n;touch ran\n")];
    let (exit, told) = bash(&place, step["run"].as_str().unwrap(), &variables(&place, &step, &hostile));
    assert_eq!(exit, 2, "{told}");
    assert!(!place.path("ran").exists(), "an input was run");
    for step in steps() {
        let script = step["run"].as_str().unwrap_or_default();
        assert!(!script.contains("${{"), "an expression stands in a script: {script}");
    }
}

#[test]
fn an_airproof_that_is_there_is_taken() {
    let step = step("Install airproof");
    let place = Place::new();
    let run =
        |given: &str| bash(&place, step["run"].as_str().unwrap(), &variables(&place, &step, &[("airproof", given)]));
    let (exit, told) = run(env!("CARGO_BIN_EXE_airproof"));
    assert_eq!(exit, 0, "{told}");
    let outputs = fs::read_to_string(place.path("GITHUB_OUTPUT")).unwrap();
    assert_eq!(outputs, format!("airproof={}\n", env!("CARGO_BIN_EXE_airproof")));
    let (exit, told) = run("./not-there");
    assert!(exit == 3 && told.contains("::error::There is no airproof at ./not-there"), "{exit} {told}");
    // Without one it is built; cargo itself stands in here.
    place.write("cargo", "#!/bin/sh\necho \"$@\" > called\nmkdir -p \"$RUNNER_TEMP/airproof/bin\"\nln -s \"$BUILT\" \"$RUNNER_TEMP/airproof/bin/airproof\"\n");
    Command::new("chmod").arg("+x").arg(place.path("cargo")).status().unwrap();
    let mut variables = variables(&place, &step, &[]);
    let path = format!("{}:{}", place.path("").display(), std::env::var("PATH").unwrap());
    variables.extend(
        [("PATH", path), ("BUILT", env!("CARGO_BIN_EXE_airproof").to_owned())]
            .map(|(name, value)| (name.to_owned(), value)),
    );
    variables.insert("RUNNER_TEMP".to_owned(), place.path("runner").display().to_string());
    let (exit, told) = bash(&place, step["run"].as_str().unwrap(), &variables);
    assert_eq!(exit, 0, "{told}");
    assert!(fs::read_to_string(place.path("called")).unwrap().starts_with("install --locked --quiet --path "));
}

#[test]
fn the_report_is_kept_whatever_comes_and_all_is_pinned() {
    let upload = step("Keep the report");
    assert_eq!(upload["if"], "always()");
    for step in steps() {
        let Some(uses) = step["uses"].as_str() else { continue };
        let (_, commit) = uses.split_once('@').unwrap();
        assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{uses} is not pinned");
    }
    for file in [ACTION, GITLAB] {
        assert!(!text(file).contains("://"), "{file} names a host");
    }
    let job = &yaml(GITLAB, &text(GITLAB))[".airproof"];
    assert_eq!(job["artifacts"]["when"], "always");
}

#[test]
fn the_job_of_gitlab_tells_every_outcome_apart() {
    let job = yaml(GITLAB, &text(GITLAB))[".airproof"].clone();
    let script = job["script"][0].as_str().unwrap();
    for (outcome, code, changes) in cases() {
        let place = place(&changes);
        let given = job["variables"].as_object().unwrap().iter();
        let mut variables: BTreeMap<String, String> =
            given.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
        variables.insert("AIRPROOF".to_owned(), env!("CARGO_BIN_EXE_airproof").to_owned());
        variables.insert("AIRPROOF_ARGUMENTS".to_owned(), "--jobs\n2".to_owned());
        variables.insert("DOCKER_HOST".to_owned(), "unix:///nowhere/docker.sock".to_owned());
        let (exit, told) = bash(&place, script, &variables);
        assert_eq!(exit, code, "{outcome}: {told}");
        let kept = fs::read_to_string(place.path("airproof.env")).unwrap();
        assert_eq!(kept, format!("AIRPROOF_OUTCOME={outcome}\n"));
        let reports = job["artifacts"]["reports"].as_object().unwrap().values();
        for file in reports.map(|file| file.as_str().unwrap()).filter(|_| code == 1) {
            assert!(place.path(file).is_file(), "{outcome}: no {file}");
        }
    }
}

/// The blocks of a page in a language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let blocks = page.split("```").skip(1).step_by(2);
    blocks.filter_map(|block| block.split_once('\n')).filter(|(of, _)| *of == language).map(|(_, body)| body).collect()
}

#[test]
fn what_the_page_shows_can_be_copied() {
    let page = text("docs/ci.md");
    let action = yaml(ACTION, &text(ACTION));
    let examples: Vec<Value> = blocks(&page, "yaml").iter().map(|block| yaml("docs/ci.md", block)).collect();
    let workflow = examples.iter().find(|example| example["jobs"].is_object()).expect("a workflow");
    let steps = workflow["jobs"].as_object().unwrap().values().flat_map(|job| job["steps"].as_array().unwrap());
    for (name, _) in steps.filter_map(|step| step["with"].as_object()).flatten() {
        assert!(action["inputs"][name].is_object() || name == "persist-credentials", "the action has no input {name}");
    }
    let gitlab = examples.iter().find(|example| example["include"].is_array()).expect("a GitLab example");
    assert_eq!(gitlab["include"][0]["file"], GITLAB);
    let known = yaml(GITLAB, &text(GITLAB))[".airproof"]["variables"].clone();
    let jobs = gitlab.as_object().unwrap().values().filter(|job| job["extends"] == ".airproof");
    for (name, _) in jobs.filter_map(|job| job["variables"].as_object()).flatten() {
        assert!(known[name].is_string(), "the job of GitLab has no {name}");
    }
    let suite = examples.iter().find(|example| example["scenarios"].is_array()).expect("a suite");
    let place = Place::new();
    place.write("airproof.yml", &suite.to_string());
    place.run(&["list"]).exits(0).says("wrong-key.check");
}

#[test]
fn each_command_of_the_page_exists_with_its_options() {
    let page = text("docs/ci.md");
    let place = Place::new();
    let lines = blocks(&page, "").into_iter().flat_map(str::lines);
    let commands: Vec<&str> = lines.filter_map(|line| line.strip_prefix("airproof ")).collect();
    assert!(commands.len() >= 5, "{commands:?}");
    for line in commands {
        let words = line.split('#').next().unwrap().split_whitespace();
        let help = place.run(&[words.clone().next().unwrap(), "--help"]);
        help.exits(0);
        for option in words.filter(|word| word.starts_with("--")) {
            assert!(help.stdout.contains(option), "`airproof {line}`: there is no {option}");
        }
    }
}
