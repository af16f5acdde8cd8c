//! The arguments, as clap reads them. What each means for the user is its help text here.

mod baselines;
mod compare;
mod parts;
mod pipe;
mod verify;

pub(super) use baselines::{AcceptArguments, BaselinesArguments, ReviewArguments};
pub(super) use compare::CompareArguments;
pub(super) use parts::{PartArguments, ResultsArguments};
pub(super) use pipe::PipeArguments;
pub(super) use verify::VerifyArguments;

use crate::rules::Level;
use crate::suite::Shard;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The hidden command that is the demo source.
pub(super) const DEMO_SOURCE: &str = "demo-source";

const AFTER_HELP: &str = "\
Exit codes:
  0    nothing found at or above --fail-on
  1    findings at or above --fail-on
  2    the command line or the suite is wrong
  3    the machine, the daemon, the image, the disk or a command of the suite is in the way
  4    nothing was judged
  5    baselines wait for review
  70   a bug of airproof's
  130  interrupted (Ctrl-C)
  143  ended by SIGTERM";

/// Acceptance tests for Airbyte connectors: launch, capture, judge, report.
#[derive(Debug, Parser)]
#[command(name = "airproof", version, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,

    /// When to use colours.
    #[arg(long, global = true, default_value = "auto", value_name = "WHEN")]
    pub(super) color: Colour,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Colour {
    Auto,
    Always,
    Never,
}

