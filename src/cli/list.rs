//! `airproof list`

use super::args::ListArguments;
use super::session::select;
use super::{Refusal, test};
use crate::engine::Selection;
use crate::exit::Exit;
use crate::experiments::{ALL, Experiment, Occasion, all_statements, find_experiment, launches_of, most_of};
use crate::plan::{Plan, PlannedLaunch};
use crate::protocol::Expect;
use crate::rules::Statement;
use crate::suite::{LevelSetting, Loaded, Shard, Suite, Target};
use crate::text;
use std::io::{self, Write};

pub(super) fn run(arguments: &ListArguments) -> Result<Exit, Refusal> {
    let Loaded { mut suites, unreadable } = test::load(&arguments.suite)?;
    test::tell_remarks(&suites)?;
    test::tell_unreadable(&unreadable)?;
    let selection =
        select(&arguments.selection.rules, &arguments.selection.skipped_rules, &arguments.selection.streams)?;
    let mut out = anstream::stdout().lock();
    if let Some(shard) = arguments.shard {
        suites = taken(shard, suites, &mut out)?;
    }
    for (at, suite) in suites.iter().enumerate() {
        if suite.slug.is_some() {
            let space = if at > 0 { "\n" } else { "" };
            writeln!(out, "{space}connector {} of {}: {}\n", at + 1, suites.len(), text::visible(&suite.name))?;
        }
        list(suite, &selection, arguments.verbose, &mut out)?;
    }
    for one in &unreadable {
        writeln!(out, "\n{}", text::visible(&one.summary()))?;
    }
    Ok(if unreadable.is_empty() { Exit::Passed } else { Exit::Usage })
}

/// Leaves what is in a shard, and tells what that is.
fn taken(shard: Shard, suites: Vec<Suite>, out: &mut impl Write) -> io::Result<Vec<Suite>> {
    let names = |suites: &[Suite], is_one: bool| -> Vec<String> {
        let scenarios = suites.iter().flat_map(|suite| &suite.scenarios).map(|scenario| scenario.name.clone());
        if is_one { scenarios.collect() } else { suites.iter().map(|suite| suite.name.clone()).collect() }
    };
    let is_one = suites.len() == 1;
    let all = names(&suites, is_one);
    let own = shard.take(suites).suites;
    let within = names(&own, is_one);
    let (kind, told) = (if is_one { "scenario" } else { "connector" }, |names: &[String]| match names {
        [] => "none".to_owned(),
        names => text::visible(&names.join(", ")).to_string(),
    });
    let others: Vec<String> = all.iter().filter(|name| !within.contains(name)).cloned().collect();
    let units = text::plural(all.len() as u64, kind);
    writeln!(
        out,
        "Shard {shard} has {} of {units}: {}\nin other shards: {}\n",
        within.len(),
        told(&within),
        told(&others)
    )?;
    Ok(own)
}

/// The launches of one connector.
fn list(suite: &Suite, selection: &Selection, verbose: bool, out: &mut impl Write) -> io::Result<()> {
    let plan = Plan::of(suite);
    let target = match &suite.connector.target {
        Target::Image(image) => format!("the image {image}"),
        Target::Exec(command) => format!("the local command {}", command.line),
    };
    let made = plan.launches.iter().filter(|launch| launch.not_made(suite).is_none()).count();
    writeln!(out, "{made} {} of {target}:\n", if made == 1 { "launch" } else { "launches" })?;
    for launch in &plan.launches {
        let needs: Vec<&str> = launch.needs.iter().map(|need| plan.launches[*need].id.as_str()).collect();
        let after = if needs.is_empty() { String::new() } else { format!(", after {}", needs.join(" and ")) };
        let (judged, off) = statements(launch, suite, selection);
        writeln!(out, "  {}\n    {}{after}", launch.id, launch.describe())?;
        if let Some(reason) = launch.not_made(suite) {
            writeln!(out, "    not launched: {}", text::visible(reason))?;
            continue;
        }
        writeln!(
            out,
            "    judged by {}: {}",
            text::plural(judged.len() as u64, "rule"),
            named(judged.iter().map(code), verbose)
        )?;
        if !off.is_empty() {
            writeln!(out, "    off: {}", named(off.iter().map(code), verbose))?;
        }
    }
    list_experiments(suite, selection, verbose, out)?;
    writeln!(out)?;
    for (scenario, earlier) in &plan.alike {
        writeln!(out, "{scenario}: the same as {earlier}, launched once")?;
    }
    for scenario in &suite.scenarios {
        if scenario.expect != Expect::Succeeded {
            let canaries = if scenario.canaries { ", with canaries in place of its secrets" } else { "" };
            writeln!(out, "{}: expected to fail, so it is only checked{canaries}", scenario.name)?;
        }
        for late in &scenario.late_files {
            let path = text::visible(&late.path.display().to_string());
            writeln!(out, "{}: {path} is read when its `setup` is over", scenario.name)?;
        }
        for skipped in &scenario.streams.skip {
            writeln!(out, "{}: {} is not read: {}", scenario.name, skipped.stream, skipped.why())?;
        }
    }
    Ok(())
}

