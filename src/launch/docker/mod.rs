//! Runs connectors in containers, through the Docker Engine's API.
//!
//! The outputs are attached before the start and never read from the daemon's logs, which lose data where they rotate.
//! Input files travel in an archive into the created container: that works with a daemon on another machine as well, and
//! leaves no secret on this machine's disk.

mod container;
mod daemon;
mod folder;
mod image;
mod sweep;

pub use daemon::{Daemon, DaemonFacts};
pub use image::RootFs;
pub use sweep::{labels, sweep_containers};

use super::command_lines::CommandLines;
use super::watch::{Order, Pulse, oversee, signal_of};
use super::workspace::safe_name;
use super::{Chunk, ExitFacts, LaunchError, LaunchRequest, Launcher, Stop, Subject, stdin};
use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::models::{self, ContainerCreateBody, HostConfig, HostConfigLogConfig, MountType};
use container::{Container, pump};
use daemon::environment;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, Stream};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::fs::File;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long the daemon may take to deliver the last output after the container is gone.
const PATIENCE_WITH_OUTPUTS: Duration = Duration::from_secs(10);

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

    fn body(&self, request: &LaunchRequest, stdin: bool) -> ContainerCreateBody {
        let settings = &self.settings;
        let folder = settings.folder.trim_end_matches('/');
        let mut arguments = vec![request.command.to_string()];
        for input in &request.inputs {
            arguments.extend([format!("--{}", input.option), format!("{folder}/{}", input.file_name())]);
        }
        let mut environment = BTreeMap::from([("DATA_CHANNEL_MEDIUM", "STDIO"), ("DATA_CHANNEL_FORMAT", "JSONL")]);
        environment.extend(settings.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        ContainerCreateBody {
            image: Some(settings.image.clone()),
            cmd: Some(arguments),
            env: Some(environment.into_iter().map(|(name, value)| format!("{name}={value}")).collect()),
            labels: Some(labels(&self.run_id)),
            attach_stdin: Some(stdin),
            open_stdin: Some(stdin),
            stdin_once: Some(stdin),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            tty: Some(false),
            host_config: Some(self.host_config(request)),
            ..ContainerCreateBody::default()
        }
    }

    fn host_config(&self, request: &LaunchRequest) -> HostConfig {
        let settings = &self.settings;
        let memory = request.limits.memory.or(settings.memory).map(|bytes| bytes.try_into().unwrap_or(i64::MAX));
        let mounts = settings.mounts.iter().map(|mount| models::Mount {
            typ: Some(MountType::BIND),
            source: Some(mount.source.clone()),
            target: Some(mount.target.clone()),
            read_only: Some(mount.read_only),
            ..models::Mount::default()
        });
        HostConfig {
            memory,
            memory_swap: memory,
            nano_cpus: settings.cpus.map(|cpus| (cpus * 1e9) as i64),
            pids_limit: settings.pids,
            mounts: Some(mounts.collect()),
            extra_hosts: request.network.then(|| settings.hosts.clone()),
            network_mode: if request.network { settings.network.clone() } else { Some("none".to_owned()) },
            security_opt: Some(vec!["no-new-privileges".to_owned()]),
            log_config: Some(HostConfigLogConfig { typ: Some("none".to_owned()), config: None }),
            ..HostConfig::default()
        }
    }

    async fn run(&self, request: &LaunchRequest, output: Sender<Chunk>, stop: &Stop) -> Result<ExitFacts, LaunchError> {
        if let Some(facts) = stop.before_start() {
            return Ok(facts);
        }
        self.check_folder()?;
        let fed = stdin::open(&request.stdin).await?;
        let name = format!("airproof-{}-{}", safe_name(&self.run_id), safe_name(&request.id));
        let container = Container::create(&self.daemon, name, self.body(request, fed.is_some())).await?;
        let outcome = self.run_in(&container, request, fed, output, stop).await;
        let removed = container.remove().await;
        outcome.and_then(|facts| removed.map(|()| facts))
    }

    async fn run_in(
        &self,
        container: &Container,
        request: &LaunchRequest,
        fed: Option<File>,
        output: Sender<Chunk>,
        stop: &Stop,
    ) -> Result<ExitFacts, LaunchError> {
        container.upload(&self.settings.folder, &request.inputs).await?;
        let attached = container.attach(fed.is_some()).await?;
        let pulse = Arc::new(Pulse::new());
        let mut lines = CommandLines::new(output.clone(), pulse.clone());
        let mut outputs = Outputs::read(attached.output, output, &pulse);
        container.start(&self.settings.image).await?;
        let mut feeding = JoinSet::new();
        if let Some(file) = fed {
            feeding.spawn(stdin::feed(file, attached.input));
        }

        let order = async {
            tokio::select! {
                order = pulse.order(&request.limits, stop) => order,
                () = outputs.broken.cancelled() => Order::AtOnce,
                () = container.watch_processes(&mut lines) => Order::AtOnce,
            }
        };
        let strike = |blow| container.strike(blow);
        let overseen = oversee(container.exited(), order, strike, request.limits.grace, stop).await;
        drop(lines);
        let (code, ended) = overseen.ok_or_else(unkillable)?;
        let (code, duration) = (code?, pulse.elapsed());
        outputs.closed(&pulse, stop).await.map_err(|why| self.daemon.lost("its output was read", &why))?;
        let state = container.state().await?;
        Ok(ExitFacts {
            code: Some(code),
            signal: signal_of(code),
            out_of_memory: code != 0 && state.oom_killed.unwrap_or(false),
            ended,
            outputs_left_open: false,
            duration,
            lingered: pulse.lingered(duration),
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
}

impl Outputs {
    fn read(
        frames: impl Stream<Item = Result<LogOutput, Error>> + Unpin + Send + 'static,
        output: Sender<Chunk>,
        pulse: &Arc<Pulse>,
    ) -> Outputs {
        let mut outputs = Outputs { reader: JoinSet::new(), broken: CancellationToken::new() };
        let (pulse, broken) = (pulse.clone(), outputs.broken.clone());
        outputs.reader.spawn(async move {
            let read = pump(frames, output, pulse).await;
            if read.is_err() {
                broken.cancel();
            }
            read
        });
        outputs
    }

    /// Waits until everything is sent. An error says how the connection broke.
    async fn closed(&mut self, pulse: &Pulse, stop: &Stop) -> Result<(), String> {
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
