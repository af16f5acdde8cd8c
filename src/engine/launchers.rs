//! From what a suite says about its connector to the launcher that runs it.

use crate::launch::docker::{Daemon, DockerLauncher, DockerSettings, Mount};
use crate::launch::process::ProcessLauncher;
use crate::launch::workspace::Workspace;
use crate::launch::{Chunk, ExitFacts, LaunchError, LaunchRequest, Launcher, Stop, Subject};
use crate::suite::{Connector, Target};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use tokio::sync::mpsc;

/// A launcher, and the daemon that it uses, if it does.
pub struct Chosen {
    /// The launcher.
    pub launcher: Arc<dyn Launcher>,
    /// The daemon.
    pub daemon: Option<Daemon>,
}

/// The launcher of a connector. Errs where the daemon can't be reached or the program can't be run.
pub async fn choose(connector: &Connector, run_id: &str, workspace: Arc<Workspace>) -> Result<Chosen, LaunchError> {
    let environment = connector.environment.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    match &connector.target {
        Target::Exec(command_line) => {
            let launcher = Arc::new(ProcessLauncher::new(command_line, environment, workspace)?);
            Ok(Chosen { launcher, daemon: None })
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
            Ok(Chosen { launcher, daemon: Some(daemon) })
        }
    }
}

/// Stands in for the launcher of a connector that can't be launched: the others of the run are.
pub struct Unavailable(pub LaunchError);

impl Launcher for Unavailable {
    fn prepare(&self) -> BoxFuture<'_, Result<Subject, LaunchError>> {
        async { Err(self.0.clone()) }.boxed()
    }

    fn launch<'a>(
        &'a self,
        _request: &'a LaunchRequest,
        _output: mpsc::Sender<Chunk>,
        _stop: &'a Stop,
    ) -> BoxFuture<'a, Result<ExitFacts, LaunchError>> {
        async { Err(self.0.clone()) }.boxed()
    }
}
