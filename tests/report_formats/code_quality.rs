//! GitLab's code quality.

use super::{checkout, errors, hostile_titles, runs, schema};
use airproof::report::gitlab;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn code_quality_is_what_gitlab_documents_and_has_no_fingerprint_twice() {
    let schema = jsonschema::validator_for(&schema("gitlab-code-quality.json")).unwrap();
    let mut elsewhere = hostile_titles();
    elsewhere.run.suite.path = Some("/somewhere/else/../airproof.yml".to_owned());
    for (run, results) in runs().into_iter().chain([("titles", hostile_titles()), ("elsewhere", elsewhere)]) {
        let entries: Value = serde_json::from_str(&gitlab::render(&results, &checkout())).unwrap();
        assert_eq!(errors(&schema, &entries), [""; 0], "{run}");
        let entries = entries.as_array().unwrap();
        let prints: BTreeSet<&str> = entries.iter().filter_map(|entry| entry["fingerprint"].as_str()).collect();
        assert_eq!(prints.len(), entries.len(), "{run}: entries are taken for one another");
        let open = results.findings.iter().filter(|finding| finding.waived.is_none()).count();
        assert_eq!(entries.len(), open + results.run.errors.len(), "{run}");
    }
}

#[test]
fn the_schema_of_code_quality_refuses_what_gitlab_would_not_show() {
    let schema = jsonschema::validator_for(&schema("gitlab-code-quality.json")).unwrap();
    let entry = |severity: &str, path: &str, line: u64| {
        json!([{"description": "a", "check_name": "b", "fingerprint": "c", "severity": severity,
                "location": {"path": path, "lines": {"begin": line}}}])
    };
    assert!(schema.is_valid(&entry("major", "a/..b/airproof.yml", 1)));
    for refused in [
        entry("high", "a.yml", 1),
        entry("major", "/a.yml", 1),
        entry("major", "../a.yml", 1),
        entry("major", "a/./b.yml", 1),
        entry("major", "a.yml", 0),
    ] {
        assert!(!schema.is_valid(&refused), "{refused}");
    }
}
