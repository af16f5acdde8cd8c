//! The arguments of `compare`.

use super::{CaseArguments, InputArguments, ReportArguments, RunArguments, SelectionArguments};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("controls").required(true).args(["control", "control_exec", "control_run"])))]
pub(in crate::cli) struct CompareArguments {
    /// The suite of the connector: a file, or a folder with one. [default: the current folder, unless a target and --config say it all]
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// The image to compare with: the version that is in use.
    #[arg(long, value_name = "IMAGE")]
    pub control: Option<String>,
    /// The same as a local command.
    #[arg(long, value_name = "'CMD ARGS'")]
    pub control_exec: Option<String>,
    /// The report folder of an earlier run of it: its launches are replayed from their transcripts.
    #[arg(long, value_name = "FOLDER")]
    pub control_run: Option<PathBuf>,
    /// The image that is to follow it. [default: the suite's connector]
    #[arg(long, value_name = "IMAGE", conflicts_with = "target_exec")]
    pub target: Option<String>,
    /// The same as a local command.
    #[arg(long, value_name = "'CMD ARGS'")]
    pub target_exec: Option<String>,
    /// quick leaves states out; standard and certification compare them, too. Or a suite file, like PATH.
    #[arg(long, value_name = "NAME|FILE")]
    pub suite: Option<PathBuf>,
    /// Lay this profile of the suite over it.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    #[command(flatten)]
    pub inputs: InputArguments,
    #[command(flatten)]
    pub selection: SelectionArguments,
    #[command(flatten)]
    pub case: CaseArguments,
    #[command(flatten)]
    pub report: ReportArguments,
    #[command(flatten)]
    pub run: RunArguments,
}
