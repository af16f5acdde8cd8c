//! Runs a connector as a local process: the same limits, files and facts as in a container, as far as the system has
//! them.
//!
//! The process leads a group of its own. Its descendants are looked for while it runs, so that what leaves the group
//! (a daemon) is measured and ended too.

mod family;
pub(super) mod program;

use super::command_lines::CommandLines;
use super::watch::{Blow, Order, Pulse, oversee, signal_of};
use super::workspace::{Inputs, Workspace};
use super::{Channel, Chunk, Ended, ExitFacts, LaunchError, LaunchRequest, Launcher, Stop, Subject, processes, stdin};
use bytes::BytesMut;
use family::Family;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use program::Program;
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The most that outputs may stay open after the process is gone.
const LONGEST_WAIT_FOR_OUTPUTS: Duration = Duration::from_secs(2);

/// Runs a local command as the connector.
#[derive(Debug)]
pub struct ProcessLauncher {
    program: Program,
    environment: BTreeMap<String, String>,
    workspace: Arc<Workspace>,
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
        Ok(ProcessLauncher { program, environment, workspace })
    }

    fn command(&self, request: &LaunchRequest, inputs: &Inputs) -> Command {
        let mut command = Command::new(&self.program.path);
        command.args(&self.program.arguments).arg(request.command.as_str());
        for input in &request.inputs {
            command.arg(format!("--{}", input.option)).arg(inputs.path(input));
        }
        command.env("DATA_CHANNEL_MEDIUM", "STDIO").env("DATA_CHANNEL_FORMAT", "JSONL").envs(&self.environment);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).kill_on_drop(true);
        command
    }

    async fn run(&self, request: &LaunchRequest, output: Sender<Chunk>, stop: &Stop) -> Result<ExitFacts, LaunchError> {
        if let Some(facts) = stop.before_start() {
            return Ok(facts);
        }
        let fed = stdin::open(&request.stdin).await?;
        let inputs = self.workspace.write_inputs(&request.id, &request.inputs)?;
        let mut command = self.command(request, &inputs);
        command.stdin(if fed.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child = command.spawn().map_err(|error| self.program.cannot_start(&error))?;
        let pulse = Arc::new(Pulse::new());
        let family = Family::new(child.id().expect("it was not waited for yet").cast_signed(), self.workspace.clone());

        let mut feeding = JoinSet::new();
        if let (Some(file), Some(stdin)) = (fed, child.stdin.take()) {
            feeding.spawn(stdin::feed(file, stdin));
        }
        let mut lines = CommandLines::new(output.clone(), pulse.clone());
        let mut outputs = Outputs::of(&mut child, output, &pulse);
        let (status, ended) = self.wait(&mut child, (&family, &mut lines), &pulse, request, stop).await?;
        drop(lines);
        let duration = pulse.elapsed();
        let left_open = outputs.closed(&pulse, request.limits.grace, stop, &family).await;
        Ok(facts(status, ended, left_open, duration, pulse.lingered(duration)))
    }

    async fn wait(
        &self,
        child: &mut Child,
        (family, lines): (&Family, &mut CommandLines),
        pulse: &Pulse,
        request: &LaunchRequest,
        stop: &Stop,
    ) -> Result<(ExitStatus, Option<Ended>), LaunchError> {
        let limits = &request.limits;
        let order = async {
            tokio::select! {
                order = pulse.order(limits, stop) => order,
                () = family.exceeds(limits.memory, lines) => Order::InOrder(Ended::Memory),
            }
        };
        let group = family.leader();
        let strike = move |blow| strike(group, blow);
        match oversee(child.wait(), order, strike, limits.grace, stop).await {
            Some((Ok(status), ended)) => Ok((status, ended)),
            Some((Err(error), _)) => {
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

fn facts(
    status: ExitStatus,
    ended: Option<Ended>,
    outputs_left_open: bool,
    duration: Duration,
    lingered: Duration,
) -> ExitFacts {
    let code = status.code().map(i64::from);
    ExitFacts {
        code,
        signal: status.signal().or_else(|| code.and_then(signal_of)),
        out_of_memory: ended == Some(Ended::Memory),
        ended,
        outputs_left_open,
        duration,
        lingered,
    }
}

/// The readers of both outputs.
struct Outputs {
    readers: JoinSet<()>,
    stop: CancellationToken,
}

impl Outputs {
    fn of(child: &mut Child, output: Sender<Chunk>, pulse: &Arc<Pulse>) -> Outputs {
        let mut outputs = Outputs { readers: JoinSet::new(), stop: CancellationToken::new() };
        if let Some(stdout) = child.stdout.take() {
            let (pulse, stop) = (pulse.clone(), outputs.stop.clone());
            outputs.readers.spawn(drain(stdout, Channel::Stdout, output.clone(), pulse, stop));
        }
        if let Some(stderr) = child.stderr.take() {
            outputs.readers.spawn(drain(stderr, Channel::Stderr, output, pulse.clone(), outputs.stop.clone()));
        }
        outputs
    }

    /// Waits until both are closed and everything is sent. After the patience with a process that is gone, whoever
    /// keeps them open is ended, and true returned.
    async fn closed(&mut self, pulse: &Pulse, grace: Duration, stop: &Stop, family: &Family) -> bool {
        let patience = pulse.patience(grace.min(LONGEST_WAIT_FOR_OUTPUTS));
        let left_open = tokio::select! {
            biased;
            () = all_end(&mut self.readers) => false,
            () = patience => true,
            () = stop.kill.cancelled() => false,
        };
        family.end();
        self.stop.cancel();
        // What is read already is still sent, unless nobody may be waited for any more.
        tokio::select! {
            () = all_end(&mut self.readers) => {}
            () = stop.kill.cancelled() => self.readers.abort_all(),
        }
        left_open
    }
}

async fn all_end(readers: &mut JoinSet<()>) {
    while readers.join_next().await.is_some() {}
}

/// Reads an output to its end, or until told to stop, and sends it as it comes.
async fn drain(
    mut source: impl AsyncRead + Unpin,
    channel: Channel,
    output: Sender<Chunk>,
    pulse: Arc<Pulse>,
    stop: CancellationToken,
) {
    /// What one read may take, in bytes: a pipe holds no more.
    const PIECE: usize = 64 * 1024;
    /// With less room than this, a new piece of memory is taken.
    const LEAST: usize = 16 * 1024;
    let mut buffer = BytesMut::new();
    loop {
        if buffer.capacity() < LEAST {
            buffer.reserve(PIECE);
        }
        let read = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            read = source.read_buf(&mut buffer) => read,
        };
        match read {
            Ok(0) | Err(_) => return,
            Ok(_) => pulse.deliver(&output, channel, buffer.split().freeze()).await,
        }
    }
}
