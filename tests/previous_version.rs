//! A connector against its previous version, which is a command or an image: what breaks configs and connections is told; what
//! can't be compared is skipped with its reason, and never an error of the run.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use binary::{IMAGE, Outcome, Place, SOURCE, has_docker};
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

/// A previous version of the shell source, which says this with `spec` and `discover`.
fn former(place: &Place, spec: &str, catalog: &str) -> String {
    let script = format!(
        "export ON_SPEC=\"printf '%s\\\\n' '{}'\" ON_DISCOVER=\"printf '%s\\\\n' '{}'\"\nexec sh {SOURCE} \"$@\"\n",
        spec.replace('"', "\\\""),
        catalog.replace('"', "\\\""),
    );
    place.write("former", &script);
    format!("sh {}", place.path("former").display())
}

/// A specification and a catalog of which the shell source's break something.
fn narrower() -> (String, String) {
    let spec = json!({"type": "SPEC", "spec": {"connectionSpecification": {
        "type": "object",
        "properties": {
            "api_key": {"type": ["string", "integer"]},
            "password": {"type": ["string", "null"]},
            "region": {"type": "string"},
        },
    }}});
    let catalog = json!({"type": "CATALOG", "catalog": {"streams": [
        {"name": "refunds", "json_schema": {}, "supported_sync_modes": ["full_refresh"]},
        {"name": "orders", "supported_sync_modes": ["full_refresh"], "default_cursor_field": ["id"], "json_schema": {
            "type": "object",
            "properties": {"id": {"type": "string", "description": "Its number."}, "note": {"type": "string"}},
        }},
    ]}});
    (spec.to_string(), catalog.to_string())
}

const BOTH: [&str; 5] = ["test", "--rule", "SPEC-046", "--rule", "DISC-025"];

fn reasons(outcome: &Outcome, rule: &str) -> Vec<String> {
    let all = outcome.results()["verdicts"].as_array().unwrap();
    let own = all.iter().filter(|verdict| verdict["rule"] == rule);
    own.map(|verdict| verdict["reason"].as_str().unwrap_or_default().to_owned()).collect()
}

fn launched(outcome: &Outcome) -> Vec<String> {
    let all = outcome.results()["launches"].as_array().unwrap();
    all.iter().map(|launch| launch["id"].as_str().unwrap().to_owned()).filter(|id| id.contains("previous")).collect()
}

#[test]
fn what_breaks_configs_and_connections_is_told_in_full() {
    let place = Place::new();
    let (spec, catalog) = narrower();
    place.suite(json!({"depth": "quick", "previous": {"exec": former(&place, &spec, &catalog)}}));
    let outcome = place.run(&BOTH);
    outcome.exits(1);
    let findings = outcome.results()["findings"].as_array().unwrap();
    let mut told: Vec<String> = findings
        .iter()
        .map(|finding| format!("{} {} {}", finding["level"], finding["count"], finding["title"]).replace('"', ""))
        .collect();
    told.sort();
    let expected = [
        "info 1 a field is gone",
        "must 1 a field must be given that need not be given before",
        "must 1 a field of a stream has another type than before",
        "must 1 a field of a stream is gone",
        "must 1 a stream has another default cursor than before",
        "must 1 a stream is gone",
        "must 2 a field takes fewer types than before",
    ];
    assert_eq!(told, expected, "{}", outcome.told());
    let of_types = findings.iter().find(|finding| finding["count"] == 2).unwrap();
    let message = of_types["message"].as_str().unwrap();
    assert!(message.contains("api_key/type`: [\"string\",\"integer\"], and now \"string\""), "{message}");
    assert!(message.contains("password/type`"), "{message}");
    let reproduction = of_types["reproduction"]["launch"].as_str().unwrap();
    assert!(reproduction.contains("former") && reproduction.ends_with(" spec"), "{reproduction}");
    let previous = outcome.launch("sandbox.discover.previous");
    assert!(previous["subject"]["name"].as_str().unwrap().contains("former"), "{previous:#}");
    assert_eq!(outcome.launch("sandbox.discover")["subject"], Value::Null);
}

