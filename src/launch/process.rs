//! Runs a connector as a local process: the same limits, files and facts as in a container, as far as the system has
//! them.
//!
//! The process leads a group of its own. Its descendants are looked for while it runs, so that what leaves the group
//! (a daemon) is measured and ended too.

mod family;
mod outputs;
pub(super) mod program;

use super::command_lines::CommandLines;
use super::exit::signal_of;
use super::handling::Argument;
use super::stdin::Feed;
use super::watch::{Order, Overseen, Pulse, oversee};
use super::workspace::{Inputs, Workspace};
use super::{Blow, Chunk, Ended, ExitFacts, Handling, LaunchError, LaunchRequest, Launcher, Stop, Subject, processes};
use family::Family;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use outputs::Outputs;
use program::Program;
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use tokio::process::{Child, Command};
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Runs a local command as the connector.
#[derive(Debug)]
pub struct ProcessLauncher {
    program: Program,
    environment: BTreeMap<String, String>,
    workspace: Arc<Workspace>,
    /// Where it is started; none for this process's own folder.
    folder: Option<PathBuf>,
}

impl ProcessLauncher {
    /// Splits the command line as a shell does (quotes and backslashes; nothing is expanded) and finds the program.
    /// The connector gets this process's environment, and `environment` on top of it.
    pub fn new(
        command_line: &str,
        environment: BTreeMap<String, String>,
        workspace: Arc<Workspace>,
    ) -> Result<Self, LaunchError> {
        processes::adopt_orphans();
        let program = Program::find(command_line, environment.get("PATH").map(String::as_str))?;
        Ok(ProcessLauncher { program, environment, workspace, folder: None })
    }

    /// Starts it in a folder other than this process's own. The program is looked for in this process's own all the same.
    pub fn started_in(self, folder: Option<PathBuf>) -> Self {
        ProcessLauncher { folder, ..self }
    }

