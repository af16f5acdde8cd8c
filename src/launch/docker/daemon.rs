//! The Docker daemon (or Podman's, which speaks the same language): finding it, and saying why it can't be used.

use crate::launch::LaunchError;
use crate::text;
use bollard::Docker;
use bollard::errors::Error;
use std::env;
use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio_util::task::TaskTracker;

/// How long a daemon may take for its first answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A daemon that answers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Daemon {
    pub(super) docker: Docker,
    pub(super) address: Arc<str>,
    /// What must come to its end even if nobody waits for it: the removal of containers.
    pub(super) errands: TaskTracker,
    pub(super) removed: Arc<AtomicUsize>,
}

/// What a daemon says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaemonFacts {
    /// Where it was found, `unix:///var/run/docker.sock` for instance.
    pub address: String,
    /// `Docker` or `Podman`.
    pub engine: String,
    /// The engine's version.
    pub version: String,
    /// The newest version of the API that it speaks.
    pub api_version: String,
    /// The operating system that containers run on.
    pub os: String,
    /// The processor architecture, as the engine calls it.
    pub architecture: String,
    /// It runs without root's rights.
    pub rootless: bool,
    /// `1` or `2`, where it says so.
    pub cgroup_version: Option<String>,
    /// Whether it can limit a container's memory.
    pub limits_memory: bool,
    /// The memory that containers share, in bytes.
    pub memory: u64,
    /// The CPUs that containers share.
    pub cpus: u64,
}

impl Daemon {
    /// Connects to the daemon that `DOCKER_HOST` names, or else to the first that answers at one of the usual sockets:
    /// Docker's, rootless Docker's, Docker Desktop's, Podman's.
    pub async fn connect() -> Result<Daemon, LaunchError> {
        if let Some(host) = env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty()) {
            return Daemon::connect_to(&host).await;
        }
        let mut refusal = None;
        for socket in usual_sockets().iter().filter(|socket| Path::new(socket).exists()) {
            match Daemon::connect_to(&format!("unix://{socket}")).await {
                Ok(daemon) => return Ok(daemon),
                Err(error) => refusal = refusal.or(Some(error)),
            }
        }
        Err(refusal.unwrap_or_else(|| {
            environment(format!(
                "No Docker daemon was found: there is no socket at {}. Start Docker (or Podman's service: `systemctl \
                 --user start podman.socket`), or set DOCKER_HOST to where it listens. Connectors that run without a \
                 container can be tested with `--exec`.",
                usual_sockets().join(", ")
            ))
        }))
    }

    /// Connects to the daemon at a `unix://`, `tcp://` or `http://` address.
    pub async fn connect_to(host: &str) -> Result<Daemon, LaunchError> {
        if let Some(socket) = host.strip_prefix("unix://") {
            UnixStream::connect(socket)
                .map_err(|error| unreachable_socket(socket, error.kind(), &error.to_string()))?;
        }
        let docker = Docker::connect_with_host(host).map_err(|error| match error {
            Error::UnsupportedURISchemeError { .. } => LaunchError::Usage(format!(
                "DOCKER_HOST is {host}, which can't be used: give a unix://, tcp:// or http:// address (for ssh, forward \
                 the remote socket: `ssh -L /tmp/docker.sock:/var/run/docker.sock HOST`)."
            )),
            other => silent(host, &root_cause(&other)),
        })?;
        let negotiated = tokio::time::timeout(PATIENCE, docker.negotiate_version()).await;
        let docker = match negotiated {
            Ok(Ok(docker)) => docker,
            Ok(Err(error)) => return Err(silent(host, &root_cause(&error))),
            Err(_) => return Err(silent(host, &format!("no answer within {}", text::duration(PATIENCE)))),
        };
        Ok(Daemon { docker, address: host.into(), errands: TaskTracker::new(), removed: Arc::default() })
    }

    /// What the daemon says about itself.
    pub async fn describe(&self) -> Result<DaemonFacts, LaunchError> {
        let failed = |error| self.trouble("asking the Docker daemon about itself", error);
        let version = self.docker.version().await.map_err(failed)?;
        let info = self.docker.info().await.map_err(failed)?;
        let components = version.components.unwrap_or_default();
        let podman = components.iter().any(|component| component.name.contains("Podman"));
        let security = info.security_options.unwrap_or_default();
        Ok(DaemonFacts {
            address: self.address.to_string(),
            engine: if podman { "Podman" } else { "Docker" }.to_owned(),
            version: version.version.unwrap_or_default(),
            api_version: version.api_version.unwrap_or_default(),
            os: version.os.unwrap_or_default(),
            architecture: version.arch.unwrap_or_default(),
            rootless: security.iter().any(|option| option.contains("rootless")),
            cgroup_version: info.cgroup_version.map(|version| version.to_string()).filter(|text| !text.is_empty()),
            limits_memory: info.memory_limit.unwrap_or(true),
            memory: info.mem_total.unwrap_or_default().max(0).cast_unsigned(),
            cpus: info.ncpu.unwrap_or_default().max(0).cast_unsigned(),
        })
    }

    /// How many containers were removed through this daemon or a clone of it.
    pub fn removed_containers(&self) -> usize {
        self.removed.load(Relaxed)
    }

    /// Waits until every container of a launch that was dropped is removed. To be called before the runtime ends.
    pub async fn settled(&self) {
        self.errands.close();
        self.errands.wait().await;
        self.errands.reopen();
    }

    /// An error of the daemon's while `doing` something.
    pub(super) fn trouble(&self, doing: &str, error: Error) -> LaunchError {
        match error {
            Error::DockerResponseServerError { message, .. } | Error::DockerStreamError { error: message } => {
                environment(format!("While {doing}, the Docker daemon said: {}", said(&message)))
            }
            other => self.lost(doing, &root_cause(&other)),
        }
    }

    /// The daemon went away.
    pub(super) fn lost(&self, doing: &str, why: &str) -> LaunchError {
        environment(format!(
            "The Docker daemon at {} went away while {doing} ({why}). What the connector did until then can't be judged. \
             See that the daemon runs (`docker info`), then start again.",
            self.address
        ))
    }
}

