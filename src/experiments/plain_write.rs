//! The plainest write: what fails here fails everywhere, and is no fault of what else an experiment sends.

use super::experiment::Launches;
use super::lab::{Halt, Lab, Ran};
use super::stored_rows::missing;
use super::writing::{Write, people, person};
use crate::feed::Target;
use crate::protocol::{Descriptor, DestinationSyncMode};
use std::ops::RangeInclusive;

/// The write in which nothing is unusual.
pub(super) const PLAIN: Launches =
    Launches::one("write.append", "three records to a new stream, in mode append").in_quick();

/// The stream of the write in which nothing is unusual, and its launch: three records in mode `append`. Halts where that mode is
/// not offered.
pub(super) fn plain<'l>(lab: &Lab<'l>) -> Result<(Target, &'l Ran), Halt> {
    lab.offers(DestinationSyncMode::Append)?;
    let stream = lab.stream("append", "people");
    let target = Target::append(stream.clone(), people());
    let write = Write::to([target.clone()]).records(&stream, (1..=3).map(|id| person(id, "Ada", 1)));
    Ok((target, lab.launch(write.finish().ask(PLAIN.id, "three records in mode append"))?))
}

/// Halts unless a write in which nothing is unusual succeeds, and as far as that can be seen, stores what it was sent: only then
/// does it say something where an unusual one does not.
pub(super) fn works_plainly(lab: &Lab<'_>) -> Result<(), Halt> {
    let (target, ran) = plain(lab)?;
    stores(ran.complete()?, &target.stream, 1..=3)
}

/// Halts where the reader shows no row of a write in which nothing is unusual, and which succeeded: it may look elsewhere, and what it
/// does not show of other writes says nothing.
pub(super) fn is_seen(lab: &Lab<'_>) -> Result<(), Halt> {
    if lab.offers(DestinationSyncMode::Append).is_err() {
        return Ok(());
    }
    let (target, ran) = plain(lab)?;
    match ran.rows(&target.stream) {
        Ok([]) if ran.succeeded() => {
            Err(Halt::Cannot(format!("the reader shows nothing of {}, which succeeded", ran.id)))
        }
        _ => Ok(()),
    }
}

/// Halts where it can be seen that a write did not store these ids.
pub(super) fn stores(ran: &Ran, stream: &Descriptor, wanted: RangeInclusive<u64>) -> Result<(), Halt> {
    match ran.rows(stream) {
        Ok(rows) if !missing(rows, wanted).is_empty() => {
            Err(Halt::Cannot(format!("{}, in which nothing is unusual, does not store what it was sent", ran.id)))
        }
        _ => Ok(()),
    }
}
