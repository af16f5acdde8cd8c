//! Configs of Airbyte's own acceptance tests, in every shape that they have had: each is read, planned and listed, and what
//! `airproof migrate` makes of it comes to the same.

#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use airproof::plan::Plan;
use airproof::suite::{self, Overrides, Suite};
use binary::Place;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where a folder with more such files is, of connectors that others wrote.
const CORPUS: &str = "AIRPROOF_ACCEPTANCE_CONFIGS";

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "yml" || end == "yaml")).collect();
    files.sort();
    files
}

/// Alone in a folder: none of the files that it names is there.
fn alone(file: &Path) -> Place {
    let place = Place::new();
    fs::copy(file, place.path("acceptance-test-config.yml")).unwrap();
    place
}

fn load(file: &Path) -> Result<Suite, String> {
    let statements: Vec<_> = airproof::experiments::all_statements().collect();
    let known: Vec<(&str, &str)> = statements.iter().map(|statement| (statement.code, statement.name)).collect();
    let overrides = Overrides { image: Some("x/y:z".to_owned()), ..Overrides::default() };
    suite::load(file, &known, &overrides).map_err(|error| error.to_string())
}

/// All that a suite comes to, but for where it was read from.
fn meaning(suite: &Suite) -> String {
    let Suite { depth, seed, connector, limits, usage, scenarios, rules, waivers, gaps, .. } = suite;
    let plan = Plan::of(suite);
    format!(
        "{depth:?} {seed} {connector:#?} {limits:#?} {usage:#?} {scenarios:#?} {rules:#?} {waivers:#?} {gaps:#?} {plan:#?}"
    )
}

/// Lists it as it is, migrates it, and compares what both come to.
fn is_read_and_migrated(file: &Path) {
    let place = alone(file);
    let config = place.path("acceptance-test-config.yml");
    let listed = place.run(&["list", ".", "--image", "x/y:z"]);
    assert_eq!(listed.code, 0, "{}: {}", file.display(), listed.told());
    let read = load(&config).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert!(read.is_foreign);
    let migrated = suite::migrate(&config).unwrap();
    let written = place.path("airproof.yml");
    fs::write(&written, &migrated.text).unwrap();
    let again = load(&written).unwrap_or_else(|error| panic!("{}: {error}\n{}", file.display(), migrated.text));
    assert!(!again.is_foreign);
    assert_eq!(meaning(&read), meaning(&again), "{}", migrated.text);
}

#[test]
fn every_shape_is_read_and_comes_to_the_same_when_it_is_migrated() {
    let ours = files(Path::new("fixtures/acceptance-configs"));
    assert!(ours.len() >= 6, "{ours:?}");
    for file in ours {
        is_read_and_migrated(&file);
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let migrated = suite::migrate(&file).unwrap();
        insta::assert_snapshot!(name, format!("{}\n{}", migrated.text, migrated.remarks.render(false)));
    }
}

/// The files of public connectors are not ours to keep.
#[test]
fn those_of_public_connectors_are_read_and_migrated() {
    let Some(folder) = std::env::var_os(CORPUS) else {
        let why = format!("SKIPPED: {CORPUS} names no folder with acceptance-test-config.yml files of others");
        writeln!(std::io::stderr(), "{why}").unwrap();
        return;
    };
    let found = files(Path::new(&folder));
    assert!(!found.is_empty(), "{CORPUS} names a folder without YAML files");
    found.iter().for_each(|file| is_read_and_migrated(file));
}

