//! The arguments of `airproof verify`.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0    valid, and the level is met
  1    valid, and the level is not met
  2    not valid, or there is no certificate
  3    the machine, the daemon, the image, the disk or a command of the suite is in the way")]
pub(in crate::cli) struct VerifyArguments {
    /// certificate.json, with what it is about beside it; or the report folder that holds it.
    #[arg(value_name = "CERTIFICATE|FOLDER", default_value = "airproof-report")]
    pub path: PathBuf,
    /// Look whether this image, as the local daemon has it, is the one that was certified. Nothing is pulled.
    #[arg(long)]
    pub image: Option<String>,
}
