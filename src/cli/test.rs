//! `airproof test`

use super::Refusal;
use super::args::{SuiteArguments, TestArguments};
use super::session::{self, Session};
use crate::engine::launchers::choose;
use crate::exit::Exit;
use crate::experiments::ALL;
use crate::suite::{self, Depth, Overrides, Suite};
use crate::text;
use std::path::Path;

pub(super) fn run(arguments: &TestArguments) -> Result<Exit, Refusal> {
    let suite = load(&arguments.suite)?;
    session::runtime()?.block_on(async {
        let mut session = Session::new(Some(&arguments.selection), &arguments.run, &arguments.report)?;
        session.selection.case = arguments.case.case.as_deref().map(known_case).transpose()?;
        let preparing = async {
            let workspace = session::workspace(&session.id)?;
            let chosen = choose(&suite.connector, &session.id, workspace).await?;
            session::sweep(chosen.daemon.as_ref()).await;
            Ok(chosen)
        };
        let chosen = session.prepare(preparing).await?;
        session.carry_out(suite, chosen).await
    })
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

/// Reads the suite that the arguments name: a file or folder, or the command line alone.
pub(super) fn load(arguments: &SuiteArguments) -> Result<Suite, Refusal> {
    let statements: Vec<_> = crate::experiments::all_statements().collect();
    let known: Vec<(&str, &str)> = statements.iter().map(|statement| (statement.code, statement.name)).collect();
    let (path, depth) = chosen_suite(arguments)?;
    let overrides = Overrides {
        depth,
        image: arguments.image.clone(),
        exec: arguments.exec.clone(),
        config: arguments.config.clone(),
        catalog: arguments.catalog.clone(),
        state: arguments.state.clone(),
    };
    let says_it_all = (overrides.image.is_some() || overrides.exec.is_some()) && overrides.config.is_some();
    let loaded = match path {
        Some(path) => suite::load(path, &known, &overrides),
        None if says_it_all => suite::without_file(&known, &overrides),
        None => suite::load(Path::new("."), &known, &overrides),
    };
    let styled = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    loaded.map_err(|error| Refusal::usage(error.render(styled)))
}

/// The suite file or folder that the arguments name, and the depth: `--suite` may give either.
fn chosen_suite(arguments: &SuiteArguments) -> Result<(Option<&Path>, Option<Depth>), Refusal> {
    let path = arguments.path.as_deref();
    let Some(suite) = arguments.suite.as_deref() else { return Ok((path, None)) };
    match (suite.to_str().and_then(Depth::named), path) {
        (Some(depth), path) => Ok((path, Some(depth))),
        (None, None) => Ok((Some(suite), None)),
        (None, Some(path)) => Err(Refusal::usage(format!(
            "error: `--suite {}` and `{}` both name a suite\nGive one of them. Beside a PATH, `--suite` takes quick, \
             standard or certification.",
            text::visible(&suite.display().to_string()),
            text::visible(&path.display().to_string())
        ))),
    }
}
