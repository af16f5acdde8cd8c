//! The experiments as one Markdown document, `docs/experiments.md`: what each does, what it costs, what it proves.

use crate::rules::{Page, Statement};
use std::io::{self, Write};

/// An experiment, as the document tells it.
pub struct Told {
    /// What is known about it.
    pub statement: Statement,
    /// The shallowest suite that makes it: `standard`.
    pub depth: &'static str,
    /// Its launches, each in a sentence; empty where it needs none of its own.
    pub launches: Vec<String>,
}

const INTRODUCTION: &str = include_str!("laboratory.md");

/// Writes the whole document.
pub fn write(experiments: &[Told], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{INTRODUCTION}")?;
    writeln!(out, "| code | level | fault | from | launches |\n| --- | --- | --- | --- | --- |")?;
    for told in experiments {
        let Statement { code, level, page, name, .. } = told.statement;
        let link = format!("[{code}](#{}-{name})", code.to_lowercase());
        let launches = told.launches.len();
        let (level, summary) = (level.as_str().to_uppercase(), Page::parse(page).summary);
        writeln!(out, "| {link} | {level} | {summary} | {} | {launches} |", told.depth)?;
    }
    for told in experiments {
        write_one(told, out)?;
    }
    Ok(())
}

fn write_one(told: &Told, out: &mut dyn Write) -> io::Result<()> {
    let Statement { code, name, level, authority, page, source, .. } = told.statement;
    let page = Page::parse(page);
    writeln!(out, "\n## {code} {name}\n\n{}\n", page.summary)?;
    let (level, authority) = (level.as_str().to_uppercase(), authority.describe());
    writeln!(out, "**{level}** · from `{}` on · {authority}: {source}\n", told.depth)?;
    writeln!(out, "**What it does, what it proves and what it cannot**\n\n{}\n", page.checks)?;
    writeln!(out, "**What it costs**\n")?;
    if told.launches.is_empty() {
        writeln!(out, "Nothing: it looks at launches that every suite makes.\n")?;
    }
    for launches in &told.launches {
        writeln!(out, "- {launches}")?;
    }
    writeln!(out, "\nWhy it matters and how to mend it: [its page](rules.md#{}-{name}).", code.to_lowercase())
}
