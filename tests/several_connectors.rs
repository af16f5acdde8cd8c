//! Several connectors in one run: in one suite file, and in one folder; and the profiles of suites.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use airproof::suite::{self, Depth, Overrides, SuiteError};
use binary::{API_KEY, Place, SOURCE};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// A read that ends without a state and without a status: errors of the required kind.
const BAD_READ: &str = "say_status STARTED; say_record 1; exit 0";

/// A suite of two connectors: one is healthy, the other says nothing about how its read ended.
fn two() -> Value {
    json!({
        "depth": "quick",
        "connector": {"exec": format!("sh {SOURCE}")},
        "limits": {"silence": "20s", "grace": "500ms"},
        "scenarios": [{"name": "sandbox", "config": {"api_key": API_KEY}}],
        "connectors": [
            {"name": "Good shop"},
            {"name": "bad shop", "connector": {"environment": {"ON_READ": BAD_READ}}},
        ],
    })
}

fn write(place: &Place, changes: impl FnOnce(&mut Value)) {
    let mut suite = two();
    changes(&mut suite);
    place.write("airproof.yml", &suite.to_string());
}

fn names<'r>(results: &'r Value, list: &str, member: &str) -> Vec<&'r str> {
    results[list].as_array().unwrap().iter().map(|entry| entry[member].as_str().unwrap()).collect()
}

#[test]
fn one_file_with_two_connectors_gives_one_report() {
    let place = Place::new();
    write(&place, |_| {});
    let outcome = place.run(&["test"]);
    outcome.exits(1).says("connector 1 of 2: Good shop").says("connector 2 of 2: bad shop");
    let results = outcome.results();
    assert_eq!(names(results, "connectors", "name"), ["Good shop", "bad shop"]);
    assert_eq!(results["connectors"][1]["suite"]["path"], "./airproof.yml");
    let good =
        ["spec", "sandbox.check", "sandbox.discover", "sandbox.read.full-refresh"].map(|id| format!("good-shop.{id}"));
    let launches = names(results, "launches", "id");
    assert_eq!(launches[..4], good);
    assert!(launches[4..].iter().all(|id| id.starts_with("bad-shop.")), "{launches:?}");
    for launch in launches {
        assert!(place.path("airproof-report/launches").join(launch).is_dir(), "{launch} has no transcript");
    }
    let must = results["findings"].as_array().unwrap().iter().filter(|finding| finding["level"] == "must");
    let connectors: Vec<&str> = must.map(|finding| finding["connector"].as_str().unwrap()).collect();
    assert!(!connectors.is_empty() && connectors.iter().all(|name| *name == "bad shop"), "{connectors:?}");
    let schema = jsonschema::validator_for(&airproof::report::json::schema()).unwrap();
    assert!(schema.is_valid(results));
    // The same report folder is ours the next time, and one connector's launches can be made alone.
    let alone = place.run(&["test", "--case", "good-shop.sandbox.read.again"]);
    assert_eq!(names(alone.exits(0).results(), "connectors", "name"), ["Good shop"]);
    place.run(&["test", "--case", "sandbox.read.again"]).exits(2).says("begins with one of good-shop, bad-shop");
}

#[test]
fn one_that_cannot_be_launched_does_not_stop_the_others() {
    let place = Place::new();
    write(&place, |suite| suite["connectors"][0]["connector"]["exec"] = json!("./not-there"));
    let outcome = place.run(&["test"]);
    let results = outcome.results();
    assert_eq!(results["run"]["status"], "error");
    assert!(results["run"]["errors"][0].as_str().unwrap().starts_with("Good shop: "), "{}", results["run"]["errors"]);
    assert!(!outcome.found("must").is_empty(), "the other was not judged");
    let code = results["run"]["exit_code"].as_i64().unwrap();
    assert!([2, 3].contains(&code), "{code}");
    outcome.exits(i32::try_from(code).unwrap());
}

