//! `airproof pipe`

use super::Refusal;
use super::args::{InputArguments, PipeArguments, RunArguments, SuiteArguments};
use super::session::{self, Session, Work};
use super::test::{load, tell_remarks, tell_unreadable};
use crate::engine::launchers::{Chosen, choose};
use crate::exit::Exit;
use crate::launch::workspace::Workspace;
use crate::suite::{Loaded, Suite};
use crate::text;
use std::path::Path;
use std::sync::Arc;

pub(super) fn run(arguments: &PipeArguments) -> Result<Exit, Refusal> {
    let suites = [the_suite(&arguments.source)?, the_suite(&arguments.destination)?];
    tell_remarks(&suites)?;
    let run = RunArguments { fail_on: arguments.fail_on, locked: false, jobs: None };
    session::runtime()?.block_on(async {
        let session = Session::new(Some(&arguments.selection), &run, &arguments.report)?;
        let preparing = async {
            let workspace = session::workspace(&session.id)?;
            let [source, destination] = suites;
            let source = chosen(source, &session.id, &workspace).await?;
            let destination = chosen(destination, &session.id, &workspace).await?;
            for (_, chosen) in [&source, &destination] {
                session::sweep(chosen.daemon.as_ref()).await;
            }
            Ok(Work::Pair(Box::new([source, destination])))
        };
        let work = session.prepare(preparing).await?;
        session.carry_out(work).await
    })
}

async fn chosen(suite: Suite, run_id: &str, workspace: &Arc<Workspace>) -> Result<(Suite, Chosen), Refusal> {
    let chosen = choose(&suite.connector, run_id, workspace.clone()).await?;
    Ok((suite, chosen))
}

/// The one suite of a file or folder.
fn the_suite(path: &Path) -> Result<Suite, Refusal> {
    let inputs = InputArguments { config: None, catalog: None, state: None };
    let path = Some(path.to_owned());
    let arguments = SuiteArguments { path, suite: None, profile: None, image: None, exec: None, inputs };
    let Loaded { suites, unreadable } = load(&arguments)?;
    tell_unreadable(&unreadable)?;
    let named = text::visible(&arguments.path.unwrap_or_default().display().to_string());
    match <[Suite; 1]>::try_from(suites) {
        Ok([suite]) if unreadable.is_empty() => Ok(suite),
        _ => Err(Refusal::usage(format!(
            "error: {named} holds several connectors, and one is piped\nName the folder or the suite of that one."
        ))),
    }
}
