//! `results.tap`: TAP 14, each verdict a test, what was found as a YAML diagnostic.

use super::cases::{Case, Outcome, cases};
use super::wording::{evidence, fixed, line, paragraph, place, since, since_counts};
use crate::text::plural;
use crate::verdict::{FindingResult, Results};
use serde_json::Value;
use std::fmt::Write;

/// How much is told in diagnostics altogether, in bytes.
const DIAGNOSTICS: usize = 8 << 20;

/// The file's content.
pub fn render(results: &Results) -> String {
    let (cases, left_out) = cases(results);
    let mut tap = format!("TAP version 14\n1..{}\n", cases.len());
    for connector in results.connectors.iter().take(100) {
        let _ = writeln!(tap, "# connector: {}", line(&connector.name, 400));
    }
    for doubt in results.doubts.iter().take(100) {
        let _ = writeln!(tap, "# doubt: {}", line(&doubt.message, 400));
    }
    if let Some(since) = &results.since {
        let _ = writeln!(tap, "# since run {}: {}", line(&since.run, 80), since_counts(since));
        for fixed in fixed(since) {
            let _ = writeln!(tap, "# fixed: {fixed}");
        }
    }
    if left_out > 0 {
        let more = plural(left_out as u64, "more verdict");
        let _ = writeln!(tap, "# {more} in results.json, passes before all else");
    }
    let mut room = DIAGNOSTICS;
    for (at, case) in cases.iter().enumerate() {
        write_case(at + 1, case, &mut room, &mut tap);
    }
    tap
}

fn write_case(number: usize, case: &Case<'_>, room: &mut usize, tap: &mut String) {
    // A waived finding is a test that fails and is to be mended some day: TODO, which fails nobody's run.
    let (word, directive) = match &case.outcome {
        Outcome::Passed | Outcome::Noted(_) => ("ok", String::new()),
        Outcome::Waived(reason) => ("not ok", format!(" # TODO waived: {}", escaped(reason))),
        Outcome::Skipped(reason) => ("ok", format!(" # SKIP {}", escaped(reason))),
        Outcome::Failed(_) | Outcome::Hindered(_) => ("not ok", String::new()),
    };
    let _ = writeln!(tap, "{word} {number} - {}: {}{directive}", escaped(&case.launch), escaped(&case.name));
    let diagnostic = match &case.outcome {
        Outcome::Failed(message) => diagnostic("fail", message, &case.findings),
        Outcome::Noted(message) => diagnostic("note", message, &case.findings),
        Outcome::Hindered(message) => diagnostic("error", message, &[]),
        _ => return,
    };
    if diagnostic.len() <= *room {
        *room -= diagnostic.len();
        tap.push_str(&diagnostic);
    }
}

fn diagnostic(severity: &str, message: &str, findings: &[&FindingResult]) -> String {
    let mut yaml = format!("  ---\n  severity: {severity}\n  message: {}\n", scalar(message));
    if !findings.is_empty() {
        yaml += "  findings:\n";
    }
    for finding in findings {
        let mut entry = vec![("id", line(&finding.id, 80)), ("level", finding.level.as_str().to_owned())];
        entry.extend(since(finding).map(|word| ("since", word.to_owned())));
        entry.extend([
            ("title", line(&finding.title, 400)),
            ("where", line(&place(finding), 1_200)),
            ("what", line(&finding.message, 1_200)),
        ]);
        if let Some(first) = finding.evidence.first() {
            entry.extend(first.expected.iter().map(|expected| ("wanted", line(expected, 240))));
            entry.extend(first.actual.iter().map(|actual| ("found", line(actual, 240))));
        }
        entry.push(("help", paragraph(&finding.help, 1_200)));
        for (at, (key, value)) in entry.iter().enumerate() {
            let lead = if at == 0 { "    - " } else { "      " };
            let _ = writeln!(yaml, "{lead}{key}: {}", scalar(value));
        }
        let places: Vec<String> = evidence(finding).map(|(place, _)| scalar(&place)).collect();
        let _ = writeln!(yaml, "      evidence: [{}]", places.join(", "));
    }
    yaml + "  ...\n"
}

/// A text as a YAML scalar: a JSON string is one, and has no character that means something to YAML.
fn scalar(text: &str) -> String {
    Value::from(text).to_string()
}

/// A text in a test's description: `#` would begin a directive.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('#', "\\#")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_begins_no_directive_and_a_scalar_no_key() {
        assert_eq!(escaped("a # TODO \\# x"), "a \\# TODO \\\\\\# x");
        assert_eq!(scalar("- a: \"b\"\n...\n"), "\"- a: \\\"b\\\"\\n...\\n\"");
    }
}
