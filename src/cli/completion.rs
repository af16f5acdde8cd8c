//! What is done with the results of a run before they are reported: the shard is named, an earlier run is compared with.

use super::failed::Again;
use crate::suite::Shard;
use crate::verdict::{Results, compare};

/// The kind of doubt that a shard has no grounds for: what it does not need, another one may.
const UNNEEDED_WAIVER: &str = "waiver-unneeded";

/// What is done with the results.
#[derive(Default)]
pub(super) struct Completion {
    /// The part of the suite that they are of, with the digest of the whole suite.
    pub shard: Option<(Shard, String)>,
    /// The run that they are compared with.
    pub earlier: Option<Results>,
    /// The findings that were to be seen again.
    pub again: Option<Again>,
}

impl Completion {
    /// Does it.
    pub fn complete(&self, results: &mut Results) {
        if let Some((shard, digest)) = &self.shard {
            results.run.shard = Some(shard.to_string());
            results.run.suite.digest.clone_from(digest);
            results.doubts.retain(|doubt| doubt.kind != UNNEEDED_WAIVER);
        }
        if let Some(earlier) = &self.earlier {
            compare(results, earlier);
        }
        if let Some(again) = &self.again {
            results.doubts.retain(|doubt| doubt.kind != UNNEEDED_WAIVER);
            again.compare(results);
        }
    }
}