/// The launches that experiments ask for, each with those that need it, and the experiments that are not made.
fn list_experiments(suite: &Suite, selection: &Selection, verbose: bool, out: &mut impl Write) -> io::Result<()> {
    let is_destination = suite.destination.is_some();
    let is_listed = |known: &&&Experiment| {
        !known.needs_control() && known.is_made_of(is_destination) && selection.wants(known.statement)
    };
    let wanted = || ALL.iter().filter(is_listed);
    let is_off = |known: &Experiment| suite.rules.get(known.statement.code) == Some(&LevelSetting::Off);
    let made: Vec<&Experiment> =
        wanted().copied().filter(|known| known.depth <= suite.depth && !is_off(known)).collect();
    let occasion = suite
        .scenarios
        .iter()
        .map(|it| Occasion::of(it, suite.destination.as_ref()))
        .fold(Occasion::default(), Occasion::or);
    let asked = launches_of(&made, suite.depth, occasion);
    let scenarios = suite.scenarios.iter().filter(|scenario| scenario.expect == Expect::Succeeded).count();
    if scenarios > 0 && !asked.is_empty() {
        let most = most_of(&asked, suite.depth);
        let each = if scenarios > 1 { " in each scenario that is expected to succeed" } else { "" };
        writeln!(out, "\nand at most {most} more for experiments{each}; fewer, where there is less to try:\n")?;
        for (launches, codes) in &asked {
            let most = launches.most_in(suite.depth);
            let times = if most == 1 { String::new() } else { format!(", up to {most}") };
            let doubt = if launches.on_doubt { " (only to confirm a fault)" } else { "" };
            writeln!(
                out,
                "  {}{times}{doubt}\n    {}\n    for {}",
                launches.id,
                launches.what,
                named(codes.iter().copied(), verbose)
            )?;
        }
    }
    let deeper: Vec<&str> =
        wanted().filter(|known| known.depth > suite.depth).map(|known| known.statement.code).collect();
    if !deeper.is_empty() {
        writeln!(out, "\nnot made in a {} suite: {}", suite.depth.name(), named(deeper.into_iter(), verbose))?;
    }
    let off: Vec<&str> = wanted().filter(|known| is_off(known)).map(|known| known.statement.code).collect();
    if !off.is_empty() {
        writeln!(out, "off: {}", named(off.into_iter(), verbose))?;
    }
    let mut without = |needy: Vec<&&Experiment>, why: &str| match needy.is_empty() {
        true => Ok(()),
        false => {
            let codes = named(needy.iter().map(|known| known.statement.code), verbose);
            writeln!(out, "without what they need: {codes}, since {why}")
        }
    };
    let need_changes = made.iter().filter(|known| !occasion.changes && known.needs_changes());
    without(need_changes.collect(), "no scenario has `changes` of its data")?;
    let need_previous = made.iter().filter(|known| !occasion.previous && known.needs_previous());
    without(need_previous.collect(), "the suite names no `previous` version")?;
    Ok(())
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

fn code(statement: &Statement) -> &'static str {
    statement.code
}

/// Each code where they are few or all are asked for, else their families with how many there are of each:
/// `READ 31, STATE 20`.
fn named<'c>(codes: impl Iterator<Item = &'c str>, verbose: bool) -> String {
    const FEW: usize = 10;
    let codes: Vec<&str> = codes.collect();
    if codes.is_empty() {
        return "none".to_owned();
    }
    if verbose || codes.len() <= FEW {
        return codes.join(" ");
    }
    let mut families: Vec<(&str, usize)> = Vec::new();
    for code in codes {
        let family = code.split_once('-').map_or(code, |(family, _)| family);
        match families.iter_mut().find(|(known, _)| *known == family) {
            Some((_, number)) => *number += 1,
            None => families.push((family, 1)),
        }
    }
    families.iter().map(|(family, number)| format!("{family} {number}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn many_codes_are_told_by_family_unless_all_are_asked_for() {
        let few = ["READ-001", "STATE-002"];
        assert_eq!(named(few.into_iter(), false), "READ-001 STATE-002");
        let many: Vec<String> = (1..=9).map(|number| format!("READ-{number:03}")).collect();
        let many = || many.iter().map(String::as_str).chain(few);
        assert_eq!(named(many(), false), "READ 10, STATE 1");
        assert!(named(many(), true).starts_with("READ-001 READ-002"));
        assert_eq!(named(std::iter::empty(), false), "none");
    }
}
