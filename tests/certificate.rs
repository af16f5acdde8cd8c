//! Certificates: what a run at the depth of certification ends with, what it says, and what `airproof verify` makes of it
//! when a byte of anything was changed.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;
mod sample;

use airproof::experiments::all_statements;
use airproof::report::certificate::{Certificate, Digests, PREDICATE, TranscriptDigests};
use airproof::text::hex;
use airproof::verdict::{Lane, Results, Status, read};
use binary::Place;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

const CERTIFICATE: &str = "airproof-report/certificate.json";
const RESULTS: &str = "airproof-report/results.json";
/// A file of a transcript.
const A_TRANSCRIPT: &str = "airproof-report/launches/shop.check/stdout.zst";

/// A run of the demo source at certification depth, with few records.
fn certified() -> Place {
    let place = Place::new();
    let suite = json!({
        "connector": {"exec": format!("{} demo-source", env!("CARGO_BIN_EXE_airproof"))},
        "scenarios": [
            {"name": "shop", "config": {"access_token": "demo-7f3a9c1e55", "orders": 40, "start_date": "2024-01-01"}},
            {"name": "wrong token", "config": {"access_token": "not-a-demo-token", "orders": 40}, "expect": "failed"},
        ],
    });
    place.write("airproof.yml", &suite.to_string());
    place.run(&["test", "--suite", "certification", "--format", "json"]).exits(0);
    place
}

fn value(place: &Place) -> Value {
    serde_json::from_slice(&fs::read(place.path(CERTIFICATE)).unwrap()).unwrap()
}

fn results(place: &Place) -> Results {
    read(&fs::read(place.path(RESULTS)).unwrap()).unwrap()
}

/// The digests as `sha256sum` gives them.
fn digests(place: &Place) -> Digests {
    let sum = |file: &Path| hex(&Sha256::digest(fs::read(file).unwrap()));
    let listed = |folder: &Path| -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let launches = place.path("airproof-report/launches");
    let files = |launch: &String| -> TranscriptDigests {
        let folder = launches.join(launch);
        listed(&folder).into_iter().map(|file| (file.clone(), sum(&folder.join(file)))).collect()
    };
    let transcripts = listed(&launches).into_iter().map(|launch| (launch.clone(), files(&launch))).collect();
    Digests { results: sum(&place.path(RESULTS)), transcripts }
}

/// Changes the byte in the middle of a file, hands the place on, and puts the byte back.
fn tampered(place: &Place, file: &str, look: impl FnOnce()) {
    let whole = fs::read(place.path(file)).unwrap();
    let mut other = whole.clone();
    other[whole.len() / 2] ^= 1;
    fs::write(place.path(file), other).unwrap();
    look();
    fs::write(place.path(file), whole).unwrap();
}

