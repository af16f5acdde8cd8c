//! Destinations that others wrote, or that stand on the kit of others, in Docker: what is found is exactly what their FINDINGS.md or
//! README.md explains, and nothing of ours is left behind. The recipes under `fixtures/connectors/` make the images.

#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use binary::{Outcome, Place, has_docker};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

fn recipe(connector: &str, file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/connectors").join(connector).join(file)
}

/// Runs a script of a connector's folder, which must succeed.
#[track_caller]
fn run(connector: &str, script: &str) -> Output {
    let output = Command::new(recipe(connector, script)).output().expect("it runs");
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{connector}/{script} failed:\n{out}\n{errors}");
    output
}

/// A folder with these files of the connector's; each with its permissions.
fn place_of(connector: &str, files: &[&str]) -> Place {
    let place = Place::new();
    for file in files {
        fs::copy(recipe(connector, file), place.path(file)).unwrap();
    }
    place
}

/// Each rule that has findings, with their level, in the order of their codes.
fn found(outcome: &Outcome) -> Vec<(&str, &str)> {
    let levels = ["must", "should", "info"];
    let mut found: Vec<_> =
        levels.into_iter().flat_map(|level| outcome.found(level).into_iter().map(move |rule| (rule, level))).collect();
    found.sort_unstable();
    found
}

/// README.md says of each what the kit does.
#[test]
fn a_destination_on_the_python_kit_has_the_faults_of_the_kit() {
    if !has_docker() {
        return;
    }
    run("destination-python", "build");
    let place = place_of("destination-python", &["airproof.yml", "config.json", "stored"]);
    fs::create_dir(place.path("data")).unwrap();
    // For the user of the image.
    fs::set_permissions(place.path("data"), fs::Permissions::from_mode(0o777)).unwrap();

    let outcome = place.run(&["test"]);

    outcome.exits(0);
    let expected = [
        ("DEST-004", "should"), // states come back through a class that keeps what it knows
        ("DEST-006", "should"), // no `destinationStats`
        ("DEST-009", "should"), // a closed list of message types
        ("DEST-013", "info"),   // numbers go through a float
        ("DEST-024", "info"),   // files are quoted names, which the suite's reader does not know
        ("DEST-028", "should"), // states of both types are taken
        ("DEST-031", "should"), // half a surrogate pair loses the record
    ];
    assert_eq!(found(&outcome), expected, "{}", outcome.told());
    assert!(outcome.finding("DEST-004")["message"].as_str().unwrap().ends_with("known behaviour of the Python CDK"));
    assert_eq!(fs::read_dir(place.path("data")).unwrap().count(), 0, "the cleaner removes all that was written");
}

/// The PostgreSQL of destination-pgvector; taken away when this is dropped, unless it was there before.
struct Postgres {
    was_there: bool,
}

impl Postgres {
    fn up() -> Postgres {
        let there = Command::new("docker").args(["container", "inspect", "airproof-pgvector-postgres"]).output();
        let was_there = there.is_ok_and(|output| output.status.success());
        let postgres = Postgres { was_there };
        run("destination-pgvector", "up");
        postgres
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if !self.was_there {
            let _ = Command::new(recipe("destination-pgvector", "down")).output();
        }
    }
}

/// FINDINGS.md explains each. A launch takes it ten seconds and more, so this is the plainest write alone.
#[test]
fn the_published_vector_destination_stores_all_and_fails_when_it_is_sent_a_state() {
    if !has_docker() {
        return;
    }
    run("postgres", "build");
    run("destination-pgvector", "build");
    let _postgres = Postgres::up();
    let place = place_of("destination-pgvector", &["airproof.yml", "config.json", "read"]);
    let suite = fs::read_to_string(place.path("airproof.yml")).unwrap();
    place.write("airproof.yml", &suite.replace("extends: destination\n", "extends: destination\ndepth: quick\n"));

    let outcome = place.run(&["test"]);

    outcome.exits(1);
    let expected = [
        ("DEST-001", "must"),   // exit 1 at the first state
        ("LINE-013", "info"),   // the bare state
        ("LOG-002", "should"),  // two lines of PyAirbyte
        ("SPEC-019", "info"),   // the port's example is text
        ("SPEC-023", "should"), // keys without a description
    ];
    assert_eq!(found(&outcome), expected, "{}", outcome.told());
    let failed = outcome.finding("DEST-001")["message"].as_str().unwrap();
    assert!(failed.starts_with("exit code 1, after 0 states had come back"), "{failed}");
    let tables = Command::new(place.path("read"))
        .env("AIRPROOF_NAMESPACE", "public")
        .env("AIRPROOF_STREAM", outcome.launch("books.write.append")["streams"][0]["name"].as_str().unwrap())
        .output();
    assert_eq!(tables.unwrap().status.code(), Some(3), "the cleaner removes the table");
    pipe_a_published_source_into(&place);
}

/// What came out of the source is there: counts and keys are the same. No state came back, which is shown as well.
fn pipe_a_published_source_into(place: &Place) {
    run("source-faker", "build");
    fs::create_dir(place.path("source")).unwrap();
    place.write(
        "source/airproof.yml",
        "connector: { image: \"airproof/source-faker:7.2.1\", network: none }\n\
         scenarios: [{ name: sandbox, config: { count: 60, seed: 7, records_per_slice: 20, parallelism: 1 } }]\n",
    );

    let outcome = place.run(&["pipe", "source", "."]);

    outcome.exits(1);
    let broken: Vec<_> = found(&outcome).into_iter().filter(|(_, level)| *level == "must").collect();
    assert_eq!(broken, [("DEST-001", "must"), ("PIPE-004", "must")], "{}", outcome.told());
    let shown = outcome.told();
    for stream in ["products", "users", "purchases"] {
        let all = format!("{stream}: 60 records out, 60 rows (incremental, append_dedup); keys the same");
        assert!(shown.contains(&all), "no {all} in {shown}");
    }
    assert!(shown.contains("0 of 7 states came back"), "{shown}");
}