#[test]
fn what_is_the_same_passes_and_a_connector_is_not_compared_with_itself() {
    let place = Place::new();
    place.suite(json!({"previous": {"exec": format!("sh -e {SOURCE}")}}));
    let outcome = place.run(&BOTH);
    outcome.exits(0);
    assert_eq!([outcome.statuses("SPEC-046"), outcome.statuses("DISC-025")], [["pass"], ["pass"]]);
    place.suite(json!({"previous": {"exec": format!("sh {SOURCE}")}}));
    let outcome = place.run(&BOTH);
    assert_eq!(outcome.statuses("SPEC-046"), ["skip"]);
    assert!(reasons(&outcome, "DISC-025")[0].contains("is the connector itself"), "{}", outcome.told());
}

#[test]
fn what_differs_by_chance_is_not_told() {
    let place = Place::new();
    let flag = place.path("asked").display().to_string();
    let script = format!(
        "if [ $1 = discover ] && mkdir {flag}; then\necho '{}'\nelse exec sh {SOURCE} \"$@\"; fi\n",
        r#"{"type":"CATALOG","catalog":{"streams":[{"name":"refunds","json_schema":{}}]}}"#
    );
    place.write("former", &script);
    place.suite(json!({"previous": {"exec": format!("sh {}", place.path("former").display())}}));
    let outcome = place.run(&["test", "--rule", "DISC-025", "--rule", "SPEC-046"]);
    outcome.exits(0);
    assert!(reasons(&outcome, "DISC-025")[0].contains("did not differ again"), "{}", outcome.told());
}

#[test]
fn without_a_previous_version_nothing_is_launched_and_nothing_fails() {
    let place = Place::new();
    for (previous, reason) in [
        (json!(null), "names no previous version"),
        (json!({"version": "1.2.3"}), "no version `1.2.3`"),
        (json!({}), "no version `latest`"),
        (json!({"exec": "/no/such/program"}), "/no/such/program"),
        (json!({"exec": "false"}), "did not succeed (exit code 1)"),
    ] {
        place.suite(json!({"depth": "quick", "previous": previous}));
        let outcome = place.run(&["test", "--rule", "SPEC-046", "--rule", "DISC-025", "--rule", "LINE-001"]);
        outcome.exits(0);
        for rule in ["SPEC-046", "DISC-025"] {
            let told = reasons(&outcome, rule);
            assert!(told.iter().all(|told| told.contains(reason)), "{previous}: {told:?}");
            assert_eq!(outcome.statuses(rule), ["skip"]);
        }
        if previous.get("exec").is_none() {
            assert_eq!(launched(&outcome), [""; 0], "{previous}");
        }
    }
}

#[test]
fn a_scenario_has_a_previous_version_of_its_own() {
    let place = Place::new();
    let (spec, catalog) = narrower();
    let former = former(&place, &spec, &catalog);
    let scenarios = json!([
        {"name": "sandbox", "config": {"api_key": "key-of-the-shop-1"}},
        {"name": "other", "config": {"api_key": "key-of-the-shop-2"}, "previous": {"exec": former}},
    ]);
    place.suite(json!({"depth": "quick", "scenarios": scenarios}));
    let outcome = place.run(&BOTH);
    outcome.exits(1);
    assert_eq!(launched(&outcome)[..2], ["spec.previous", "other.discover.previous"], "{}", outcome.told());
    assert_eq!(outcome.finding("DISC-025")["scenario"], "other");
    assert_eq!(outcome.finding("SPEC-046")["rule"], "SPEC-046");
}

