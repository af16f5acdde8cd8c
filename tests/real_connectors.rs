//! Connectors that others wrote, from their published packages, in Docker: what is found is exactly what their
//! FINDINGS.md explains, and nothing of ours is left behind. The recipes under `fixtures/connectors/` make the images.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A finding, as these tests compare them: rule, level, streams; sorted, since launches side by side end in any order.
type Told = (String, String, Vec<String>);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether a daemon answers.
fn has_docker() -> bool {
    has(["docker", "version"], "no Docker daemon answers, so no real connector was tested; `scripts/docker` starts one")
}

/// Whether npm is there, which fetches the packages of the TypeScript connector.
fn has_npm() -> bool {
    has(["npm", "--version"], "npm is missing, so no TypeScript connector was tested; install npm")
}

/// Whether a command works. Where it does not, the test is skipped loudly, and in CI it fails.
fn has([program, argument]: [&str; 2], message: &str) -> bool {
    let answers = Command::new(program).arg(argument).output().is_ok_and(|output| output.status.success());
    if !answers {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{message}");
        let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("SKIPPED: {message}\n").as_bytes());
    }
    answers
}

fn run(program: &Path, arguments: &[&str]) -> Output {
    let output = Command::new(program).args(arguments).output().expect("it runs");
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{} failed:\n{out}\n{errors}", program.display());
    output
}

fn recipe(connector: &str, script: &str) -> PathBuf {
    root().join("fixtures/connectors").join(connector).join(script)
}

/// Runs the connector's suite and returns the results, which must conform to their schema.
fn test(connector: &str) -> Value {
    test_as(connector, &[])
}

/// The same with more arguments.
fn test_as(connector: &str, more: &[&str]) -> Value {
    results_of("test", connector, more)
}

/// What `test` or `compare` tells of the connector's suite.
fn results_of(command: &str, connector: &str, more: &[&str]) -> Value {
    let report = tempfile::tempdir().expect("a folder");
    let (suite, report) = (recipe(connector, ""), report.path().join("report"));
    let arguments = [command, &suite.display().to_string(), "--report-dir", &report.display().to_string()];
    let output = Command::new(env!("CARGO_BIN_EXE_airproof")).args(arguments).args(more).output().expect("it runs");
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
    let read = |file: &Path| -> Value { serde_json::from_slice(&std::fs::read(file).expect("a file")).expect("JSON") };
    let results = read(&report.join("results.json"));
    let schema = read(&root().join("reports/results.schema.json"));
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    assert!(validator.validate(&results).is_ok(), "the results do not conform to their schema");
    assert!(std::fs::read_to_string(report.join("report.html")).expect("a report").contains("</html>"));
    results
}

fn told(results: &Value) -> Vec<Told> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = results["findings"].as_array().expect("findings").iter();
    let mut told: Vec<Told> = findings
        .map(|finding| {
            let streams = finding["streams"].as_array().expect("streams").iter();
            let mut streams: Vec<String> = streams.map(|stream| text(&stream["name"])).collect();
            streams.sort();
            (text(&finding["rule"]), text(&finding["level"]), streams)
        })
        .collect();
    told.sort();
    told
}

/// Records that a launch delivered of all streams.
fn records(results: &Value, launch: &str) -> u64 {
    let launches = results["launches"].as_array().expect("launches");
    let found = launches.iter().find(|known| known["id"] == launch).expect("the launch");
    found["tally"]["messages"]["RECORD"].as_u64().unwrap_or(0)
}

/// A standard suite makes at most twenty launches with a config, but for those that confirm a fault.
fn within_its_budget(results: &Value) {
    let launches = results["launches"].as_array().expect("launches").iter();
    let is_own = |launch: &&Value| launch["expect"] != "failed" || launch["asked_by"].is_array();
    let count = launches.filter(is_own).count();
    assert!(count <= 20, "{count} launches");
}

fn nothing_is_left(results: &Value) {
    let own = format!("label=airproof.run={}", results["run"]["id"].as_str().expect("a run id"));
    let listed = run(Path::new("docker"), &["ps", "--all", "--quiet", "--filter", &own]);
    assert_eq!(String::from_utf8_lossy(&listed.stdout), "", "containers are left");
}

