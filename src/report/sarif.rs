//! `results.sarif`: SARIF 2.1.0, within the limits of GitHub's code scanning.
//!
//! GitHub refuses files over 10 MB (compressed) and shows the first 5,000 results of a run; both are kept, the first
//! without counting on compression. What is cut is told as a notification.

use super::checkout::Checkout;
use super::wording::{account, fixed, line, open, paragraph, place, since_counts};
use crate::exit::Exit;
use crate::rules::{Level, Page, Statement};
use crate::text::plural;
use crate::verdict::{FindingResult, Results, SinceMark};
use serde_json::{Value, json};
use std::collections::HashMap;

/// How many results there are at most.
const RESULTS: usize = 5_000;

/// How large all results are at most, as compact JSON, in bytes. Rules and errors come on top, each bounded.
const BYTES: usize = 8_000_000;

/// How many streams and launches a result names.
const LOGICAL: usize = 20;

/// How long a section of a page may be, in characters.
const SECTION: usize = 8_000;

/// Where Airbyte's documentation has what sources begin with; the more special stand first. airproof's own pages have no address that
/// is known here: they are in `help`.
const PAGES: [(&str, &str); 7] = [
    ("Airbyte protocol for Docker", "https://docs.airbyte.com/understanding-airbyte/airbyte-protocol-docker"),
    ("airbyte-protocol-docker", "https://docs.airbyte.com/understanding-airbyte/airbyte-protocol-docker"),
    ("Airbyte protocol", "https://docs.airbyte.com/understanding-airbyte/airbyte-protocol"),
    ("airbyte-protocol", "https://docs.airbyte.com/understanding-airbyte/airbyte-protocol"),
    ("protocol:", "https://docs.airbyte.com/understanding-airbyte/airbyte-protocol"),
    ("supported data types", "https://docs.airbyte.com/understanding-airbyte/supported-data-types"),
    (
        "connector specification reference",
        "https://docs.airbyte.com/connector-development/connector-specification-reference",
    ),
];

/// The file's content. `statements` are the rules and experiments that there are; those that found something are told.
pub fn render(results: &Results, statements: &[Statement], checkout: &Checkout) -> String {
    let mut findings = open(&results.findings);
    findings.extend(results.findings.iter().filter(|finding| finding.waived.is_some()));
    let mut rules: Vec<Value> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let (mut told, mut size) = (Vec::new(), 0);
    for finding in &findings {
        let at = *places.entry(finding.rule.as_str()).or_insert(rules.len());
        let result = result(finding, at, results, checkout);
        size += result.to_string().len();
        if told.len() == RESULTS || size > BYTES {
            places.retain(|_, place| *place < rules.len());
            break;
        }
        if at == rules.len() {
            let statement = statements.iter().find(|statement| statement.code == finding.rule);
            rules.push(statement.map_or_else(|| unknown_rule(finding), rule));
        }
        told.push(result);
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "airproof",
                "version": line(&results.run.airproof, 80),
                "rules": rules,
            }},
            "invocations": [invocation(results, findings.len() - told.len())],
            "columnKind": "unicodeCodePoints",
            "results": told,
        }],
    });
    log.to_string() + "\n"
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Must => "error",
        Level::Should => "warning",
        Level::Info => "note",
    }
}

fn rule(statement: &Statement) -> Value {
    let page = Page::parse(statement.page);
    let sections: Vec<String> = super::pages::sections(&page)
        .filter(|(_, text)| !text.is_empty())
        .map(|(heading, text)| format!("## {heading}\n\n{}", paragraph(text, SECTION)))
        .collect();
    let source = format!("It stands on the {}: {}", statement.authority.describe(), statement.source);
    let help = format!("{}\n\n{source}\n", sections.join("\n\n"));
    let mut rule = json!({
        "id": statement.code,
        "name": statement.name,
        "shortDescription": {"text": page.summary},
        "fullDescription": {"text": page.checks},
        "help": {"text": help, "markdown": help},
        "defaultConfiguration": {"level": level(statement.level)},
        "properties": {
            "tags": [statement.family(), statement.level.as_str()],
            "problem.severity": match statement.level {
                Level::Must => "error",
                Level::Should => "warning",
                Level::Info => "recommendation",
            },
        },
    });
    if let Some((_, address)) = PAGES.iter().find(|(begin, _)| statement.source.starts_with(begin)) {
        rule["helpUri"] = json!(address);
    }
    rule
}