#[test]
fn one_that_cannot_be_read_is_told_and_the_others_are_tested() {
    let place = Place::new();
    let mut suite = two();
    suite.as_object_mut().unwrap().remove("connectors");
    for name in ["source-a", "source-b", "source-c"] {
        fs::create_dir_all(place.path("all").join(name)).unwrap();
    }
    place.write("all/source-a/airproof.yml", &suite.to_string());
    let foreign = "acceptance_tests: { connection: { tests: [{ config_path: c.json }] } }\n";
    place.write("all/source-b/acceptance-test-config.yml", foreign);
    place.write("all/source-c/airproof.yml", "sead: 1\nscenarios:\n\t- x\n");
    let outcome = place.run(&["test", "all"]);
    outcome.exits(2).says("all/source-b/acceptance-test-config.yml").says("add `connector_image: NAME`");
    outcome.says("`dockerRepository` and `dockerImageTag` in a `metadata.yaml` beside it").says("`--image NAME`");
    outcome.says("all/source-c/airproof.yml:3:");
    let results = outcome.results();
    assert_eq!(names(results, "connectors", "name"), ["source-a"]);
    assert!(names(results, "launches", "id").iter().all(|id| id.starts_with("source-a.")));
    assert_eq!((&results["run"]["status"], &results["run"]["exit_code"]), (&json!("error"), &json!(2)));
    let errors: Vec<&str> = results["run"]["errors"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(errors.len(), 2, "{errors:?}");
    for (name, error) in ["source-b", "source-c"].iter().zip(&errors) {
        assert!(
            errors.iter().any(|error| error.starts_with(&format!("{name}: not tested, since its suite `all/{name}/"))),
            "{error}"
        );
    }
    let listed = place.run(&["list", "all"]);
    listed.exits(2).says("source-a.sandbox.check").says("source-c: not tested");
    // A launch of one that can be read has nothing to do with the others.
    place.run(&["test", "all", "--case", "source-a.sandbox.read.again"]).exits(0);
    // What is wrong with all of them is told of all.
    fs::remove_dir_all(place.path("all/source-a")).unwrap();
    place.run(&["test", "all"]).exits(2).says("connector_image").says("source-c/airproof.yml:3:");
    place.write("airproof.yml", &format!("{COMMON}connectors:\n- {{ name: here }}\n- ./nowhere\n- ./all/source-c\n"));
    let listed = place.run(&["list"]);
    listed.exits(2).says("here.s.check").says("nowhere: not tested").says("source-c: not tested");
}

#[test]
fn an_interruption_ends_all_of_them() {
    let place = Place::new();
    write(&place, |suite| {
        suite["connectors"][0]["connector"] = json!({"environment": {"ON_READ": "begin_read; sleep 1000"}})
    });
    let mut running = place.start(place.command(&["test"]));
    running.until("the read", || place.processes().iter().any(|process| process.starts_with("sleep")));
    running.signal("INT");
    let outcome = running.end();
    let results = outcome.exits(130).results();
    assert_eq!(names(results, "connectors", "name"), ["Good shop", "bad shop"]);
    assert_eq!(
        outcome.launch("bad-shop.spec")["outcome"],
        json!({"state": "skipped", "reason": "the run was interrupted"})
    );
}

#[test]
fn a_folder_with_two_connectors_runs_both() {
    let place = Place::new();
    write(&place, |suite| {
        suite.as_object_mut().unwrap().remove("connectors");
    });
    let text = fs::read_to_string(place.path("airproof.yml")).unwrap();
    fs::remove_file(place.path("airproof.yml")).unwrap();
    for name in ["source-b", "source-a"] {
        fs::create_dir_all(place.path("all").join(name)).unwrap();
        place.write(&format!("all/{name}/airproof.yml"), &text);
    }
    let outcome = place.run(&["test", "all"]);
    let results = outcome.exits(0).results();
    assert_eq!(names(results, "connectors", "name"), ["source-a", "source-b"]);
    assert_eq!(results["run"]["suite"]["path"], "all");
    place.run(&["list", "all"]).exits(0).says("connector 2 of 2: source-b").says("source-b.sandbox.check");
    place
        .run(&["test", "all", "--config", "config.json"])
        .exits(2)
        .says("`--config` is about one connector, and there are 2");
}

#[test]
fn one_connector_is_what_it_was_without_a_list() {
    let place = Place::new();
    write(&place, |suite| {
        suite["connectors"].as_array_mut().unwrap().truncate(1);
    });
    let outcome = place.run(&["test"]);
    let results = outcome.exits(0).results();
    assert_eq!(names(results, "launches", "id")[0], "spec");
    assert_eq!(results["connectors"][0].get("suite"), None);
    assert!(!outcome.told().contains("connector 1 of"), "{}", outcome.told());
}

#[test]
fn a_profile_is_laid_over_each_connector() {
    let place = Place::new();
    write(&place, |suite| suite["profiles"] = json!({"nightly": {"depth": "certification"}, "none": null}));
    place.run(&["list"]).exits(0).says("not made in a quick suite");
    assert!(!place.run(&["list", "--profile", "nightly"]).exits(0).told().contains("not made in a"));
    place.run(&["list", "--profile", "nigtly"]).exits(2).says("did you mean `nightly`?").says("its profiles are");
}

/// The names and depths of what a file in a folder of these files comes to.
fn load(files: &[(&str, &str)], profile: Option<&str>) -> Result<Vec<(String, Depth)>, SuiteError> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let overrides = Overrides { profile: profile.map(str::to_owned), ..Overrides::default() };
    let suites = suite::load_all(Path::new(folder.path()), &[("READ-006", "record-violates-schema")], &overrides)?;
    Ok(suites.suites.into_iter().map(|suite| (suite.name, suite.depth)).collect())
}

