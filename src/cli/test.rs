//! `airproof test`

use super::Refusal;
use super::args::{SuiteArguments, TestArguments};
use super::session::{self, Session};
use crate::engine::launchers::choose;
use crate::exit::Exit;
use crate::suite::{self, Overrides, Suite};
use std::path::Path;

pub(super) fn run(arguments: &TestArguments) -> Result<Exit, Refusal> {
    let suite = load(&arguments.suite)?;
    session::runtime()?.block_on(async {
        let session = Session::new(Some(&arguments.selection), &arguments.run, &arguments.report)?;
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

/// Reads the suite that the arguments name: a file or folder, or the command line alone.
pub(super) fn load(arguments: &SuiteArguments) -> Result<Suite, Refusal> {
    let statements: Vec<_> = crate::experiments::all_statements().collect();
    let known: Vec<(&str, &str)> = statements.iter().map(|statement| (statement.code, statement.name)).collect();
    let overrides = Overrides {
        image: arguments.image.clone(),
        exec: arguments.exec.clone(),
        config: arguments.config.clone(),
        catalog: arguments.catalog.clone(),
        state: arguments.state.clone(),
    };
    let says_it_all = (overrides.image.is_some() || overrides.exec.is_some()) && overrides.config.is_some();
    let loaded = match &arguments.path {
        Some(path) => suite::load(path, &known, &overrides),
        None if says_it_all => suite::without_file(&known, &overrides),
        None => suite::load(Path::new("."), &known, &overrides),
    };
    let styled = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    loaded.map_err(|error| Refusal::usage(error.render(styled)))
}
