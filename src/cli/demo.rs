//! `airproof demo`

use super::Refusal;
use super::args::DemoArguments;
use super::session::{self, Session, Work};
use crate::demo::{self, image};
use crate::engine::launchers::{Chosen, choose};
use crate::exit::Exit;
use crate::launch::docker::{Daemon, RootFs, labels};
use crate::launch::workspace::Workspace;
use crate::suite::{self, LocalCommand, Overrides, Target};
use std::io::Write;

pub(super) fn run(arguments: &DemoArguments) -> Result<Exit, Refusal> {
    session::runtime()?.block_on(async {
        let session = Session::new(None, &arguments.run, &arguments.report)?;
        let tag = image::tag(&session.id);
        let daemon = session.prepare(async { Ok(daemon(arguments).await) }).await?;
        session::sweep(daemon.as_ref().ok()).await;
        let exit = match session.prepare(prepare(&session.id, &daemon)).await {
            Ok((suite, chosen)) => session.carry_out(Work::One(Box::new(suite), chosen)).await,
            Err(refusal) => Err(refusal),
        };
        if let Ok(daemon) = &daemon {
            daemon.remove_image(&tag).await?;
        }
        exit
    })
}

/// Makes the demo's image where there is a daemon for it, says what is launched, and chooses its launcher.
async fn prepare(run_id: &str, daemon: &Result<Daemon, String>) -> Result<(suite::Suite, Chosen), Refusal> {
    let workspace = session::workspace(run_id)?;
    let (target, how) = match daemon {
        Ok(daemon) => {
            build(daemon, &workspace, run_id).await?;
            let tag = image::tag(run_id);
            let how = format!("The demo connector runs in Docker, as the image {tag}, made just now.");
            (Target::Image(tag), how)
        }
        Err(reason) => (
            Target::Exec(LocalCommand::here(own_command()?)),
            format!("The demo connector runs as a local process: {reason}"),
        ),
    };
    // Whoever looks at the exit code alone may have closed stdout.
    let _ = writeln!(anstream::stdout(), "{how}");
    let suite = suite(&workspace, &target)?;
    let chosen = choose(&suite.connector, run_id, workspace).await?;
    Ok((suite, chosen))
}

/// The daemon, if it can run this binary; why not, if it can't.
async fn daemon(arguments: &DemoArguments) -> Result<Daemon, String> {
    if arguments.no_docker {
        return Err("--no-docker says so.".to_owned());
    }
    let daemon = Daemon::connect().await.map_err(|error| error.to_string())?;
    let facts = daemon.describe().await.map_err(|error| error.to_string())?;
    image::runs_on(&facts.architecture).map_err(|reason| format!("{reason}."))?;
    Ok(daemon)
}

async fn build(daemon: &Daemon, workspace: &Workspace, run_id: &str) -> Result<(), Refusal> {
    let archive = workspace.path().join("demo-image.tar");
    std::env::current_exe()
        .and_then(|own| image::write_root(&own, &archive))
        .map_err(|error| Refusal::environment(format!("error: the demo image can't be made: {error}")))?;
    let (tag, changes) = (image::tag(run_id), image::changes(labels(run_id)));
    daemon.import_image(&tag, RootFs::File(archive.clone()), &changes).await?;
    std::fs::remove_file(archive)?;
    Ok(())
}

fn own_command() -> Result<String, Refusal> {
    let own = std::env::current_exe()?;
    Ok(format!("'{}' {}", own.display(), super::args::DEMO_SOURCE))
}

/// The demo's suite, read as any suite is.
fn suite(workspace: &Workspace, target: &Target) -> Result<suite::Suite, Refusal> {
    let file = workspace.path().join("demo.yml");
    std::fs::write(&file, demo::SUITE)?;
    let overrides = match target {
        Target::Image(image) => Overrides { image: Some(image.clone()), ..Overrides::default() },
        Target::Exec(command) => Overrides { exec: Some(command.line.clone()), ..Overrides::default() },
    };
    let mut suite = suite::load(&file, &[], &overrides).map_err(|error| Refusal::usage(error.to_string()))?;
    // The file is gone after the run; the shipped text is where it can be read.
    suite.source = None;
    Ok(suite)
}