const COMMON: &str = "connector: { exec: 'true' }\nscenarios: [{ name: s, config: {} }]\n";

#[test]
fn a_list_may_name_folders_which_are_suites_of_their_own() {
    let list = format!("{COMMON}connectors:\n- {{ name: here, depth: quick }}\n- ./there\n");
    let there = format!("{COMMON}depth: certification\n");
    let loaded = load(&[("airproof.yml", &list), ("there/airproof.yml", &there)], None)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(loaded, [("here".to_owned(), Depth::Quick), ("there".to_owned(), Depth::Certification)]);
    let idle = load(&[("airproof.yml", "seed: 2\nconnectors: [there]\n"), ("there/airproof.yml", &there)], None);
    assert!(idle.unwrap_err().to_string().contains("`seed` does nothing here"));
    let circle =
        load(&[("airproof.yml", "connectors: [there]\n"), ("there/airproof.yml", "connectors: ['..']\n")], None);
    assert!(circle.unwrap_err().to_string().contains("goes round in a circle"));
    let twice = load(&[("airproof.yml", "connectors: [there, ./there/]\n"), ("there/airproof.yml", &there)], None);
    assert!(twice.unwrap_err().to_string().contains("this suite is listed already"));
}

#[test]
fn a_profile_may_stand_in_a_file_that_is_extended() {
    let base = format!(
        "{COMMON}rules: {{ READ-006: info }}\nprofiles: {{ deep: {{ depth: certification, rules: {{ \
         record-violates-schema: must }} }} }}\n"
    );
    let files = [("a/airproof.yml", "extends: ../base.yml\ndepth: quick\n"), ("base.yml", base.as_str())];
    assert_eq!(load(&files, None).unwrap_or_else(|error| panic!("{error}"))[0].1, Depth::Quick);
    assert_eq!(load(&files, Some("deep")).unwrap_or_else(|error| panic!("{error}"))[0].1, Depth::Certification);
}

#[test]
fn all_mistakes_of_all_connectors_are_told_at_once() {
    let list = "connector: { exec: 'true', memory: much }\nscenarios: [{ name: s, config: {} }]\nprofiles: { p: { dept: \
                quick } }\nconnectors:\n- { name: a, seed: x }\n- { name: a }\n- { limit: {} }\n- [b]\n- ./nowhere\n- { name: \
                c, extends: quick }\n";
    let error = load(&[("airproof.yml", list)], None).unwrap_err();
    let shown = error.to_string();
    for words in [
        "`memory` must be a size",
        "`dept` is not a key of a profile",
        "`seed` must be a whole number",
        "two connectors are called `a`",
        "did you mean `limits`?",
        "needs a `name`",
        "a connector of the list must be a mapping",
        "there is no connector at",
        "it is about the whole file",
    ] {
        assert_eq!(shown.matches(words).count(), 1, "{words}:\n{shown}");
    }
    assert_eq!(error.count(), 9, "{shown}");
}
