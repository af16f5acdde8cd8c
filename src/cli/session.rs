//! What `test` and `demo` share: from a suite to results, with everything cleaned up behind them.
//!
//! Signals are watched before anything is made, so that Ctrl-C leaves nothing behind at any time.

use super::args::{Format, ReportArguments, RunArguments, SelectionArguments};
use super::completion::Completion;
use super::{Refusal, certificate, files, output};
use crate::engine::pipe::{Pipe, pipe};
use crate::engine::{self, Beginning, Event, Interruption, Run, Selection, Several, launchers::Chosen, watch_signals};
use crate::exit::Exit;
use crate::experiments::all_statements;
use crate::launch::docker::{Daemon, sweep_containers};
use crate::launch::workspace::{Workspace, sweep_workspaces};
use crate::launch::{Launcher, end_descendants};
use crate::report::terminal::show_live;
use crate::suite::Suite;
use crate::text;
use crate::verdict::{Results, SuiteFacts};
use globset::{Glob, GlobMatcher};
use std::io::Write;
use std::sync::{Arc, mpsc};
use tokio::task::JoinHandle;

/// What is carried out.
pub(super) enum Work {
    /// The run of one connector.
    One(Box<Suite>, Chosen),
    /// Those of several.
    Several(Several, Arc<Workspace>),
    /// A source that is piped into a destination.
    Pair(Box<[(Suite, Chosen); 2]>),
}

/// What a run needs besides its suite and its launcher.
pub(super) struct Session<'a> {
    pub id: String,
    pub selection: Selection,
    pub run: &'a RunArguments,
    pub report: &'a ReportArguments,
    /// What is done with the results before they are reported.
    pub completion: Completion,
    interruption: Interruption,
    watching: JoinHandle<()>,
    sender: mpsc::Sender<Event>,
    receiver: mpsc::Receiver<Event>,
}

impl<'a> Session<'a> {
    /// Reads the patterns of the command line, and refuses a report folder that holds something else. Nothing is
    /// changed yet. From here on, Ctrl-C and SIGTERM end the session in order instead of the process.
    pub fn new(
        selection: Option<&SelectionArguments>,
        run: &'a RunArguments,
        report: &'a ReportArguments,
    ) -> Result<Self, Refusal> {
        let selection = selection
            .map_or(Ok(Selection::default()), |chosen| select(&chosen.rules, &chosen.skipped_rules, &chosen.streams))?;
        output::check_report_dir(&report.report_dir)?;
        let (sender, receiver) = mpsc::channel();
        let interruption = Interruption::default();
        let watching = watch_signals(&interruption, Some(sender.clone()))?;
        let completion = Completion::default();
        Ok(Session { id: new_run_id(), selection, run, report, completion, interruption, watching, sender, receiver })
    }

    /// Does what comes before the first launch, unless it is interrupted.
    pub async fn prepare<T>(&self, work: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
        unless_interrupted(&self.interruption, work).await
    }

    /// Carries out the run, shows it, writes its reports, and removes everything that it made.
    pub async fn carry_out(self, work: Work) -> Result<Exit, Refusal> {
        output::prepare_report_dir(&self.report.report_dir)?;
        let shows = self.report.format.contains(&Format::Terminal);
        let receiver = self.receiver;
        let manner = output::manner();
        let showing = shows.then(|| std::thread::spawn(move || show_live(&receiver, manner)));
        let beginning = Beginning::now();
        let run_of = |suite: Suite, launcher: Arc<dyn Launcher>, workspace: Arc<Workspace>| Run {
            id: self.id.clone(),
            beginning,
            suite,
            launcher,
            workspace,
            jobs: self.run.jobs.map_or_else(processors, usize::from),
            transcripts: self.report.report_dir.join(output::TRANSCRIPTS),
            cases: self.report.report_dir.join(output::CASES),
            invocation: invocation(),
            selection: self.selection.clone(),
            fail_on: self.run.fail_on.into(),
            locked: self.run.locked,
        };
        let events = shows.then_some(self.sender);
        let (results, daemons) = match work {
            Work::One(suite, chosen) => {
                let run = run_of(*suite, chosen.launcher, chosen.workspace);
                (Some(engine::run(run, &events, &self.interruption).await), Vec::from_iter(chosen.daemon))
            }
            Work::Several(several, workspace) => {
                let around = (&events, &self.interruption);
                (engine::run_several(several, run_of, &workspace, around).await, Vec::new())
            }
            Work::Pair(pair) => {
                let [(source, from), (destination, into)] = *pair;
                let pair = Pipe {
                    id: self.id.clone(),
                    beginning,
                    source: (source, from.launcher),
                    destination: (destination, into.launcher),
                    transcripts: self.report.report_dir.join(output::TRANSCRIPTS),
                    invocation: invocation(),
                    selection: self.selection.clone(),
                    fail_on: self.run.fail_on.into(),
                };
                let results = pipe(pair, &events, &self.interruption).await;
                (Some(results), from.daemon.into_iter().chain(into.daemon).collect())
            }
        };
        self.watching.abort();
        let _ = self.watching.await;
        drop(events);
        for daemon in &daemons {
            daemon.settled().await;
        }
        end_descendants();
        if let Some(showing) = showing {
            let _ = showing.join();
        }
        let mut results = results.ok_or_else(|| Refusal::usage("error: there is no connector to test"))?;
        self.completion.complete(&mut results);
        finish(&results, self.report)
    }

