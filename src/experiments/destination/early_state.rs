//! DEST-029.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::plain_write::{PLAIN, works_plainly};
use crate::experiments::writing::{Write, people, person};
use crate::experiments::written::{End, fault, how};
use crate::feed::Target;
use crate::rules::Level;
use crate::text;

const EARLY: Launches = Launches::one("write.early-state", "a state before the first record of its stream");

experiment! {
    /// A state that comes before any record of its stream does not come back.
    ///
    /// # What it checks
    /// A state is written to a new stream, then two records and a state, another record, a last state and COMPLETE. A fault is
    /// proven thus: the write fails or hangs, though one with records first works. Or fewer than the three states come back;
    /// where a single one does, that says nothing, since some destinations give back the last of a stream alone (DEST-003 tells of that).
    /// No text speaks of this case, but sources do it: one that found nothing new in a part of a stream says how far it
    /// has looked.
    ///
    /// # Why it matters
    /// A source that has looked through a part without finding anything says so by a state. Where that does not come back, it
    /// looks through the same part in each sync.
    ///
    /// # Example
    /// A state comes, and then two records and another one:
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"people"},"stream_state":{"airproof":2}}}}   (and no other)
    /// good: both states
    /// ```
    ///
    /// # How to mend it
    /// Keep states in a queue for each stream of the catalog, which is there before the first record. A state with no record
    /// before it is safe at once.
    ///
    /// # What Airbyte's tests see
    /// The suite of the bulk CDK has a sync without records. For other languages there are none.
    run {
        code: "DEST-029",
        name: "early-state",
        level: Should,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: state, principle 6 (every state that was sent comes back)",
        depth: Standard,
        launches: [PLAIN, EARLY],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    works_plainly(lab)?;
    let stream = lab.stream("early_state", "people_early");
    let write = Write::to([Target::append(stream.clone(), people())]).state(&stream);
    let write = write.records(&stream, (1..=2).map(|id| person(id, "Ada", 1))).state(&stream);
    let write = write.record(&stream, person(3, "Ada", 1)).finish();
    let ran = lab.launch(write.ask(EARLY.id, EARLY.what).unjudged())?;
    let mut conclusion = Conclusion::of(STATEMENT, ran);
    let back = ran.states_back();
    let (cause, title, shown) = match End::of(ran)? {
        End::Success if back >= 3 => {
            conclusion.judged(Some(&stream));
            return Ok(conclusion);
        }
        // That the first one is not among them says nothing of when it came.
        End::Success if back == 1 => {
            return Err(Halt::Cannot(format!(
                "inconclusive: {} gave back one state of three, as where only the last comes",
                ran.id
            )));
        }
        End::Success => {
            let shown = ("all three states come back", format!("{} came back", text::plural(back, "state")));
            ("kept back", "a state before the first record does not come back", shown)
        }
        _ => ("fails", "`write` fails at a state before the first record", ("exit code 0", how(ran))),
    };
    let message = format!("{} was sent a state before any record of its stream: {}", ran.id, shown.1);
    conclusion.found(Some(&stream), fault(ran, (cause, Level::Should), title, message, shown));
    Ok(conclusion)
}
