//! The arguments of `pipe`.

use super::{FailOn, ReportArguments, SelectionArguments};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(in crate::cli) struct PipeArguments {
    /// The suite of the source: a file, or a folder with one. Its first scenario that is expected to succeed gives the config.
    #[arg(value_name = "SOURCE")]
    pub source: PathBuf,
    /// The suite of the destination, likewise. It may name a reader and a cleaner.
    #[arg(value_name = "DESTINATION")]
    pub destination: PathBuf,
    #[command(flatten)]
    pub selection: SelectionArguments,
    #[command(flatten)]
    pub report: ReportArguments,
    /// The level from which on a finding makes the run fail.
    #[arg(long, value_name = "LEVEL", default_value = "must")]
    pub fail_on: FailOn,
}
