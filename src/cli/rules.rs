//! `airproof rules` and `airproof explain`

use super::Refusal;
use super::args::{ExplainArguments, RulesArguments, RulesFormat};
use crate::exit::Exit;
use crate::experiments::{Experiment, Launches, all_statements, find_experiment, find_statement};
use crate::report::laboratory::{self, Told};
use crate::report::{handbook, pages};
use crate::rules::Statement;
use crate::text;
use std::io::Write;

pub(super) fn list(arguments: &RulesArguments) -> Result<Exit, Refusal> {
    let is_wanted = |statement: &Statement| !arguments.experiments || find_experiment(statement.code).is_some();
    let statements: Vec<_> = all_statements().filter(is_wanted).collect();
    let mut out = anstream::stdout().lock();
    match arguments.format {
        RulesFormat::Text => pages::write_catalogue(&statements, &mut out)?,
        RulesFormat::Json => {
            let rules: Vec<_> = statements.iter().map(as_json).collect();
            writeln!(out, "{:#}", serde_json::Value::from(rules))?;
        }
        RulesFormat::Markdown if arguments.experiments => {
            let told: Vec<Told> =
                statements.iter().filter_map(|statement| find_experiment(statement.code)).map(told).collect();
            laboratory::write(&told, &mut out)?;
        }
        RulesFormat::Markdown => handbook::write(&statements, &mut out)?,
    }
    Ok(Exit::Passed)
}

fn told(experiment: &Experiment) -> Told {
    let launches = experiment.launches.iter().map(Launches::describe).collect();
    Told { statement: experiment.statement, depth: experiment.depth.name(), launches }
}

pub(super) fn explain(arguments: &ExplainArguments) -> Result<Exit, Refusal> {
    let word = &arguments.rule;
    let Some(statement) = find_statement(word) else {
        let known: Vec<_> = all_statements().flat_map(|statement| [statement.code, statement.name]).collect();
        let near = text::near(word, known, 3);
        let hint = match near.as_slice() {
            [] => String::new(),
            near => format!("\nDid you mean: {}?", near.join(", ")),
        };
        let word = text::visible(word);
        return Err(Refusal::usage(format!(
            "error: there is no rule `{word}`{hint}\n`airproof rules` lists them all."
        )));
    };
    let mut out = anstream::stdout().lock();
    match arguments.format {
        RulesFormat::Text => pages::write_page(&statement, &mut out)?,
        RulesFormat::Json => writeln!(out, "{:#}", as_json(&statement))?,
        RulesFormat::Markdown => handbook::write_page(&statement, &mut out)?,
    }
    Ok(Exit::Passed)
}

/// What is known of it, and whether it takes launches of its own.
fn as_json(statement: &Statement) -> serde_json::Value {
    let mut known = pages::as_json(statement);
    known["experiment"] = find_experiment(statement.code).is_some().into();
    known
}
