//! DEST-028.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::plain_write::{PLAIN, works_plainly};
use crate::experiments::writing::{Write, people, person};
use crate::experiments::written::{End, fault, judge_failure};
use crate::feed::Target;
use crate::rules::Level;

const MIXED: Launches = Launches::one("write.mixed-states", "a state of the stream, and then one of all streams");

experiment! {
    /// States of one stream and of all streams are mixed, and the destination takes both.
    ///
    /// # What it checks
    /// A record and a state of its stream (STREAM) are written, then another record and a state of all streams (GLOBAL). A
    /// fault is proven thus: the write ends with exit code 0. No source may mix the two, and there is no telling which
    /// records the one covers that the other does not, so that the platform can't keep both. Or the write fails without a
    /// TRACE/ERROR, or hangs. A destination that fails at any state is not judged. What could fool it: a destination that commits with each state, whatever its type, loses
    /// nothing. It lets a defect of the source pass all the same.
    ///
    /// # Why it matters
    /// A state of all streams and one of a single stream overlap. Which of them holds is not defined: the platform keeps one
    /// kind, and what only the other covered is read again, or skipped.
    ///
    /// # Example
    /// A GLOBAL state comes behind a STREAM state:
    /// ```json
    /// bad:  (both come back; exit code 0)
    /// good: {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"States of one stream and of all streams are mixed."}}}
    /// ```
    ///
    /// # How to mend it
    /// Remember the type of the first state; where another comes, fail with a TRACE/ERROR that says so.
    ///
    /// # What Airbyte's tests see
    /// The bulk CDK throws, and its unit tests see to that. For other languages there are none.
    run {
        code: "DEST-028",
        name: "mixed-states",
        level: Should,
        commands: [Write],
        authority: CdkConvention,
        source: "bulk CDK: CheckpointManager",
        depth: Standard,
        launches: [PLAIN, MIXED],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    // One that fails at any state does not fail because they are mixed.
    works_plainly(lab)?;
    let stream = lab.stream("mixed_states", "people_mixed");
    let write =
        Write::to([Target::append(stream.clone(), people())]).record(&stream, person(1, "Ada", 1)).state(&stream);
    let write = write.record(&stream, person(2, "Ben", 1)).state_of_all("").status(&stream, "COMPLETE");
    let ran = lab.launch(write.ask(MIXED.id, MIXED.what).unjudged())?;
    let end = End::of(ran)?;
    let mut conclusion = Conclusion::of(STATEMENT, ran);
    if end == End::Success {
        let message = format!(
            "{} was sent a state of type STREAM and then one of type GLOBAL, and ended with exit code 0",
            ran.id
        );
        let title = "states of one stream and of all streams are taken in one sync";
        let shown = ("a failure with TRACE/ERROR", "exit code 0");
        conclusion.found(None, fault(ran, ("taken", Level::Should), title, message, shown));
    } else {
        judge_failure(&mut conclusion, ran, end, None, "states of one stream and of all streams");
    }
    Ok(conclusion)
}
