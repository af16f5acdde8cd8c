//! From what a suite says about its connector to the launcher that runs it.

use crate::launch::docker::{Daemon, DockerLauncher, DockerSettings, Mount};
use crate::launch::process::ProcessLauncher;
use crate::launch::workspace::Workspace;
use crate::launch::{LaunchError, Launcher};
use crate::suite::{Connector, Target};
use std::sync::Arc;

/// A launcher, and the daemon that it uses, if it does.
pub struct Chosen {
    /// The launcher.
    pub launcher: Arc<dyn Launcher>,
    /// The daemon.
    pub daemon: Option<Daemon>,
    /// Where files are that go with the run.
    pub workspace: Arc<Workspace>,
}

/// The launcher of a connector. Errs where the daemon can't be reached or the program can't be run.
pub async fn choose(connector: &Connector, run_id: &str, workspace: Arc<Workspace>) -> Result<Chosen, LaunchError> {
    let environment = connector.environment.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    match &connector.target {
        Target::Exec(command) => {
            let launcher = ProcessLauncher::new(&command.line, environment, workspace.clone())?;
            let launcher = Arc::new(launcher.started_in(command.folder.clone()));
            Ok(Chosen { launcher, daemon: None, workspace })
        }
        Target::Image(image) => {
            let daemon = Daemon::connect().await?;
            let container = &connector.container;
            let mounts = container.mounts.iter().map(|mount| Mount {
                source: mount.source.display().to_string(),
                target: mount.target.clone(),
                read_only: mount.read_only,
            });
            let settings = DockerSettings {
                environment,
                network: Some(container.network.clone()),
                hosts: container.hosts.clone(),
                mounts: mounts.collect(),
                folder: container.folder.clone(),
                memory: Some(connector.memory),
                cpus: Some(container.cpus),
                pids: i64::try_from(container.pids).ok(),
                ..DockerSettings::new(image)
            };
            let launcher = Arc::new(DockerLauncher::new(daemon.clone(), settings, run_id));
            Ok(Chosen { launcher, daemon: Some(daemon), workspace })
        }
    }
}
