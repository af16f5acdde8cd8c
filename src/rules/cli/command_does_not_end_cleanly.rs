use crate::protocol::{Command, Kind};
use crate::rules::last_words::last_words;
use crate::rules::{Ending, Findings, Level, Observer, Scene, Violation, rule};
use crate::text;
use std::time::Duration;

/// How long a process may live on after it has put out what it was asked for.
const LINGERING: Duration = Duration::from_secs(10);

rule! {
    /// A command that works does not end as it should: it fails, hangs, or is long in going.
    ///
    /// # What it checks
    /// With a good configuration, `read` must end by itself with exit code 0. And each of `check`, `discover` and
    /// `read` must end once it has put out what it was asked for: the CONNECTION_STATUS, the CATALOG, the terminal
    /// status of every stream. Having to be ended is a violation; living on for more than 10 seconds, or leaving a
    /// child behind that holds stdout open, is reported at SHOULD. The exit codes of `check` and `discover` are
    /// CHECK-001's and DISC-001's. A read that an experiment makes, and that fails with a `transient_error`, is left: so many
    /// launches may be more than the API allows.
    ///
    /// # Why it matters
    /// The end of the process is the only sign that a command is done. A non-zero exit code fails the sync, whatever
    /// was delivered; a process that hangs keeps the job's resources until the platform gives it up, hours later.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}     (and the process stays)
    /// good: {"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}     (exit code 0)
    /// ```
    ///
    /// # How to mend it
    /// If it fails, the TRACE/ERROR or the end of stderr says why. If it hangs, look for threads that are no daemons,
    /// connection pools and tunnels that nobody closes, and child processes that nobody waits for. An entry point
    /// script should `exec` the connector. Java: shut executors down, or call `exitProcess` after the last message.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests stop a launch at a time limit. No exit code of a connector ever fails one of them.
    CommandDoesNotEndCleanly {
        code: "CLI-006",
        name: "command-does-not-end-cleanly",
        level: Must,
        commands: [Check, Discover, Read],
        authority: ProtocolText,
        source: "airbyte-protocol: interface invariants",
        watches: [],
        about: Launch,
        applies: must_work,
    }
}

#[derive(Default)]
struct CommandDoesNotEndCleanly;

fn must_work(scene: &Scene) -> Result<(), &'static str> {
    if scene.must_work() { Ok(()) } else { Err("the scenario is expected to fail") }
}

impl Observer for CommandDoesNotEndCleanly {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(command) = ending.scene.command else { return };
        let is_read = command == Command::Read;
        let exit = ending.exit;
        let done = delivered(command, ending);
        let has_failed = exit.code != Some(0) || exit.signal.is_some() || exit.out_of_memory;
        match (exit.ended, done) {
            _ if ending.is_cut_short() || ending.may_be_rate_limited() => {}
            (Some(_), Some(what)) => findings.report("hangs", || {
                let message = format!("it put out {what} and then did not end: {}", exit.describe());
                Violation::new(format!("`{command}` hangs when it is done"), message)
                    .expected("ends by itself, with exit code 0", exit.describe())
            }),
            (Some(_), None) if is_read => findings.report("ended", || failure("`read` does not end by itself", ending)),
            (None, _) if is_read && has_failed => findings.report("fails", || failure("`read` fails", ending)),
            (None, Some(what)) => lag(what, ending, findings),
            _ => {}
        }
    }
}

/// What the command was asked for, where it is known to have been put out.
fn delivered(command: Command, ending: &Ending<'_>) -> Option<&'static str> {
    let has_come = |kind: Kind| ending.summary.count(kind) > 0;
    match command {
        Command::Check => has_come(Kind::ConnectionStatus).then_some("its CONNECTION_STATUS"),
        Command::Discover => has_come(Kind::Catalog).then_some("its CATALOG"),
        Command::Read => ending.summary.all_complete().then_some("COMPLETE for every stream"),
        Command::Spec | Command::Write => None,
    }
}

fn failure(title: &str, ending: &Ending<'_>) -> Violation {
    let how = ending.exit.describe();
    let told = ending.summary.describe_error().map_or(String::new(), |told| format!("; {told}"));
    let records = text::plural(ending.summary.count(Kind::Record), "record");
    Violation::new(title, format!("{how}, after {records}{told}{}", last_words(ending))).expected("exit code 0", how)
}

fn lag(what: &str, ending: &Ending<'_>, findings: &mut Findings<'_>) {
    let lingered = ending.exit.lingered;
    if ending.exit.outputs_left_open {
        findings.report("outputs", || {
            let message = format!(
                "after {what} the process was gone, and something that it had started kept an output open until we \
                 closed it"
            );
            Violation::new("an output stays open when the process is gone", message).level(Level::Should)
        });
    } else if lingered > LINGERING {
        findings.report("lingers", || {
            let lived = text::duration(lingered);
            let message = format!("after {what} the process lived on for {lived} without another byte on stdout");
            Violation::new("the process is long in ending", message)
                .level(Level::Should)
                .expected(format!("at most {}", text::duration(LINGERING)), lived)
        });
    }
}
