//! Runs connectors in containers, through the Docker Engine's API.
//!
//! The outputs are attached before the start and never read from the daemon's logs, which lose data where they rotate.
//! Input files travel in an archive into the created container: that works with a daemon on another machine as well, and
//! leaves no secret on this machine's disk.

mod body;
mod container;
mod daemon;
mod folder;
mod image;
mod sweep;
mod usage;
mod workshop;

pub use daemon::{Daemon, DaemonFacts};
pub use image::RootFs;
pub use sweep::{labels, sweep_containers};
pub use workshop::{ContainerCommand, Workshop};

use super::command_lines::CommandLines;
use super::exit::signal_of;
use super::pace::Pace;
use super::stdin::Feed;
use super::watch::{Order, Overseen, Pulse, oversee};
use super::workspace::safe_name;
use super::{
    Channel, Chunk, Ended, ExitFacts, Handling, LaunchError, LaunchRequest, Launcher, Reader, Resources, Stop, Subject,
};
use bollard::container::LogOutput;
use bollard::errors::Error;
use container::{Container, pump};
use daemon::environment;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, Stream};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long the daemon may take to deliver the last output after the container is gone.
const PATIENCE_WITH_OUTPUTS: Duration = Duration::from_secs(10);

const SIGKILL: i32 = 9;

/// How connectors are run in containers.
#[derive(Debug, Clone, PartialEq)]
pub struct DockerSettings {
    /// The image's name or id.
    pub image: String,
    /// Environment variables for the connector.
    pub environment: BTreeMap<String, String>,
    /// A network of the daemon's, or `host`, or `none`; else the daemon's default.
    pub network: Option<String>,
    /// Host names that the connector is to resolve, each `name:address`.
    pub hosts: Vec<String>,
    /// Files and folders of the daemon's machine that the connector sees.
    pub mounts: Vec<Mount>,
    /// The folder in the container where the input files are.
    pub folder: String,
    /// Memory without swap, in bytes. A launch's own limit goes before.
    pub memory: Option<u64>,
    /// CPUs, `1.5` for instance.
    pub cpus: Option<f64>,
    /// The number of processes and threads.
    pub pids: Option<i64>,
}

/// A file or folder of the daemon's machine that a container sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The absolute path on the daemon's machine.
    pub source: String,
    /// The absolute path in the container.
    pub target: String,
    /// Whether the container may not write to it.
    pub read_only: bool,
}

impl DockerSettings {
    /// An image with the limits that every container gets unless the suite has its own.
    pub fn new(image: impl Into<String>) -> DockerSettings {
        DockerSettings {
            image: image.into(),
            environment: BTreeMap::new(),
            network: None,
            hosts: Vec::new(),
            mounts: Vec::new(),
            folder: "/airproof".to_owned(),
            memory: Some(4 << 30),
            cpus: None,
            pids: Some(4096),
        }
    }
}

/// Runs an image as the connector.
#[derive(Debug)]
pub struct DockerLauncher {
    daemon: Daemon,
    settings: DockerSettings,
    run_id: String,
}

impl DockerLauncher {
    /// Every container that it makes bears the run's id in its name and labels.
    pub fn new(daemon: Daemon, settings: DockerSettings, run_id: &str) -> DockerLauncher {
        DockerLauncher { daemon, settings, run_id: run_id.to_owned() }
    }

    /// The daemon that it uses.
    pub fn daemon(&self) -> &Daemon {
        &self.daemon
    }

