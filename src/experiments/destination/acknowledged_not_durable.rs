//! DEST-005.

use crate::experiments::experiment::{Conclusion, experiment};
use crate::experiments::killed_write::{
    AFTER_KILL, AFTER_KILL_OF_ALL, BEFORE, KILLED, KILLED_OF_ALL, after_kill, after_kill_of_all, killed, killed_of_all,
    saw_the_end, stream, streams_of_all,
};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, is_seen};
use crate::experiments::stored_rows::{ids, missing, told};
use crate::experiments::written::{fault, seen};
use crate::plan::Ask;
use crate::protocol::Descriptor;
use crate::rules::Level;
use crate::suite::Commits;

experiment! {
    /// A state comes back, and the records before it are not stored.
    ///
    /// # What it checks
    /// Three records, a state and two more records are written to a new stream in mode `append`, and stdin stays open. As
    /// soon as the state comes back the destination is killed (SIGKILL). Then what is stored is read. The same is done to two
    /// streams with one GLOBAL state. Where no state comes back within `state_within`, stdin is closed, and the destination
    /// is killed at the first state that comes then. A fault is proven thus: a record that was sent before the state that
    /// came back is not there after the kill, nor after the next sync of the same stream. Where it is there only after that,
    /// it was safe, though not to be seen: that is told at INFO. A destination that gives no state back before
    /// stdin ends is told of at SHOULD, where the suite does not declare that (`commits: at_end`). What could fool it: a reader that leaves out
    /// what the destination keeps in a staging area; the next sync is there for that. A destination that stores in batches by
    /// time: raise `state_within`.
    ///
    /// # Why it matters
    /// A state that comes back is where the next sync begins. What was sent before it is never sent again: if it is not
    /// stored by then, a machine that fails at that moment loses it for good, and nothing tells.
    ///
    /// # Example
    /// Killed right after the state came back, the stream holds:
    /// ```json
    /// bad:  (nothing)
    /// good: {"id":1} {"id":2} {"id":3}
    /// ```
    ///
    /// # How to mend it
    /// Give a state back only when the transaction, the upload or the copy that holds all records before it has been
    /// confirmed by the storage. Python CDK: flush before you `yield` the state, not after it. Java and Kotlin CDK: return
    /// from `accept` or `finish` of a loader only when the storage has confirmed.
    ///
    /// # What Airbyte's tests see
    /// The suite of the bulk CDK kills its destination after a state, in the same process or container. For other languages
    /// there are none.
    run {
        code: "DEST-005",
        name: "acknowledged-not-durable",
        level: Must,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: state and the whole sync",
        depth: Standard,
        launches: [PLAIN, KILLED, KILLED_OF_ALL, AFTER_KILL.on_doubt(), AFTER_KILL_OF_ALL],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    is_seen(lab)?;
    let (of_one, of_all) = (killed(lab)?, killed_of_all(lab)?);
    let (of_one, of_all) = (lab.launch(of_one)?, lab.launch(of_all)?);
    let mut conclusion = Conclusion::of(STATEMENT, of_all);
    // Where the first came late, the second was not waited for as long.
    let is_declared = lab.behaviours().commits == Commits::AtEnd;
    if saw_the_end(of_one) && of_one.states_back() > 0 && !is_declared {
        tell_late(lab, &mut conclusion, of_one)?;
    }
    judge(lab, &mut conclusion, of_one, &[stream(lab)], &after_kill(lab))?;
    judge(lab, &mut conclusion, of_all, &streams_of_all(lab), &after_kill_of_all(lab))?;
    Ok(conclusion)
}

fn judge(
    lab: &Lab<'_>,
    conclusion: &mut Conclusion,
    killed: &Ran,
    streams: &[Descriptor],
    next: &Ask,
) -> Result<(), Halt> {
    let exit = killed.exit()?;
    if killed.states_back() == 0 {
        let why = format!("inconclusive: no state came back in {} ({})", killed.id, exit.describe());
        streams.iter().for_each(|stream| conclusion.inconclusive(Some(stream), why.clone()));
        return Ok(());
    }
    for stream in streams {
        let Some(rows) = seen(conclusion, killed, stream) else { continue };
        let lost = missing(rows, BEFORE);
        if lost.is_empty() {
            conclusion.judged(Some(stream));
            continue;
        }
        let next = lab.launch(next.clone())?;
        // Where the next sync fails, what it would show stays lost.
        let gone = if next.succeeded() { missing(next.rows(stream)?, BEFORE) } else { lost.clone() };
        tell_lost(conclusion, (killed, next), stream, (&lost, &gone, &ids(rows)));
    }
    Ok(())
}

/// It may do so, but who tests it should know.
fn tell_late(lab: &Lab<'_>, conclusion: &mut Conclusion, killed: &Ran) -> Result<(), Halt> {
    let seconds = lab.destination()?.state_within.as_secs();
    let message = format!(
        "no state came back in {} within {seconds} s while stdin was open, but when it had ended one did: declare \
         `commits: at_end`, or raise `state_within`",
        killed.id
    );
    let title = "states come back only when stdin has ended, and the suite does not say so";
    let shown = ("a state while stdin is open", "none before its end");
    conclusion.found(None, fault(killed, ("late", Level::Should), title, message, shown));
    Ok(())
}

fn tell_lost(
    conclusion: &mut Conclusion,
    (killed, next): (&Ran, &Ran),
    stream: &Descriptor,
    (lost, gone, found): (&[String], &[String], &[String]),
) {
    let (level, cause, title, lost, then) = match gone {
        [] => {
            let title = "records of a state that came back are seen only after the next sync";
            (Level::Info, "later", title, lost, format!("; {} brought them to light", next.id))
        }
        gone => {
            let title = "a state came back before its records were stored";
            (Level::Must, "lost", title, gone, format!("; after {} they were still not there", next.id))
        }
    };
    let message = format!(
        "the state behind the ids 1 2 3 came back in {}, which was killed then: {} of them are not stored ({}); the stream \
         held {}{then}",
        killed.id,
        lost.len(),
        told(lost),
        told(found),
    );
    conclusion.found(Some(stream), fault(killed, (cause, level), title, message, ("the ids 1 2 3", told(found))));
}