/// Where daemons listen that nobody configured, the most usual first.
fn usual_sockets() -> Vec<String> {
    let runtime = env::var("XDG_RUNTIME_DIR").ok();
    let home = env::var("HOME").ok();
    [
        Some("/var/run/docker.sock".to_owned()),
        runtime.as_ref().map(|folder| format!("{folder}/docker.sock")),
        home.map(|folder| format!("{folder}/.docker/run/docker.sock")),
        runtime.map(|folder| format!("{folder}/podman/podman.sock")),
        Some("/run/podman/podman.sock".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn unreachable_socket(socket: &str, kind: ErrorKind, error: &str) -> LaunchError {
    match kind {
        ErrorKind::NotFound => environment(format!(
            "There is no Docker socket at {socket}, to which DOCKER_HOST points. Start that daemon, or correct or unset \
             DOCKER_HOST."
        )),
        ErrorKind::PermissionDenied => environment(format!(
            "You may not use the Docker socket {socket}: permission denied. Add yourself to its group (`sudo usermod -aG \
             docker $USER`, then log in again), or run with sudo."
        )),
        _ => silent(&format!("unix://{socket}"), error),
    }
}

fn silent(host: &str, why: &str) -> LaunchError {
    environment(format!(
        "The Docker daemon at {host} does not answer ({}). See that it runs: `docker info`, `systemctl status docker`; on \
         a desktop, start Docker Desktop.",
        said(why)
    ))
}

pub(super) fn environment(message: String) -> LaunchError {
    LaunchError::Environment(message)
}

/// The daemon's words, fit for a message.
pub(super) fn said(words: &str) -> String {
    /// In characters; image names and paths make these messages long.
    const LONGEST: usize = 600;
    text::shorten(&text::visible(words.trim()), LONGEST)
}

/// The innermost error, which names the cause: the outer ones say `client error`.
pub(super) fn root_cause(error: &Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// Whether the daemon said that there is no such thing.
pub(super) fn is_missing(error: &Error) -> bool {
    matches!(error, Error::DockerResponseServerError { status_code: 404, .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn refusal(host: &str) -> String {
        Daemon::connect_to(host).await.expect_err("nobody listens").to_string()
    }

    #[tokio::test]
    async fn each_way_not_to_reach_a_daemon_has_its_own_words() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("docker.sock").display().to_string();
        assert!(refusal(&format!("unix://{path}")).await.starts_with("There is no Docker socket at"));
        let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let closing = std::thread::spawn(move || listener.accept().and_then(|_| listener.accept()).map(drop));
        assert!(refusal(&format!("unix://{path}")).await.contains("does not answer"));
        closing.join().unwrap().unwrap();
        assert!(refusal(&format!("unix://{path}")).await.contains("Connection refused"));
        assert!(refusal("tcp://127.0.0.1:1").await.contains("Connection refused"));
        assert!(refusal("ssh://somewhere").await.contains("give a unix://"));
        let denied = unreachable_socket("/run/docker.sock", ErrorKind::PermissionDenied, "");
        assert!(denied.to_string().contains("docker $USER"), "{denied}");
    }
}