/// A rule that this version does not have: results can be another version's.
fn unknown_rule(finding: &FindingResult) -> Value {
    json!({
        "id": finding.rule,
        "name": line(&finding.name, 200),
        "shortDescription": {"text": line(&finding.name, 200)},
        "help": {"text": paragraph(&finding.help, SECTION)},
    })
}

fn result(finding: &FindingResult, rule: usize, results: &Results, checkout: &Checkout) -> Value {
    let logical = |name: String, kind: &str| json!({"name": name, "fullyQualifiedName": name, "kind": kind});
    let streams = finding.streams.iter().take(LOGICAL).map(|stream| logical(line(&stream.to_string(), 200), "stream"));
    let launches = finding.launches.iter().take(LOGICAL).map(|launch| logical(line(launch, 200), "launch"));
    let logical: Vec<Value> = streams.chain(launches).collect();
    // Code scanning takes results of one rule at one place for one unless the first fingerprint tells them apart.
    let fingerprints = json!({"primaryLocationLineHash": format!("{}:1", finding.id), "finding/v1": finding.id});
    let title = linkless(&line(&finding.title, 240));
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": level(finding.level),
        "message": {"text": format!("{title}\n{}", linkless(&account(finding)))},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": uri(&checkout.file_of(finding, results))},
                "region": {"startLine": 1},
            },
            "logicalLocations": logical,
            "message": {"text": linkless(&line(&place(finding), 400))},
        }],
        "partialFingerprints": fingerprints,
        "occurrenceCount": finding.count.max(1),
        "properties": {
            "connector": line(&finding.connector, 200),
            "scenario": finding.scenario.as_deref().map(|scenario| line(scenario, 200)),
            "authority": finding.authority.describe(),
            "source": line(&finding.source, 400),
        },
    });
    if let Some(mark) = finding.since {
        result["baselineState"] = json!(match mark {
            SinceMark::New => "new",
            SinceMark::Still => "unchanged",
        });
    }
    if let Some(reason) = &finding.waived {
        result["suppressions"] =
            json!([{"kind": "external", "status": "accepted", "justification": line(reason, 400)}]);
    }
    result
}

fn invocation(results: &Results, cut: usize) -> Value {
    let run = &results.run;
    let exit = Exit::of_code(run.exit_code);
    let is_whole = matches!(exit, Some(Exit::Passed | Exit::Findings | Exit::Unreviewed)) && run.errors.is_empty();
    let notification = |level: &str, text: String| json!({"level": level, "message": {"text": linkless(&text)}});
    let mut told: Vec<Value> =
        run.errors.iter().take(100).map(|error| notification("error", line(error, 1_200))).collect();
    told.extend(results.doubts.iter().take(100).map(|doubt| notification("warning", line(&doubt.message, 400))));
    // Not as results that are `absent`: code scanning takes every result for one that is there, whatever its state.
    if let Some(since) = &results.since {
        told.push(notification("note", format!("since run {}: {}", line(&since.run, 80), since_counts(since))));
        told.extend(fixed(since).map(|fixed| notification("note", format!("fixed: {fixed}"))));
    }
    if cut > 0 {
        let told_of = plural(cut as u64, "more finding");
        told.push(notification("warning", format!("{told_of} in results.json: this file has room for no more")));
    }
    json!({
        "executionSuccessful": is_whole,
        "exitCode": run.exit_code,
        "exitCodeDescription": exit.map_or("unknown", Exit::meaning),
        "startTimeUtc": run.started_at,
        "toolExecutionNotifications": told,
    })
}

/// A message without links: `[text](target)` is one in SARIF's plain text.
fn linkless(text: &str) -> String {
    text.replace("](", "] (")
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut uri, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
        uri
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_uris_and_messages_have_no_links() {
        assert_eq!(uri("a b/ä:x?.yml"), "a%20b/%C3%A4%3Ax%3F.yml");
        assert_eq!(linkless("[click](https://evil)"), "[click] (https://evil)");
    }
}
