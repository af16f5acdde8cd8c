//! `airproof pipe`: the demo source into the SQLite destination, and what is told where one of the two fails.

#![allow(clippy::unwrap_used)]

mod binary;
#[path = "sqlite/program.rs"]
mod program;

use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// What a pipe printed, its results, and how it ended.
struct Piped {
    shown: String,
    results: Value,
    page: String,
    exit: Option<i32>,
}

impl Piped {
    /// The rules that are broken.
    fn broken(&self) -> Vec<&str> {
        let mut rules: Vec<&str> =
            self.results["findings"].as_array().into_iter().flatten().filter_map(|it| it["rule"].as_str()).collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    fn status(&self, rule: &str) -> Vec<&str> {
        let verdicts = self.results["verdicts"].as_array().into_iter().flatten();
        verdicts.filter(|it| it["rule"] == rule).filter_map(|it| it["status"].as_str()).collect()
    }

    fn stream(&self, name: &str) -> &Value {
        let streams = self.results["pipe"]["streams"].as_array().expect("streams");
        streams.iter().find(|stream| stream["name"] == name).unwrap_or_else(|| panic!("no {name} in {streams:?}"))
    }

    fn doubts(&self) -> String {
        let doubts = self.results["doubts"].as_array().into_iter().flatten();
        doubts.filter_map(|it| it["message"].as_str()).collect::<Vec<_>>().join("\n")
    }
}

/// The demo source.
fn source() -> String {
    format!("'{}' demo-source", env!("CARGO_BIN_EXE_airproof"))
}

/// The SQLite destination.
fn destination() -> String {
    format!("'{}'", program::program().display())
}

/// A program of the shell in the folder.
fn script(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).expect("a script");
    format!("sh '{}'", path.display())
}

fn pair(folder: &Path, source: &str, destination: &str, reader: bool, orders: u64) {
    let database = folder.join("out.db");
    let scenario = format!("{{ access_token: \"demo-7f3a9c1e55\", orders: {orders}, start_date: \"2024-01-01\" }}");
    let source = format!(
        "connector:\n  exec: {}\nscenarios:\n  - name: wrong token\n    config: {{ access_token: \"no\", orders: 1 }}\n    expect: failed\n  - name: shop\n    config: {scenario}\n",
        serde_json::to_string(source).expect("text")
    );
    let run = |command: &str| {
        let words = [program::program().display().to_string(), command.to_owned()];
        serde_json::to_string(&[&words[..], &["--database".to_owned(), database.display().to_string()]].concat())
            .expect("words")
    };
    let storage = match reader {
        true => format!("destination:\n  reader: {{ run: {} }}\n  cleaner: {{ run: {} }}\n", run("read"), run("drop")),
        false => String::new(),
    };
    let destination = format!(
        "extends: destination\nconnector:\n  exec: {}\n{storage}scenarios:\n  - name: file\n    config: {{ path: {} }}\n",
        serde_json::to_string(destination).expect("text"),
        serde_json::to_string(&database).expect("text")
    );
    for (name, suite) in [("source", source), ("destination", destination)] {
        fs::create_dir_all(folder.join(name)).expect("a folder");
        fs::write(folder.join(name).join("airproof.yml"), suite).expect("a suite");
    }
}

fn pipe(folder: &TempDir, more: &[&str]) -> Piped {
    let mut command = Command::new(env!("CARGO_BIN_EXE_airproof"));
    command.args(["pipe", "source", "destination"]).args(more).current_dir(folder.path());
    let output = command.output().expect("airproof runs");
    let shown = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    let report = folder.path().join("airproof-report");
    let results = fs::read(report.join("results.json")).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let page = fs::read_to_string(report.join("report.html")).unwrap_or_default();
    Piped { shown, results: results.unwrap_or_default(), page, exit: output.status.code() }
}