#[test]
fn source_faker_forgets_a_zone_and_has_nothing_else_wrong() {
    if !has_docker() {
        return;
    }
    run(&recipe("source-faker", "build"), &[]);
    let results = test("source-faker");
    let streams = ["products", "purchases", "users"].map(ToOwned::to_owned);
    let mut expected = [
        ("TYPE-003".to_owned(), "should".to_owned(), vec!["purchases".to_owned()]),
        ("READ-020".to_owned(), "info".to_owned(), streams.to_vec()),
    ];
    expected.sort();
    assert_eq!(told(&results), expected);
    within_its_budget(&results);
    assert_eq!(records(&results, "thousand-users.read.full-refresh"), 2_100);
    assert_eq!(results["run"]["exit_code"], 0);
    nothing_is_left(&results);
}

/// Compares two of its releases, which are made where they are missing; the results, without what the machine has a say in: how long
/// something takes.
fn compare_releases(control: &str, target: &str) -> Value {
    for release in [control, target] {
        run(&recipe("source-faker", "build"), &[release]);
    }
    let [control, target] = [control, target].map(|release| format!("airproof/source-faker:{release}"));
    let mut results = results_of("compare", "source-faker", &["--control", &control, "--target", &target]);
    results["findings"].as_array_mut().expect("findings").retain(|finding| finding["rule"] != "COMPAT-008");
    results
}

