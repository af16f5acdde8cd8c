//! The arguments of `review` and `accept`.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(in crate::cli) struct BaselinesArguments {
    /// The suite file, or the folder that it is in.
    #[arg(value_name = "PATH", default_value = ".")]
    pub path: PathBuf,
    /// The folder of baselines. [default: `baselines` beside the suite]
    #[arg(long, value_name = "DIR")]
    pub baselines: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ReviewArguments {
    #[command(flatten)]
    pub baselines: BaselinesArguments,
    /// Only list what is pending, with the commands that accept it. So it is without a terminal.
    #[arg(long)]
    pub list: bool,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(true).args(["all", "only", "stale"]))]
pub(in crate::cli) struct AcceptArguments {
    #[command(flatten)]
    pub baselines: BaselinesArguments,
    /// All that was seen and is new or changed.
    #[arg(long, conflicts_with = "only")]
    pub all: bool,
    /// The questions with these ids, which `review --list` shows; may be repeated.
    #[arg(long, value_name = "ID")]
    pub only: Vec<String>,
    /// Remove the baselines of what is no longer there.
    #[arg(long)]
    pub stale: bool,
}
