//! Parts of a run, and what is done with results.

use super::Format;
use crate::suite::Shard;
use clap::Args;
use std::path::PathBuf;

/// A part of what a suite says, and the run that this one is compared with.
#[derive(Debug, Args, Default)]
pub(in crate::cli) struct PartArguments {
    /// Judge again what failed in the run whose report is in the report folder: the rules with findings at or above
    /// --fail-on (with any, where none is), in the scenarios that they are in. Tells of each whether it is fixed.
    #[arg(long, conflicts_with_all = ["case", "rules"])]
    pub failed: bool,
    /// Run one of several parts of the suite: `slice:1/4` takes every fourth connector, or scenario where there is one connector;
    /// `hash:1/4` goes by their names. `airproof report` merges the results.
    #[arg(long, value_name = "slice:1/4|hash:1/4", conflicts_with_all = ["case", "failed"])]
    pub shard: Option<Shard>,
    /// Tell what is new, fixed and still there since an earlier run: its results.json or report folder.
    #[arg(long, value_name = "RESULTS", conflicts_with = "failed")]
    pub since: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ResultsArguments {
    /// A results.json, or the folder of a report. Several are merged: shards of a suite, runs of different connectors.
    #[arg(value_name = "RESULTS", required = true)]
    pub results: Vec<PathBuf>,
    /// Tell what is new, fixed and still there since an earlier run: its results.json or report folder.
    #[arg(long, value_name = "RESULTS")]
    pub since: Option<PathBuf>,
    /// Where files are written. [default: the folder of the results; airproof-report where there are several]
    #[arg(long, value_name = "DIR")]
    pub report_dir: Option<PathBuf>,
    /// What is written: the terminal's view, and files. A results.json that was read is not written over.
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', default_value = "terminal,html,json")]
    pub format: Vec<Format>,
}
