//! A connector's metadata.yaml beside the suite, with the icon and the documentation in the same repository, is judged;
//! without the file nothing is told of them.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use binary::{Outcome, Place};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// Nothing is wrong with this one, of a certified source.
const GOOD: &str = "
metadataSpecVersion: '1.0'
data:
  ab_internal: {ql: 400, sl: 200}
  allowedHosts: {hosts: [api.orders.example]}
  connectorBuildOptions:
    baseImage: acme/base:4.0.2@sha256:9fdb1888000000000000000000000000000000000000000000000000000abcde
  connectorSubtype: api
  connectorType: source
  definitionId: 5f0c1f5e-9f7b-4b0c-9a38-6c2f0f0c7a11
  dockerImageTag: 2.0.0
  dockerRepository: acme/source-orders
  documentationUrl: https://docs.airbyte.com/integrations/sources/orders
  githubIssueLabel: source-orders
  license: MIT
  name: Orders
  releaseStage: generally_available
  releases:
    breakingChanges:
      2.0.0: {message: Ids are numbers now., upgradeDeadline: 2026-03-31}
  suggestedStreams: {streams: [orders]}
  supportLevel: certified
  tags: ['language:shell']
";

const GOOD_PAGE: &str = "# Orders\n\n## Prerequisites\n\nAn API key.\n\n## Setup guide\n\n## Supported sync modes\n
## Supported streams\n\n## Changelog\n\n| 2.0.0 | 2026-02-03 | Ids are numbers |\n";

/// Broken wherever one file can be.
const BAD: &str = "
data:
  allowedHosts: {hosts: ['https://api.orders.example/']}
  connectorBuildOptions: {baseImage: 'acme/base:4.0.2'}
  connectorType: source
  definitionId: orders
  dockerImageTag: 3.0.0
  dockerRepository: acme/source-orders:3.0.0
  documentationUrl: https://docs.airbyte.com/integrations/sources/orders
  name: Orders
  releaseStage: ga
  releases:
    rolloutConfiguration: {enableProgressiveRollout: true}
    breakingChanges: {4.0.0: {message: Soon.}}
  suggestedStreams: {streams: [Orders]}
  supportLevel: certified
  tags: [shell]
";

const BAD_PAGE: &str = "# Orders\n\n## Changelog\n\n2.9.0\n\n## Prerequisites\n\nPatience.\n";

/// A stream without key that can't be read incrementally stands beside the usual one.
const TWO_STREAMS: &str = r#"say_catalog | sed 's/"streams":\[/&{"name":"regions","json_schema":{"type":"object","properties":{"name":{"type":"string"}}},"supported_sync_modes":["full_refresh"]},/'"#;

/// What is found about metadata where these files lie beside the suite: codes with levels.
fn judged(files: &[(&str, &str)], environment: Value) -> (Outcome, Vec<String>) {
    let place = Place::new();
    place.suite(json!({"depth": "quick", "connector": {"environment": environment}}));
    for (name, text) in files {
        fs::create_dir_all(place.path(name).parent().unwrap()).unwrap();
        place.write(name, text);
    }
    let outcome = place.run(&["test"]);
    let all = outcome.results()["findings"].as_array().unwrap().iter();
    let mut found: Vec<String> = all
        .map(|finding| (finding["rule"].as_str().unwrap(), finding["level"].as_str().unwrap()))
        .filter(|(rule, _)| rule.starts_with("META"))
        .map(|(rule, level)| format!("{rule} {level}"))
        .collect();
    found.sort_unstable();
    found.dedup();
    (outcome, found)
}

#[test]
fn what_is_right_is_not_found_fault_with() {
    let files = [("metadata.yaml", GOOD), ("icon.svg", "<svg/>"), ("docs/integrations/sources/orders.md", GOOD_PAGE)];
    let (outcome, found) = judged(&files, json!({}));
    assert_eq!(found, [""; 0], "{}", outcome.told());
    for rule in ["META-001", "META-010", "META-011", "META-017", "META-018", "META-019"] {
        assert_eq!(outcome.statuses(rule), ["pass"], "{rule}");
    }
}

#[test]
fn each_fault_of_the_files_is_found() {
    let files = [("metadata.yaml", BAD), ("docs/integrations/sources/orders.md", BAD_PAGE)];
    let (outcome, found) = judged(&files, json!({"ON_DISCOVER": TWO_STREAMS}));
    let expected = [
        "META-001 should",
        "META-003 should",
        "META-004 info",
        "META-005 should",
        "META-006 should",
        "META-008 should",
        "META-010 should",
        "META-011 should",
        "META-012 should",
        "META-013 should",
        "META-014 should",
        "META-015 should",
        "META-017 info",
        "META-018 info",
        "META-019 should",
        "META-020 info",
    ];
    assert_eq!(found, expected, "{}", outcome.told());

    // What can't be wrong together with those.
    let other = BAD
        .replace("dockerImageTag: 3.0.0", "dockerImageTag: 1.10")
        .replace("https://docs.airbyte.com/integrations/sources/", "docs/")
        .replace("hosts: [", "others: [")
        .replace("streams: [Orders]", "streams: []");
    let (outcome, found) = judged(&[("metadata.yaml", other.as_str())], json!({}));
    for expected in ["META-002 should", "META-007 should", "META-009 should", "META-016 should"] {
        assert!(found.iter().any(|found| found == expected), "no {expected}: {}", outcome.told());
    }
    outcome.says("\"1.10\"");
}

