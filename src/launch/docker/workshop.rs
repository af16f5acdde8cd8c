//! Commands in containers of the suite's author: their images are built, each once a run, and removed at its end.

use super::body::Folder;
use super::container::Container;
use super::daemon::{Daemon, environment, said};
use super::labels;
use crate::launch::LaunchError;
use crate::launch::handling::PlacedFile;
use crate::launch::step::Printed;
use crate::launch::step::tail::{Sink, Tail, describe};
use crate::launch::workspace::safe_name;
use crate::text;
use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::models::{self, ContainerCreateBody, HostConfig, HostConfigLogConfig, MountType};
use bollard::query_parameters::BuildImageOptionsBuilder;
use futures_util::StreamExt;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tokio::sync::Mutex;
use tokio_util::io::ReaderStream;

/// Where the folder of the suite is in such a container.
const CONNECTOR: &str = "/connector";

/// A command that is run in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerCommand {
    /// From what its image is built; the context is the folder that it lies in.
    pub dockerfile: PathBuf,
    /// Program and arguments, in place of the image's own.
    pub words: Vec<String>,
    /// The file whose content it finds at `/tmp/config.json`.
    pub secrets: Option<PathBuf>,
    /// The folder that it finds at `/connector`, and may write to.
    pub folder: PathBuf,
    /// Variables for it.
    pub environment: BTreeMap<String, String>,
}

/// Builds images and runs commands in them. Nothing is asked of a daemon before the first command.
#[derive(Debug)]
pub struct Workshop {
    run_id: String,
    network: String,
    hosts: Vec<String>,
    containers: AtomicUsize,
    built: Mutex<Built>,
}

#[derive(Debug, Default)]
struct Built {
    daemon: Option<Daemon>,
    /// The images, by Dockerfile.
    images: BTreeMap<PathBuf, String>,
}

impl Workshop {
    /// All that it makes bears the run's id; its containers are in this network, and know these hosts (`name:address`).
    pub fn new(run_id: &str, network: &str, hosts: &[String]) -> Workshop {
        let (run_id, network) = (run_id.to_owned(), network.to_owned());
        let (containers, built) = (AtomicUsize::new(0), Mutex::default());
        Workshop { run_id, network, hosts: hosts.to_vec(), containers, built }
    }

    /// The image of a Dockerfile, which is built if this is the first time that it is asked for, and its daemon.
    pub async fn image(&self, dockerfile: &Path) -> Result<(Daemon, String), LaunchError> {
        let mut built = self.built.lock().await;
        let daemon = match &built.daemon {
            Some(daemon) => daemon.clone(),
            None => built.daemon.insert(Daemon::connect().await?).clone(),
        };
        if let Some(tag) = built.images.get(dockerfile) {
            return Ok((daemon, tag.clone()));
        }
        let tag = format!("airproof-step:{}-{}", safe_name(&self.run_id), built.images.len() + 1);
        daemon.build_image(&tag, dockerfile, &self.run_id).await?;
        built.images.insert(dockerfile.to_owned(), tag.clone());
        Ok((daemon, tag))
    }

    /// Runs a command to its end, and gives what keeps it from being a success: how it ended, in words, and with which code.
    /// Dropped before, its container is removed in the background. What it prints goes to `printed`, where there is one.
    pub(in crate::launch) async fn run(
        &self,
        command: &ContainerCommand,
        printed: Option<&mut Printed>,
    ) -> Result<Option<(String, Option<i64>)>, LaunchError> {
        let (daemon, image) = self.image(&command.dockerfile).await?;
        let secrets = command.secrets.as_deref().map(|path| {
            std::fs::read(path).map_err(|error| {
                let path = text::visible(&path.display().to_string());
                LaunchError::Usage(format!("its secrets {path} can't be read: {error}"))
            })
        });
        let secrets = secrets.transpose()?;
        let number = self.containers.fetch_add(1, Relaxed) + 1;
        let name = format!("airproof-{}-step-{number}", safe_name(&self.run_id));
        let container = Container::create(&daemon, name, self.body(&image, command)).await?;
        let outcome = run_in(&container, &image, secrets.as_deref(), printed).await;
        let removed = container.remove().await;
        outcome.and_then(|failure| removed.map(|()| failure))
    }

