//! A step that is a command of this machine.

use super::tail::{Printed, Sink, Tail, describe};
use crate::launch::process::program::Program;
use crate::launch::{LaunchError, processes};
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

/// How long outputs may stay open after the command is gone.
const LONGEST_WAIT_FOR_OUTPUTS: Duration = Duration::from_secs(2);

/// Runs a command to its end, and gives what keeps it from being a success: how it ended, in words, and with which code.
/// Dropped before, it is killed with its process group. What it prints goes to `printed`, where there is one.
pub(super) async fn run(
    words: &[String],
    folder: &Path,
    environment: &BTreeMap<String, String>,
    printed: Option<&mut Printed>,
) -> Result<Option<(String, Option<i64>)>, LaunchError> {
    let search = environment.get("PATH").map(String::as_str);
    let program = Program::of_words(shell_words::join(words), words.to_vec(), search)?;
    let mut command = Command::new(&program.path);
    command.args(&program.arguments).current_dir(folder).envs(environment);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| program.cannot_start(&error))?;
    // Dropped before the child, so that the group's id is still its own.
    let mut group = Group(child.id().map(u32::cast_signed));
    let (mut end, mut stderr) = (Tail::default(), Tail::default());
    let mut stdout = printed.map_or(Sink::Tail(&mut end), Sink::Printed);
    let status = wait(&mut child, &mut group, &mut stdout, &mut stderr)
        .await
        .map_err(|error| LaunchError::Environment(format!("the exit of its command can't be seen: {error}")))?;
    let failure = || (format!("its command {}", describe(how(status), &stderr, &end)), status.code().map(i64::from));
    Ok((!status.success()).then(failure))
}

/// Waits for the exit, and for the outputs as long as they can be expected to close.
async fn wait(
    child: &mut Child,
    group: &mut Group,
    stdout: &mut Sink<'_>,
    stderr: &mut Tail,
) -> std::io::Result<ExitStatus> {
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let mut stderr = Sink::Tail(stderr);
    let mut reading = std::pin::pin!(async { tokio::join!(keep(out, stdout), keep(err, &mut stderr)) });
    let mut all_read = false;
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            _ = &mut reading, if !all_read => all_read = true,
        }
    };
    if !all_read && tokio::time::timeout(LONGEST_WAIT_FOR_OUTPUTS, reading).await.is_err() {
        group.kill();
    }
    // Its leader is gone, and nothing that holds an output is left: the id may be another group's from now on.
    group.0 = None;
    status
}

/// Reads an output to its end.
async fn keep(source: Option<impl AsyncRead + Unpin>, kept: &mut Sink<'_>) {
    let Some(mut source) = source else { return };
    let mut piece = Vec::with_capacity(8 * 1024);
    while let Ok(1..) = source.read_buf(&mut piece).await {
        kept.push(&piece);
        piece.clear();
    }
}

fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended without an exit code".to_owned(),
    }
}

/// A process group that is killed when this is dropped, as long as its id is known to be its own.
struct Group(Option<i32>);

impl Group {
    fn kill(&mut self) {
        if let Some(group) = self.0.take() {
            processes::signal_group(group, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
