//! Markdown, as a comment on a pull request or the summary of a step shows it: verdict, doubts, findings, counts.

use super::headline::headline;
use super::wording::{self, evidence, line, open, paragraph, place, since_counts};
use crate::exit::Exit;
use crate::text::{count, plural, shorten, visible};
use crate::verdict::{FindingResult, Results, Status};
use std::fmt::Write;

/// How large a comment may be, in bytes: GitHub takes 65,536 characters.
pub const COMMENT: usize = 60_000;

/// How many of each list are told.
const ROWS: usize = 200;

/// How many doubts are told.
const DOUBTS: usize = 10;

/// The text, of at most `limit` bytes; where something is left out, it says how much.
pub fn render(results: &Results, limit: usize) -> String {
    let (tone, words) = headline(results);
    let mut page = format!("## airproof: {} · {}\n\n{}\n", tone.word(), escaped(&words), about(results));
    page += &counts(results);
    page += &doubts(results);
    page += &since(results);
    let open = open(&results.findings);
    let mut left = limit.saturating_sub(page.len() + 4_000);
    page += &table(&open, &mut left);
    let (mut blocks, mut told) = (String::new(), 0);
    for finding in open.iter().take(ROWS) {
        let block = block(finding);
        if blocks.len() + block.len() > left {
            break;
        }
        blocks += &block;
        told += 1;
    }
    page += &blocks;
    if told < open.len() {
        let _ =
            writeln!(page, "\nDetails of {} are in the report.", plural((open.len() - told) as u64, "more finding"));
    }
    page += &waived(results);
    let exit = Exit::of_code(results.run.exit_code).map_or("unknown", Exit::meaning);
    let _ = writeln!(page, "\nExit code {}: {exit}. airproof {}.", results.run.exit_code, code(&results.run.airproof));
    page
}

fn about(results: &Results) -> String {
    let names: Vec<String> = results.connectors.iter().take(5).map(|connector| code(&connector.name)).collect();
    let more = results.connectors.len().saturating_sub(5);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let suite = results.run.suite.path.as_ref().map(|path| format!(" · suite {}", code(path))).unwrap_or_default();
    format!("{}{more}{suite} · {:.1} s\n", names.join(", "), results.run.duration)
}

fn counts(results: &Results) -> String {
    let mut page = String::new();
    let counts: Vec<String> = Status::ALL
        .iter()
        .rev()
        .filter_map(|status| {
            results.run.verdict_counts.get(status).map(|n| format!("{} {}", count(*n), status.as_str()))
        })
        .collect();
    if !counts.is_empty() {
        let _ = writeln!(page, "Verdicts: {}.", counts.join(", "));
    }
    for error in results.run.errors.iter().take(DOUBTS) {
        let _ = writeln!(page, "\n**Error:** {}", inline(&line(error, 600)));
    }
    page
}

fn doubts(results: &Results) -> String {
    if results.doubts.is_empty() {
        return String::new();
    }
    let mut page = "\n### Can this be trusted?\n\n".to_owned();
    for doubt in results.doubts.iter().take(DOUBTS) {
        let _ = writeln!(page, "- {}", inline(&line(&doubt.message, 200)));
    }
    let more = results.doubts.len().saturating_sub(DOUBTS);
    if more > 0 {
        let _ = writeln!(page, "- {} in the report.", plural(more as u64, "more doubt"));
    }
    page
}

/// What has changed since an earlier run: the figures, and what is fixed.
fn since(results: &Results) -> String {
    let Some(since) = &results.since else { return String::new() };
    let mut page = format!("\n### Since run {}\n\n{}.\n\n", code(&since.run), since_counts(since));
    for fixed in since.fixed.iter().take(DOUBTS) {
        let _ = writeln!(page, "- fixed: {} {}", escaped(&line(&fixed.rule, 80)), inline(&line(&fixed.title, 160)));
    }
    for flaky in since.flaky.iter().take(DOUBTS) {
        let _ = writeln!(page, "- flaky: {}: another outcome for the same", escaped(&line(&flaky.rule, 80)));
    }
    page
}

/// A row for each finding, as far as two fifths of the room go: the rest is for details.
fn table(open: &[&FindingResult], left: &mut usize) -> String {
    if open.is_empty() {
        return "\nNothing was found.\n".to_owned();
    }
    let mut page = "\n### Findings\n\n| level | rule | what | where |\n| --- | --- | --- | --- |\n".to_owned();
    let (budget, mut told) = (*left * 2 / 5, 0);
    for finding in open.iter().take(ROWS) {
        let since = wording::since(finding).map(|word| format!(", {word}")).unwrap_or_default();
        let level = finding.level.as_str().to_uppercase() + &since;
        let (rule, title) = (escaped(&line(&finding.rule, 80)), inline(&line(&finding.title, 160)));
        let row = format!("| {level} | {rule} | {title} | {} |\n", escaped(&line(&place(finding), 200)));
        if page.len() + row.len() > budget {
            break;
        }
        page += &row;
        told += 1;
    }
    if told < open.len() {
        let _ = writeln!(page, "\n{} in the report.", plural((open.len() - told) as u64, "more finding"));
    }
    *left = left.saturating_sub(page.len());
    page
}