#[test]
fn what_cannot_be_read_is_refused_with_the_line_and_what_to_do() {
    for file in files(Path::new("fixtures/acceptance-configs/bad")) {
        let place = alone(&file);
        let listed = place.run(&["list", ".", "--image", "x/y:z"]);
        assert_eq!(listed.code, 2, "{}: {}", file.display(), listed.told());
        let name = format!("bad-{}", file.file_stem().unwrap().to_string_lossy());
        insta::assert_snapshot!(name, listed.stderr);
    }
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_read() {
    let place = Place::new();
    fs::write(place.path("acceptance-test-config.yml"), "#".repeat(50 << 20)).unwrap();
    let listed = place.run(&["list", "."]);
    assert_eq!(listed.code, 2);
    assert!(listed.stderr.contains("larger than 4.0 MiB"), "{}", listed.told());
}

#[test]
fn a_manifest_runs_in_its_own_image_and_a_file_elsewhere_is_told() {
    let place = Place::new();
    let config = "connector_image: airbyte/source-x:dev\nacceptance_tests:\n  connection:\n    tests: [{ config_path: ../c.json }]\n";
    fs::create_dir(place.path("source-x")).unwrap();
    place.write("c.json", "{}");
    place.write("source-x/acceptance-test-config.yml", config);
    let listed = place.run(&["list", "source-x"]);
    listed.exits(0).says("the image airbyte/source-x:dev").says("is outside of the suite's folder");
    place.write("source-x/manifest.yaml", "version: 6.0.0\n");
    let listed = place.run(&["list", "source-x"]);
    listed.exits(0).says("the image airbyte/source-declarative-manifest:latest");
    listed.says("`airbyte/source-x:dev` is not launched: this connector is a manifest without code");
    listed.says("acceptance-test-config.yml:1:18").says("name it with `--image`");
    // An image that is named is the one, and nothing is told of another.
    let own = place.run(&["list", "source-x", "--image", "x:7"]).exits(0).says("the image x:7").told();
    assert!(!own.contains("manifest"), "{own}");
}

/// What is listed of a config with these categories, and the `airproof.yml` that it becomes.
fn listed_and_migrated(categories: &str) -> (String, String) {
    let place = Place::new();
    for name in ["a.json", "b.json"] {
        place.write(name, "{}");
    }
    let text = format!("connector_image: x/y:z\nacceptance_tests:\n{categories}");
    place.write("acceptance-test-config.yml", &text);
    let migrated = suite::migrate(&place.path("acceptance-test-config.yml")).unwrap().text;
    (place.run(&["list", "."]).exits(0).told(), migrated)
}

#[test]
fn what_an_option_can_do_nothing_about_is_told() {
    let (told, _) = listed_and_migrated(
        "  basic_read:
    tests:
      - config_path: a.json
        file_types: { bypass_reason: no files }
        client_container_config:
          client_container_dockerfile_path: Dockerfile
          between_syncs_command: [more]
  connector_attributes:
    tests: [{ config_path: a.json, deployment_mode: cloud, allowed_hosts: { reason: none } }]
  connector_documentation: { tests: [{ timeout_seconds: 30 }] }
  client_container_config:
    client_container_dockerfile_path: Dockerfile
    setup_command: [begin]
    final_teardown_command: [end]
",
    );
    for words in [
        "`bypass_reason` does nothing without `skip_test: true`",
        "`between_syncs_command` does nothing in `basic_read`",
        "`deployment_mode` is no option of `connector_attributes`",
        "`reason` is no key of `allowed_hosts`",
        "`timeout_seconds` does nothing here: `connector_documentation` launches nothing",
        "`setup_command` does nothing beside the categories",
    ] {
        assert!(told.contains(words), "no {words} in {told}");
    }
}

#[test]
fn the_catalog_that_attributes_are_about_is_asked_for_with_their_config() {
    let (told, _) = listed_and_migrated(
        "  connection: { tests: [{ config_path: a.json }] }
  discovery: { tests: [{ config_path: a.json }] }
  connector_attributes: { tests: [{ config_path: b.json, timeout_seconds: 77 }] }
",
    );
    assert!(told.contains("  b.discover\n    the streams, after spec\n    judged by"), "{told}");
    assert!(told.contains("  b.check\n    whether the configuration works, after spec\n    not launched"), "{told}");
    let (told, migrated) = listed_and_migrated(
        "  discovery: { tests: [{ config_path: a.json, deployment_mode: oss }] }
  connector_attributes: { tests: [{ config_path: a.json, timeout_seconds: 77 }] }
",
    );
    assert!(told.contains("  a.discover\n") && !told.contains("without a config"), "{told}");
    assert!(migrated.contains("discover: 77s"), "{migrated}");
}

#[test]
fn specification_and_catalog_may_be_compared_with_different_versions() {
    let (_, migrated) = listed_and_migrated(
        "  spec: { tests: [{ config_path: a.json, backward_compatibility_tests_config: { previous_connector_version: 1.0.0 } }] }
  discovery: { tests: [{ config_path: a.json, backward_compatibility_tests_config: { previous_connector_version: 2.0.0 } }] }
",
    );
    let (spec, discovery) = migrated.split_once("1.0.0").unwrap();
    assert!(!spec.contains("SPEC-046") && discovery.contains("SPEC-046: \"off\""), "{migrated}");
    assert!(discovery.contains("2.0.0"), "{migrated}");
}

#[test]
fn why_oauth_is_not_the_default_stands_beside_what_is_bypassed() {
    let method = "auth_default_method: { oauth: false, bypass_reason: tokens are for servers }";
    let (_, migrated) = listed_and_migrated(&format!("  spec: {{ tests: [{{ config_path: a.json, {method} }}] }}\n"));
    let (rules, bypassed) = migrated.split_once("bypassed:").unwrap();
    assert!(rules.contains("SPEC-047: \"off\""), "{migrated}");
    assert!(bypassed.contains("auth_default_method") && bypassed.contains("tokens are for servers"), "{migrated}");
}