#[test]
fn what_comes_out_of_the_source_is_in_the_destination() {
    let folder = tempfile::tempdir().expect("a folder");
    pair(folder.path(), &source(), &destination(), true, 1000);
    let piped = pipe(&folder, &[]);
    assert_eq!((piped.broken(), piped.exit), (vec![], Some(0)), "{}", piped.shown);
    for name in ["orders", "customers", "events"] {
        let stream = piped.stream(name);
        assert_eq!(stream["rows"], stream["expected_rows"], "{stream:#}");
        assert!(stream["rows"].as_u64() > Some(0), "{stream:#}");
    }
    let orders = piped.stream("orders");
    assert_eq!((&orders["destination_sync_mode"], &orders["keys_equal"]), (&"append_dedup".into(), &true.into()));
    assert_eq!((&orders["rows"], &orders["state_equal"]), (&1000.into(), &true.into()));
    for rule in ["PIPE-001", "PIPE-002", "PIPE-003", "PIPE-004", "DEST-003", "DEST-004"] {
        assert!(piped.status(rule).contains(&"pass"), "{rule}: {:?}", piped.status(rule));
    }
    let syncs = piped.results["pipe"]["syncs"].as_array().expect("syncs");
    assert_eq!(syncs.len(), 2);
    assert!(syncs.iter().all(|sync| sync["states"] == sync["states_back"]), "{syncs:#?}");
    assert_eq!(piped.results["launches"].as_array().map(Vec::len), Some(9));
    assert_eq!(piped.results["connectors"].as_array().map(Vec::len), Some(2));
    assert!(piped.shown.contains("orders: ") && piped.shown.contains("1,000 rows"), "{}", piped.shown);
    assert!(piped.page.contains("From source to destination") && piped.page.contains("1,000 rows"));
    let manifest = folder.path().join("airproof-report/launches/destination.write-1/manifest.json");
    let manifest: Value = serde_json::from_slice(&fs::read(manifest).expect("a manifest")).expect("JSON");
    let sent = &manifest["inputs"]["sent"]["states"][0]["state"];
    assert!(sent.as_str().is_some_and(|state| state.contains("\"id\":1") && state.contains("airproof_2")), "{sent}");
    // Nothing of the run stays in the database.
    let database = folder.path().join("out.db");
    let left =
        Command::new(program::program()).arg("namespaces").arg("--database").arg(database).output().expect("it runs");
    assert_eq!(String::from_utf8_lossy(&left.stdout), "");
}

#[test]
fn without_a_reader_what_cannot_be_proven_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    pair(folder.path(), &source(), &destination(), false, 20);
    let piped = pipe(&folder, &["--stream", "orders"]);
    assert_eq!(piped.exit, Some(0), "{}", piped.shown);
    assert_eq!((piped.status("PIPE-001"), piped.status("PIPE-003")), (vec!["skip"], vec!["pass"]));
    assert!(piped.doubts().contains("names no reader"), "{}", piped.doubts());
    assert_eq!(piped.results["pipe"]["streams"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_record_that_is_lost_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let text =
        format!("if [ \"$1\" = write ]; then sed '/\"id\":7,/d' | {0} \"$@\"; else {0} \"$@\"; fi\n", destination());
    let lossy = script(folder.path(), "lossy", &text);
    pair(folder.path(), &source(), &lossy, true, 50);
    let piped = pipe(&folder, &[]);
    assert_eq!(piped.exit, Some(1), "{}", piped.shown);
    let broken = piped.broken();
    assert!(broken.contains(&"PIPE-001") && broken.contains(&"PIPE-002"), "{broken:?}");
    let orders = piped.stream("orders");
    assert_eq!((&orders["rows"], &orders["expected_rows"]), (&49.into(), &50.into()));
    assert!(piped.shown.contains("49 of 50 rows"), "{}", piped.shown);
}

#[test]
fn a_value_that_is_changed_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!(
        "if [ \"$1\" = write ]; then sed 's/Müller/M?ller/' | {0} \"$@\"; else {0} \"$@\"; fi\n",
        destination()
    );
    let wrong = script(folder.path(), "wrong", &text);
    pair(folder.path(), &source(), &wrong, true, 20);
    let piped = pipe(&folder, &[]);
    assert_eq!((piped.broken(), piped.exit), (vec!["PIPE-002"], Some(1)), "{}", piped.shown);
}

#[test]
fn a_last_state_that_is_kept_back_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let keeping = format!("env FAULT=loses-the-last-state {}", destination());
    pair(folder.path(), &source(), &keeping, true, 50);
    let piped = pipe(&folder, &[]);
    assert_eq!(piped.exit, Some(1), "{}", piped.shown);
    assert!(piped.broken().contains(&"PIPE-003"), "{:?}", piped.broken());
}

#[test]
fn a_source_that_dies_is_told_and_its_destination_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("if [ \"$1\" = read ]; then {0} \"$@\" | head -n 40; exit 9; else {0} \"$@\"; fi\n", source());
    let dying = script(folder.path(), "dying", &text);
    pair(folder.path(), &dying, &destination(), true, 500);
    let piped = pipe(&folder, &[]);
    assert_eq!(piped.exit, Some(1), "{}", piped.shown);
    assert!(piped.doubts().contains("source.read-1 ended first (exit code 9)"), "{}", piped.doubts());
    assert!(
        !piped.broken().iter().any(|rule| rule.starts_with("PIPE") || rule.starts_with("DEST")),
        "{:?}",
        piped.broken()
    );
    assert_eq!(piped.results["pipe"]["syncs"].as_array().map(Vec::len), Some(1));
    assert!(piped.status("PIPE-001").iter().all(|status| *status == "skip"));
}

