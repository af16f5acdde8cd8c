//! The faulty source, one fault at a time: exactly the rules fire that the fault breaks, no more, no less; and there is a
//! fault for every rule that a connector can break. The table of faults is printed.
//!
//! FAULTS=state,sec walks only the faults with one of these in their names.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "faulty/connector.rs"]
mod connector;
#[path = "faulty/docker.rs"]
mod docker;
#[path = "faulty/experiments.rs"]
mod experiments;
#[path = "faulty/program.rs"]
mod program;
#[path = "faulty/table.rs"]
mod table;
#[path = "faulty/unbroken.rs"]
mod unbroken;

mod binary;

use connector::{Case, cases};
use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use table::Row;

fn main() {
    let arguments = Arguments::from_args();
    let trials = vec![
        Trial::test("each fault breaks its rules and no other", each_fault),
        Trial::test("each experiment catches its faults and no health", experiments::each_experiment),
        Trial::test("each rule is broken by a fault", each_rule),
        Trial::test("faults are found in Docker too", docker::faults),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}

fn each_fault() -> Result<(), Failed> {
    let wanted = std::env::var("FAULTS").unwrap_or_default();
    let is_wanted = |case: &Case| wanted.split(',').any(|part| case.name.contains(part));
    let cases: Vec<Case> = cases().into_iter().filter(is_wanted).collect();
    let rules = connector::rules();
    table::judge(walk(&cases, |case| Row {
        name: case.name.clone(),
        expected: case.expected(&rules),
        fired: connector::run(case),
    }))
}

/// Runs the cases, several at a time: some of them wait more than they work.
fn walk<R: Send>(cases: &[Case], run: impl Fn(&Case) -> R + Sync) -> Vec<R> {
    let workers = 2 * std::thread::available_parallelism().map_or(2, usize::from);
    let (next, rows) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((place, case)) = cases.iter().enumerate().nth(next.fetch_add(1, Relaxed)) {
                    let row = run(case);
                    rows.lock().unwrap().push((place, row));
                }
            });
        }
    });
    let mut rows = rows.into_inner().unwrap();
    rows.sort_by_key(|(place, _)| *place);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn each_rule() -> Result<(), Failed> {
    let registered = connector::rules();
    let cases = cases();
    let of = |codes: BTreeSet<String>| codes.into_iter().map(|code| code.trim_end_matches("/info").to_owned());
    let mut broken: BTreeSet<String> =
        cases.iter().flat_map(|case| of(case.expected_with_experiments(&registered))).collect();
    broken.extend(docker::IMAGE_FAULTS.iter().flat_map(|(_, codes)| of(connector::resolve(codes, &registered))));
    let excused: BTreeSet<&str> = unbroken::RULES.iter().map(|(code, _)| *code).collect();
    let missing: Vec<&String> =
        registered.iter().filter(|code| !broken.contains(*code) && !excused.contains(code.as_str())).collect();
    if !missing.is_empty() {
        return Err(format!("no fault breaks {missing:?}: add one to fixtures/connectors/faulty/faults").into());
    }
    let idle: Vec<&&str> = excused.iter().filter(|code| broken.contains(**code)).collect();
    match idle.is_empty() {
        true => Ok(()),
        false => Err(format!("a fault breaks {idle:?}: take them out of tests/faulty/unbroken.rs").into()),
    }
}
