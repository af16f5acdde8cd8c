//! Drives the plan: launches what can be launched, captures and judges each launch while it runs, hands on what later
//! launches need, and puts the results together.
//!
//! Async lives here and in `launch`; everything that judges is plain code that a stored transcript drives as well.

mod conceal;
mod event;
mod excerpts;
mod facts;
pub mod inspect;
pub mod launchers;
mod links;
mod one;
mod outcome;
pub mod pipe;
mod reproduction;
mod schedule;
mod several;
mod signal;
pub mod steps;
mod stored;
pub mod stored_run;
mod wire;

pub use event::{Event, Events, Progress};
pub use one::judge_launch;
pub use outcome::{Beginning, nothing};
pub use reproduction::command_line;
pub use several::{Several, run_several};
pub use signal::{Interruption, watch_signals};
pub use stored::{Stored, judge_stored};

use crate::launch::Launcher;
use crate::launch::workspace::Workspace;
use crate::rules::{Level, Statement};
use crate::suite::Suite;
use crate::text;
use crate::verdict::Results;
use globset::GlobMatcher;
use std::path::PathBuf;
use std::sync::Arc;

/// A run of one connector: a suite, and how it is to be carried out.
pub struct Run {
    /// Names the run; containers and files bear it.
    pub id: String,
    /// When it began: the run of each connector with that of the first.
    pub beginning: Beginning,
    /// What is tested.
    pub suite: Suite,
    /// What launches it.
    pub launcher: Arc<dyn Launcher>,
    /// Where files are that go with the run.
    pub workspace: Arc<Workspace>,
    /// How many launches run side by side.
    pub jobs: usize,
    /// The folder of the transcripts; one folder for each launch is made in it.
    pub transcripts: PathBuf,
    /// The folder where the files lie that show a finding again.
    pub cases: PathBuf,
    /// The command line that this run was started by, for making a part of it again.
    pub invocation: String,
    /// Which rules and experiments, and which streams.
    pub selection: Selection,
    /// From which level on a finding makes the run fail.
    pub fail_on: Level,
    /// Whether nothing is written beside baselines, and the run fails where something waits for an answer.
    pub locked: bool,
}

/// Carries out a run: all its launches, experiments and steps, and puts the results together.
pub async fn run(mut run: Run, events: &Events, interruption: &Interruption) -> Results {
    links::ask(&mut run.suite, &run.selection, interruption).await;
    schedule::run(&run, events, interruption).await
}

/// What of a suite is wanted.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Patterns of rules that are judged, by code or name; empty means all.
    pub rules: Vec<GlobMatcher>,
    /// Patterns of rules that are not.
    pub skipped_rules: Vec<GlobMatcher>,
    /// Patterns of streams that are read; empty means all.
    pub streams: Vec<GlobMatcher>,
    /// Ids of scenarios of the suite that this run leaves out, since others run them or they had nothing to show.
    pub other_scenarios: Vec<String>,
    /// The launch of an experiment that alone is to be made again, by its id.
    pub case: Option<String>,
}

impl Selection {
    /// The options of the command line that chose a part; empty where all is wanted.
    pub fn chosen(&self) -> Vec<String> {
        let globs = [("--rule", &self.rules), ("--skip-rule", &self.skipped_rules), ("--stream", &self.streams)];
        let told = |(option, globs): (&str, &Vec<GlobMatcher>)| -> Vec<String> {
            globs.iter().map(|glob| format!("{option} {}", text::visible(glob.glob().glob()))).collect()
        };
        let case = self.case.iter().map(|case| format!("--case {}", text::visible(case)));
        globs.into_iter().flat_map(told).chain(case).collect()
    }

    /// Whether a rule or experiment is wanted.
    pub fn wants(&self, statement: Statement) -> bool {
        let hits = |globs: &[GlobMatcher]| {
            globs.iter().any(|glob| glob.is_match(statement.code) || glob.is_match(statement.name))
        };
        (self.rules.is_empty() || hits(&self.rules)) && !hits(&self.skipped_rules)
    }
}