    fn command(&self, request: &LaunchRequest, inputs: &Inputs) -> Result<Command, LaunchError> {
        // From another folder, a relative path would lead somewhere else.
        let program = std::path::absolute(&self.program.path).unwrap_or_else(|_| self.program.path.clone());
        let mut command = Command::new(program);
        command.args(&self.program.arguments);
        for argument in request.arguments() {
            match argument {
                Argument::Word(word) => command.arg(word),
                Argument::File(place) => command.arg(inputs.path(&place)),
            };
        }
        if let Some(folder) = request.handling.working_directory.as_ref().map(PathBuf::from).or(self.folder.clone()) {
            if !folder.is_dir() {
                return Err(LaunchError::Usage(format!(
                    "{} is to be started in {}, which is no folder.",
                    self.program.name,
                    folder.display()
                )));
            }
            command.current_dir(folder);
        }
        command.env("DATA_CHANNEL_MEDIUM", "STDIO").env("DATA_CHANNEL_FORMAT", "JSONL").envs(&self.environment);
        command.envs(&request.environment);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).kill_on_drop(true);
        Ok(command)
    }

    async fn run(&self, request: &LaunchRequest, output: Sender<Chunk>, stop: &Stop) -> Result<ExitFacts, LaunchError> {
        if let Some(facts) = stop.before_start() {
            return Ok(facts);
        }
        if let Some(reason) = self.refuses(&request.handling) {
            return Err(LaunchError::Usage(reason));
        }
        let feed = Feed::open(request).await?;
        let inputs = self.workspace.write_inputs(&request.id, &request.files())?;
        let mut command = self.command(request, &inputs)?;
        command.stdin(if feed.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child = command.spawn().map_err(|error| self.program.cannot_start(&error))?;
        let pulse = Arc::new(Pulse::new());
        let family = Family::new(child.id().expect("it was not waited for yet").cast_signed(), self.workspace.clone());

        let mut feeding = JoinSet::new();
        let fed = feed.as_ref().map(Feed::fed);
        if let (Some(feed), Some(stdin)) = (feed, child.stdin.take()) {
            feeding.spawn(feed.into_stdin(stdin, pulse.clone(), stop.clone()));
        }
        let mut lines = CommandLines::new(output.clone(), pulse.clone());
        let mut outputs = Outputs::of(&mut child, request.handling.reader, output, &pulse);
        let reader_left = outputs.left();
        let watched = (&family, &mut lines);
        let overseen = self.wait(&mut child, watched, (&pulse, &reader_left), request, stop).await?;
        drop(lines);
        let (duration, reader_left) = (pulse.elapsed(), reader_left.is_cancelled());
        let outputs_left_open = outputs.closed(&pulse, request.limits.grace, stop, &family).await;
        let lingered = pulse.lingered(duration);
        let resources = family.resources();
        let fed = fed.map(|fed| fed.facts());
        Ok(ExitFacts { outputs_left_open, reader_left, duration, lingered, resources, fed, ..facts(&overseen) })
    }

    async fn wait(
        &self,
        child: &mut Child,
        (family, lines): (&Family, &mut CommandLines),
        (pulse, reader_left): (&Pulse, &CancellationToken),
        request: &LaunchRequest,
        stop: &Stop,
    ) -> Result<Overseen<ExitStatus>, LaunchError> {
        let limits = &request.limits;
        let order = async {
            tokio::select! {
                order = pulse.order(request, stop, reader_left) => order,
                () = family.exceeds(limits.memory, lines) => Order::InOrder(Ended::Memory),
            }
        };
        let exit = async {
            family.leader_ended().await;
            child.wait().await
        };
        let group = family.leader();
        let strike = move |blow| strike(group, blow);
        match oversee(exit, order, strike, limits.grace, stop).await {
            Some(Overseen { exit: Ok(exit), ended, outlived_grace }) => Ok(Overseen { exit, ended, outlived_grace }),
            Some(Overseen { exit: Err(error), .. }) => {
                Err(LaunchError::Environment(format!("The exit of {} can't be seen: {error}.", self.program.name)))
            }
            None => Err(LaunchError::Environment(format!(
                "{} (process {group}) is still there long after SIGKILL: the system holds it, probably in a file system \
                 that does not answer.",
                self.program.name
            ))),
        }
    }
}

impl Launcher for ProcessLauncher {
    fn prepare(&self) -> BoxFuture<'_, Result<Subject, LaunchError>> {
        let subject =
            Subject { launcher: "process".to_owned(), name: self.program.command_line.clone(), ..Subject::default() };
        async { Ok(subject) }.boxed()
    }

    fn refuses(&self, handling: &Handling) -> Option<String> {
        let needs_container =
            |what: &str| Some(format!("A local process can't be given {what}: that takes a container."));
        match handling {
            Handling { read_only_root: true, .. } => needs_container("a read-only file system"),
            Handling { user: Some(_), .. } => needs_container("another user"),
            Handling { working_directory: Some(_), .. } => self
                .program
                .bound_to(self.folder.as_deref().unwrap_or(Path::new("")))
                .map(|why| format!("It can't be started in another folder: {why}.")),
            _ => None,
        }
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

fn strike(group: i32, blow: Blow) -> BoxFuture<'static, ()> {
    let signal = match blow {
        Blow::Term => Signal::TERM,
        Blow::Kill => Signal::KILL,
    };
    async move { processes::signal_group(group, signal) }.boxed()
}

/// What the exit itself tells.
fn facts(overseen: &Overseen<ExitStatus>) -> ExitFacts {
    let (status, ended) = (overseen.exit, overseen.ended);
    let code = status.code().map(i64::from);
    let signal = status.signal().or_else(|| code.and_then(signal_of));
    ExitFacts {
        code,
        signal,
        out_of_memory: ended == Some(Ended::Memory),
        ended,
        needed_kill: overseen.outlived_grace && signal == Some(Signal::KILL.as_raw()),
        ..ExitFacts::by_itself(0)
    }
}
