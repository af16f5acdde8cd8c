//! What writing the HTML report costs: of 200 streams with 10,000 findings, and after a run of 500,000 messages.
//!
//! `cargo bench --bench report` prints the seconds that a page takes and its size, and the seconds between the end of a
//! run and the end of airproof, in which the lines around evidence are fetched and all reports are written.

#![cfg(target_os = "linux")]
#![allow(clippy::print_stdout, clippy::unwrap_used, dead_code, unused_imports)]

#[path = "../tests/binary/mod.rs"]
mod binary;
#[path = "../tests/sample/mod.rs"]
mod sample;

use binary::Place;
use serde_json::json;
use std::process::ExitCode;
use std::time::Instant;

/// Orders of the demo source; with its events and states, a read is 500,000 messages.
const ORDERS: u64 = 333_333;
/// What a report may take, in seconds, and its size, in bytes.
const LONGEST: f64 = 2.0;
const LARGEST: usize = 5_000_000;

fn main() -> ExitCode {
    let results = sample::big();
    let began = Instant::now();
    let page = airproof::report::html::render(&results);
    let rendering = began.elapsed().as_secs_f64();
    println!(
        "10,000 findings in 200 streams: {} bytes in {rendering:.2} s (at most {LARGEST} in {LONGEST} s)",
        page.len()
    );
    let place = Place::new();
    place.write("config.json", &json!({"access_token": "demo-7f3a9c1e55", "orders": ORDERS}).to_string());
    let exec = format!("'{}' demo-source", env!("CARGO_BIN_EXE_airproof"));
    let began = Instant::now();
    let outcome = place.run(&["test", "--exec", &exec, "--config", "config.json", "--suite", "quick"]);
    let all = began.elapsed().as_secs_f64();
    let after = all - outcome.results()["run"]["duration"].as_f64().unwrap();
    println!("after a run of 500,000 messages a read: {after:.2} s besides its {:.1} s", all - after);
    if rendering <= LONGEST && page.len() <= LARGEST { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
