//! The forms of the states that two versions end with, side by side.

use super::control::Control;
use super::lab::{Halt, Lab, Ran};
use super::state_shape::{Difference, difference, shape};
use crate::protocol::ConfiguredStream;

/// How many places are named.
const NAMED: usize = 10;

/// Where the form of the target's state differs from the control's: in streams that both read, in the same way and by the same
/// cursor.
pub(super) fn differences(lab: &Lab<'_>, both: &Control<'_, '_>) -> Result<Vec<Difference>, Halt> {
    let target = lab.incremental()?.complete()?;
    let control = lab.launch(both.incremental(target)?)?.complete()?;
    let otherwise = both.read_otherwise()?;
    let mut streams = control.catalog()?.streams.clone();
    streams.retain(|entry| !otherwise.contains(&entry.stream.descriptor));
    let of = |ran: &Ran, streams: &[ConfiguredStream]| Ok::<_, Halt>(shape(&ran.final_state()?, streams));
    Ok(difference(&of(control, &streams)?, &of(target, &streams)?))
}

/// The same at the end of a sentence; empty where there is none.
pub(super) fn forms(lab: &Lab<'_>, both: &Control<'_, '_>) -> Result<String, Halt> {
    let found = differences(lab, both)?;
    Ok(if found.is_empty() { String::new() } else { format!("; the states are of another form: {}", told(&found)) })
}

/// All differences in words.
pub(super) fn told(found: &[Difference]) -> String {
    let places =
        found.iter().take(NAMED).map(|Difference { at, before, after }| format!("`{at}`: {before}, and now {after}"));
    let more = match found.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    places.collect::<Vec<_>>().join("; ") + &more
}
