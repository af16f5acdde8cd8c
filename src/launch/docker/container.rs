//! One container, from its creation to its removal, which is seen to on every way out.

use super::body::Folder;
use super::daemon::{Daemon, environment, is_missing, said};
use crate::launch::command_lines::CommandLines;
use crate::launch::handling::PlacedFile;
use crate::launch::pace::Pace;
use crate::launch::watch::Pulse;
use crate::launch::{Blow, Channel, Chunk, LaunchError};
use bollard::container::{AttachContainerResults, LogOutput};
use bollard::errors::Error;
use bollard::models::{ContainerCreateBody, ContainerState};
use bollard::query_parameters::{
    AttachContainerOptionsBuilder, CreateContainerOptionsBuilder, DownloadFromContainerOptionsBuilder,
    InspectContainerOptions, KillContainerOptionsBuilder, RemoveContainerOptionsBuilder, StartContainerOptions,
    TopOptionsBuilder, UploadToContainerOptionsBuilder, WaitContainerOptions,
};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, Stream, StreamExt};
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, SystemTime};
use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// A container of ours. Dropped, it is removed in the background.
#[derive(Debug)]
pub(super) struct Container {
    pub(super) daemon: Daemon,
    pub(super) name: String,
    runtime: Handle,
    leaving: bool,
    /// Whoever waits for errands waits for this container too, until its removal has become one.
    _errand: TaskTrackerToken,
}

impl Container {
    /// Creates a container. Should nobody wait for the result any more, it is removed as soon as it is there.
    pub async fn create(daemon: &Daemon, name: String, body: ContainerCreateBody) -> Result<Container, LaunchError> {
        let image = body.image.clone().unwrap_or_default();
        let (maker, runtime, errand) = (daemon.clone(), Handle::current(), daemon.errands.token());
        let creation = daemon.errands.spawn(async move {
            let options = CreateContainerOptionsBuilder::new().name(&name).build();
            let made = maker.docker.create_container(Some(options), body).await;
            made.map(|_| Container { daemon: maker, name, runtime, leaving: false, _errand: errand })
        });
        match creation.await {
            Ok(Ok(container)) => Ok(container),
            Ok(Err(Error::DockerResponseServerError { status_code: 400, message })) => {
                Err(LaunchError::Usage(format!(
                    "No container can be made of {image} with these settings; the Docker daemon said: {}",
                    said(&message)
                )))
            }
            Ok(Err(error)) => Err(daemon.trouble(&format!("creating a container of {image}"), error)),
            Err(error) => Err(environment(format!("Creating a container of {image} was broken off: {error}."))),
        }
    }

