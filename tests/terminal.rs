//! What a person reads on a terminal: wide, narrow, without colour, without Unicode, on a CI.

#![allow(clippy::unwrap_used, missing_docs)]

mod sample;

use airproof::report::terminal::{Manner, Outlet, write_doubts, write_findings, write_since, write_summary};
use airproof::verdict::{FindingResult, Results, compare};
use sample::{faulty, hostile};
use std::io::Write;

/// Two findings of one rule, one of which is new, and something that was fixed.
fn results() -> Results {
    let mut results = faulty();
    let mut before = faulty();
    before.run.id = "20260313".to_owned();
    before.findings.remove(1);
    before.connectors[0].subject.image_id = Some("sha256:00".to_owned());
    let fixed = results.findings.iter().position(|finding| finding.rule == "STATE-010").unwrap();
    results.findings.remove(fixed);
    results.findings.truncate(3);
    compare(&mut results, &before);
    results
}

/// All of it, without styles.
fn told(results: &Results, manner: Manner) -> String {
    let mut bytes = Vec::new();
    {
        let mut out = Outlet::new(&mut bytes, manner);
        let findings: Vec<&FindingResult> = results.findings.iter().collect();
        write_findings(&findings, &mut out).unwrap();
        write_doubts(results, &mut out).unwrap();
        write_since(results, &mut out).unwrap();
        write_summary(results, &["airproof-report/results.json".to_owned()], &mut out).unwrap();
        out.flush().unwrap();
    }
    anstream::adapter::strip_str(&String::from_utf8(bytes).unwrap()).to_string()
}

#[test]
fn a_pipe_gets_whole_lines() {
    insta::assert_snapshot!(told(&results(), Manner::default()));
}

#[test]
fn forty_columns_without_unicode() {
    let narrow = Manner { width: Some(40), ascii: true, guards: false };
    let told = told(&results(), narrow);
    assert!(told.is_ascii(), "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn nothing_that_a_connector_says_acts() {
    let mut results = hostile();
    for (finding, text) in results.findings.iter_mut().zip(["##[error]x", "::error::x", "\n::error::x", "\x1b[31m"]) {
        text.clone_into(&mut finding.title);
        text.clone_into(&mut finding.message);
    }
    results.run.errors = vec!["first\n::add-mask::x\n##[command]y".to_owned()];
    let guards = Manner { guards: true, ..Manner::default() };
    for manner in [guards, Manner { width: Some(40), ..guards }] {
        let told = told(&results, manner);
        assert!(!told.contains("##["));
        assert!(told.lines().all(|line| !line.trim_start().starts_with("::")));
        assert!(!told.contains(|letter: char| letter.is_control() && letter != '\n'), "a control character acts");
    }
}
