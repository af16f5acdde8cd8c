//! The catalogue of rules as one Markdown document, `docs/rules.md`: families, then a page for each rule.

use super::pages::{family, sections};
use crate::rules::{Level, Page, Statement};
use std::io::{self, Write};

const INTRODUCTION: &str = "\
<!-- Made by `airproof rules --format markdown > docs/rules.md` from the rules' own pages. Don't edit it here. -->

# The rules

Each rule is one statement of the Airbyte protocol. Its **level** says how much a violation weighs: MUST breaks the protocol
or loses data, SHOULD works with less than it should, INFO is worth knowing. A rule may weigh a violation less than
its level; its page says when. Its **authority** says what it stands on, and what is only inferred never fails a run. The
last section of each page says what Airbyte's own tests (the connector acceptance tests and the standard tests of
the Python CDK) see of the same defect.

A suite can set another level for a rule, or switch it off; `airproof explain CODE` shows a page on the terminal.";

/// Writes the whole document.
pub fn write(statements: &[Statement], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{INTRODUCTION}\n\n| family | about | rules | MUST | SHOULD | INFO |\n| --- | --- | --- | --- | --- | --- |"
    )?;
    let families: Vec<&[Statement]> = statements.chunk_by(|one, next| one.family() == next.family()).collect();
    for rules in &families {
        let of = |level: Level| rules.iter().filter(|rule| rule.level == level).count();
        let code = rules[0].family();
        let [must, should, info] = [Level::Must, Level::Should, Level::Info].map(of);
        let link = format!("[{code}](#{})", code.to_lowercase());
        writeln!(out, "| {link} | {} | {} | {must} | {should} | {info} |", family(code), rules.len())?;
    }
    for rules in families {
        let code = rules[0].family();
        writeln!(out, "\n## {code}\n\nAbout {}.\n", family(code))?;
        writeln!(out, "| code | level | defect | authority |\n| --- | --- | --- | --- |")?;
        for rule in rules {
            let (level, authority) = (rule.level.as_str().to_uppercase(), rule.authority.describe());
            let link = format!("[{}](#{})", rule.code, anchor(rule));
            writeln!(out, "| {link} | {level} | {} | {authority} |", Page::parse(rule.page).summary)?;
        }
        for rule in rules {
            writeln!(out)?;
            write_page(rule, out)?;
        }
    }
    Ok(())
}

/// Writes one rule's page.
pub fn write_page(rule: &Statement, out: &mut dyn Write) -> io::Result<()> {
    let page = Page::parse(rule.page);
    let commands: Vec<&str> = rule.commands.iter().map(|command| command.as_str()).collect();
    writeln!(out, "### {} {}\n\n{}\n", rule.code, rule.name, page.summary)?;
    let (level, authority) = (rule.level.as_str().to_uppercase(), rule.authority.describe());
    writeln!(out, "**{level}** · judges {} · {authority}: {}", commands.join(", "), rule.source)?;
    for (heading, text) in sections(&page) {
        writeln!(out, "\n**{heading}**\n\n{text}")?;
    }
    Ok(())
}

/// What a link to a rule's heading is called.
fn anchor(rule: &Statement) -> String {
    format!("{}-{}", rule.code.to_lowercase(), rule.name)
}
