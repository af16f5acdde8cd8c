//! Which streams a read is asked for.

use crate::protocol::{Catalog, ConfiguredCatalog, Descriptor, SyncMode};
use crate::suite::{CatalogSource, Scenario};
use globset::GlobMatcher;
use std::collections::HashSet;

/// A stream that a read is not asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excluded {
    /// The stream.
    pub stream: Descriptor,
    /// Why.
    pub reason: String,
}

/// A read's configured catalog, and what was left out of it.
#[derive(Debug, Clone, Default)]
pub struct ReadCatalog {
    /// What the read is asked for.
    pub catalog: ConfiguredCatalog,
    /// What it is not.
    pub excluded: Vec<Excluded>,
}

impl ReadCatalog {
    /// Makes the catalog of a read: from the scenario's own, or from what was discovered. `only` are the stream
    /// patterns of the command line; none of them means all streams.
    pub fn make(scenario: &Scenario, discovered: Option<&Catalog>, mode: SyncMode, only: &[GlobMatcher]) -> Self {
        let (all, configured) = match (&scenario.catalog, discovered) {
            (CatalogSource::File { catalog, rediscovered, .. }, found) => {
                let catalog = match found.filter(|_| *rediscovered) {
                    Some(found) => catalog.rediscovered(found, mode),
                    None => catalog.clone(),
                };
                let of_mode = catalog.retain(|entry| mode == SyncMode::FullRefresh || entry.sync_mode == mode);
                (catalog.streams.iter().map(|entry| entry.stream.descriptor.clone()).collect(), of_mode)
            }
            (CatalogSource::Discover, Some(discovered)) => {
                let all: Vec<Descriptor> = discovered.streams.iter().map(|stream| stream.descriptor.clone()).collect();
                // One that is there twice can be read once only; DISC-003 speaks of it.
                let mut seen = HashSet::new();
                let streams = discovered.streams.iter().filter(|stream| seen.insert(&stream.descriptor));
                (all, ConfiguredCatalog::configure(&streams.cloned().collect::<Vec<_>>(), mode))
            }
            (CatalogSource::Discover, None) => (Vec::new(), ConfiguredCatalog::default()),
        };
        let reason_for = |stream: &Descriptor| {
            let skipped = scenario.streams.skip.iter().find(|exception| exception.stream == *stream);
            let wanted = only.is_empty()
                || only.iter().any(|glob| glob.is_match(&stream.name) || glob.is_match(stream.to_string()));
            match (skipped, wanted) {
                (Some(exception), _) => Some(exception.why().to_owned()),
                (None, false) => Some("not chosen with --stream".to_owned()),
                (None, true) if configured.find(stream).is_none() => {
                    Some(format!("not read in mode {}", mode.as_str()))
                }
                (None, true) => None,
            }
        };
        let excluded: Vec<Excluded> =
            all.into_iter().filter_map(|stream| Some(Excluded { reason: reason_for(&stream)?, stream })).collect();
        let catalog = configured.retain(|entry| !excluded.iter().any(|out| out.stream == entry.stream.descriptor));
        ReadCatalog { catalog, excluded }
    }
}
