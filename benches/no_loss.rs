//! What the proof that nothing is lost costs in memory: the demo source with millions of records, read and resumed.
//!
//! `cargo bench --bench no_loss` prints the peak of airproof's own memory, in MiB, for few records and for many.

#![cfg(target_os = "linux")]
#![allow(clippy::print_stdout, clippy::unwrap_used, dead_code)]

#[path = "../tests/binary/mod.rs"]
mod binary;

use binary::Place;
use serde_json::json;
use std::process::ExitCode;

/// Records of each read: two thirds are orders, the rest events.
const FEW: u64 = 15_000;
const MANY: u64 = 5_250_000;

/// What it is to show: so many MiB, whatever the number of records.
const MOST: u64 = 256;

fn main() -> ExitCode {
    let peaks = [FEW, MANY].map(peak);
    for (records, peak) in [FEW, MANY].iter().zip(peaks) {
        println!("{records} records a read: {peak} MiB");
    }
    let holds = peaks.iter().all(|peak| *peak <= MOST);
    println!("at most {MOST} MiB: {}", if holds { "yes" } else { "NO" });
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The peak of a run of EXP-02 alone, which must have judged both incremental streams.
fn peak(records: u64) -> u64 {
    let place = Place::new();
    let config = json!({"access_token": "demo-7f3a9c1e55", "orders": records * 2 / 3});
    place.write("config.json", &config.to_string());
    let exec = format!("'{}' demo-source", env!("CARGO_BIN_EXE_airproof"));
    let outcome = place.run(&["test", "--exec", &exec, "--config", "config.json", "--rule", "EXP-02"]);
    assert_eq!(outcome.statuses("EXP-02"), ["pass", "pass"], "{}", outcome.told());
    outcome.peak >> 20
}