    fn body(&self, image: &str, command: &ContainerCommand) -> ContainerCreateBody {
        let folder = models::Mount {
            typ: Some(MountType::BIND),
            source: Some(command.folder.display().to_string()),
            target: Some(CONNECTOR.to_owned()),
            read_only: Some(false),
            ..models::Mount::default()
        };
        ContainerCreateBody {
            image: Some(image.to_owned()),
            entrypoint: Some(command.words.clone()),
            env: Some(command.environment.iter().map(|(name, value)| format!("{name}={value}")).collect()),
            labels: Some(labels(&self.run_id)),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            tty: Some(false),
            host_config: Some(HostConfig {
                mounts: Some(vec![folder]),
                network_mode: Some(self.network.clone()),
                extra_hosts: Some(self.hosts.clone()),
                log_config: Some(HostConfigLogConfig { typ: Some("none".to_owned()), config: None }),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        }
    }

    /// Removes the images that it built, and waits until its containers are gone.
    pub async fn close(&self) -> Result<(), LaunchError> {
        let Built { daemon, images } = std::mem::take(&mut *self.built.lock().await);
        let Some(daemon) = daemon else { return Ok(()) };
        daemon.settled().await;
        let mut outcome = Ok(());
        for tag in images.values() {
            outcome = outcome.and(daemon.remove_image(tag).await.map(drop));
        }
        outcome
    }
}

/// Starts a container, and waits for its end.
async fn run_in(
    container: &Container,
    image: &str,
    secrets: Option<&[u8]>,
    printed: Option<&mut Printed>,
) -> Result<Option<(String, Option<i64>)>, LaunchError> {
    if let Some(content) = secrets {
        let folder = Folder { outer: "/".to_owned(), inner: "tmp".to_owned() };
        container.upload(&folder, &[PlacedFile { place: "config.json".to_owned(), content }]).await?;
    }
    let mut outputs = container.attach(false).await?.output;
    container.start(image).await?;
    let (mut end, mut stderr) = (Tail::default(), Tail::default());
    let mut stdout = printed.map_or(Sink::Tail(&mut end), Sink::Printed);
    let reading = async {
        while let Some(Ok(frame)) = outputs.next().await {
            match frame {
                LogOutput::StdErr { message } => stderr.push(&message),
                other => stdout.push(&other.into_bytes()),
            }
        }
    };
    let (code, ()) = tokio::join!(container.exited(), reading);
    match code? {
        0 => Ok(None),
        code => {
            let how = format!("ended with exit code {code}");
            Ok(Some((format!("its command {}", describe(how, &stderr, &end)), Some(code))))
        }
    }
}

impl Daemon {
    /// Builds an image from a Dockerfile and the folder that it lies in, as `docker build` does without BuildKit.
    async fn build_image(&self, tag: &str, dockerfile: &Path, run_id: &str) -> Result<(), LaunchError> {
        let shown = text::visible(&dockerfile.display().to_string());
        let (folder, name) = (dockerfile.parent(), dockerfile.file_name().and_then(|name| name.to_str()));
        let (Some(folder), Some(name)) = (folder.map(Path::to_owned), name) else {
            return Err(LaunchError::Usage(format!("{shown} can't be a Dockerfile")));
        };
        let packed = tokio::task::spawn_blocking(move || pack(&folder)).await;
        let packed = packed.unwrap_or_else(|error| Err(io::Error::other(error)));
        let context = packed.map_err(|error| {
            LaunchError::Usage(format!("the folder of {shown} can't be sent to the daemon: {error}"))
        })?;
        let options = BuildImageOptionsBuilder::new().dockerfile(name).t(tag).labels(&labels(run_id));
        let options = options.rm(true).forcerm(true).build();
        let body =
            bollard::body_try_stream(ReaderStream::with_capacity(tokio::fs::File::from_std(context), 256 * 1024));
        let mut progress = std::pin::pin!(self.docker.build_image(options, None, Some(body)));
        let mut told = Tail::default();
        while let Some(step) = progress.next().await {
            match step {
                Ok(info) => told.push(info.stream.unwrap_or_default().as_bytes()),
                Err(Error::DockerStreamError { error } | Error::DockerResponseServerError { message: error, .. }) => {
                    let before = match told.shown().as_str() {
                        "" => String::new(),
                        told => format!(". Before that: {told}"),
                    };
                    return Err(environment(format!(
                        "{shown} can't be built; the daemon said: {}{before}",
                        said(&error)
                    )));
                }
                Err(error) => return Err(self.trouble(&format!("building {shown}"), error)),
            }
        }
        Ok(())
    }
}

/// A tar archive of a folder but for its `.git`, in a file without a name.
fn pack(folder: &Path) -> io::Result<File> {
    /// In bytes. What is larger than that is no folder of a Dockerfile, but one that it happens to lie in.
    const MOST: u64 = 1 << 30;
    let mut archive = tar::Builder::new(tempfile::tempfile()?);
    archive.follow_symlinks(false);
    let mut left = MOST;
    let mut folders = vec![PathBuf::new()];
    while let Some(inner) = folders.pop() {
        for entry in std::fs::read_dir(folder.join(&inner))? {
            let entry = entry?;
            let (place, about) = (inner.join(entry.file_name()), entry.metadata()?);
            if about.is_dir() {
                if entry.file_name() != ".git" {
                    archive.append_dir(&place, entry.path())?;
                    folders.push(place);
                }
            } else if about.is_file() || about.is_symlink() {
                left = left.checked_sub(about.len()).ok_or_else(|| {
                    let most = text::bytes(MOST);
                    io::Error::other(format!("it is larger than {most}. Put the Dockerfile into a folder of its own"))
                })?;
                archive.append_path_with_name(entry.path(), &place)?;
            }
        }
    }
    let mut file = archive.into_inner()?;
    file.rewind()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_packed_with_what_is_in_it_but_its_history() {
        let folder = tempfile::tempdir().unwrap();
        for inner in [".git", "seed/more"] {
            std::fs::create_dir_all(folder.path().join(inner)).unwrap();
        }
        for file in ["Dockerfile", ".git/HEAD", "seed/more/hook.py"] {
            std::fs::write(folder.path().join(file), "content").unwrap();
        }
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("seed/link")).unwrap();
        let mut archive = tar::Archive::new(pack(folder.path()).unwrap());
        let mut places: Vec<_> =
            archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string()).collect();
        places.sort();
        assert_eq!(places.join(" "), "Dockerfile seed seed/link seed/more seed/more/hook.py");
    }
}
