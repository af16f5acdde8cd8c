//! The catalogue of rules and their pages, for people and as JSON.

use crate::rules::{Page, Statement};
use anstyle::Style;
use serde_json::{Value, json};
use std::io::{self, Write};

const BOLD: Style = Style::new().bold();
const DIM: Style = anstyle::AnsiColor::BrightBlack.on_default();

/// What a family is about.
pub(super) fn family(code: &str) -> &'static str {
    match code {
        "CLI" => "how a command runs and ends",
        "LINE" => "lines and messages on stdout",
        "LOG" => "LOG messages",
        "SPEC" => "the specification",
        "CHECK" => "the verdict on a configuration",
        "DISC" => "the catalog",
        "SCHEMA" => "the streams' schemas",
        "READ" => "records",
        "STATE" => "states",
        "STATUS" => "stream statuses",
        "TRACE" => "errors as the user sees them",
        "CTRL" => "changes of the configuration that the connector asks for",
        "TYPE" => "values, field by field",
        "SEC" => "secrets",
        "META" => "what the connector's metadata.yaml and documentation say of it",
        "COMPAT" => "what changed from another version, by `airproof compare`",
        "DEST" => "destinations: what was acknowledged is there, what was refreshed is whole",
        "PIPE" => "a source and a destination together, by `airproof pipe`",
        "BASE" => "what differs from the accepted baselines",
        "EXP" => "experiments: several launches judged together",
        "SUITE" => "what the suite expects of this connector",
        "USE" => "what a launch uses, against the limits that the suite sets",
        _ => "",
    }
}

/// Writes the catalogue: families, and a line for each rule.
pub fn write_catalogue(statements: &[Statement], out: &mut dyn Write) -> io::Result<()> {
    let mut last = "";
    for statement in statements {
        if statement.family() != last {
            last = statement.family();
            writeln!(out, "\n{BOLD}{last}{BOLD:#}  {DIM}{}{DIM:#}", family(last))?;
        }
        let summary = Page::parse(statement.page).summary;
        let level = statement.level.as_str();
        writeln!(out, "  {:<11}{level:<8}{BOLD}{}{BOLD:#}", statement.code, statement.name)?;
        writeln!(out, "  {:<19}{summary}", "")?;
    }
    writeln!(
        out,
        "\n{} rules and experiments. `airproof explain CODE` shows what one checks, why, and how to mend what it finds.",
        statements.len()
    )
}

/// Writes a rule's page.
pub fn write_page(statement: &Statement, out: &mut dyn Write) -> io::Result<()> {
    let page = Page::parse(statement.page);
    let commands: Vec<&str> = statement.commands.iter().map(|command| command.as_str()).collect();
    writeln!(out, "{BOLD}{} {}{BOLD:#}\n{}\n", statement.code, statement.name, page.summary)?;
    writeln!(out, "{DIM}level{DIM:#}      {}", statement.level.as_str().to_uppercase())?;
    writeln!(out, "{DIM}judges{DIM:#}     {}", commands.join(", "))?;
    writeln!(out, "{DIM}authority{DIM:#}  {}: {}", statement.authority.describe(), statement.source)?;
    for (heading, text) in sections(&page) {
        writeln!(out, "\n{BOLD}{heading}{BOLD:#}")?;
        for line in text.lines().filter(|line| !line.starts_with("```")) {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(())
}

/// A rule as JSON: everything that its page says.
pub fn as_json(statement: &Statement) -> Value {
    let page = Page::parse(statement.page);
    json!({
        "code": statement.code,
        "name": statement.name,
        "family": statement.family(),
        "level": statement.level,
        "commands": statement.commands,
        "authority": statement.authority,
        "source": statement.source,
        "summary": page.summary,
        "checks": page.checks,
        "why": page.why,
        "example": page.example,
        "mend": page.mend,
        "peers": page.peers,
    })
}

pub(super) fn sections(page: &Page) -> impl Iterator<Item = (&'static str, &str)> {
    let texts = [page.checks.as_str(), &page.why, &page.example, &page.mend, &page.peers];
    Page::HEADINGS.into_iter().zip(texts)
}
