//! Refreshes that do not come to their end, over rows that are there already.

use super::experiment::Launches;
use super::lab::{Halt, Lab};
use super::plain_write::stores;
use super::refreshes::overwritten;
use super::writing::{Write, person};
use crate::protocol::{Descriptor, DestinationSyncMode};

/// The write of the rows that are there already.
pub(super) const BEFORE_REFRESH: Launches =
    Launches::one("write.before-refresh", "two records to each of two new streams, in mode overwrite");

/// The stream that gets no status at the end, and the one that gets INCOMPLETE.
pub(super) fn streams(lab: &Lab<'_>) -> [Descriptor; 2] {
    ["without_status", "incomplete"].map(|name| lab.stream("broken_off", name))
}

/// The ids of the rows that are there already.
pub(super) const BEFORE: std::ops::RangeInclusive<u64> = 1..=2;

/// Writes them. Halts where mode `overwrite` is not offered, and where they are not stored.
pub(super) fn before_refresh(lab: &Lab<'_>) -> Result<(), Halt> {
    lab.offers(DestinationSyncMode::Overwrite)?;
    let streams = streams(lab);
    let write = Write::to(streams.clone().map(|stream| overwritten(&stream, 1, 1)));
    let records = |write: Write, stream| write.records(stream, BEFORE.map(|id| person(id, "Old", 1)));
    let ask = streams.iter().fold(write, records).finish().ask(BEFORE_REFRESH.id, BEFORE_REFRESH.what);
    let ran = lab.launch(ask)?.complete()?;
    streams.iter().try_for_each(|stream| stores(ran, stream, BEFORE))
}

/// Two records of the new generation.
pub(super) fn with_new(write: Write, stream: &Descriptor) -> Write {
    write.records(stream, (3..=4).map(|id| person(id, "New", 2)))
}
