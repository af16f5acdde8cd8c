//! What a run saw of a scenario, as snapshots.

use super::is_again;
use crate::baseline::normalise::Masked;
use crate::baseline::portrait::{Refused, catalog, exits, proposals, specification};
use crate::baseline::{Contents, Observed, Proposal, Snapshot, Subject};
use crate::engine::schedule::Schedule;
use crate::plan::Purpose;
use crate::protocol::{Expect, SyncMode};
use crate::suite::Depth;
use serde_json::Value;

/// What was seen of a scenario, and what could not be kept of it.
pub(super) struct Seen {
    pub place: usize,
    pub observed: Observed,
    pub refused: Vec<Refused>,
    pub masked: Masked,
    /// Fields that differed in a second read; None where there was none.
    pub proposals: Option<Vec<Proposal>>,
}

impl Schedule<'_> {
    /// What a scenario showed, where its launches came to their end.
    pub(super) fn see(&self, place: usize, accepted: &Contents) -> Option<Seen> {
        let scenario = &self.suite.scenarios[place];
        if scenario.expect != Expect::Succeeded {
            return None;
        }
        let mut snapshots: Vec<Snapshot> = Vec::new();
        let mut refused = Vec::new();
        let mut take = |made: Result<Snapshot, Refused>| match made {
            Ok(snapshot) => snapshots.push(snapshot),
            Err(why) => refused.push(why),
        };
        let spec = self.spec_of(Some(place)).filter(|over| over.ran.succeeded());
        let check = self.base(place, Purpose::Check).filter(|over| over.ran.succeeded());
        let discover = self.base(place, Purpose::Discover).filter(|over| over.ran.succeeded());
        let read = self.base(place, Purpose::Read(SyncMode::FullRefresh)).filter(|over| over.ran.succeeded());
        if let Some((over, payload)) = spec.and_then(|over| Some((over, over.ran.summary.specification.as_ref()?))) {
            take(specification(payload, &over.secrets));
        }
        if let Some((over, found)) = discover.and_then(|over| Some((over, over.ran.summary.catalog.as_ref()?))) {
            catalog(found, &over.secrets).into_iter().for_each(&mut take);
        }
        let bases = [("spec", spec), ("check", check), ("discover", discover), ("read", read)];
        let ends = bases.iter().filter_map(|(name, over)| Some((*name, over.as_ref()?.ran.exit.as_ref().ok()?)));
        take(Ok(exits(ends.collect::<Vec<_>>())));
        let mut masked = Masked::default();
        let mut proposed = None;
        if let Some((over, portrait)) = read.and_then(|over| Some((over, over.portrait.as_ref()?))) {
            let content = |subject: &Subject| -> Option<Value> {
                accepted.entries.get(&(scenario.id().to_owned(), subject.clone()))?.accepted.clone()
            };
            let finished = portrait.finish(&over.secrets, &content);
            finished.snapshots.into_iter().for_each(|snapshot| take(Ok(snapshot)));
            finished.refused.into_iter().for_each(|why| take(Err(why)));
            masked = finished.masked;
            let again = self.launched(|launch| launch.scenario == Some(place) && is_again(launch));
            let again = again.filter(|other| other.ran.succeeded());
            if let Some(second) = again.and_then(|other| other.portrait.as_ref()) {
                proposed = Some(proposals(portrait, second).iter().map(Proposal::from).collect());
            }
        }
        let increments = self.base(place, Purpose::Read(SyncMode::Incremental)).filter(|over| over.ran.succeeded());
        if let Some((over, portrait)) = increments.and_then(|over| Some((over, over.portrait.as_ref()?))) {
            let finished = portrait.finish_states(&over.secrets);
            finished.snapshots.into_iter().for_each(|snapshot| take(Ok(snapshot)));
            finished.refused.into_iter().for_each(|why| take(Err(why)));
        }
        let found = discover.and_then(|over| over.ran.summary.catalog.as_ref());
        let is_read_in_full =
            found.is_some_and(|found| !found.streams.iter().any(|stream| stream.supports(SyncMode::Incremental)));
        let complete =
            [spec, check, discover, read].iter().all(Option::is_some) && self.run.selection.streams.is_empty();
        let increments = complete && (increments.is_some() || (self.suite.depth > Depth::Quick && is_read_in_full));
        let observed = Observed { scenario: scenario.id().to_owned(), complete, increments, snapshots };
        Some(Seen { place, observed, refused, masked, proposals: proposed })
    }
}