/// What is told of two releases: the rule, the level, what the title says, and the streams.
fn told_of_releases(results: &Value) -> Vec<(String, String, String, Vec<String>)> {
    let findings = results["findings"].as_array().expect("findings").iter();
    let told = findings.map(|finding| {
        let text = |member: &str| finding[member].as_str().unwrap_or_default().to_owned();
        let streams = finding["streams"].as_array().expect("streams").iter();
        let mut streams: Vec<String> = streams.filter_map(|stream| Some(stream["name"].as_str()?.to_owned())).collect();
        streams.sort();
        (text("rule"), text("level"), text("title"), streams)
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    told
}

/// What its changelog says of the versions from 4.0.1 to 7.2.1, and nothing else. FINDINGS.md goes through it.
#[test]
fn what_changed_in_source_faker_since_2023_is_what_its_changelog_says() {
    if !has_docker() {
        return;
    }
    let results = compare_releases("4.0.0", "7.2.1");
    let change = |rule: &str, level: &str, title: &str, streams: &[&str]| {
        let streams = streams.iter().map(|stream| (*stream).to_owned()).collect();
        (rule.to_owned(), level.to_owned(), title.to_owned(), streams)
    };
    let all = ["products", "purchases", "users"];
    let mut expected = [
        change("COMPAT-001", "info", "cosmetic: a description is another", &[]),
        change("COMPAT-001", "should", "behavioural: a field need not be given any more", &[]),
        // At SHOULD, since a major version begins.
        change("COMPAT-002", "should", "breaking: a field of a stream has another type than before", &all),
        change("COMPAT-002", "should", "behavioural: a stream has a primary key now", &all),
        change("COMPAT-002", "should", "behavioural: a stream can be resumed now", &all),
        change("COMPAT-004", "should", "behavioural: records have other values", &["products"]),
        change("COMPAT-005", "should", "behavioural: the state has another form", &[]),
    ];
    expected.sort();
    assert_eq!(told_of_releases(&results), expected);
    let message = |rule: &str, title: &str| {
        let mut findings = results["findings"].as_array().expect("findings").iter();
        let has = |finding: &&Value| {
            finding["rule"] == rule && finding["title"].as_str().is_some_and(|it| it.ends_with(title))
        };
        findings.find(has).and_then(|finding| finding["message"].as_str()).expect("the finding").to_owned()
    };
    let retyped = message("COMPAT-002", "type than before");
    for field in ["id", "year", "user_id", "product_id"] {
        assert!(
            retyped.contains(&format!("properties/{field}/type`: `\"number\"`, and now `\"integer\"`")),
            "{retyped}"
        );
    }
    let cars = message("COMPAT-004", "other values");
    assert!(cars.starts_with("100 records") && cars.contains("`price` in 100 of 100"), "{cars}");
    assert!(message("COMPAT-005", "another form").contains("loop_offset"));
    // From 4.0.0 to 7.2.1 is step enough, and states go either way.
    for rule in ["COMPAT-003", "COMPAT-006", "COMPAT-007", "COMPAT-009"] {
        let mut verdicts = results["verdicts"].as_array().expect("verdicts").iter().filter(|it| it["rule"] == rule);
        assert!(verdicts.clone().count() > 0 && verdicts.all(|verdict| verdict["status"] == "pass"), "{rule}");
    }
    assert_eq!(results["run"]["exit_code"], 0);
    nothing_is_left(&results);
}

/// Its streams have no key, and each record says when it was read.
#[test]
fn an_old_release_of_source_faker_does_not_differ_from_itself() {
    if !has_docker() {
        return;
    }
    let results = compare_releases("4.0.0", "4.0.0");
    assert_eq!(told_of_releases(&results), []);
    let verdicts = results["verdicts"].as_array().expect("verdicts").iter();
    let open: Vec<&str> = verdicts.filter(|it| it["status"] != "pass").filter_map(|it| it["rule"].as_str()).collect();
    assert_eq!(open, ["COMPAT-004"; 3]);
    nothing_is_left(&results);
}

/// By its changelog, 7.0.0 was a test of how breaking changes are published.
#[test]
fn a_major_version_of_source_faker_that_changes_nothing_is_told_to_change_nothing() {
    if !has_docker() {
        return;
    }
    let results = compare_releases("6.2.38", "7.2.1");
    assert_eq!(told_of_releases(&results), []);
    let verdicts = results["verdicts"].as_array().expect("verdicts").iter();
    let open: Vec<&str> = verdicts.filter(|it| it["status"] != "pass").filter_map(|it| it["rule"].as_str()).collect();
    assert_eq!(open, Vec::<&str>::new());
    nothing_is_left(&results);
}

/// Its folder as Airbyte's acceptance tests know it: every category is done, with what their config expects.
#[test]
fn source_faker_is_tested_by_its_acceptance_test_config() {
    if !has_docker() {
        return;
    }
    run(&recipe("source-faker", "build"), &[]);
    let version = std::fs::read_to_string(recipe("source-faker", "requirements.txt")).expect("a file");
    let version = version.lines().find_map(|line| line.strip_prefix("airbyte-source-faker==")).expect("a version");
    let results = test_as("source-faker/acceptance", &["--image", &format!("airproof/source-faker:{version}")]);
    let fails: Vec<Told> = told(&results).into_iter().filter(|(_, level, _)| level == "must").collect();
    assert_eq!(fails, [], "{results:#}");
    assert_eq!(results["run"]["exit_code"], 0);
    let verdicts = |rule: &str| -> Vec<&str> {
        let all = results["verdicts"].as_array().expect("verdicts").iter();
        all.filter(|it| it["rule"] == rule).filter_map(|it| it["status"].as_str()).collect()
    };
    // spec, connection, discovery, basic_read, full_refresh, incremental, and what they expect.
    for rule in [
        "SUITE-001",
        "SUITE-002",
        "SUITE-003",
        "SUITE-004",
        "SUITE-005",
        "SUITE-009",
        "SPEC-043",
        "CHECK-001",
        "CHECK-002",
        "DISC-001",
        "READ-006",
        "READ-020",
        "STATE-010",
        "READ-017",
    ] {
        assert!(verdicts(rule).contains(&"pass"), "{rule}: {:?}", verdicts(rule));
    }
    // The image that it would be compared with is in no registry that can be reached, or it is another version.
    assert!(!verdicts("SPEC-046").contains(&"error"));
    nothing_is_left(&results);
}

#[test]
fn source_file_leaves_descriptions_out() {
    if !has_docker() {
        return;
    }
    run(&recipe("source-file", "build"), &[]);
    let results = test("source-file");
    let found = |rule: &str, level: &str, streams| (rule.to_owned(), level.to_owned(), streams);
    let mut expected = [
        found("SPEC-023", "should", Vec::new()),
        found("CHECK-009", "should", Vec::new()),
        found("LINE-016", "should", vec!["lighthouses".to_owned()]),
        found("SPEC-018", "info", Vec::new()),
        found("SPEC-029", "info", Vec::new()),
        found("DISC-015", "info", vec!["lighthouses".to_owned()]),
    ];
    expected.sort();
    assert_eq!(told(&results), expected);
    assert_eq!(records(&results, "lighthouses.read.full-refresh"), 400);
    assert_eq!(results["run"]["exit_code"], 0);
    nothing_is_left(&results);
}

#[test]
fn a_typescript_connector_has_an_old_form_of_state_and_no_statuses() {
    if !has_docker() || !has_npm() {
        return;
    }
    run(&recipe("typescript", "build"), &[]);
    let results = test("typescript");
    let streams = ["nights", "observations", "stars"].map(ToOwned::to_owned).to_vec();
    let found = |rule: &str, level: &str, streams| (rule.to_owned(), level.to_owned(), streams);
    let mut expected = [
        found("READ-017", "must", Vec::new()),
        found("SPEC-023", "should", Vec::new()),
        found("DISC-017", "should", streams[..2].to_vec()),
        found("SCHEMA-008", "should", vec!["stars".to_owned()]),
        found("READ-014", "should", streams.clone()),
        found("STATE-002", "should", Vec::new()),
        found("STATUS-001", "should", Vec::new()),
        found("READ-010", "info", streams),
    ];
    expected.sort();
    assert_eq!(told(&results), expected);
    assert_eq!(records(&results, "observatory.read.full-refresh"), 917);
    assert_eq!(records(&results, "observatory.read.from-final-state"), 0);
    assert_eq!(results["run"]["exit_code"], 1);
    nothing_is_left(&results);
}

#[test]
fn a_low_code_connector_states_after_complete_and_repeats_states() {
    if !has_docker() {
        return;
    }
    run(&recipe("low-code", "build"), &[]);
    // A test that failed may have left an API whose data move.
    run(&recipe("low-code", "down"), &[]);
    run(&recipe("low-code", "up"), &[]);
    let results = test("low-code");
    moving_data_are_no_loss();
    run(&recipe("low-code", "down"), &[]);
    let streams = ["containers", "inspections", "port_calls", "ships"].map(ToOwned::to_owned);
    // How often a state repeats depends on which slice is read first; FINDINGS.md explains all three.
    let (always, sometimes): (Vec<Told>, Vec<Told>) =
        told(&results).into_iter().partition(|(rule, ..)| rule == "STATUS-004");
    assert_eq!(always, [("STATUS-004".to_owned(), "should".to_owned(), streams.to_vec())]);
    let others = sometimes.iter().filter(|(rule, level, _)| {
        (rule.as_str(), level.as_str()) != ("STATE-012", "should")
            && (rule.as_str(), level.as_str()) != ("STATE-013", "info")
    });
    assert_eq!(others.collect::<Vec<_>>(), Vec::<&Told>::new());
    assert_eq!(records(&results, "harbor.read.full-refresh"), 1_297);
    nothing_is_left(&results);
}

/// With port calls that change, go and come at each read, nothing is called a loss.
fn moving_data_are_no_loss() {
    let move_them = r#"import urllib.request as r; r.urlopen(r.Request("http://localhost:8080/moving", b""))"#;
    run(Path::new("docker"), &["exec", "airproof-mock-api", "python3", "-c", move_them]);
    let results = test("low-code");
    // That a call comes twice in one read while the pages shift is so, and READ-012 says it.
    let is_other = |(rule, level, _): &Told| !rule.starts_with("STAT") && rule != "READ-012" && level != "info";
    let lost: Vec<Told> = told(&results).into_iter().filter(is_other).collect();
    assert_eq!(lost, Vec::<Told>::new());
    let verdicts = results["verdicts"].as_array().expect("verdicts").iter();
    let moved = verdicts.filter(|verdict| verdict["reason"].as_str().is_some_and(|reason| reason.contains("moves")));
    assert!(moved.count() > 0, "nobody noticed that the data move");
}