    /// Puts the input files into a folder of the container's, where every user of the image may read and change them.
    pub async fn upload(&self, folder: &Folder, files: &[PlacedFile<'_>]) -> Result<(), LaunchError> {
        if files.is_empty() {
            return Ok(());
        }
        let archive = archive(&folder.inner, files).expect("writing to memory can't fail and the names fit");
        let options = UploadToContainerOptionsBuilder::new().path(&folder.outer).build();
        let sent =
            self.daemon.docker.upload_to_container(&self.name, Some(options), bollard::body_full(archive.into()));
        sent.await.map_err(|error| self.daemon.trouble(&format!("putting input files into {}", self.name), error))
    }

    /// The beginning of a tar archive of a path; none where there is no such path. None at all where that can't be told.
    pub async fn beginning_of(&self, path: &str) -> Option<Option<Vec<u8>>> {
        /// In bytes. A header is 512, and others may stand before the one of the path.
        const ENOUGH: usize = 64 * 1024;
        let options = DownloadFromContainerOptionsBuilder::new().path(path).build();
        let mut pieces = std::pin::pin!(self.daemon.docker.download_from_container(&self.name, Some(options)));
        let mut bytes = Vec::new();
        while bytes.len() < ENOUGH {
            match pieces.next().await {
                Some(Ok(piece)) => bytes.extend_from_slice(&piece),
                Some(Err(error)) if is_missing(&error) => return Some(None),
                Some(Err(_)) => return None,
                None => break,
            }
        }
        Some(Some(bytes))
    }

    /// Connects to the outputs, and to stdin where it is fed.
    pub async fn attach(&self, stdin: bool) -> Result<AttachContainerResults, LaunchError> {
        let options = AttachContainerOptionsBuilder::new().stdin(stdin).stdout(true).stderr(true).stream(true).build();
        let attached = self.daemon.docker.attach_container(&self.name, Some(options)).await;
        attached.map_err(|error| self.daemon.trouble(&format!("attaching to {}", self.name), error))
    }

    /// Starts it. An image that can't be run is told apart from a connector that fails.
    pub async fn start(&self, image: &str) -> Result<(), LaunchError> {
        match self.daemon.docker.start_container(&self.name, None::<StartContainerOptions>).await {
            Ok(()) => Ok(()),
            Err(Error::DockerResponseServerError { message, .. }) => {
                let hint = if message.contains("network") {
                    "Check the suite's network settings."
                } else {
                    "Check the image's ENTRYPOINT, and that it was built for this machine's architecture."
                };
                Err(environment(format!(
                    "The image {image} can't be run at all; the Docker daemon said: {}. {hint}",
                    said(&message).trim_end_matches('.')
                )))
            }
            Err(error) => Err(self.daemon.trouble(&format!("starting {}", self.name), error)),
        }
    }

    /// Waits until it does not run, and returns the exit code. To be called once it was started.
    pub async fn exited(&self) -> Result<i64, LaunchError> {
        /// The daemon may answer when the container is gone and not before: no request is to time out earlier.
        const NEVER: Duration = Duration::from_secs(365 * 24 * 3600);
        let docker = self.daemon.docker.clone().with_timeout(NEVER);
        let mut answers = docker.wait_container(&self.name, None::<WaitContainerOptions>);
        let doing = || format!("waiting for {}", self.name);
        match answers.next().await {
            Some(Ok(exit)) => Ok(exit.status_code),
            Some(Err(Error::DockerContainerWaitError { code, .. })) => Ok(code),
            Some(Err(error)) => Err(self.daemon.trouble(&doing(), error)),
            None => Err(self.daemon.lost(&doing(), "the connection was closed")),
        }
    }

    /// Watches the command lines of its processes, as long as the daemon can tell them. Never returns.
    pub async fn watch_processes(&self, lines: &mut CommandLines) {
        /// A look takes the daemon some hundredths of a second.
        const PERIOD: Duration = Duration::from_secs(1);
        /// A daemon that can't tell now may be about to start or to end the container, or never be able to.
        const ATTEMPTS: u32 = 3;
        let mut failures = 0;
        while failures < ATTEMPTS {
            tokio::time::sleep(PERIOD).await;
            let options = TopOptionsBuilder::new().ps_args(PS).build();
            match self.daemon.docker.top_processes(&self.name, Some(options)).await {
                Ok(told) => {
                    failures = 0;
                    lines.look(told.processes.into_iter().flatten().filter_map(|row| process(&row)));
                }
                Err(_) => failures += 1,
            }
        }
        std::future::pending().await
    }

    /// Its state, now. Empty where somebody else removed it.
    pub async fn state(&self) -> Result<ContainerState, LaunchError> {
        match self.daemon.docker.inspect_container(&self.name, None::<InspectContainerOptions>).await {
            Ok(found) => Ok(found.state.unwrap_or_default()),
            Err(error) if is_missing(&error) => Ok(ContainerState::default()),
            Err(error) => Err(self.daemon.trouble(&format!("inspecting {}", self.name), error)),
        }
    }

    /// Signals its first process. That it is gone already is no error, and neither is a daemon that is: that shows
    /// where the exit is waited for.
    pub fn strike(&self, blow: Blow) -> BoxFuture<'static, ()> {
        let (docker, name) = (self.daemon.docker.clone(), self.name.clone());
        let signal = match blow {
            Blow::Term => "SIGTERM",
            Blow::Kill => "SIGKILL",
        };
        async move {
            let options = KillContainerOptionsBuilder::new().signal(signal).build();
            let _gone_already = docker.kill_container(&name, Some(options)).await;
        }
        .boxed()
    }

    /// Removes it, running or not, with its anonymous volumes.
    pub async fn remove(mut self) -> Result<(), LaunchError> {
        self.leaving = true;
        let removal = self.removal().await;
        removal.unwrap_or_else(|error| Err(environment(format!("Removing {} was broken off: {error}.", self.name))))
    }

