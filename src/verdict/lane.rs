//! Whether a run had what it takes to judge records.

use super::{LaunchFacts, LaunchState};
use crate::protocol::{Command, Expect};
use serde::{Deserialize, Serialize};

/// Whether a connector was launched with a configuration that works: without one, only what needs no account is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// It was.
    WithCredentials,
    /// It was not: the specification, the image, its metadata and the answers to wrong configurations were judged.
    WithoutCredentials,
    /// Of several connectors, some were.
    Mixed,
}

impl Lane {
    /// The kind of the doubt that says that no configuration that works was there.
    pub(crate) const WITHOUT_CREDENTIALS: &str = "without-credentials";

    /// That of these launches.
    pub fn of(launches: &[LaunchFacts]) -> Lane {
        let works = |launch: &&LaunchFacts| {
            launch.command != Command::Spec
                && launch.expect == Expect::Succeeded
                && matches!(launch.outcome, LaunchState::Ended { .. })
        };
        if launches.iter().any(|launch| works(&launch)) { Lane::WithCredentials } else { Lane::WithoutCredentials }
    }

    /// What it means, for reports.
    pub fn meaning(self) -> &'static str {
        match self {
            Lane::WithCredentials => "with credentials",
            Lane::WithoutCredentials => {
                "without credentials: no configuration that works was there, so no record and no state was judged"
            }
            Lane::Mixed => "mixed: some connectors without credentials, so none of their records and states was judged",
        }
    }
}