    /// Reports that there is nothing to launch: the shard is empty. `suite` is the whole one, `untested` says which connectors
    /// can't be tested.
    pub fn carry_out_nothing(self, suite: SuiteFacts, untested: Vec<String>) -> Result<Exit, Refusal> {
        output::prepare_report_dir(&self.report.report_dir)?;
        self.watching.abort();
        let mut results = engine::nothing(self.id, suite, self.run.fail_on.into(), untested);
        self.completion.complete(&mut results);
        finish(&results, self.report)
    }
}

/// Does what comes before the first launch, unless it is interrupted.
pub(super) async fn unless_interrupted<T>(
    interruption: &Interruption,
    work: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Refusal> {
    tokio::select! {
        biased;
        exit = interruption.interrupted() => Err(Refusal::interrupted(exit)),
        done = work => done,
    }
}

fn finish(results: &Results, report: &ReportArguments) -> Result<Exit, Refusal> {
    // On a full disk the verdicts are told all the same.
    let mut written = files::write_reports(results, &report.report_dir, &report.format);
    if let Ok(files) = &mut written {
        files.extend(certificate::write(results, &report.report_dir)?);
    }
    tell(results, report, written)
}

/// Tells results, with the files that were written of them, where those could be.
pub(super) fn tell(
    results: &Results,
    report: &ReportArguments,
    written: Result<Vec<String>, Refusal>,
) -> Result<Exit, Refusal> {
    let exit = Exit::of_code(results.run.exit_code).unwrap_or(Exit::Bug);
    if report.format.contains(&Format::Terminal) {
        output::print_results(results, written.as_deref().unwrap_or_default())?;
    } else {
        for error in &results.run.errors {
            let _ = writeln!(output::stderr(), "error: {error}");
        }
    }
    if report.format.contains(&Format::Github) {
        files::tell_github(results)?;
    }
    written.map(|_| exit)
}

/// What of a suite is wanted, by the patterns of the command line. A pattern that no rule matches is a slip.
pub(super) fn select(rules: &[String], skipped: &[String], streams: &[String]) -> Result<Selection, Refusal> {
    for (option, word) in
        rules.iter().map(|word| ("--rule", word)).chain(skipped.iter().map(|word| ("--skip-rule", word)))
    {
        let pattern = glob(word)?;
        let names = || all_statements().flat_map(|statement| [statement.code, statement.name]);
        if !names().any(|name| pattern.is_match(name)) {
            let near = text::near(word, names(), 3).join(", ");
            let hint = if near.is_empty() { String::new() } else { format!("\nDid you mean: {near}?") };
            let word = text::visible(word);
            return Err(Refusal::usage(format!(
                "error: {option} `{word}` matches no rule{hint}\n`airproof rules` lists them all."
            )));
        }
    }
    let globs = |words: &[String]| words.iter().map(|word| glob(word)).collect::<Result<_, _>>();
    let (rules, skipped_rules, streams) = (globs(rules)?, globs(skipped)?, globs(streams)?);
    Ok(Selection { rules, skipped_rules, streams, ..Selection::default() })
}

fn glob(word: &str) -> Result<GlobMatcher, Refusal> {
    let glob = Glob::new(word).map_err(|error| Refusal::usage(format!("error: a pattern is wrong: {error}")))?;
    Ok(glob.compile_matcher())
}

/// Removes what killed runs left on this machine and, where there is one, on the daemon.
pub(super) async fn sweep(daemon: Option<&Daemon>) {
    sweep_workspaces();
    if let Some(daemon) = daemon {
        // The run itself will tell if the daemon is in trouble.
        let _ = sweep_containers(daemon).await;
    }
}

pub(super) fn workspace(run_id: &str) -> Result<Arc<Workspace>, Refusal> {
    Ok(Arc::new(Workspace::create(run_id)?))
}

/// The command line that started us, without what a part of the run is chosen by.
fn invocation() -> String {
    let mut words: Vec<String> = vec!["airproof".to_owned()];
    let mut arguments = std::env::args().skip(1);
    while let Some(word) = arguments.next() {
        match word.as_str() {
            "--failed" => {}
            "--case" | "--since" | "--shard" => drop(arguments.next()),
            other if ["--case=", "--since=", "--shard="].iter().any(|option| other.starts_with(option)) => {}
            _ => words.push(word),
        }
    }
    engine::command_line(words.iter().map(String::as_str))
}

/// Short, unique on a machine, and sorted by time.
pub(super) fn new_run_id() -> String {
    let now = jiff::Timestamp::now().as_millisecond();
    format!("{now:x}-{:x}", std::process::id())
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

/// A runtime for the async part.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Refusal> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Refusal::environment(format!("error: no threads can be started: {error}")))
}
