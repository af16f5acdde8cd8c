//! How a launch ended, as a rule sees it.

use super::Scene;
use crate::capture::Summary;
use crate::launch::ExitFacts;

/// A launch that has ended.
#[derive(Debug)]
pub struct Ending<'e> {
    /// What it was given.
    pub scene: &'e Scene,
    /// What it put out.
    pub summary: &'e Summary,
    /// How it ended.
    pub exit: &'e ExitFacts,
}

impl Ending<'_> {
    /// Whether it was cut short for a reason that is not the connector's: the user's, our disk's, an experiment's.
    pub fn is_cut_short(&self) -> bool {
        self.exit.is_cut_short()
    }

    /// Whether an experiment's launch failed with a `transient_error`: so many may be more than the API allows.
    pub fn may_be_rate_limited(&self) -> bool {
        self.scene.is_experiment && self.exit.ended.is_none() && self.summary.has_transient_error()
    }
}
