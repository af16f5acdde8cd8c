//! The faulty source as a local process, judged.

use crate::binary::Place;
pub use crate::program::program;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;
use std::sync::OnceLock;

/// The suite that every fault is judged by.
pub const SUITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/connectors/faulty/airproof.yml");

/// Behind the code of a rule that is broken only in launches that experiments ask for.
const ASKED: &str = "/asked";

/// A fault and what it is said to break, as the connector lists it.
pub struct Case {
    pub name: String,
    codes: String,
}

impl Case {
    /// The rules that are to fire without experiments, of those that there are.
    pub fn expected(&self, registered: &BTreeSet<String>) -> BTreeSet<String> {
        resolve(&self.codes, registered).into_iter().filter(|code| !code.ends_with(ASKED)).collect()
    }

    /// The rules that are to fire with experiments, too.
    pub fn expected_with_experiments(&self, registered: &BTreeSet<String>) -> BTreeSet<String> {
        let codes = resolve(&self.codes, registered).into_iter();
        codes.map(|code| code.trim_end_matches(ASKED).to_owned()).collect()
    }

    /// Whether a rule is broken only in launches that experiments ask for.
    pub fn needs_experiments(&self) -> bool {
        self.codes.contains(ASKED)
    }
}

/// Codes as the tables have them: `A B/info C|D`, where the first that there is of C and D is meant.
pub fn resolve(codes: &str, registered: &BTreeSet<String>) -> BTreeSet<String> {
    let is_registered = |code: &&str| registered.contains(code.trim_end_matches(ASKED).trim_end_matches("/info"));
    codes.split_whitespace().filter_map(|choice| choice.split('|').find(is_registered)).map(str::to_owned).collect()
}

/// Every fault of the connector.
pub fn cases() -> Vec<Case> {
    let listed = Command::new(program()).arg("faults").output().unwrap();
    let text = String::from_utf8(listed.stdout).unwrap();
    let case = |line: &str| {
        let (name, codes) = line.split_once('\t').unwrap();
        Case { name: name.to_owned(), codes: codes.to_owned() }
    };
    text.lines().map(case).collect()
}

/// The codes of all rules and experiments.
pub fn registered() -> BTreeSet<String> {
    listed(|_| true)
}

/// The codes of all rules.
pub fn rules() -> BTreeSet<String> {
    listed(|rule| rule["experiment"] == false)
}

/// The codes of all experiments.
pub fn experiments() -> BTreeSet<String> {
    listed(|rule| rule["experiment"] == true)
}

fn listed(is_wanted: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    static LISTED: OnceLock<Vec<Value>> = OnceLock::new();
    let rules = LISTED.get_or_init(|| {
        let listed = Command::new(env!("CARGO_BIN_EXE_airproof")).args(["rules", "--format", "json"]).output().unwrap();
        serde_json::from_slice(&listed.stdout).unwrap()
    });
    // Those of destinations are broken by one: see tests/destinations.rs.
    let is_of_sources = |rule: &&Value| rule["family"] != "DEST";
    rules
        .iter()
        .filter(is_of_sources)
        .filter(|rule| is_wanted(rule))
        .map(|rule| rule["code"].as_str().unwrap().to_owned())
        .collect()
}

/// Runs a fault through the launches that every suite makes, and returns the rules that fire.
pub fn run(case: &Case) -> BTreeSet<String> {
    let exec = format!("'{}'", program().display());
    fired(&case.name, &["--exec", &exec])
}

/// The rules that fire, without any experiment: their codes, with `/info` behind it at INFO.
pub fn fired(fault: &str, target: &[&str]) -> BTreeSet<String> {
    let place = Place::new();
    let experiments = experiments();
    let skipped = experiments.iter().flat_map(|code| ["--skip-rule", code.as_str()]);
    let arguments: Vec<&str> = ["test", SUITE, "--format", "json", "--jobs", "2"]
        .into_iter()
        .chain(target.iter().copied())
        .chain(skipped)
        .collect();
    let mut command = place.command(&arguments);
    command.env("FAULT", fault);
    codes_of(place.start(command).end_dirty().results())
}

/// The codes of what was found, with `/info` behind it at INFO.
pub fn codes_of(results: &Value) -> BTreeSet<String> {
    let findings = results["findings"].as_array().unwrap().iter();
    let code = |finding: &Value| {
        let (code, level) = (finding["rule"].as_str().unwrap(), finding["level"].as_str().unwrap());
        if level == "info" { format!("{code}/info") } else { code.to_owned() }
    };
    findings.map(code).collect()
}
