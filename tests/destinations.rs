//! The SQLite destination, one fault at a time: exactly the rules fire that the fault breaks, no more, no less; a healthy
//! one is silent where its suite declares what it does, and told of where it does not. The table of faults is printed.
//!
//! FAULTS=state,dedup walks only the faults with one of these in their names.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "destinations/case.rs"]
mod case;
#[path = "destinations/docker.rs"]
mod docker;
#[path = "sqlite/program.rs"]
mod program;
#[path = "faulty/table.rs"]
mod table;

mod binary;

use case::Case;
use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use table::Row;

fn main() {
    let arguments = Arguments::from_args();
    let trials = vec![
        Trial::test("each fault of a destination breaks its rules and no other", each_fault),
        Trial::test("what a destination does and does not declare is told", each_undeclared),
        Trial::test("each rule of destinations is broken by a fault", each_rule),
        Trial::test("faults of a destination are found in Docker too", docker::faults),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}

fn each_fault() -> Result<(), Failed> {
    let wanted = std::env::var("FAULTS").unwrap_or_default();
    let is_wanted = |case: &Case| wanted.split(',').any(|part| case.name.contains(part));
    let cases: Vec<Case> = case::all().into_iter().filter(is_wanted).collect();
    table::judge(walk(&cases))
}

fn each_undeclared() -> Result<(), Failed> {
    let cases: Vec<Case> = case::undeclared();
    table::judge(walk(&cases))
}

fn each_rule() -> Result<(), Failed> {
    let broken: BTreeSet<String> = case::all().into_iter().flat_map(|case| case.expected).collect();
    let missing: Vec<String> =
        (1..=36).map(|number| format!("DEST-{number:03}")).filter(|code| !broken.contains(code)).collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(format!("no fault breaks {missing:?}: add one to fixtures/connectors/sqlite/faults").into()),
    }
}

/// Runs the cases, several at a time: many of them wait more than they work.
fn walk(cases: &[Case]) -> Vec<Row> {
    let workers = 4 * std::thread::available_parallelism().map_or(2, usize::from);
    let (next, rows) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((place, case)) = cases.iter().enumerate().nth(next.fetch_add(1, Relaxed)) {
                    let row = Row { name: case.name.clone(), expected: case.expected.clone(), fired: case.fired() };
                    rows.lock().unwrap().push((place, row));
                }
            });
        }
    });
    let mut rows = rows.into_inner().unwrap();
    rows.sort_by_key(|(place, _)| *place);
    rows.into_iter().map(|(_, row)| row).collect()
}
