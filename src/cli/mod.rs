//! The command line: arguments in, exit code out. Each command has a file; none holds logic of its own.

mod accept;
mod args;
mod baselines;
mod certificate;
mod clean;
mod compare;
mod completion;
mod demo;
mod doctor;
mod failed;
mod files;
mod init;
mod judge;
mod list;
mod migrate;
mod output;
mod pipe;
mod report;
mod review;
mod rules;
mod session;
mod test;
mod verify;

pub use args::Arguments;

use crate::exit::Exit;
use args::Command;
use clap::Parser;
use std::io::Write;

/// What keeps a command from doing its work: a message for people, and how the process exits.
#[derive(Debug)]
pub struct Refusal {
    message: String,
    exit: Exit,
}

impl Refusal {
    fn usage(message: impl Into<String>) -> Self {
        Refusal { message: message.into(), exit: Exit::Usage }
    }

    fn interrupted(exit: Exit) -> Self {
        Refusal { message: "Interrupted before the first launch: there is nothing to report.".to_owned(), exit }
    }

    fn environment(message: impl Into<String>) -> Self {
        Refusal { message: message.into(), exit: Exit::Environment }
    }
}

impl From<crate::launch::LaunchError> for Refusal {
    fn from(error: crate::launch::LaunchError) -> Self {
        match error {
            crate::launch::LaunchError::Usage(message) => Refusal::usage(format!("error: {message}")),
            crate::launch::LaunchError::Environment(message) => {
                Refusal::environment(format!("error: {message}\n`airproof doctor` checks this machine."))
            }
        }
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            // Whoever reads our output has seen enough.
            std::io::ErrorKind::BrokenPipe => Refusal { message: String::new(), exit: Exit::Passed },
            _ => Refusal::environment(error.to_string()),
        }
    }
}

/// Runs airproof with the process's arguments and returns its exit code.
pub fn main() -> u8 {
    let arguments: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    if arguments.get(1).map(String::as_str) == Some(args::DEMO_SOURCE) {
        return crate::demo::source::main(&arguments[2..], &mut std::io::stdout().lock());
    }
    output::install_panic_hook();
    let parsed = match Arguments::try_parse() {
        Ok(parsed) => parsed,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.code() } else { Exit::Passed.code() };
        }
    };
    parsed.color.write_global();
    let exit = match parsed.command {
        Command::Init(command) => init::run(&command),
        Command::Demo(command) => demo::run(&command),
        Command::Test(command) => test::run(&command),
        Command::Compare(command) => compare::run(command),
        Command::Pipe(command) => pipe::run(&command),
        Command::List(command) => list::run(&command),
        Command::Judge(command) => judge::run(&command),
        Command::Verify(command) => verify::run(&command),
        Command::Migrate(command) => migrate::run(&command),
        Command::Review(command) => review::run(&command),
        Command::Accept(command) => accept::run(&command),
        Command::Report(command) => report::run(&command),
        Command::Rules(command) => rules::list(&command),
        Command::Explain(command) => rules::explain(&command),
        Command::Doctor => doctor::run(),
        Command::Clean => clean::run(),
    };
    exit.unwrap_or_else(|refusal| {
        if !refusal.message.is_empty() {
            let _ = writeln!(output::stderr(), "{}", refusal.message);
        }
        refusal.exit
    })
    .code()
}