#[test]
fn a_destination_that_dies_is_told_and_its_source_is_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let text =
        format!("if [ \"$1\" = write ]; then head -n 10 >/dev/null; exit 7; else {0} \"$@\"; fi\n", destination());
    let dying = script(folder.path(), "dying", &text);
    pair(folder.path(), &source(), &dying, true, 200_000);
    let piped = pipe(&folder, &[]);
    assert_eq!(piped.exit, Some(1), "{}", piped.shown);
    assert!(piped.broken().contains(&"PIPE-004"), "{:?}", piped.broken());
    assert!(piped.doubts().contains("destination.write-1 ended first (exit code 7)"), "{}", piped.doubts());
    let ended = |it: &&Value| it["id"] == "source.read-1";
    let launches = piped.results["launches"].as_array().expect("launches");
    assert_eq!(launches.iter().find(ended).expect("the read")["outcome"]["exit"]["ended"], "interrupted");
}

#[test]
fn what_does_not_work_ends_it_before_anything_is_piped() {
    let folder = tempfile::tempdir().expect("a folder");
    pair(folder.path(), &source(), &source(), true, 5);
    let piped = pipe(&folder, &[]);
    assert_eq!(piped.exit, Some(2), "{}", piped.shown);
    assert!(piped.shown.contains("is a source, by its specification"), "{}", piped.shown);

    pair(folder.path(), &source(), "/nonexistent/destination", true, 5);
    let piped = pipe(&folder, &[]);
    assert!(matches!(piped.exit, Some(2 | 3)), "{:?} {}", piped.exit, piped.shown);

    let text = format!("if [ \"$1\" = check ]; then echo no; exit 1; else {0} \"$@\"; fi\n", destination());
    let broken = script(folder.path(), "broken", &text);
    pair(folder.path(), &source(), &broken, true, 5);
    let piped = pipe(&folder, &[]);
    assert_eq!(piped.exit, Some(1), "{}", piped.shown);
    assert!(piped.doubts().contains("Nothing was piped: the destination"), "{}", piped.doubts());
    assert_eq!(piped.results["pipe"], Value::Null);
}

#[test]
fn a_published_source_is_piped_into_an_image() {
    if !binary::has_docker() {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tag = "healthy-commits-often";
    let faker = Command::new(root.join("fixtures/connectors/source-faker/build")).status();
    assert!(faker.expect("bash runs").success(), "the image of the source can't be made");
    let made = Command::new(root.join("fixtures/connectors/sqlite/image")).arg(program::program()).arg(tag).status();
    assert!(made.expect("bash runs").success(), "the image can't be made");
    let folder = tempfile::tempdir().expect("a folder");
    pair(folder.path(), &source(), &destination(), true, 1);
    let data = folder.path().join("data");
    fs::create_dir(&data).expect("a folder");
    // For the user of the image.
    fs::set_permissions(&data, fs::Permissions::from_mode(0o777)).expect("a mode");
    let words = |command: &str| {
        let (program, database) = (program::program().display(), data.join("out.db"));
        format!("[{program:?}, {command:?}, \"--database\", {database:?}]", program = program.to_string())
    };
    let config = "{ count: 300, seed: 7, records_per_slice: 100, parallelism: 1, always_updated: false }";
    let source = format!(
        "connector: {{ image: \"airproof/source-faker:7.2.1\", network: none }}\nscenarios:\n  - {{ name: sandbox, config: {config} }}\n"
    );
    let destination = format!(
        "extends: destination\nconnector: {{ image: \"airproof/sqlite:{tag}\", network: none, mounts: [{{ source: {data:?}, target: /data }}] }}\nscenarios:\n  - {{ name: sandbox, config: {{ path: /data/out.db }} }}\ndestination:\n  reader: {{ run: {} }}\n  cleaner: {{ run: {} }}\n",
        words("read"),
        words("drop")
    );
    fs::write(folder.path().join("source/airproof.yml"), source).expect("a suite");
    fs::write(folder.path().join("destination/airproof.yml"), destination).expect("a suite");
    let piped = pipe(&folder, &[]);
    let removed = Command::new("docker").args(["rmi", "--force", &format!("airproof/sqlite:{tag}")]).output();
    assert!(removed.expect("docker runs").status.success());
    assert_eq!(piped.exit, Some(0), "{}", piped.shown);
    assert!(!piped.broken().iter().any(|rule| rule.starts_with("PIPE") || rule.starts_with("DEST")), "{}", piped.shown);
    for (name, records) in [("products", 100), ("users", 300), ("purchases", 300)] {
        let told = format!("{name}: {records} records out, {records} rows");
        assert!(piped.shown.contains(&told), "no {told} in {}", piped.shown);
    }
    assert_eq!(piped.shown.matches("keys the same, final state the same").count(), 3, "{}", piped.shown);
}
