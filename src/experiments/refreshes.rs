//! Refreshes: a generation that takes the place of the one before, whole or broken off.

use super::experiment::Launches;
use super::lab::{Halt, Lab, Ran};
use super::writing::{Write, people, person};
use crate::feed::{Row, Target};
use crate::protocol::{Descriptor, DestinationSyncMode};

/// The launch that writes the first generation.
pub(super) const SEED: Launches = Launches::one("write.refresh-seed", "the first generation of several streams");
/// The launch of a refresh that ends without a status.
pub(super) const CUT: Launches =
    Launches::one("write.refresh-cut", "a second generation, of which stdin ends without a COMPLETE");

/// The streams that are refreshed.
pub(super) struct Refreshed {
    /// Is refreshed in one go.
    pub whole: Descriptor,
    /// Is refreshed by a generation without records.
    pub emptied: Descriptor,
    /// In mode `append`, where the catalog asks for one generation alone; None where that mode is not offered.
    pub appended: Option<Descriptor>,
    /// The destination is killed while it is refreshed.
    pub killed: Descriptor,
    /// Its refresh is cut off.
    pub cut: Descriptor,
    /// Its first sync is cut off.
    pub fresh: Descriptor,
}

/// The streams. Halts where the destination does not replace at all.
pub(super) fn refreshed(lab: &Lab<'_>) -> Result<Refreshed, Halt> {
    lab.offers(DestinationSyncMode::Overwrite)?;
    let stream = |name: &str| lab.stream("refresh", name);
    Ok(Refreshed {
        whole: stream("whole"),
        emptied: stream("emptied"),
        appended: lab.offers(DestinationSyncMode::Append).is_ok().then(|| stream("appended")),
        killed: stream("killed"),
        cut: stream("cut"),
        fresh: stream("fresh"),
    })
}

/// A stream that this generation overwrites.
pub(super) fn overwritten(stream: &Descriptor, generation: i64, sync: i64) -> Target {
    Target::append(stream.clone(), people()).refreshed(generation, sync).mode(DestinationSyncMode::Overwrite)
}

/// The first generation of all streams but `fresh`: the ids 1 to 3.
pub(super) fn seed<'l>(lab: &Lab<'l>, streams: &Refreshed) -> Result<&'l Ran, Halt> {
    let whole = [&streams.whole, &streams.emptied, &streams.killed, &streams.cut];
    let mut targets: Vec<Target> = whole.iter().map(|stream| overwritten(stream, 1, 1)).collect();
    targets.extend(streams.appended.iter().map(|stream| Target::append(stream.clone(), people())));
    let write = targets.iter().fold(Write::to(targets.clone()), |write, target| {
        write.records(&target.stream, (1..=3).map(|id| person(id, "Ada", 1)))
    });
    lab.launch(write.finish().ask(SEED.id, "the first generation: three records to each stream"))?.complete()
}

/// The second generation of `cut` and the first of `fresh`, the ids 11 and 12 and a state, and then stdin ends.
pub(super) fn cut<'l>(lab: &Lab<'l>, streams: &Refreshed) -> Result<&'l Ran, Halt> {
    let targets = [overwritten(&streams.cut, 2, 2), overwritten(&streams.fresh, 1, 2)];
    let write = [&streams.cut, &streams.fresh].into_iter().fold(Write::to(targets), |write, stream| {
        write.records(stream, (11..=12).map(|id| person(id, "Ben", 2))).state(stream)
    });
    lab.launch(write.ask(CUT.id, "a second generation, cut off before its COMPLETE").unjudged())
}

/// Whether it is seen that rows know their generation: without, a destination can't take part in refreshes that a platform
/// makes by generations alone.
pub(super) fn knows_generations(rows: &[Row]) -> bool {
    !rows.is_empty() && rows.iter().all(|row| row.generation_id.is_some())
}