#[test]
fn a_certificate_names_what_was_run_and_any_changed_byte_is_seen() {
    let place = certified();
    let certificate = value(&place);
    assert_eq!(certificate["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(certificate["predicateType"], PREDICATE);
    let predicate = &certificate["predicate"];
    // A command line is no image, and the statement says so.
    assert!(certificate["subject"][0]["name"].as_str().unwrap().ends_with("demo-source"));
    assert!(certificate["subject"][0]["digest"]["sha256"].is_null());
    assert_eq!(predicate["connectors"][0]["names_image"], false);
    assert_eq!((&predicate["met"], &predicate["depth"]), (&json!(false), &json!("certification")));
    let reasons: Vec<&str> = predicate["reasons"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert!(reasons[0].contains("is no image"), "{reasons:#?}");
    assert!(reasons.iter().any(|it| it.starts_with("CLI-012 entrypoint-variable-wrong is required")), "{reasons:#?}");
    // On a busy machine a read may be over before it can be killed; nothing else of a healthy source is a gap.
    let is_expected = |it: &&&str| ["no image", "EXP-09"].iter().any(|words| it.contains(words));
    assert_eq!(reasons.iter().filter(is_expected).count(), reasons.len(), "{reasons:#?}");
    assert!(!fs::read_to_string(place.path(CERTIFICATE)).unwrap().contains("demo-7f3a9c1e55"), "a secret");

    // The same results give the same bytes.
    let (stored, digests) = (results(&place), digests(&place));
    let statements: Vec<_> = all_statements().collect();
    let remade = Certificate::of(&stored, &digests, &statements).to_bytes();
    assert!(remade == fs::read(place.path(CERTIFICATE)).unwrap(), "not remade");

    let mut command = place.command(&["verify", "--image", "airproof/not-there:1"]);
    let output = command.env("DOCKER_HOST", "unix:///nowhere/docker.sock").output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    let verify = |words: &str, code: i32| {
        let output = place.command(&["verify"]).output().unwrap();
        let told = [output.stdout, output.stderr].map(|told| String::from_utf8(told).unwrap()).concat();
        assert!(
            output.status.code() == Some(code) && told.contains(words),
            "{:?}, no `{words}` in {told}",
            output.status
        );
    };
    verify("VALID, and NOT met.", 1);
    verify("not met: CLI-012", 1);
    verify("image: not checked", 1);
    tampered(&place, A_TRANSCRIPT, || verify("shop.check/stdout.zst was changed after it was certified", 2));
    tampered(&place, RESULTS, || verify("results.json", 2));
    for member in ["met", "reasons", "airproof", "rules", "waived", "doubts"] {
        let mut changed = certificate.clone();
        changed["predicate"][member] = json!(true);
        place.write(CERTIFICATE, &changed.to_string());
        verify(&format!("says at /predicate/{member} what the results do not make"), 2);
    }
    let mut another = certificate.clone();
    another["subject"][0]["digest"] = json!({"sha256": "00"});
    place.write(CERTIFICATE, &another.to_string());
    verify("says at /subject what the results do not make", 2);
    place.write(CERTIFICATE, "{\"predicateType\": \"https://slsa.dev/provenance/v1\"}");
    verify("is no certificate of airproof's", 2);
    place.write(CERTIFICATE, &certificate.to_string());

    fs::rename(place.path(A_TRANSCRIPT), place.path("elsewhere")).unwrap();
    verify("shop.check/stdout.zst is missing", 2);
    fs::rename(place.path("elsewhere"), place.path(A_TRANSCRIPT)).unwrap();
    place.write("airproof-report/launches/shop.check/more.txt", "what is this?");
    verify("shop.check/more.txt was not certified", 2);
    fs::remove_file(place.path("airproof-report/launches/shop.check/more.txt")).unwrap();
    verify("VALID, and NOT met.", 1);
    fs::remove_file(place.path(CERTIFICATE)).unwrap();
    verify("there is no certificate at", 2);
}

#[test]
fn a_whole_run_of_an_image_is_met_and_what_its_transcripts_show_is_judged_again() {
    let place = certified();
    // As if the command had been an image, and nothing had come in the way of an experiment.
    let gaps: Vec<String> = {
        let unjudged = value(&place)["predicate"]["unjudged"].as_array().unwrap().clone();
        let open = unjudged.iter().filter(|it| it["is_inapplicable"] == false);
        open.map(|it| it["rule"].as_str().unwrap().to_owned()).collect()
    };
    let mut stored: Value = serde_json::from_slice(&fs::read(place.path(RESULTS)).unwrap()).unwrap();
    stored["connectors"][0]["subject"]["image_id"] = json!(format!("sha256:{}", "ab".repeat(32)));
    for verdict in stored["verdicts"].as_array_mut().unwrap() {
        if gaps.iter().any(|gap| verdict["rule"] == *gap) {
            verdict["status"] = json!("pass");
        }
    }
    let certify = || {
        let (stored, digests) = (results(&place), digests(&place));
        let statements: Vec<_> = all_statements().collect();
        fs::write(place.path(CERTIFICATE), Certificate::of(&stored, &digests, &statements).to_bytes()).unwrap();
    };
    place.write(RESULTS, &stored.to_string());
    certify();
    let outcome = place.run(&["verify", CERTIFICATE]);
    assert_eq!(outcome.code, 0, "{}", outcome.told());
    outcome.says("VALID, and met: every required rule was judged and holds.");
    assert_eq!(value(&place)["subject"][0]["digest"]["sha256"], "ab".repeat(32));

    // Whoever swaps a transcript and certifies it anew is found out by what it shows.
    let broken = zstd::encode_all(&b"not a message\n{\"type\":\"SPEC\"}\n"[..], 0).unwrap();
    fs::write(place.path("airproof-report/launches/spec/stdout.zst"), broken).unwrap();
    certify();
    let outcome = place.run(&["verify"]);
    assert_eq!(outcome.code, 2, "{}", outcome.told());
    outcome.says("launches/spec breaks ").says("which passes by the results");
}

#[test]
fn a_part_of_a_suite_or_a_lesser_depth_certifies_nothing() {
    let place = certified();
    place.run(&["test", "--suite", "certification", "--rule", "SPEC-*", "--format", "json"]).exits(0);
    assert!(value(&place)["predicate"]["reasons"][0].as_str().unwrap().contains("--rule SPEC-*"));
    assert!(value(&place)["predicate"]["unjudged"].as_array().unwrap().len() > 50);
    place.run(&["test", "--suite", "quick", "--format", "json"]).exits(0);
    assert!(!place.path(CERTIFICATE).exists(), "the certificate of an earlier run was left");
}

/// Results of an image in which a certificate is met, with one required rule.
fn met() -> Results {
    let mut results = sample::healthy();
    results.run.depth = Some("certification".to_owned());
    results.connectors[0].subject.image_id = Some(format!("sha256:{}", "0".repeat(64)));
    results
}

/// What the certificate of these results says is missing, where every launch has its transcript.
fn reasons(change: impl FnOnce(&mut Results)) -> Vec<String> {
    let mut results = met();
    change(&mut results);
    let transcripts = results.launches.iter().map(|launch| (launch.id.clone(), TranscriptDigests::new())).collect();
    let digests = Digests { results: "0".repeat(64), transcripts };
    let read_006: Vec<_> = all_statements().filter(|statement| statement.code == "READ-006").collect();
    Certificate::of(&results, &digests, &read_006).predicate.reasons
}

fn set(results: &mut Results, status: Status, reason: &str) {
    for verdict in results.verdicts.iter_mut().filter(|verdict| verdict.rule == "READ-006") {
        (verdict.status, verdict.reason) = (status, Some(reason.to_owned()));
    }
}

#[test]
fn a_level_that_was_met_by_skipping_is_not_met() {
    assert_eq!(reasons(|_| {}), [""; 0]);
    let only = |change: fn(&mut Results), words: &str| {
        let reasons = reasons(change);
        assert!(reasons.len() == 1 && reasons[0].contains(words), "no `{words}` alone in {reasons:#?}");
    };
    only(|results| set(results, Status::Skip, "no RECORD came"), "required and was not judged: no RECORD came");
    only(|results| set(results, Status::Off, "switched off by the suite"), "READ-006");
    only(|results| set(results, Status::Skip, "the scenario is expected to work"), "READ-006");
    only(|results| results.verdicts.clear(), "it has no verdict");
    only(|results| results.run.chosen = vec!["--stream orders".to_owned()], "--stream orders");
    only(|results| results.run.unreviewed = 2, "2 questions about baselines");
    only(|results| results.run.errors = vec!["no disk".to_owned()], "no disk");
    only(|results| results.run.depth = Some("standard".to_owned()), "not at the depth certification");
    only(|results| results.run.exit_code = 130, "interrupted");
}

/// The demo source at certification depth, with a catalog that `edit`, a sed program, changes; what the certificate misses.
fn with_catalog(edit: &str, changes: Value) -> (Place, Vec<String>) {
    let place = Place::new();
    let demo = env!("CARGO_BIN_EXE_airproof");
    let script = format!(
        "[ \"$1\" = discover ] || exec '{demo}' demo-source \"$@\"\nout=$('{demo}' demo-source \"$@\"); code=$?\n\
         printf '%s\\n' \"$out\" | sed -E '{edit}'; exit $code\n"
    );
    place.write("source.sh", &script);
    let mut suite = json!({
        "connector": {"exec": format!("sh '{}'", place.path("source.sh").display())},
        "scenarios": [
            {"name": "shop", "config": {"access_token": "demo-7f3a9c1e55", "orders": 40}},
            {"name": "wrong token", "config": {"access_token": "not-a-demo-token", "orders": 40}, "expect": "failed"},
        ],
    });
    suite["scenarios"][0].as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    place.write("airproof.yml", &suite.to_string());
    place.run(&["test", "--suite", "certification", "--format", "json"]);
    let told = value(&place)["predicate"]["reasons"].as_array().unwrap().clone();
    (place, told.iter().map(|reason| reason.as_str().unwrap().to_owned()).collect())
}

#[test]
fn incremental_reads_are_not_required_of_a_connector_without_them() {
    let full_refresh_only =
        r#"s/,"incremental"//g; s/"source_defined_cursor":true,//g; s/"default_cursor_field":\[[^]]*\],//g"#;
    let (place, reasons) = with_catalog(full_refresh_only, json!({}));
    // A command line is not an image; nothing else is missing.
    let is_of_image = |it: &String| it.contains("is no image") || it.starts_with("CLI-012");
    assert!(reasons.len() == 2 && reasons.iter().all(is_of_image), "{reasons:#?}");
    let verified = place.run(&["verify"]);
    verified.says("EXP-09").says("STATE-023: the catalog declares no incremental stream");
}

#[test]
fn incremental_streams_that_a_suite_leaves_out_are_a_gap() {
    let why = "not now";
    let skip = json!({"skip": [{"name": "orders", "reason": why}, {"name": "events", "reason": why}]});
    // Nor does it help to say what airproof would say.
    let forged = "shop.read.incremental was not launched: the catalog declares no incremental stream";
    let left_out = json!({"leave_out": [{"part": "incremental", "reason": forged}]});
    for (changes, words) in [
        (json!({"streams": skip}), "no stream to read in mode incremental"),
        (left_out, "the suite leaves out `incremental`"),
    ] {
        let (_, reasons) = with_catalog("", changes);
        for rule in ["EXP-01", "EXP-02", "STATE-020"] {
            let is_gap = |it: &String| it.starts_with(rule) && it.contains(words);
            assert!(reasons.iter().any(is_gap), "no {rule} in {reasons:#?}");
        }
    }
}

#[test]
fn what_is_not_about_incremental_reads_is_required_all_the_same() {
    let told = reasons(|results| set(results, Status::Skip, "the catalog declares no incremental stream"));
    assert!(told.len() == 1 && told[0].starts_with("READ-006"), "{told:#?}");
}

#[test]
fn a_run_without_a_configuration_that_works_says_so() {
    let place = Place::new();
    let suite = json!({
        "connector": {"exec": format!("{} demo-source", env!("CARGO_BIN_EXE_airproof"))},
        "depth": "quick",
        "scenarios": [{"name": "wrong token", "config": {"access_token": "not-a-demo-token"}, "expect": "failed"}],
    });
    place.write("airproof.yml", &suite.to_string());
    let outcome = place.run(&["test"]);
    outcome.exits(0).says("lane: without credentials").says("no record and no state was judged");
    assert_eq!(outcome.results()["run"]["lane"], json!(Lane::WithoutCredentials));
    let page = fs::read_to_string(place.path("airproof-report/report.html")).unwrap();
    assert!(page.contains("<dt>Lane</dt><dd>without credentials"), "the page does not tell the lane");
}