impl Colour {
    pub(super) fn write_global(self) {
        match self {
            Colour::Auto => anstream::ColorChoice::Auto,
            Colour::Always => anstream::ColorChoice::Always,
            Colour::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the bundled demo connector through everything: in Docker where a daemon answers, else as a process
    Demo(DemoArguments),
    /// Write the first suite of a connector, made out of its specification
    Init(InitArguments),
    /// Launch a connector, judge what it puts out, report
    Test(TestArguments),
    /// Launch two versions side by side, and tell what changed between them and what that demands of the version number
    Compare(CompareArguments),
    /// Pipe a source into a destination as the platform does, and compare what came out of one with what is stored by the other
    Pipe(PipeArguments),
    /// Show what `test` would launch and judge, and why something would not be
    List(ListArguments),
    /// Judge output that was captured earlier: no launch, no Docker
    Judge(JudgeArguments),
    /// Render results again, merge those of shards and of several runs, compare them with an earlier run
    Report(ResultsArguments),
    /// Check a certificate against the run and the image that it is about, offline
    Verify(VerifyArguments),
    /// List every rule and experiment
    Rules(RulesArguments),
    /// Show the page of a rule or experiment
    Explain(ExplainArguments),
    /// Write an acceptance-test-config.yml of Airbyte's own tests anew, as an airproof.yml beside it
    Migrate(MigrateArguments),
    /// Go through what differs from the baselines, and take it or not
    Review(ReviewArguments),
    /// Take what differs from the baselines, without a terminal
    Accept(AcceptArguments),
    /// Check what this machine has for launching connectors, and say how to mend what it lacks
    Doctor,
    /// Remove containers, processes and files that killed runs left behind
    Clean,
}

#[derive(Debug, Args)]
pub(super) struct MigrateArguments {
    /// The file, or the folder that it is in.
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Write over an `airproof.yml` that is there.
    #[arg(long)]
    pub force: bool,
    /// Print the suite instead of writing it.
    #[arg(long)]
    pub print: bool,
}

#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// Use a local process even where a Docker daemon answers.
    #[arg(long)]
    pub no_docker: bool,
    #[command(flatten)]
    pub report: ReportArguments,
    #[command(flatten)]
    pub run: RunArguments,
}

#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// Where airproof.yml is written; the folder is made if need be.
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    #[command(flatten)]
    pub target: TargetArguments,
    /// A configuration that works. It is checked, its streams are discovered, and the suite names the file; nothing of it
    /// is copied. Without one, the suite gets a template.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Replace an airproof.yml that is there.
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct TargetArguments {
    /// The connector's image.
    #[arg(long)]
    pub image: Option<String>,
    /// The local command that the connector is.
    #[arg(long, value_name = "'CMD ARGS'")]
    pub exec: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct TestArguments {
    #[command(flatten)]
    pub suite: SuiteArguments,
    #[command(flatten)]
    pub selection: SelectionArguments,
    #[command(flatten)]
    pub case: CaseArguments,
    #[command(flatten)]
    pub part: PartArguments,
    #[command(flatten)]
    pub report: ReportArguments,
    #[command(flatten)]
    pub run: RunArguments,
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    pub suite: SuiteArguments,
    #[command(flatten)]
    pub selection: SelectionArguments,
    /// List what one of several parts of the suite has: `slice:1/4` or `hash:1/4`, as `test` takes it.
    #[arg(long, value_name = "slice:1/4|hash:1/4")]
    pub shard: Option<Shard>,
    /// Name each rule and experiment, where there are more than a few: not their families alone.
    #[arg(short, long)]
    pub verbose: bool,
}

#[derive(Debug, Args)]
pub(super) struct SuiteArguments {
    /// A suite file, or a folder with an airproof.yml or with several connectors' folders. [default: the current folder, unless --image or --exec and
    /// --config say it all]
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// quick, standard or certification: how much is found out, instead of what the suite says. Or a suite file, like
    /// PATH.
    #[arg(long, value_name = "NAME|FILE")]
    pub suite: Option<PathBuf>,
    /// Lay this profile of the suite over it.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Launch this image instead of the suite's.
    #[arg(long, conflicts_with = "exec")]
    pub image: Option<String>,
    /// Launch this local command instead of the suite's connector.
    #[arg(long, value_name = "'CMD ARGS'")]
    pub exec: Option<String>,
    #[command(flatten)]
    pub inputs: InputArguments,
}

/// What launches are given instead of what the suite says.
#[derive(Debug, Args)]
pub(super) struct InputArguments {
    /// Use this configuration instead of the suite's scenarios.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Read with this configured catalog instead of what discover gives.
    #[arg(long, value_name = "FILE")]
    pub catalog: Option<PathBuf>,
    /// Give this state to the incremental read.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct SelectionArguments {
    /// Judge only these rules, by code or name; may be repeated.
    #[arg(long = "rule", value_name = "GLOB")]
    pub rules: Vec<String>,
    /// Do not judge these rules; may be repeated.
    #[arg(long = "skip-rule", value_name = "GLOB")]
    pub skipped_rules: Vec<String>,
    /// Read only these streams; may be repeated.
    #[arg(long = "stream", value_name = "GLOB")]
    pub streams: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct CaseArguments {
    /// Make only this launch of an experiment again, with what it needs: the id stands with the finding.
    #[arg(long, value_name = "LAUNCH")]
    pub case: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// Where the files of the report and the transcripts are written.
    #[arg(long, value_name = "DIR", default_value = "airproof-report")]
    pub report_dir: PathBuf,
    /// What is written: the terminal's view, and files. With any of them comes results.json, which all are made of.
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', default_value = "terminal,html,json")]
    pub format: Vec<Format>,
}

#[derive(Debug, Args)]
pub(super) struct RunArguments {
    /// The level from which on a finding makes the run fail.
    #[arg(long, value_name = "LEVEL", default_value = "must")]
    pub fail_on: FailOn,
    /// Write nothing beside baselines, and exit with 5 where something differs from them or has none: for CI.
    #[arg(long)]
    pub locked: bool,
    /// How many launches run side by side. [default: the number of processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// On stdout, for people.
    Terminal,
    /// report.html.
    Html,
    /// results.json.
    Json,
    /// junit.xml, as Maven Surefire writes it.
    Junit,
    /// results.sarif, for code scanning.
    Sarif,
    /// report.md, for a comment on a pull request.
    Markdown,
    /// Annotations on stdout, summary.md, and the summary of the step.
    Github,
    /// gl-code-quality.json.
    Gitlab,
    /// results.tap, TAP 14.
    Tap,
    /// badge.svg and badge.json.
    Badge,
}

impl Format {
    /// Its word on the command line.
    pub fn word(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum FailOn {
    Must,
    Should,
    Info,
}

impl From<FailOn> for Level {
    fn from(fail_on: FailOn) -> Level {
        match fail_on {
            FailOn::Must => Level::Must,
            FailOn::Should => Level::Should,
            FailOn::Info => Level::Info,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct JudgeArguments {
    /// What a connector printed on stdout, a transcript file, the folder of a launch in a report folder; `-` for
    /// standard input.
    #[arg(value_name = "TRANSCRIPT")]
    pub transcript: PathBuf,
    /// The command that printed it. Needed for bare output only; a transcript says it itself.
    #[arg(long, value_name = "COMMAND")]
    pub command: Option<CommandWord>,
    /// The configuration that it was given.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The configured catalog that it was given. Without one, no record can be judged.
    #[arg(long, value_name = "FILE")]
    pub catalog: Option<PathBuf>,
    /// The state that it was given.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// The connector's specification: the payload of its SPEC message, or the whole message.
    #[arg(long, value_name = "FILE")]
    pub spec: Option<PathBuf>,
    /// Its exit code.
    #[arg(long, value_name = "CODE", default_value_t = 0)]
    pub exit: i64,
    /// The configuration is a wrong one: check must say FAILED.
    #[arg(long)]
    pub expect_failed: bool,
    /// Judge only these rules, by code or name; may be repeated.
    #[arg(long = "rule", value_name = "GLOB")]
    pub rules: Vec<String>,
    /// Do not judge these rules; may be repeated.
    #[arg(long = "skip-rule", value_name = "GLOB")]
    pub skipped_rules: Vec<String>,
    /// The level from which on a finding makes the run fail.
    #[arg(long, value_name = "LEVEL", default_value = "must")]
    pub fail_on: FailOn,
    /// Where files are written, if they are wanted.
    #[arg(long, value_name = "DIR")]
    pub report_dir: Option<PathBuf>,
    /// What is written: the terminal's view, and files, for which `--report-dir` names a folder. [default: terminal; with
    /// `--report-dir` terminal,html,json]
    #[arg(long, value_name = "FORMATS", value_delimiter = ',')]
    pub format: Vec<Format>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum CommandWord {
    Spec,
    Check,
    Discover,
    Read,
}

impl From<CommandWord> for crate::protocol::Command {
    fn from(word: CommandWord) -> Self {
        match word {
            CommandWord::Spec => Self::Spec,
            CommandWord::Check => Self::Check,
            CommandWord::Discover => Self::Discover,
            CommandWord::Read => Self::Read,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct RulesArguments {
    /// The experiments alone, each with its launches.
    #[arg(long)]
    pub experiments: bool,
    /// As text for people, as JSON, or as Markdown.
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    pub format: RulesFormat,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// A rule's or experiment's code or name.
    #[arg(value_name = "RULE")]
    pub rule: String,
    /// As text for people, as JSON, or as Markdown.
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    pub format: RulesFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RulesFormat {
    Text,
    Json,
    Markdown,
}
