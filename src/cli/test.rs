//! `airproof test`

use super::Refusal;
use super::args::{SuiteArguments, TestArguments};
use super::failed::Again;
use super::report::read_results;
use super::session::{self, Session, Work};
use crate::engine::{Several, launchers::choose};
use crate::exit::Exit;
use crate::experiments::ALL;
use crate::launch::docker::Daemon;
use crate::launch::workspace::Workspace;
use crate::suite::{self, Loaded, Overrides, Remarks, Shipped, Suite, Taken, Target, Unreadable};
use crate::text;
use crate::verdict::{SuiteFacts, digest_of_suites};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

pub(super) fn run(arguments: &TestArguments) -> Result<Exit, Refusal> {
    run_with(arguments, |_| {})
}

/// The same with suites that are changed when they are read.
pub(super) fn run_with(arguments: &TestArguments, change: impl Fn(&mut Suite)) -> Result<Exit, Refusal> {
    let Loaded { mut suites, mut unreadable } = load(&arguments.suite)?;
    suites.iter_mut().for_each(change);
    tell_remarks(&suites)?;
    tell_unreadable(&unreadable)?;
    refuse_without_configs(&suites)?;
    let part = &arguments.part;
    let earlier = part.since.as_deref().map(read_results).transpose()?.map(|(_, earlier)| earlier);
    let again = match part.failed {
        false => None,
        true => match Again::of_last(&arguments.report.report_dir, arguments.run.fail_on.into())? {
            Some(again) => Some(again),
            None => {
                writeln!(anstream::stdout(), "Nothing failed in the last run, so there is nothing to judge again.")?;
                return Ok(Exit::Passed);
            }
        },
    };
    session::runtime()?.block_on(async {
        let mut session = Session::new(Some(&arguments.selection), &arguments.run, &arguments.report)?;
        session.selection.case = arguments.case.case.as_deref().map(known_case).transpose()?;
        if let Some(case) = &session.selection.case {
            suites = of_case(suites, case)?;
            // The launch of another connector has nothing to do with them.
            unreadable.clear();
        }
        let is_one_of_several = session.selection.case.is_none() && suites.len() > 1;
        session.completion.earlier = earlier;
        if let Some(again) = again {
            suites = again.narrow(suites, &mut session.selection)?;
            writeln!(anstream::stdout(), "{}\n", again.describe())?;
            session.completion.again = Some(again);
        }
        if let Some(shard) = part.shard {
            let digest = whole_digest(&suites);
            let whole = SuiteFacts { path: named(&arguments.suite), digest: digest.clone(), settings: Vec::new() };
            let Taken { suites: own, other_scenarios, units } = shard.take(suites);
            session.selection.other_scenarios.extend(other_scenarios);
            session.completion.shard = Some((shard, digest));
            suites = own;
            if suites.is_empty() {
                let kind = if is_one_of_several { "connector" } else { "scenario" };
                let units = text::plural(units as u64, kind);
                writeln!(anstream::stdout(), "Shard {shard} is empty: the suite's {units} are in other shards.")?;
                return session.carry_out_nothing(whole, unreadable.iter().map(Unreadable::summary).collect());
            }
        }
        let preparing = async {
            let workspace = session::workspace(&session.id)?;
            let untested = unreadable.iter().map(Unreadable::summary).collect();
            prepare((suites, is_one_of_several), untested, &arguments.suite, &session.id, workspace).await
        };
        let work = session.prepare(preparing).await?;
        session.carry_out(work).await
    })
}

/// Tells what whoever wrote the suites should know.
pub(super) fn tell_remarks(suites: &[Suite]) -> std::io::Result<()> {
    let styled = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let remarks = Remarks::of_all(suites.iter().map(|suite| &suite.remarks), styled);
    match remarks.is_empty() {
        true => Ok(()),
        false => writeln!(anstream::stderr(), "{remarks}\n"),
    }
}

/// Tells in full what is wrong with the suites of connectors that are not tested.
pub(super) fn tell_unreadable(unreadable: &[Unreadable]) -> std::io::Result<()> {
    let styled = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    unreadable.iter().try_for_each(|one| writeln!(anstream::stderr(), "{}\n", one.error.render(styled)))
}

/// Without any config of any connector there is nothing to test but specifications.
fn refuse_without_configs(suites: &[Suite]) -> Result<(), Refusal> {
    let lacks: Option<Vec<_>> = suites.iter().map(Suite::lacks_every_config).collect();
    let Some(lack) = lacks.as_ref().and_then(|lacks| lacks.first()) else { return Ok(()) };
    Err(Refusal::usage(format!(
        "error: no scenario has its config, so nothing can be tested; {}\nPut the file there, or name one: `--config FILE`.",
        lack.message
    )))
}