/// A finding, folded.
fn block(finding: &FindingResult) -> String {
    let level = finding.level.as_str().to_uppercase();
    let summary = format!("{level} {}: {}", line(&finding.rule, 80), line(&finding.title, 200));
    let mut block = format!("\n<details><summary>{}</summary>\n\n", markless(&summary));
    if finding.message != finding.title {
        let _ = writeln!(block, "{}\n", inline(&line(&finding.message, 600)));
    }
    let lines: Vec<String> = evidence(finding).flat_map(|(place, lines)| std::iter::once(place).chain(lines)).collect();
    if !lines.is_empty() {
        let _ = writeln!(block, "{}", fenced(&lines.join("\n")));
    }
    // Pages are ours and Markdown, but results can be anyone's.
    for (word, text) in [("Why", &finding.why), ("How to mend it", &finding.help)] {
        if !text.is_empty() {
            let _ = writeln!(block, "**{word}:** {}\n", prose(&paragraph(text, 1_200)));
        }
    }
    if let Some(again) = &finding.reproduction {
        let _ = writeln!(block, "{}", fenced(&visible(&shorten(&again.command, 1_000))));
    }
    let _ = writeln!(block, "{}\n\n</details>", code(&format!("airproof explain {}", finding.rule)));
    block
}

fn waived(results: &Results) -> String {
    let waived: Vec<&FindingResult> = results.findings.iter().filter(|finding| finding.waived.is_some()).collect();
    let mut page = String::new();
    for finding in waived.iter().take(5) {
        let (title, reason) = (line(&finding.title, 160), line(finding.waived.as_deref().unwrap_or_default(), 160));
        let _ = writeln!(page, "\nWaived: {} {} ({})", escaped(&finding.rule), inline(&title), escaped(&reason));
    }
    if waived.len() > 5 {
        let _ = writeln!(page, "\n{} waived.", plural(waived.len() as u64 - 5, "more finding"));
    }
    page
}

/// A text in one line that means nothing in Markdown or HTML, mentions nobody, and links nowhere.
fn escaped(text: &str) -> String {
    let plain = text.chars().fold(String::with_capacity(text.len()), |mut plain, letter| {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$') {
            plain.push('\\');
        }
        plain.push(letter);
        plain
    });
    markless(&plain)
}

/// A text within HTML, where Markdown means nothing. `@`, `#`, `://` and `www.` are kept from becoming links by a space
/// without width behind them; a backslash would not do that.
fn markless(text: &str) -> String {
    let plain = text.chars().fold(String::with_capacity(text.len()), |mut plain, letter| {
        match letter {
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '&' => plain.push_str("&amp;"),
            '@' => plain.push_str("@&#8203;"),
            '#' => plain.push_str("#&#8203;"),
            other => plain.push(other),
        }
        plain
    });
    plain.replace("://", ":&#8203;//").replace("www.", "www&#8203;.")
}

/// A text in one line: what stands between backticks is code, all else plain.
fn inline(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) || text.contains("``") {
        return escaped(text);
    }
    let part = |(at, part): (usize, &&str)| if at % 2 == 1 { code(part) } else { escaped(part) };
    parts.iter().enumerate().map(part).collect()
}

/// A text of a page: its blocks of code stay some, all else is lines.
fn prose(text: &str) -> String {
    let (mut told, mut block): (Vec<String>, Option<Vec<&str>>) = (Vec::new(), None);
    for line in text.lines() {
        match (line.starts_with("```"), block.take()) {
            (true, None) => block = Some(Vec::new()),
            (true, Some(lines)) => told.push(format!("\n{}", fenced(&lines.join("\n")))),
            (false, None) => told.push(inline(line)),
            (false, Some(mut lines)) => {
                lines.push(line);
                block = Some(lines);
            }
        }
    }
    // One that is cut off is closed all the same.
    told.extend(block.map(|lines| format!("\n{}", fenced(&lines.join("\n")))));
    told.join("\n")
}

/// A text as code in a line.
fn code(text: &str) -> String {
    let text = line(text, 400).replace('|', "¦");
    let tick = "`".repeat(longest_run(&text) + 1);
    if text.contains('`') { format!("{tick} {text} {tick}") } else { format!("{tick}{text}{tick}") }
}

/// A text of several lines as code.
fn fenced(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}text\n{text}\n{fence}\n")
}

/// How many backticks stand together at most.
fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_text() {
        assert_eq!(escaped("<b>|`*_[x](y)"), "&lt;b&gt;\\|\\`\\*\\_\\[x\\](y)");
        assert_eq!(escaped("@all #1 https://x"), "@&#8203;all #&#8203;1 https:&#8203;//x");
        assert_eq!((code("a``b").as_str(), code("a|b").as_str()), ("``` a``b ```", "`a¦b`"));
        assert_eq!(fenced("```\nx"), "````text\n```\nx\n````\n");
        assert_eq!(inline("set `a|b` <i>"), "set `a¦b` &lt;i&gt;");
        assert_eq!(inline("a ` b"), "a \\` b");
        assert_eq!(prose("So:\n```python\n<x>\n"), "So:\n\n```text\n<x>\n```\n");
    }
}
