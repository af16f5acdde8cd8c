//! `airproof clean`

use super::Refusal;
use super::session::runtime;
use crate::exit::Exit;
use crate::launch::docker::{Daemon, sweep_containers};
use crate::launch::workspace::sweep_workspaces;
use crate::text;
use std::io::Write;

pub(super) fn run() -> Result<Exit, Refusal> {
    let mut out = anstream::stdout().lock();
    let swept = sweep_workspaces();
    writeln!(
        out,
        "this machine: {} and {} removed",
        text::plural(swept.folders as u64, "folder"),
        plural_process(swept.processes as u64)
    )?;
    runtime()?.block_on(async {
        match Daemon::connect().await {
            Ok(daemon) => {
                let swept = sweep_containers(&daemon).await?;
                writeln!(out, "the daemon: {} containers, networks and images removed", text::count(swept as u64))?;
            }
            Err(error) => writeln!(out, "the daemon: not looked at, since there is none: {error}")?,
        }
        Ok(Exit::Passed)
    })
}

fn plural_process(number: u64) -> String {
    if number == 1 { "1 process".to_owned() } else { format!("{} processes", text::count(number)) }
}
