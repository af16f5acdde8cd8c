//! Steps between launches: a command of this machine, or a request to a server, that a suite's author wants to be carried
//! out. Nothing of it is judged; one that fails is an error of the run, not of the connector.

mod command;
mod exchange;
pub(super) mod tail;

pub use tail::Printed;

use super::docker::{ContainerCommand, Workshop};
use super::{LaunchError, Stop};
use crate::text;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Something that is done once.
#[derive(Debug, Clone)]
pub struct StepRequest {
    /// What messages call it.
    pub name: String,
    /// What is done.
    pub action: StepAction,
}

/// What a step does.
#[derive(Debug, Clone)]
pub enum StepAction {
    /// Runs a command, with the environment of this process.
    Run {
        /// Program and arguments.
        words: Vec<String>,
        /// Where it runs.
        folder: PathBuf,
        /// Variables on top of those of this process.
        environment: BTreeMap<String, String>,
    },
    /// Sends an HTTP request.
    Request {
        /// The method, in capitals.
        method: String,
        /// Begins with `http://`.
        url: String,
        /// Names and values, in the order in which they are sent.
        headers: Vec<(String, String)>,
        /// What is sent; nothing where it is empty.
        body: Vec<u8>,
    },
    /// Runs a command in a container.
    Container {
        /// What builds its image, and runs it.
        workshop: Arc<Workshop>,
        /// What is run.
        command: ContainerCommand,
    },
}

/// How long the image of a container may be built.
const LONGEST_BUILD: Duration = Duration::from_secs(30 * 60);

/// Carries out a step. A command must end with exit code 0 and a request be answered with a status of 200 to 299, both
/// within the limit (to build an image takes its own time, half an hour at most); at the limit, and when the run is interrupted, a command is killed with its process group. The error
/// quotes what was put out or answered: cut secrets out of it before it is told.
pub async fn carry_out(step: &StepRequest, limit: Duration, stop: &Stop) -> Result<(), LaunchError> {
    if let StepAction::Container { workshop, command } = &step.action {
        let build = async { workshop.image(&command.dockerfile).await.map(drop) };
        bounded(step, LONGEST_BUILD, stop, build).await?;
    }
    let carried_out = async {
        let failure = match &step.action {
            StepAction::Run { words, folder, environment } => command::run(words, folder, environment, None).await?,
            StepAction::Request { method, url, headers, body } => {
                return exchange::send(method, url, headers, body).await;
            }
            StepAction::Container { workshop, command } => workshop.run(command, None).await?,
        };
        failure.map_or(Ok(()), |(how, _)| Err(LaunchError::Environment(how)))
    };
    bounded(step, limit, stop, carried_out).await
}

/// How a step ended whose output is wanted: by itself with code 0, or with another.
#[derive(Debug)]
pub enum Printing {
    /// It printed all.
    Done(Printed),
    /// It ended with that code.
    Code(i64, LaunchError),
}

/// Carries out a step for what it prints, within the same bounds. A request prints nothing. Errs where it can't be run, has to be ended, or
/// is ended by a signal.
pub async fn print(step: &StepRequest, limit: Duration, stop: &Stop, most: u64) -> Result<Printing, LaunchError> {
    if let StepAction::Container { workshop, command } = &step.action {
        let build = async { workshop.image(&command.dockerfile).await.map(drop) };
        bounded(step, LONGEST_BUILD, stop, build).await?;
    }
    let mut printed = Printed::at_most(most)
        .map_err(|error| LaunchError::Environment(format!("A file for what is stored can't be made: {error}.")))?;
    let printing = async {
        let printed = Some(&mut printed);
        match &step.action {
            StepAction::Run { words, folder, environment } => command::run(words, folder, environment, printed).await,
            StepAction::Request { .. } => Ok(None),
            StepAction::Container { workshop, command } => workshop.run(command, printed).await,
        }
    };
    match bounded(step, limit, stop, printing).await? {
        None => Ok(Printing::Done(printed)),
        Some((how, code)) => {
            let error = LaunchError::Environment(named(step, &how));
            code.map_or(Err(error.clone()), |code| Ok(Printing::Code(code, error)))
        }
    }
}

fn named(step: &StepRequest, why: &str) -> String {
    format!("The step `{}` failed: {}.", text::visible(&step.name), why.trim_end_matches('.'))
}

