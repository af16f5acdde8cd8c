//! Launching a connector: one command, its inputs, its bytes, how it ended.
//!
//! A launcher moves bytes and states facts. It does not parse, and it does not judge: a non-zero exit is a fact like
//! any other. Only what keeps it from running the connector at all is an error.

mod command_lines;
pub mod docker;
mod exit;
mod handling;
pub mod links;
mod memory_course;
pub mod owner;
mod pace;
pub mod process;
mod processes;
pub mod replay;
mod stdin;
pub mod step;
mod unavailable;
mod watch;
pub mod workspace;

pub use exit::{Ended, ExitFacts, FedFacts, Resources};
pub use handling::{Arguments, Blow, FileNames, Handling, Reader};
pub use memory_course::{MemoryAt, MemoryCourse};
pub use processes::end_descendants;
pub use stdin::{Inflow, StatesBack, inflow};
pub use unavailable::Unavailable;

use crate::feed::Script;
use crate::protocol::Command;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// One execution of one command.
#[derive(Debug, Clone)]
pub struct LaunchRequest {
    /// Names the launch within the run, `sandbox.read.full-refresh` for instance; safe as a file name.
    pub id: String,
    /// The command.
    pub command: Command,
    /// The files that the command is given, in the order of its arguments.
    pub inputs: Vec<InputFile>,
    /// What the connector reads on stdin.
    pub stdin: Stdin,
    /// When the launcher ends it.
    pub limits: Limits,
    /// Whether the connector may use the network. False for `spec`.
    pub network: bool,
    /// Variables for the connector, over those of the launcher's settings.
    pub environment: BTreeMap<String, String>,
    /// What is different from other launches.
    pub handling: Handling,
}

/// A file that a command is given: `--config`, `--catalog` or `--state`.
#[derive(Debug, Clone)]
pub struct InputFile {
    /// The option's name without dashes, `config` for instance.
    pub option: &'static str,
    /// The file's content.
    pub content: Vec<u8>,
}

/// What a connector reads on stdin.
#[derive(Debug, Clone, Default)]
pub enum Stdin {
    /// Closed from the start.
    #[default]
    Closed,
    /// What a script sends.
    Script(Arc<Script>),
    /// What somebody sends while the launch goes on: see [`inflow`].
    Live(Inflow),
}

/// When a launch is ended, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The whole launch.
    pub total: Duration,
    /// Without a byte on stdout or stderr.
    pub silence: Duration,
    /// Between SIGTERM and SIGKILL, and for the streams to close after the process ended.
    pub grace: Duration,
    /// Memory of the container, or of the local process and its children together, in bytes.
    pub memory: Option<u64>,
}

/// Where something of the connector shows: on one of its two outputs, or among the system's processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Messages.
    Stdout,
    /// Diagnostics.
    Stderr,
    /// Command lines of the connector's processes, as every user of the machine sees them: no output, and never stored.
    CommandLine,
}

/// A piece of output, as it arrived: not a line.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// Where it came out.
    pub channel: Channel,
    /// The bytes. Never empty.
    pub bytes: Bytes,
    /// When it arrived, since the launch began.
    pub at: Duration,
}

/// What is launched, for the manifest and the report: facts that name it exactly.
#[derive(Debug, Clone, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Subject {
    /// `docker`, `process` or `replay`.
    pub launcher: String,
    /// The image as the suite names it, the command line, or the transcript's path.
    pub name: String,
    /// The image's id, where it is an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_id: Option<String>,
    /// The image's labels under `io.airbyte.`, without that prefix.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// How the image is set up, where it is an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageFacts>,
    /// The run whose transcripts stand in for it, where it was launched then and not now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<RecordedRun>,
}

/// An earlier run, of which transcripts are replayed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RecordedRun {
    /// Its id.
    pub id: String,
    /// When it began, RFC 3339, UTC.
    pub started_at: String,
    /// The version of the airproof that made it.
    pub airproof: String,
    /// The folder of its report, as the user named it.
    pub folder: String,
}

