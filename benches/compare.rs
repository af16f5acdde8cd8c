//! What comparing the records of two versions costs: the demo source against itself, with few records and with a million.
//!
//! `cargo bench --bench compare` prints the time that the comparison takes behind the last read, as a ratio to one read that is
//! judged by every rule, and the peak of airproof's own memory, in MiB.

#![cfg(target_os = "linux")]
#![allow(clippy::print_stdout, clippy::unwrap_used, dead_code)]

#[path = "../tests/binary/mod.rs"]
mod binary;

use binary::{Outcome, Place};
use serde_json::{Value, json};
use std::process::ExitCode;

/// Records of each read: two thirds are orders, the rest events.
const FEW: u64 = 15_000;
const MANY: u64 = 1_000_000;

/// What it is to show: so many times a judged read, and so many MiB more for many records than for few.
const RATIO: f64 = 1.5;
const GROWTH: u64 = 64;

fn main() -> ExitCode {
    let place = Place::new();
    let (_, few) = compared(&place, FEW);
    let (took, many) = compared(&place, MANY);
    let judged = judged(&place);
    let ratio = took / judged;
    println!("comparing two reads of {MANY} records: {ratio:.2} times one judged read (at most {RATIO})");
    println!("peak: {few} MiB for {FEW} records, {many} MiB for {MANY}");
    if ratio <= RATIO && many <= few + GROWTH { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn exec(place: &Place, records: u64) -> String {
    let config = json!({"access_token": "demo-7f3a9c1e55", "orders": records * 2 / 3});
    place.write("config.json", &config.to_string());
    format!("'{}' demo-source", env!("CARGO_BIN_EXE_airproof"))
}

/// The seconds between the end of the last read and the end of the run, and the peak.
fn compared(place: &Place, records: u64) -> (f64, u64) {
    let exec = exec(place, records);
    let words = ["compare", "--control-exec", &exec, "--target-exec", &exec, "--config", "config.json"];
    let outcome = place.run(&[&words[..], &["--suite", "quick", "--rule", "COMPAT-004"]].concat());
    assert!(!outcome.statuses("COMPAT-004").is_empty(), "{}", outcome.told());
    let results = outcome.results();
    let ends = launches(&outcome).into_iter().map(|(_, started, took)| started + took);
    let last = ends.fold(0.0, f64::max);
    (results["run"]["duration"].as_f64().unwrap() - last, outcome.peak >> 20)
}

/// The seconds that a read takes which every rule judges.
fn judged(place: &Place) -> f64 {
    let exec = exec(place, MANY);
    let outcome = place.run(&["test", "--exec", &exec, "--config", "config.json", "--suite", "quick"]);
    let reads = launches(&outcome).into_iter().filter(|(id, ..)| id.contains(".read."));
    reads.map(|(_, _, took)| took).fold(0.0, f64::max)
}

/// Each launch, with the seconds at which it began and those that it took.
fn launches(outcome: &Outcome) -> Vec<(String, f64, f64)> {
    let results = outcome.results();
    let ended = |launch: &Value| {
        let took = launch["outcome"]["exit"]["duration"].as_f64()?;
        Some((launch["id"].as_str()?.to_owned(), launch["started"].as_f64()?, took))
    };
    results["launches"].as_array().unwrap().iter().filter_map(ended).collect()
}
