//! `gl-code-quality.json`: GitLab's code quality, which compares fingerprints between branches.

use super::checkout::Checkout;
use super::wording::{line, open, place};
use crate::rules::Level;
use crate::text::{hex, plural};
use crate::verdict::Results;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// How many entries there are at most.
const ENTRIES: usize = 5_000;

/// How long a description may be, in characters.
const DESCRIPTION: usize = 800;

/// The file's content. What is waived is left out: GitLab knows no accepted entries.
pub fn render(results: &Results, checkout: &Checkout) -> String {
    let suite = line(&checkout.suite_of(results), 400);
    let errors = results.run.errors.iter().take(100).map(|error| {
        let parts = ["error", error.as_str()];
        entry("run", &format!("airproof: {}", line(error, DESCRIPTION)), "blocker", &suite, &parts)
    });
    let findings = open(&results.findings);
    let of_findings = findings.iter().map(|finding| {
        let severity = match finding.level {
            Level::Must => "critical",
            Level::Should => "minor",
            Level::Info => "info",
        };
        let told = format!("{}: {} ({})", finding.rule, line(&finding.title, 240), line(&place(finding), 400));
        let parts = [finding.connector.as_str(), finding.scenario.as_deref().unwrap_or(""), &finding.id];
        let file = line(&checkout.file_of(finding, results), 400);
        entry(&line(&finding.name, 200), &line(&told, DESCRIPTION), severity, &file, &parts)
    });
    let mut known = HashSet::new();
    let mut entries: Vec<Value> =
        errors.chain(of_findings).filter(|entry| known.insert(entry["fingerprint"].to_string())).collect();
    if entries.len() > ENTRIES {
        let more = plural((entries.len() - ENTRIES + 1) as u64, "more finding");
        entries.truncate(ENTRIES - 1);
        entries.push(entry("run", &format!("{more} in results.json"), "info", &suite, &["left out"]));
    }
    format!("{:#}\n", Value::Array(entries))
}

/// An entry. `parts` name it: the same as long as its cause is.
fn entry(check: &str, description: &str, severity: &str, file: &str, parts: &[&str]) -> Value {
    let digest = Sha256::digest(parts.join("\0"));
    json!({
        "description": description,
        "check_name": check,
        "fingerprint": hex(&digest),
        "severity": severity,
        "location": {"path": file, "lines": {"begin": 1}},
    })
}