    fn removal(&self) -> JoinHandle<Result<(), LaunchError>> {
        let (daemon, name) = (self.daemon.clone(), self.name.clone());
        self.daemon.errands.spawn_on(async move { daemon.remove_container(&name).await }, &self.runtime)
    }
}

/// What the daemon asks `ps` for: ids and command lines, each cut off where nobody writes one any more.
const PS: &str = "-e --cols 16384 -o pid,args";

/// A row of that: the id, and the words.
fn process(row: &[String]) -> Option<((i32, u64), Vec<u8>)> {
    let (id, words) = row.split_first()?;
    Some(((id.trim().parse().ok()?, 0), words.join(" ").into_bytes()))
}

impl Drop for Container {
    fn drop(&mut self) {
        if !self.leaving {
            drop(self.removal());
        }
    }
}

impl Daemon {
    /// Removes a container by name or id, running or not. That it is gone already is no error.
    pub(super) async fn remove_container(&self, name: &str) -> Result<(), LaunchError> {
        const ATTEMPTS: u32 = 3;
        let mut attempt = 1;
        loop {
            let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
            match self.docker.remove_container(name, Some(options)).await {
                Ok(()) => {
                    self.removed.fetch_add(1, Relaxed);
                    return Ok(());
                }
                // Somebody else removes it just now, or did.
                Err(Error::DockerResponseServerError { status_code: 404 | 409, .. }) => return Ok(()),
                Err(_) if attempt < ATTEMPTS => tokio::time::sleep(Duration::from_millis(200) * attempt).await,
                Err(error) => {
                    let doing = format!("removing the container {name} (`docker rm -f {name}` removes it by hand)");
                    return Err(self.trouble(&doing, error));
                }
            }
            attempt += 1;
        }
    }
}

/// Reads a container's outputs to their end, and sends them as they come.
pub(super) async fn pump(
    mut frames: impl Stream<Item = Result<LogOutput, Error>> + Unpin,
    output: Sender<Chunk>,
    pulse: Arc<Pulse>,
    mut pace: Pace,
) -> Result<(), String> {
    while let Some(frame) = frames.next().await {
        let (channel, message) = match frame {
            Ok(LogOutput::StdOut { message }) => (Channel::Stdout, message),
            Ok(LogOutput::StdErr { message }) => (Channel::Stderr, message),
            // Without a terminal there is no such frame: it is the rest of one that was cut off.
            Ok(LogOutput::Console { .. } | LogOutput::StdIn { .. }) => return Err("its output was cut off".to_owned()),
            Err(error) => return Err(super::daemon::root_cause(&error)),
        };
        let length = message.len();
        pulse.deliver(&output, channel, message).await;
        pace.took(length, &pulse).await;
    }
    Ok(())
}

/// A tar archive of a folder with the files: for every user to read, write and list.
fn archive(folder: &str, files: &[PlacedFile<'_>]) -> io::Result<Vec<u8>> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = |kind, mode, path: String, content: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_mtime(now);
        header.set_size(content.len() as u64);
        archive.append_data(&mut header, path, content)
    };
    let inner = files.iter().filter_map(PlacedFile::inner_folder).collect::<BTreeSet<_>>();
    header(tar::EntryType::Directory, 0o777, format!("{folder}/"), &[])?;
    for inner in inner {
        header(tar::EntryType::Directory, 0o777, format!("{folder}/{inner}/"), &[])?;
    }
    for file in files {
        header(tar::EntryType::Regular, 0o666, format!("{folder}/{}", file.place), file.content)?;
    }
    archive.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_holds_what_every_user_may_use() {
        let file = |place: &str| PlacedFile { place: place.to_owned(), content: b"{}" };
        let bytes = archive("data/in", &[file("config.json"), file("in put/é.d")]).unwrap();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let entries = archive.entries().unwrap().map(|entry| {
            let entry = entry.unwrap();
            (entry.path().unwrap().display().to_string(), entry.header().mode().unwrap(), entry.size())
        });
        let expected = [
            ("data/in/", 0o777, 0),
            ("data/in/in put/", 0o777, 0),
            ("data/in/config.json", 0o666, 2),
            ("data/in/in put/é.d", 0o666, 2),
        ];
        assert_eq!(entries.collect::<Vec<_>>(), expected.map(|(path, mode, size)| (path.to_owned(), mode, size)));
    }
}
