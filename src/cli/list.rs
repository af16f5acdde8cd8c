//! `airproof list`

use super::args::ListArguments;
use super::session::select;
use super::{Refusal, test};
use crate::engine::Selection;
use crate::exit::Exit;
use crate::experiments::{all_statements, find_experiment};
use crate::plan::{Plan, PlannedLaunch};
use crate::protocol::Expect;
use crate::rules::Statement;
use crate::suite::{LevelSetting, Suite, Target};
use crate::text;
use std::io::Write;

pub(super) fn run(arguments: &ListArguments) -> Result<Exit, Refusal> {
    let suite = test::load(&arguments.suite)?;
    let selection =
        select(&arguments.selection.rules, &arguments.selection.skipped_rules, &arguments.selection.streams)?;
    let plan = Plan::of(&suite);
    let mut out = anstream::stdout().lock();
    let target = match &suite.connector.target {
        Target::Image(image) => format!("the image {image}"),
        Target::Exec(command) => format!("the local command {command}"),
    };
    writeln!(out, "{} launches of {target}:\n", plan.launches.len())?;
    for launch in &plan.launches {
        let needs: Vec<&str> = launch.needs.iter().map(|need| plan.launches[*need].id.as_str()).collect();
        let after = if needs.is_empty() { String::new() } else { format!(", after {}", needs.join(" and ")) };
        let (judged, off) = statements(launch, &suite, &selection);
        writeln!(out, "  {}\n    {}{after}", launch.id, launch.describe())?;
        writeln!(out, "    judged by {}: {}", text::plural(judged.len() as u64, "rule"), codes(&judged))?;
        if !off.is_empty() {
            writeln!(out, "    off: {}", codes(&off))?;
        }
    }
    writeln!(out)?;
    for (scenario, earlier) in &plan.alike {
        writeln!(out, "{scenario}: the same as {earlier}, launched once")?;
    }
    for scenario in &suite.scenarios {
        if scenario.expect == Expect::Failed {
            let canaries = if scenario.canaries { ", with canaries in place of its secrets" } else { "" };
            writeln!(out, "{}: expected to fail, so it is only checked{canaries}", scenario.name)?;
        }
        for skipped in &scenario.streams.skip {
            writeln!(out, "{}: {} is not read: {}", scenario.name, skipped.stream, skipped.reason)?;
        }
    }
    Ok(Exit::Passed)
}

/// The rules and experiments that judge a launch, and those that are switched off.
fn statements(launch: &PlannedLaunch, suite: &Suite, selection: &Selection) -> (Vec<Statement>, Vec<Statement>) {
    let command = launch.purpose.command();
    let is_rule = |statement: &Statement| find_experiment(statement.code).is_none();
    all_statements()
        .filter(|statement| is_rule(statement) && statement.commands.contains(&command))
        .filter(|statement| selection.wants(*statement))
        .partition(|statement| suite.rules.get(statement.code) != Some(&LevelSetting::Off))
}

fn codes(statements: &[Statement]) -> String {
    if statements.is_empty() {
        return "none".to_owned();
    }
    statements.iter().map(|statement| statement.code).collect::<Vec<_>>().join(" ")
}