#[test]
fn without_the_file_nothing_is_told() {
    let bomb: String =
        (1..12).map(|level| format!("l{level}: &l{level} [{}]\n", format!("*l{},", level - 1).repeat(10))).collect();
    let bomb = format!("l0: &l0 [x]\n{bomb}data: {{connectorType: source, tags: *l11}}\n");
    let page = ("docs/integrations/sources/orders.md", BAD_PAGE);
    let others = ["data: {owner: another program}\n", "data: [", bomb.as_str()];
    let beside = others.iter().map(|text| vec![("metadata.yaml", *text), page]).chain([vec![page]]);
    for files in beside {
        let (outcome, found) = judged(&files, json!({}));
        outcome.exits(0).within(30);
        assert_eq!(found, [""; 0], "{}", outcome.told());
        for number in 1..=20 {
            assert_eq!(outcome.statuses(&format!("META-{number:03}")), ["skip"], "{number}");
        }
    }
}

/// A server that answers each request with the status that its path begins with; the paths that it was asked for.
fn server() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, asked) = (format!("http://{}", listener.local_addr().unwrap()), Arc::new(Mutex::new(Vec::new())));
    let seen = asked.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            let first = lines.next().unwrap_or_default();
            lines.take_while(|line| !line.is_empty()).for_each(drop);
            let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
            let status = path.split('/').nth(1).unwrap_or_default().to_owned();
            seen.lock().unwrap().push(path);
            let _ = write!(stream, "HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    (address, asked)
}

#[test]
fn links_are_requested_where_the_suite_asks_for_it_and_nowhere_else() {
    let (address, asked) = server();
    let links = ["200/a", "404/b", "401/c", "429/d", "503/e", "404/f"].map(|path| format!("[x]({address}/{path}) "));
    let page = format!("{GOOD_PAGE}\n{} `{address}/404/code` http://127.0.0.1:1/\n", links.concat());
    let place = Place::new();
    fs::create_dir_all(place.path("docs/integrations/sources")).unwrap();
    place.write("metadata.yaml", GOOD);
    place.write("docs/integrations/sources/orders.md", &page);
    let run = |suite: Value, arguments: &[&str]| {
        place.suite(suite);
        let arguments: Vec<&str> = ["test", "--rule", "META-*"].iter().chain(arguments).copied().collect();
        let mut command = place.command(&arguments);
        for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy", "HTTPS_PROXY"] {
            command.env_remove(name);
        }
        place.start(command).end()
    };
    let silent = run(json!({"depth": "quick"}), &[]);
    assert_eq!(silent.statuses("META-022"), ["skip"], "{}", silent.told());
    let links = json!({"depth": "quick", "documentation": {"links": true}});
    assert_eq!(run(links.clone(), &["--skip-rule", "META-022"]).statuses("META-022"), [""; 0]);
    let off = json!({"depth": "quick", "documentation": {"links": true}, "rules": {"META-022": "off"}});
    assert_eq!(run(off, &[]).statuses("META-022"), ["off"]);
    assert_eq!(*asked.lock().unwrap(), [""; 0]);

    let outcome = run(links, &[]);
    let finding = outcome.finding("META-022");
    assert_eq!((&finding["level"], &finding["count"]), (&json!("info"), &json!(2)), "{finding}");
    let told = finding.to_string();
    assert!(told.contains("/404/b") && told.contains("/404/f") && !told.contains("/429/d"), "{told}");
    let mut paths = asked.lock().unwrap().clone();
    paths.sort();
    assert_eq!(paths, ["/200/a", "/401/c", "/404/b", "/404/f", "/429/d", "/503/e"]);
}

#[test]
fn a_config_of_airbytes_own_tests_has_no_link_requested() {
    let (address, asked) = server();
    let place = Place::new();
    fs::create_dir_all(place.path("docs/integrations/sources")).unwrap();
    place.write("metadata.yaml", GOOD);
    place.write("docs/integrations/sources/orders.md", &format!("{GOOD_PAGE}\n{address}/404/a\n"));
    place.write("config.json", r#"{"api_key": "key-of-the-shop-1"}"#);
    place.write(
        "acceptance-test-config.yml",
        "acceptance_tests:\n  spec: { tests: [{ config_path: config.json }] }\n  connector_documentation: { tests: [{}] }\n",
    );
    let shell = format!("sh {}", binary::SOURCE);
    let outcome = place.run(&["test", ".", "--exec", &shell, "--suite", "quick", "--rule", "META-02[12]"]);
    assert_eq!(outcome.statuses("META-022"), ["skip"], "{}", outcome.told());
    assert_eq!(outcome.statuses("META-021"), ["pass"], "{}", outcome.told());
    assert_eq!(*asked.lock().unwrap(), [""; 0]);
}