/// The launcher of a connector that is alone is chosen before there is a report; those of several each in its turn.
async fn prepare(
    (suites, is_one_of_several): (Vec<Suite>, bool),
    untested: Vec<String>,
    arguments: &SuiteArguments,
    run_id: &str,
    workspace: Arc<Workspace>,
) -> Result<Work, Refusal> {
    let suites = match <[Suite; 1]>::try_from(suites) {
        Ok(suites) if is_one_of_several || !untested.is_empty() => suites.into(),
        Ok([suite]) => {
            let chosen = choose(&suite.connector, run_id, workspace).await?;
            session::sweep(chosen.daemon.as_ref()).await;
            return Ok(Work::One(Box::new(suite), chosen));
        }
        Err(suites) => suites,
    };
    let is_image = |suite: &Suite| matches!(suite.connector.target, Target::Image(_));
    let daemon = if suites.iter().any(is_image) { Daemon::connect().await.ok() } else { None };
    session::sweep(daemon.as_ref()).await;
    let named = named(arguments).or(Some(".".to_owned()));
    Ok(Work::Several(Several { suites, named, untested }, workspace))
}

/// The suite file or folder that the user named.
fn named(arguments: &SuiteArguments) -> Option<String> {
    let named = arguments.path.as_ref().or(arguments.suite.as_ref().filter(|suite| suite.exists()));
    named.map(|path| path.display().to_string())
}

/// The digest of all suites, by which shards know that they are of the same whole.
fn whole_digest(suites: &[Suite]) -> String {
    match suites {
        [only] => only.digest.clone(),
        several => digest_of_suites(several.iter().map(|suite| suite.digest.as_str())),
    }
}

/// The suite of the connector whose launch a case is, where there are several.
fn of_case(suites: Vec<Suite>, case: &str) -> Result<Vec<Suite>, Refusal> {
    let slugs: Vec<String> = suites.iter().filter_map(|suite| suite.slug.clone()).collect();
    let found: Vec<Suite> =
        suites.into_iter().filter(|suite| suite.slug.is_none() || suite.without_slug(case) != case).collect();
    match found.is_empty() {
        false => Ok(found),
        true => Err(Refusal::usage(format!(
            "error: --case `{}` names none of the connectors\nWith several, a launch's id begins with one of {}.",
            text::visible(case),
            slugs.join(", ")
        ))),
    }
}

/// A launch that some experiment makes.
fn known_case(case: &str) -> Result<String, Refusal> {
    let kinds = || ALL.iter().flat_map(|experiment| experiment.launches).map(|launches| launches.id);
    match kinds().any(|kind| case.contains(kind)) {
        true => Ok(case.to_owned()),
        false => Err(Refusal::usage(format!(
            "error: --case `{}` is no launch that an experiment makes\nIt is the launch's id as the report has it, such as \
             `sandbox.{}-1`.",
            text::visible(case),
            kinds().next().unwrap_or("read.checkpoint")
        ))),
    }
}

/// Reads the suites that the arguments name, at least one that can be read: a file or folder, or the command line alone.
pub(super) fn load(arguments: &SuiteArguments) -> Result<Loaded, Refusal> {
    let statements: Vec<_> = crate::experiments::all_statements().collect();
    let known: Vec<(&str, &str)> = statements.iter().map(|statement| (statement.code, statement.name)).collect();
    let (path, shipped) = chosen_suite(arguments)?;
    let overrides = Overrides {
        profile: arguments.profile.clone(),
        depth: shipped.and_then(Shipped::depth),
        as_destination: shipped == Some(Shipped::Destination),
        image: arguments.image.clone(),
        exec: arguments.exec.clone(),
        config: arguments.inputs.config.clone(),
        catalog: arguments.inputs.catalog.clone(),
        state: arguments.inputs.state.clone(),
    };
    let says_it_all = (overrides.image.is_some() || overrides.exec.is_some()) && overrides.config.is_some();
    let loaded = match path {
        Some(path) => suite::load_all(path, &known, &overrides),
        None if says_it_all => {
            suite::without_file(&known, &overrides).map(|suite| Loaded { suites: vec![suite], unreadable: Vec::new() })
        }
        None => suite::load_all(Path::new("."), &known, &overrides),
    };
    let styled = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    loaded.map_err(|error| Refusal::usage(error.render(styled)))
}

/// The suite file or folder that the arguments name, and the shipped suite: `--suite` may give either.
fn chosen_suite(arguments: &SuiteArguments) -> Result<(Option<&Path>, Option<Shipped>), Refusal> {
    let path = arguments.path.as_deref();
    let Some(suite) = arguments.suite.as_deref() else { return Ok((path, None)) };
    match (suite.to_str().and_then(Shipped::named), path) {
        (Some(shipped), path) => Ok((path, Some(shipped))),
        (None, None) => Ok((Some(suite), None)),
        (None, Some(path)) => Err(Refusal::usage(format!(
            "error: `--suite {}` and `{}` both name a suite\nGive one of them. Beside a PATH, `--suite` takes quick, \
             standard, certification or destination.",
            text::visible(&suite.display().to_string()),
            text::visible(&path.display().to_string())
        ))),
    }
}
