//! `junit.xml`: one suite, as Maven Surefire writes it and its XSD has it; each verdict is a case.
//!
//! That XSD knows no `testsuites`: what belongs together is told by `classname`, the launch, and `group`, the family.

use super::cases::{Case, Outcome, cases};
use super::wording::{account, fixed, line, since_counts};
use crate::verdict::Results;
use std::fmt::Write;

/// How much is told of all findings together, in bytes. Past that, a case has its message alone.
const ACCOUNTS: usize = 8 << 20;

/// How long an attribute may be, in characters.
const VALUE: usize = 400;

/// The file's content.
pub fn render(results: &Results) -> String {
    let (cases, left_out) = cases(results);
    let count = |matches: fn(&Outcome) -> bool| cases.iter().filter(|case| matches(&case.outcome)).count();
    let failures = count(|outcome| matches!(outcome, Outcome::Failed(_)));
    let errors = count(|outcome| matches!(outcome, Outcome::Hindered(_)));
    let skipped = count(|outcome| matches!(outcome, Outcome::Skipped(_)));
    let names: Vec<&str> = results.connectors.iter().map(|connector| connector.name.as_str()).collect();
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"{}\" time=\"{}\" tests=\"{}\" \
         errors=\"{errors}\" skipped=\"{skipped}\" failures=\"{failures}\">\n  <properties>\n",
        attribute(&format!("airproof {}", names.join(", "))),
        seconds(cases.iter().map(|case| case.milliseconds).sum()),
        cases.len(),
    );
    for (name, value) in properties(results, left_out) {
        let _ = writeln!(xml, "    <property name=\"{}\" value=\"{}\"/>", attribute(&name), attribute(&value));
    }
    xml += "  </properties>\n";
    let mut room = ACCOUNTS;
    for case in &cases {
        write_case(case, &mut room, &mut xml);
    }
    xml + "</testsuite>\n"
}

fn properties(results: &Results, left_out: usize) -> Vec<(String, String)> {
    let run = &results.run;
    let mut properties = vec![
        ("airproof.version".to_owned(), run.airproof.clone()),
        ("airproof.run".to_owned(), run.id.clone()),
        ("airproof.started".to_owned(), run.started_at.clone()),
        ("airproof.duration".to_owned(), format!("{:.3}", run.duration.max(0.0))),
        ("airproof.exit-code".to_owned(), run.exit_code.to_string()),
        ("suite.digest".to_owned(), run.suite.digest.clone()),
    ];
    for connector in results.connectors.iter().take(100) {
        let subject = &connector.subject;
        properties.push(("connector".to_owned(), connector.name.clone()));
        properties.extend(subject.image_id.clone().map(|id| ("connector.image-id".to_owned(), id)));
    }
    if let Some(since) = &results.since {
        properties.push(("since.run".to_owned(), since.run.clone()));
        properties.push(("since".to_owned(), since_counts(since)));
        properties.extend(fixed(since).map(|fixed| ("since.fixed".to_owned(), fixed)));
    }
    properties.extend(results.doubts.iter().take(100).map(|doubt| ("doubt".to_owned(), doubt.message.clone())));
    if left_out > 0 {
        properties.push(("airproof.cases-left-out".to_owned(), format!("{left_out}, see results.json")));
    }
    properties
}

fn write_case(case: &Case<'_>, room: &mut usize, xml: &mut String) {
    let group = case.rule.split('-').next().unwrap_or_default();
    let _ = write!(
        xml,
        "  <testcase name=\"{}\" classname=\"{}\" group=\"{}\" time=\"{}\"",
        attribute(&case.name),
        attribute(&case.launch),
        attribute(group),
        seconds(case.milliseconds)
    );
    let kind = attribute(&case.rule);
    let mut told = |message: &str| {
        let accounts: Vec<String> = case.findings.iter().map(|finding| account(finding)).collect();
        let whole = escaped(&accounts.join("\n\n"));
        let fits = !whole.is_empty() && whole.len() <= *room;
        *room -= if fits { whole.len() } else { 0 };
        if fits { whole } else { escaped(message) }
    };
    let child = match &case.outcome {
        Outcome::Passed => return xml.push_str("/>\n"),
        Outcome::Skipped(reason) => format!("<skipped message=\"{}\"/>", attribute(reason)),
        Outcome::Hindered(reason) => {
            format!("<error type=\"error\" message=\"{}\">{}</error>", attribute(reason), escaped(reason))
        }
        Outcome::Failed(message) => {
            format!("<failure type=\"{kind}\" message=\"{}\">{}</failure>", attribute(message), told(message))
        }
        Outcome::Noted(message) => format!("<system-out>{}</system-out>", told(message)),
        Outcome::Waived(reason) => format!("<system-out>{}</system-out>", escaped(&format!("waived: {reason}"))),
    };
    let _ = writeln!(xml, ">\n    {child}\n  </testcase>");
}

/// A time as Surefire writes it.
fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1_000, milliseconds % 1_000)
}

/// A text as an attribute's value.
fn attribute(text: &str) -> String {
    escaped(&line(text, VALUE))
}

/// A text between tags or quotes: markup as entities, and what XML 1.0 has no place for as U+FFFD.
pub(super) fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut xml, letter| {
        match letter {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\'' => xml.push_str("&#39;"),
            '\n' => xml.push('\n'),
            '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => xml.push('\u{fffd}'),
            plain => xml.push(plain),
        }
        xml
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_text_or_a_value() {
        assert_eq!(escaped("a]]>b<&\"'"), "a]]&gt;b&lt;&amp;&quot;&#39;");
        assert_eq!(escaped("\0\x1b\u{ffff}ä\n"), "\u{fffd}\u{fffd}\u{fffd}ä\n");
        assert_eq!(attribute("a\r\n\0b"), "a␍⏎␀b");
    }
}
