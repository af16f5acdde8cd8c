//! The plainest write: what fails here fails everywhere, and is no fault of what else an experiment sends.

use super::experiment::Launches;
use super::lab::{Halt, Lab, Ran};
use super::writing::{Write, people, person};
use crate::feed::Target;
use crate::protocol::DestinationSyncMode;

/// The launch of it.
pub(super) const PLAIN: Launches = Launches::one("write.append", "three records to a new stream, in mode append");

/// The stream that it writes to, in mode `append`.
pub(super) fn plain_target(lab: &Lab<'_>) -> Target {
    Target::append(lab.stream("append", "people"), people())
}

/// Three records in mode `append`.
pub(super) fn plain_write<'l>(lab: &Lab<'l>) -> Result<&'l Ran, Halt> {
    lab.offers(DestinationSyncMode::Append)?;
    let target = plain_target(lab);
    let stream = target.stream.clone();
    let write = Write::to([target]).records(&stream, (1..=3).map(|id| person(id, "Ada", 1)));
    lab.launch(write.finish().ask(PLAIN.id, "three records in mode append"))
}

/// Halts unless a plain write succeeds: what fails besides can't be told from what fails anyway.
pub(super) fn plain_writes_succeed(lab: &Lab<'_>) -> Result<(), Halt> {
    plain_write(lab)?.complete().map(drop)
}
