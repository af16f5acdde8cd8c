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