/// How an image is set up, as far as rules need it: never its whole environment, which may hold secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct ImageFacts {
    /// ENTRYPOINT, word by word; empty where there is none.
    pub entrypoint: Vec<String>,
    /// CMD, word by word; empty where there is none.
    pub command: Vec<String>,
    /// The variable AIRBYTE_ENTRYPOINT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub airbyte_entrypoint: Option<String>,
    /// The user that it runs as; empty for the default, which is root.
    pub user: String,
    /// The system and architecture that it is for, `linux/amd64`.
    pub platform: String,
    /// Whether that user may write to the folder `/airbyte`; none where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<FolderAccess>,
}

/// What a user may do with a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FolderAccess {
    /// There is no such folder.
    Missing,
    /// Read, at most.
    ReadOnly,
    /// Write to it.
    Writable,
}

impl Subject {
    /// The version that the image says it has, by its label `io.airbyte.version`.
    pub fn version(&self) -> Option<&str> {
        self.labels.get("version").map(String::as_str)
    }

    /// Every text about the image that its maker has a say in.
    pub fn texts_of_image(&mut self) -> impl Iterator<Item = &mut String> {
        let facts = self.image.iter_mut().flat_map(|image| {
            let words = image.entrypoint.iter_mut().chain(&mut image.command);
            words.chain(&mut image.airbyte_entrypoint).chain([&mut image.user])
        });
        facts.chain(self.labels.values_mut())
    }
}

/// Runs connectors.
pub trait Launcher: Send + Sync {
    /// Makes sure that launches can work (the daemon answers, the image is there, the program exists) and says what
    /// will be launched.
    fn prepare(&self) -> BoxFuture<'_, Result<Subject, LaunchError>>;

    /// Why it can't treat a connector like that, in a sentence; none where it can. A launch for which there is such a
    /// reason is an error, and nothing is started.
    fn refuses(&self, _handling: &Handling) -> Option<String> {
        None
    }

    /// Launches once and sends all output; returns when the process is gone and its outputs are closed. Cancelling
    /// `stop` ends it as a limit does: SIGTERM, the grace, SIGKILL; cancelling `kill` ends it at once. Everything that
    /// the launch made (container, process group, files) is gone when this returns, also with an error.
    fn launch<'a>(
        &'a self,
        request: &'a LaunchRequest,
        output: mpsc::Sender<Chunk>,
        stop: &'a Stop,
    ) -> BoxFuture<'a, Result<ExitFacts, LaunchError>>;
}

/// What a running launch is told: when to end, and what came of it so far.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    /// End it in order, since the run is interrupted: SIGTERM, grace, SIGKILL.
    pub interrupt: CancellationToken,
    /// End it at once.
    pub kill: CancellationToken,
    /// End it in order, since its output can't be stored. A launch's own, unlike the other two.
    pub storage: CancellationToken,
    /// Do what [`Handling::strike`] says. A launch's own too: whoever wants to strike gives it a token that no other has.
    pub strike: CancellationToken,
    /// How many states have come back of it, for a script that waits for them. A launch's own, too.
    pub states: StatesBack,
}

impl Stop {
    /// The facts of a launch that is not worth starting, since the run is being ended already.
    fn before_start(&self) -> Option<ExitFacts> {
        let over = self.kill.is_cancelled() || self.interrupt.is_cancelled();
        over.then_some(ExitFacts { code: None, ended: Some(Ended::Interrupted), ..ExitFacts::by_itself(0) })
    }
}

/// What keeps a connector from being launched. Each message says what happened and what to do.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LaunchError {
    /// The daemon, the image, the network: something around the connector.
    #[error("{0}")]
    Environment(String),
    /// Something that the user wrote: a program that does not exist, an image name that is none.
    #[error("{0}")]
    Usage(String),
}

impl LaunchError {
    /// The same kind of error in other words.
    pub fn told(self, words: impl FnOnce(String) -> String) -> LaunchError {
        match self {
            LaunchError::Environment(text) => LaunchError::Environment(words(text)),
            LaunchError::Usage(text) => LaunchError::Usage(words(text)),
        }
    }
}
