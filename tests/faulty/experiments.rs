//! The experiments, each with the faults that it must catch and that no rule catches, and with every healthy source, which must
//! pass them all.

use crate::binary::Place;
use crate::connector::{self, Case, SUITE};
use crate::walk;
use libtest_mimic::Failed;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

/// What the author of a suite expects; the suite of the faulty source expects nothing.
const EXPECTED: &str = "needs a suite that expects something: see tests/expected.rs";

/// Another version beside it.
const COMPARED: &str = "needs another version: see tests/compare.rs";

/// Experiments that the healthy source gives no occasion to, so that no fault of it shows them either, and why.
const UNTRIED: &[(&str, &str)] = &[
    ("EXP-05", "needs data that somebody changes: see tests/changes.rs"),
    ("EXP-18", "needs data that somebody changes: see tests/changes.rs"),
    ("EXP-40", "needs data that somebody changes: see tests/changes.rs"),
    ("CLI-019", "needs a container"),
    ("SUITE-001", EXPECTED),
    ("SUITE-002", EXPECTED),
    ("SUITE-003", EXPECTED),
    ("SUITE-004", EXPECTED),
    ("SUITE-005", EXPECTED),
    ("SUITE-006", EXPECTED),
    ("SUITE-007", EXPECTED),
    ("SUITE-008", EXPECTED),
    ("SPEC-046", "needs a previous version: see tests/previous_version.rs"),
    ("DISC-025", "needs a previous version: see tests/previous_version.rs"),
    ("COMPAT-001", COMPARED),
    ("COMPAT-002", COMPARED),
    ("COMPAT-003", COMPARED),
    ("COMPAT-004", COMPARED),
    ("COMPAT-005", COMPARED),
    ("COMPAT-006", COMPARED),
    ("COMPAT-007", COMPARED),
    ("COMPAT-008", COMPARED),
    ("COMPAT-009", "needs images with labels: see src/compat/semver.rs"),
];

/// More that no fault of this connector can show, and why.
const UNCAUGHT: &[(&str, &str)] =
    &[("CLI-017", "a launch that disturbs another would disturb those of the other experiments, by chance")];

/// What a fault came to in a whole certification.
struct Trial {
    name: String,
    expected: BTreeSet<String>,
    fired: BTreeSet<String>,
    /// By experiment, whether it judged anything.
    judged: BTreeMap<String, bool>,
    /// Launches in all, and those that the experiments asked for that fired.
    launches: (usize, usize),
}

/// Runs every fault that an experiment must catch, and every healthy source, and prints the table.
pub fn each_experiment() -> Result<(), Failed> {
    let wanted = std::env::var("FAULTS").unwrap_or_default();
    let experiments = connector::experiments();
    let registered = connector::registered();
    let is_wanted = |case: &Case| {
        let expected = case.expected_with_experiments(&registered);
        let is_one = case.needs_experiments()
            || expected.iter().any(|code| experiments.contains(code.trim_end_matches("/info")));
        (is_one || case.name.starts_with("healthy")) && wanted.split(',').any(|part| case.name.contains(part))
    };
    let cases: Vec<Case> = connector::cases().into_iter().filter(is_wanted).collect();
    let trials = walk(&cases, |case| trial(case, &registered, &experiments));
    let mut problems = Vec::new();
    for trial in &trials {
        if trial.expected != trial.fired {
            problems.push(format!("{}: expected {:?}, fired {:?}", trial.name, trial.expected, trial.fired));
        }
    }
    if wanted.is_empty() {
        problems.extend(idle(&trials, &experiments));
    }
    print(&trials);
    match problems.is_empty() {
        true => Ok(()),
        false => Err(problems.join("\n").into()),
    }
}

/// Experiments that no fault shows, and those that silently do nothing on a healthy source.
fn idle(trials: &[Trial], experiments: &BTreeSet<String>) -> Vec<String> {
    let excused = |list: &[(&str, &str)], code: &str| list.iter().any(|(excused, _)| *excused == code);
    let is_caught =
        |code: &String| trials.iter().any(|trial| trial.fired.iter().any(|fired| fired.starts_with(code.as_str())));
    let healthy: Vec<&Trial> = trials.iter().filter(|trial| trial.name.starts_with("healthy")).collect();
    let is_tried = |code: &String| healthy.iter().any(|trial| trial.judged.get(code) == Some(&true));
    let uncaught = experiments
        .iter()
        .filter(|code| !is_caught(code) && ![UNCAUGHT, UNTRIED].iter().any(|list| excused(list, code)));
    let untried = experiments.iter().filter(|code| !is_tried(code) && !excused(UNTRIED, code));
    let uncaught = uncaught.map(|code| format!("no fault shows {code}: add one to fixtures/connectors/faulty/faults"));
    uncaught.chain(untried.map(|code| format!("{code} judges nothing on any healthy source"))).collect()
}

fn trial(case: &Case, registered: &BTreeSet<String>, experiments: &BTreeSet<String>) -> Trial {
    let place = Place::new();
    let exec = format!("'{}'", connector::program().display());
    let arguments = ["test", SUITE, "--suite", "certification", "--format", "json", "--jobs", "2", "--exec", &exec];
    let mut command = place.command(&arguments);
    command.env("FAULT", &case.name);
    let outcome = place.start(command).end_dirty();
    let results = outcome.results();
    let fired = connector::codes_of(results);
    let mut judged: BTreeMap<String, bool> = BTreeMap::new();
    for verdict in results["verdicts"].as_array().unwrap() {
        let code = verdict["rule"].as_str().unwrap();
        if experiments.contains(code) {
            *judged.entry(code.to_owned()).or_default() |= verdict["status"] != "skip";
        }
    }
    let launches = results["launches"].as_array().unwrap();
    let asks = |launch: &&Value| {
        let asked_by = launch["asked_by"].as_array().into_iter().flatten();
        asked_by.filter_map(Value::as_str).any(|code| fired.iter().any(|fired| fired.starts_with(code)))
    };
    let launches = (launches.len(), launches.iter().filter(asks).count());
    Trial { name: case.name.clone(), expected: case.expected_with_experiments(registered), fired, judged, launches }
}

fn print(trials: &[Trial]) {
    let mut text = format!("\n{:<44}{:<28}{:<10}{}\n", "fault", "experiments", "verdict", "launches (theirs of all)");
    for trial in trials {
        let codes = if trial.fired.is_empty() { "-".to_owned() } else { Vec::from_iter(trial.fired.clone()).join(" ") };
        let verdict = match (trial.fired == trial.expected, trial.fired.is_empty()) {
            (false, _) => "NOT SO",
            (true, true) => "passes",
            (true, false) => "caught",
        };
        let (all, own) = trial.launches;
        text += &format!("{:<44}{codes:<28}{verdict:<10}{own} of {all}\n", trial.name);
    }
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