/// Waits for a part of a step, until the limit and no longer than the run goes on. Names the step in errors.
async fn bounded<T>(
    step: &StepRequest,
    limit: Duration,
    stop: &Stop,
    work: impl Future<Output = Result<T, LaunchError>>,
) -> Result<T, LaunchError> {
    let interrupted = || LaunchError::Environment("it was cut short, since the run is interrupted".to_owned());
    let done = tokio::select! {
        biased;
        () = stop.kill.cancelled() => Err(interrupted()),
        () = stop.interrupt.cancelled() => Err(interrupted()),
        done = work => done,
        () = tokio::time::sleep(limit) => Err(LaunchError::Environment(format!(
            "it was not over after {} and was ended. Make it faster, or raise `limits.step`", text::duration(limit)
        ))),
    };
    done.map_err(|error| error.told(|why| named(step, &why)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> StepRequest {
        let words = ["sh", "-c", script].map(str::to_owned).to_vec();
        let environment = BTreeMap::from([("SHOP".to_owned(), "north".to_owned())]);
        let folder = std::env::temp_dir();
        StepRequest { name: "an order".to_owned(), action: StepAction::Run { words, folder, environment } }
    }

    async fn told(step: &StepRequest, limit: Duration) -> String {
        carry_out(step, limit, &Stop::default()).await.expect_err("it fails").to_string()
    }

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_command_runs_in_its_folder_with_its_environment() {
        let folder = std::env::temp_dir().canonicalize().expect("it is there");
        let script =
            format!("test \"$SHOP\" = north && test \"$(pwd -P)\" = '{}' && test -n \"$PATH\"", folder.display());
        carry_out(&shell(&script), LONG, &Stop::default()).await.expect("all holds");
    }

    #[tokio::test]
    async fn a_command_that_fails_is_told_with_the_end_of_its_stderr() {
        let script = "i=0; while [ $i -lt 9000 ]; do echo 'noise on stderr, a lot' >&2; i=$((i+1)); done; \
                      printf 'no \\033[31mstock' >&2; exit 3";
        let told = told(&shell(script), LONG).await;
        assert!(told.starts_with("The step `an order` failed: its command ended with exit code 3"), "{told}");
        assert!(told.contains("stock") && !told.contains('\u{1b}') && told.len() < 1000, "{told}");
    }

    #[tokio::test]
    async fn a_command_that_fails_in_silence_or_on_stdout_is_told_too() {
        let silent = told(&shell("exit 4"), LONG).await;
        assert_eq!(silent, "The step `an order` failed: its command ended with exit code 4, and put nothing out.");
        let loud = told(&shell("echo sold out; kill -9 $$"), LONG).await;
        assert!(loud.contains("was ended by signal 9. Its stdout ends with: sold out"), "{loud}");
    }

    #[tokio::test]
    async fn at_the_limit_a_command_is_killed_with_its_group() {
        let folder = tempfile::tempdir().expect("a folder");
        let mark = folder.path().join("alive");
        let script = format!("(sleep 1; touch '{}') & sleep 60", mark.display());
        let told = told(&shell(&script), Duration::from_millis(200)).await;
        assert!(told.contains("not over after 200 ms") && told.contains("`limits.step`"), "{told}");
        tokio::time::sleep(Duration::from_millis(1300)).await;
        assert!(!mark.exists());
    }

    #[tokio::test]
    async fn an_interruption_ends_it_at_once() {
        let stop = Stop::default();
        let ending = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            stop.interrupt.cancel();
        };
        let step = shell("sleep 60");
        let (done, ()) = tokio::join!(carry_out(&step, LONG, &stop), ending);
        assert!(done.expect_err("cut short").to_string().contains("interrupted"));
    }

    #[tokio::test]
    async fn what_a_command_leaves_running_holds_nothing_up() {
        carry_out(&shell("sleep 60 & exit 0"), Duration::from_secs(20), &Stop::default()).await.expect("it is over");
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_a_mistake_of_the_suite() {
        let mut step = shell("");
        let StepAction::Run { words, .. } = &mut step.action else { unreachable!("it runs") };
        words[0] = "no-such-shop".to_owned();
        let error = carry_out(&step, LONG, &Stop::default()).await.expect_err("it fails");
        assert!(matches!(&error, LaunchError::Usage(why) if why.contains("no program `no-such-shop`")), "{error}");
    }
}