#[test]
fn mistakes_are_told() {
    let place = Place::new();
    for (previous, words) in [
        (json!({"image": "a:1", "version": "1.0.0"}), "`image` and `version` both say what the previous version is"),
        (json!({"version": "a:1"}), "`version` must be the tag of an image"),
        (json!({"tag": "1"}), "not a key of `previous`"),
        (json!({"unless": {"check": "1.0.0"}}), "not a key of `unless`"),
        (json!({"reason": "known"}), "there is none"),
    ] {
        place.suite(json!({"previous": previous}));
        place.run(&BOTH).exits(2).says(words);
    }
}

/// An image of the shell source with labels; removed when it is dropped.
struct Image(String);

impl Image {
    fn make(place: &Place, version: &str, script: &str) -> Image {
        let folder = place.path(&format!("image-{version}"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("script"), script).unwrap();
        let name = format!("airproof/previous-{}:{version}", std::process::id());
        let dockerfile = format!(
            "FROM {IMAGE}\nCOPY script /script\nLABEL io.airbyte.version={version}\nENTRYPOINT [\"/bin/sh\", \"/script\"]\n"
        );
        fs::write(folder.join("Dockerfile"), dockerfile).unwrap();
        let built = Command::new("docker").args(["build", "--network", "none", "--tag", &name]).arg(&folder).output();
        let built = built.unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        Image(name)
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let _ = Command::new("docker").args(["rmi", "--force", &self.0]).output();
    }
}

#[test]
fn images_are_compared_by_their_versions() {
    if !has_docker() {
        return;
    }
    let place = Place::new();
    let source = fs::read_to_string(SOURCE).unwrap();
    let current =
        Image::make(&place, "1.1.0", &source.replace("\"id\":{\"type\":\"integer\"}", "\"id\":{\"type\":\"string\"}"));
    let _former = Image::make(&place, "1.0.0", &source);
    let next =
        Image::make(&place, "2.0.0", &source.replace("\"id\":{\"type\":\"integer\"}", "\"id\":{\"type\":\"number\"}"));
    let run = |image: &Image, previous: Value| {
        place.suite_in_docker(json!({"depth": "quick", "previous": previous}));
        place.run(&["test", "--image", &image.0, "--rule", "SPEC-046", "--rule", "DISC-025"])
    };
    let outcome = run(&current, json!({"version": "1.0.0"}));
    outcome.exits(1);
    assert_eq!(outcome.statuses("SPEC-046"), ["pass"], "{}", outcome.told());
    let finding = outcome.finding("DISC-025");
    assert_eq!(finding["title"], "a field of a stream has another type than before");
    let again = finding["reproduction"]["launch"].as_str().unwrap();
    assert!(again.contains(":1.0.0 discover --config /config.json"), "{again}");
    assert_eq!(outcome.launch("sandbox.discover.previous")["subject"]["labels"]["version"], "1.0.0");

    let outcome =
        run(&current, json!({"version": "1.0.0", "unless": {"discover": "1.0.0"}, "reason": "ids were wrong"}));
    outcome.exits(0);
    assert!(reasons(&outcome, "DISC-025")[0].contains("the version 1.0.0: ids were wrong"), "{}", outcome.told());
    assert_eq!(outcome.statuses("SPEC-046"), ["pass"]);

    // What begins a new major version may break.
    let outcome = run(&next, json!({"version": "1.0.0"}));
    outcome.exits(0);
    assert_eq!(outcome.found("info"), ["DISC-025"], "{}", outcome.told());
    outcome.finding("DISC-025")["message"].as_str().filter(|told| told.contains("new major version")).unwrap();

    // One that can't be had is skipped; so is the same image under another name.
    let outcome = run(&current, json!({"image": "localhost:1/airproof/no-such-image:1"}));
    assert!(reasons(&outcome, "SPEC-046")[0].contains("could not be pulled"), "{}", outcome.told());
    assert_eq!(outcome.results()["run"]["errors"], Value::Null);
    let outcome = run(&current, json!({"version": "1.1.0"}));
    assert!(reasons(&outcome, "SPEC-046")[0].contains("is the connector itself"), "{}", outcome.told());
}