    /// The folder for the input files is changed by us, so it can't be one that the image needs as it is.
    fn check_folder(&self) -> Result<(), LaunchError> {
        let folder = &self.settings.folder;
        let inner = folder.strip_prefix('/').map(|inner| inner.trim_end_matches('/')).unwrap_or_default();
        if inner.is_empty() || inner.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(LaunchError::Usage(format!(
                "The folder for input files is `{folder}`: give an absolute path below the root, `/airproof` for instance."
            )));
        }
        Ok(())
    }

    async fn run(&self, request: &LaunchRequest, output: Sender<Chunk>, stop: &Stop) -> Result<ExitFacts, LaunchError> {
        if let Some(facts) = stop.before_start() {
            return Ok(facts);
        }
        if let Some(reason) = self.refuses(&request.handling) {
            return Err(LaunchError::Usage(reason));
        }
        self.check_folder()?;
        let feed = Feed::open(request).await?;
        let name = format!("airproof-{}-{}", safe_name(&self.run_id), safe_name(&request.id));
        let container = Container::create(&self.daemon, name, self.body(request, feed.is_some())).await?;
        let outcome = self.run_in(&container, request, feed, output, stop).await;
        let removed = container.remove().await;
        outcome.and_then(|facts| removed.map(|()| facts))
    }

    async fn run_in(
        &self,
        container: &Container,
        request: &LaunchRequest,
        feed: Option<Feed>,
        output: Sender<Chunk>,
        stop: &Stop,
    ) -> Result<ExitFacts, LaunchError> {
        let handling = &request.handling;
        container.upload(&self.folder(request), &request.files()).await?;
        let attached = container.attach(feed.is_some()).await?;
        let pulse = Arc::new(Pulse::new());
        let mut lines = CommandLines::new(output.clone(), pulse.clone());
        let mut outputs = Outputs::read(attached.output, handling.reader, output, &pulse);
        container.start(&self.settings.image).await?;
        let mut feeding = JoinSet::new();
        let fed = feed.as_ref().map(Feed::fed);
        if let Some(feed) = feed {
            feeding.spawn(feed.into_stdin(attached.input, pulse.clone(), stop.clone()));
        }

        let mut resources = Resources::default();
        let never = CancellationToken::new();
        let order = async {
            tokio::select! {
                order = pulse.order(request, stop, &never) => order,
                () = outputs.broken.cancelled() => Order::AtOnce(Ended::Interrupted),
                () = container.watch_processes(&mut lines) => Order::AtOnce(Ended::Interrupted),
                () = container.watch_usage(&mut resources, &pulse) => Order::AtOnce(Ended::Interrupted),
            }
        };
        let strike = |blow| container.strike(blow);
        let overseen = oversee(container.exited(), order, strike, request.limits.grace, stop).await;
        drop(lines);
        let Overseen { exit, ended, outlived_grace } = overseen.ok_or_else(unkillable)?;
        let (code, duration) = (exit?, pulse.elapsed());
        outputs.closed(&pulse, stop).await.map_err(|why| self.daemon.lost("its output was read", &why))?;
        let state = container.state().await?;
        Ok(ExitFacts {
            out_of_memory: code != 0 && state.oom_killed.unwrap_or(false),
            ended,
            needed_kill: outlived_grace && signal_of(code) == Some(SIGKILL),
            duration,
            lingered: pulse.lingered(duration),
            resources,
            fed: fed.map(|fed| fed.facts()),
            ..ExitFacts::by_itself(code)
        })
    }
}

impl Launcher for DockerLauncher {
    fn prepare(&self) -> BoxFuture<'_, Result<Subject, LaunchError>> {
        async {
            self.check_folder()?;
            let mut subject = self.daemon.subject(&self.settings.image).await?;
            if let Some(image) = &mut subject.image {
                image.folder = self.access_of(&image.user).await;
            }
            Ok(subject)
        }
        .boxed()
    }

    fn refuses(&self, handling: &Handling) -> Option<String> {
        matches!(handling.reader, Reader::GoesAway { .. }).then(|| {
            "In a container it can't be seen what a connector does when nobody reads its output any more: Docker reads on."
                .to_owned()
        })
    }

    fn launch<'a>(
        &'a self,
        request: &'a LaunchRequest,
        output: Sender<Chunk>,
        stop: &'a Stop,
    ) -> BoxFuture<'a, Result<ExitFacts, LaunchError>> {
        self.run(request, output, stop).boxed()
    }
}

fn unkillable() -> LaunchError {
    environment("The container is still there long after SIGKILL: the Docker daemon hangs. Restart it.".to_owned())
}

/// The reader of both outputs, which come through one connection.
struct Outputs {
    reader: JoinSet<Result<(), String>>,
    /// Cancelled when the connection broke: the rest of the output is lost, and there is no use in going on.
    broken: CancellationToken,
    /// Cancelled when the container is gone.
    ended: CancellationToken,
}

impl Outputs {
    fn read(
        frames: impl Stream<Item = Result<LogOutput, Error>> + Unpin + Send + 'static,
        reader: Reader,
        output: Sender<Chunk>,
        pulse: &Arc<Pulse>,
    ) -> Outputs {
        let (broken, ended) = (CancellationToken::new(), CancellationToken::new());
        let pace = Pace::new(reader, Channel::Stdout, ended.clone());
        let mut outputs = Outputs { reader: JoinSet::new(), broken, ended };
        let (pulse, broken) = (pulse.clone(), outputs.broken.clone());
        outputs.reader.spawn(async move {
            let read = pump(frames, output, pulse, pace).await;
            if read.is_err() {
                broken.cancel();
            }
            read
        });
        outputs
    }

    /// Waits until everything is sent. An error says how the connection broke.
    async fn closed(&mut self, pulse: &Pulse, stop: &Stop) -> Result<(), String> {
        self.ended.cancel();
        tokio::select! {
            biased;
            read = self.reader.join_next() => match read {
                Some(Ok(read)) => read,
                Some(Err(error)) => Err(error.to_string()),
                None => Ok(()),
            },
            () = pulse.patience(PATIENCE_WITH_OUTPUTS) => Err("it never said that the output is complete".to_owned()),
            () = stop.kill.cancelled() => Ok(()),
        }
    }
}
