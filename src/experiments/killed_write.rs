//! Writes that are killed as soon as a state has come back.

use super::experiment::Launches;
use super::lab::{Halt, Lab, Ran};
use super::plain_write::plain;
use super::writing::{Write, people, person};
use crate::feed::{Act, Target};
use crate::launch::{Blow, Handling};
use crate::plan::{Ask, Mark};
use crate::protocol::Descriptor;
use crate::suite::Commits;
use std::ops::RangeInclusive;
use std::time::Duration;

/// The ids of the records before the state.
pub(super) const BEFORE: RangeInclusive<u64> = 1..=3;

/// The ids of the records behind it, which are on their way when the write is killed.
pub(super) const BEHIND: RangeInclusive<u64> = 4..=5;

/// How long a state may be on its way to the kill. Stdin is open so much longer than a state is waited for.
const TO_THE_KILL: Duration = Duration::from_secs(10);

/// How long a state is waited for that is not expected while stdin is open.
const SHORT: Duration = Duration::from_secs(1);

pub(super) const KILLED: Launches =
    Launches::one("write.killed", "three records, a state and two more, killed when the state comes back");
pub(super) const KILLED_OF_ALL: Launches =
    Launches::one("write.killed-of-all", "the same to two streams, with a GLOBAL state");
pub(super) const AFTER_KILL: Launches =
    Launches::one("write.after-kill", "what was on its way, to the stream of the killed write");
pub(super) const AFTER_KILL_OF_ALL: Launches =
    Launches::one("write.after-kill-of-all", "what was on its way, to the two streams").on_doubt();

/// The stream that is written to with a state of its own.
pub(super) fn stream(lab: &Lab<'_>) -> Descriptor {
    lab.stream("killed", "people_killed")
}

/// The streams that are written to with one state for both.
pub(super) fn streams_of_all(lab: &Lab<'_>) -> [Descriptor; 2] {
    ["people_of_two", "guests_of_two"].map(|name| lab.stream("killed_of_all", name))
}

/// The write with a state of the stream that is killed when that comes back. Halts where a write that nothing disturbs fails.
pub(super) fn killed(lab: &Lab<'_>) -> Result<Ask, Halt> {
    plain(lab)?.1.complete()?;
    let stream = stream(lab);
    let write = Write::to([Target::append(stream.clone(), people())]);
    let write = some(write, &stream, BEFORE).state(&stream);
    let within = lab.destination()?.state_within;
    struck(lab, some(write, &stream, BEHIND), &[stream], (KILLED.id, KILLED.what), within)
}

/// The write with a state of all streams that is killed when that comes back. Halts as the other does.
pub(super) fn killed_of_all(lab: &Lab<'_>) -> Result<Ask, Halt> {
    plain(lab)?.1.complete()?;
    let streams = streams_of_all(lab);
    let write = Write::to(streams.clone().map(|stream| Target::append(stream, people())));
    let to_all = |write: Write, ids: RangeInclusive<u64>| {
        streams.iter().fold(write, |write, stream| some(write, stream, ids.clone()))
    };
    let write = to_all(to_all(write, BEFORE).state_of_all(""), BEHIND);
    struck(lab, write, &streams, (KILLED_OF_ALL.id, KILLED_OF_ALL.what), patience(lab)?)
}

/// The next sync of the stream, from the state that came back: what was on its way comes again.
pub(super) fn after_kill(lab: &Lab<'_>) -> Ask {
    let stream = stream(lab);
    let write = Write::to([Target::append(stream.clone(), people()).of(1, 2)]);
    some(write, &stream, BEHIND).finish().ask(AFTER_KILL.id, AFTER_KILL.what).unjudged()
}

/// The next sync of the two streams.
pub(super) fn after_kill_of_all(lab: &Lab<'_>) -> Ask {
    let streams = streams_of_all(lab);
    let write = Write::to(streams.clone().map(|stream| Target::append(stream, people()).of(1, 2)));
    let write = streams.iter().fold(write, |write, stream| some(write, stream, BEHIND)).state_of_all("");
    let write = streams.iter().fold(write, |write, stream| write.status(stream, "COMPLETE"));
    write.ask(AFTER_KILL_OF_ALL.id, AFTER_KILL_OF_ALL.what).unjudged()
}

fn some(write: Write, stream: &Descriptor, ids: RangeInclusive<u64>) -> Write {
    write.records(stream, ids.map(|id| person(id, "Ada", 1)))
}

/// How long a state is waited for while stdin stays open. Once one did not come in time, or where the suite says that none will, no
/// other write waits long for its own.
pub(super) fn patience(lab: &Lab<'_>) -> Result<Duration, Halt> {
    let within = lab.destination()?.state_within;
    let first = match killed(lab).and_then(|ask| lab.launch(ask)) {
        Ok(first) => first,
        Err(Halt::Cannot(_)) => return Ok(within),
        Err(wants) => return Err(wants),
    };
    let is_late = lab.behaviours().commits == Commits::AtEnd || saw_the_end(first);
    Ok(if is_late { within.min(SHORT) } else { within })
}

/// Whether stdin was closed before it was over.
pub(super) fn saw_the_end(ran: &Ran) -> bool {
    ran.exit.as_ref().ok().and_then(|exit| exit.fed).is_some_and(|fed| fed.whole)
}

/// With stdin open until a state has come back or was waited for, and a kill has had its time.
pub(super) fn held_open(write: Write, within: Duration) -> Write {
    let to_the_kill = if within > SHORT { TO_THE_KILL } else { SHORT };
    write.act(Act::AwaitStates { count: 1, within }).act(Act::Pause(to_the_kill))
}

/// The launch, after all that is not killed, of a write that is killed when its first state comes back: while stdin is open, or else when it has ended.
pub(super) fn struck(
    lab: &Lab<'_>,
    write: Write,
    streams: &[Descriptor],
    (id, purpose): (&str, &str),
    within: Duration,
) -> Result<Ask, Halt> {
    let write = match lab.behaviours().commits {
        // It gives states back at the end, which is as good a moment to kill it, if it gets that far.
        Commits::AtEnd => streams.iter().fold(write, |write, stream| write.status(stream, "COMPLETE")),
        Commits::WhileRunning => held_open(write, within),
    };
    let killing = Handling { strike: Some(Blow::Kill), ..Handling::default() };
    // What a kill leaves behind may keep every later write from working: no other experiment is to suffer from that.
    Ok(write.ask(id, purpose).treated(killing).struck_at(Mark { states: 1, records: 0 }).late())
}
