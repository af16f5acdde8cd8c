//! DEST-007.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::killed_write::{KILLED, killed, saw_the_end};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::PLAIN;
use crate::experiments::writing::{Write, people, person};
use crate::experiments::written::fault;
use crate::feed::{Act, Target};
use crate::launch::{Blow, Handling};
use crate::plan::{Ask, Mark};
use crate::rules::Level;
use crate::suite::Commits;
use crate::text;
use std::time::Duration;

/// How long a state may take.
const ALLOWED: Duration = Duration::from_secs(15 * 60);

/// How long stdin stays open after it was waited for.
const TO_THE_KILL: Duration = Duration::from_secs(10);

const HELD_OPEN: Launches =
    Launches::up_to(0, 1, "write.held-open", "three records and a state, with stdin open for 15 minutes");

experiment! {
    /// While stdin stays open, no state comes back.
    ///
    /// # What it checks
    /// Records and a state are written, and stdin stays open. Where the state comes back within `state_within`, that is all.
    /// Where it does not, the same is done again, and the state waited for for 15 minutes, or as long as a write may take
    /// (`limits.write`). A fault is proven thus: no state comes back in that time, but when stdin ends it does.
    /// Nothing is tried where the suite declares `commits: at_end`. What could fool it: a
    /// destination that stores in batches of a size alone: with few records that size is never reached. That is the fault,
    /// since a quiet source sends few. One that stores each ten minutes, where `limits.write` is less than that.
    ///
    /// # Why it matters
    /// A sync of many hours that fails begins anew at the last state that came back. Without one it begins at the beginning,
    /// and a source that never gets through in one go never gets through at all.
    ///
    /// # Example
    /// Records and a state were sent, and stdin stays open:
    /// ```json
    /// bad:  (no state for 15 minutes)
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"people"},"stream_state":{"airproof":1}}}}
    /// ```
    ///
    /// # How to mend it
    /// Flush by time as well as by size: when a state has waited for some minutes, store what came before it and give it
    /// back. Python CDK: look at the clock with each message. Java and Kotlin CDK: see the flush interval of the buffers.
    ///
    /// # What Airbyte's tests see
    /// The suite of the bulk CDK waits for a state while it writes, of destinations that say they commit meanwhile. For other
    /// languages there are none.
    run {
        code: "DEST-007",
        name: "states-come-late",
        level: Should,
        commands: [Write],
        authority: PlatformBehaviour,
        source: "partner destination requirements: checkpoints",
        depth: Certification,
        launches: [PLAIN, KILLED, HELD_OPEN.on_doubt()],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    if lab.behaviours().commits == Commits::AtEnd {
        let why = "the suite declares that nothing is safe before stdin has ended (`commits: at_end`)";
        return Err(Halt::Cannot(why.to_owned()));
    }
    let first = lab.launch(killed(lab)?)?;
    if came_while_open(first)? {
        let mut conclusion = Conclusion::of(STATEMENT, first);
        conclusion.judged(None);
        return Ok(conclusion);
    }
    // The rest of the limit is for what comes behind the wait.
    let wait = ALLOWED.min(lab.write_limit.mul_f64(0.6));
    let held = lab.launch(held_open(lab, wait))?;
    let mut conclusion = Conclusion::of(STATEMENT, held);
    if came_while_open(held)? {
        conclusion.judged(None);
        return Ok(conclusion);
    }
    if held.states_back() == 0 {
        let how = held.exit()?.describe();
        return Err(Halt::Cannot(format!("inconclusive: no state came back in {} at all ({how})", held.id)));
    }
    let waited = match wait < ALLOWED {
        true => format!("{}, all that `limits.write` leaves", text::duration(wait)),
        false => "15 minutes".to_owned(),
    };
    let message =
        format!("three records and a state were sent, and no state came back in {waited}, until stdin was closed");
    let title = "no state comes back while stdin is open";
    let shown = ("a state within 15 minutes", "none before stdin ended");
    conclusion.found(None, fault(held, ("late", Level::Should), title, message, shown));
    Ok(conclusion)
}

/// Whether a state came back before stdin was closed.
fn came_while_open(ran: &Ran) -> Result<bool, Halt> {
    ran.exit()?;
    Ok(ran.states_back() > 0 && !saw_the_end(ran))
}

fn held_open(lab: &Lab<'_>, wait: Duration) -> Ask {
    let stream = lab.stream("held_open", "people_held");
    let write = Write::to([Target::append(stream.clone(), people())]);
    let write =
        write.records(&stream, (1..=3).map(|id| person(id, "Ada", 1))).state(&stream).status(&stream, "COMPLETE");
    let write = write.act(Act::AwaitStates { count: 1, within: wait }).act(Act::Pause(TO_THE_KILL));
    let killing = Handling { strike: Some(Blow::Kill), ..Handling::default() };
    write.ask(HELD_OPEN.id, HELD_OPEN.what).treated(killing).struck_at(Mark { states: 1, records: 0 })
}
