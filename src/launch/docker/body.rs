//! What a launch's container is made from: the settings of all launches, and what this one asks for.

use super::{DockerLauncher, labels};
use crate::launch::LaunchRequest;
use crate::launch::handling::Argument;
use bollard::models::{self, ContainerCreateBody, HostConfig, HostConfigLogConfig, MountType};
use std::collections::{BTreeMap, HashMap};

/// Where a connector may write when its file system is read-only.
const SCRATCH: &str = "/tmp";

/// The folder of the input files, in two parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Folder {
    /// An absolute path, which is there before the files are.
    pub outer: String,
    /// A relative one, which is made with the files.
    pub inner: String,
}

impl Folder {
    /// The path of a file in it, or below it.
    fn path_of(&self, place: &str) -> String {
        format!("{}/{}/{place}", self.outer.trim_end_matches('/'), self.inner)
    }
}

impl DockerLauncher {
    /// Where a launch's input files are. The daemon puts nothing into a read-only file system, so that takes a volume, in
    /// which a folder of our own is: a volume's root belongs to root.
    pub(super) fn folder(&self, request: &LaunchRequest) -> Folder {
        let folder = self.settings.folder.trim_end_matches('/').to_owned();
        if request.handling.read_only_root {
            Folder { outer: folder, inner: "files".to_owned() }
        } else {
            Folder { outer: "/".to_owned(), inner: folder.trim_start_matches('/').to_owned() }
        }
    }

    /// What a launch's container is made from.
    pub(super) fn body(&self, request: &LaunchRequest, stdin: bool) -> ContainerCreateBody {
        let settings = &self.settings;
        let folder = self.folder(request);
        let arguments = request.arguments().into_iter().map(|argument| match argument {
            Argument::Word(word) => word,
            Argument::File(place) => folder.path_of(&place),
        });
        let mut environment = BTreeMap::from([("DATA_CHANNEL_MEDIUM", "STDIO"), ("DATA_CHANNEL_FORMAT", "JSONL")]);
        environment.extend(settings.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        environment.extend(request.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        ContainerCreateBody {
            image: Some(settings.image.clone()),
            cmd: Some(arguments.collect()),
            env: Some(environment.into_iter().map(|(name, value)| format!("{name}={value}")).collect()),
            labels: Some(labels(&self.run_id)),
            attach_stdin: Some(stdin),
            open_stdin: Some(stdin),
            stdin_once: Some(stdin),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            tty: Some(false),
            working_dir: request.handling.working_directory.clone(),
            user: request.handling.user.clone(),
            host_config: Some(self.host_config(request)),
            ..ContainerCreateBody::default()
        }
    }

    fn host_config(&self, request: &LaunchRequest) -> HostConfig {
        let settings = &self.settings;
        let memory = request.limits.memory.or(settings.memory).map(|bytes| bytes.try_into().unwrap_or(i64::MAX));
        let is_read_only = request.handling.read_only_root;
        let is_mounted =
            |target: &str| settings.mounts.iter().any(|mount| mount.target.trim_end_matches('/') == target);
        // Removed with the container, since it has no name.
        let volume = (is_read_only && !request.files().is_empty()).then(|| models::Mount {
            typ: Some(MountType::VOLUME),
            target: Some(self.folder(request).outer),
            ..models::Mount::default()
        });
        let scratch = (is_read_only && !is_mounted(SCRATCH))
            .then(|| HashMap::from([(SCRATCH.to_owned(), "rw,exec,mode=1777".to_owned())]));
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
            mounts: Some(mounts.chain(volume).collect()),
            readonly_rootfs: Some(is_read_only),
            tmpfs: scratch,
            extra_hosts: request.network.then(|| settings.hosts.clone()),
            network_mode: if request.network { settings.network.clone() } else { Some("none".to_owned()) },
            security_opt: Some(vec!["no-new-privileges".to_owned()]),
            log_config: Some(HostConfigLogConfig { typ: Some("none".to_owned()), config: None }),
            ..HostConfig::default()
        }
    }
}
