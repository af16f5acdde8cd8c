//! DEST-032.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::killed_write::{AFTER_KILL, BEFORE, BEHIND, KILLED, after_kill, killed, stream};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, is_seen};
use crate::experiments::stored_rows::{ids, missing, told};
use crate::experiments::written::{End, fault, how, seen};
use crate::launch::Ended;
use crate::protocol::Descriptor;
use crate::rules::Level;

experiment! {
    /// After a crash the next sync fails, or records are missing for good.
    ///
    /// # What it checks
    /// A write of three records, a state and two more is killed (SIGKILL) when the state comes back, while the two are on
    /// their way. The next sync of the stream goes on from that state: it sends the two again, and ends as usual. Then what
    /// is stored is read. A fault is proven thus: the next sync fails, and fails once more when it is repeated, though a
    /// write to another stream worked before the kill. Or it succeeds and not all of the five records are there: those before
    /// the state because it came back, the others because they were sent again. That one is there twice is no fault in mode
    /// `append`. What could fool it: a storage that holds a lock for some minutes for a client that is gone: the sync is
    /// repeated once only.
    ///
    /// # Why it matters
    /// Machines fail, and the platform moves and kills jobs. The next attempt comes by itself; a lock or a half-written file
    /// that stops it waits until somebody finds it.
    ///
    /// # Example
    /// The sync after one that was killed:
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"Another sync holds the lock."}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"people"},"stream_state":{"airproof":1}}}}   (exit code 0)
    /// ```
    ///
    /// # How to mend it
    /// Hold no lock and leave no half-written file that the next launch can't take over: drop or go on with a staging table
    /// that is found, give temporary files names of their own. Let the storage end transactions of a client that is gone.
    ///
    /// # What Airbyte's tests see
    /// The suite of the bulk CDK kills its destination, but does not go on with the stream. For other languages there are
    /// none.
    run {
        code: "DEST-032",
        name: "crash-not-recovered",
        level: Must,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: state and the whole sync",
        depth: Standard,
        launches: [
            KILLED,
            AFTER_KILL,
            Launches::one("write.after-kill-again", "once more, where that failed").on_doubt(),
            PLAIN,
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    is_seen(lab)?;
    let first = lab.launch(killed(lab)?)?;
    let exit = first.exit()?;
    if exit.ended != Some(Ended::Killed) {
        let how = exit.describe();
        return Err(Halt::Cannot(format!("inconclusive: {} was over before it could be killed ({how})", first.id)));
    }
    let ask = after_kill(lab);
    let next = lab.launch(ask.clone())?;
    let next = match End::of(next)? {
        End::Success => next,
        _ => lab.launch(ask.round(1).named("write.after-kill-again", "once more, where that failed"))?,
    };
    let stream = stream(lab);
    let mut conclusion = Conclusion::of(STATEMENT, next);
    match (End::of(next)?, next.id.contains("again")) {
        (End::Success, false) => judge_rows(&mut conclusion, (first, next), &stream)?,
        (End::Success, true) => {
            let why = format!("inconclusive: the sync after {} failed, then it worked", first.id);
            conclusion.inconclusive(Some(&stream), why);
        }
        _ => {
            let message =
                format!("after {} was killed, the next sync of the stream fails, twice: {}", first.id, how(next));
            let title = "`write` fails after one that was killed";
            let shown = ("exit code 0, as if nothing had happened", how(next));
            conclusion.found(Some(&stream), fault(next, ("fails", Level::Must), title, message, shown));
        }
    }
    Ok(conclusion)
}

fn judge_rows(conclusion: &mut Conclusion, (first, next): (&Ran, &Ran), stream: &Descriptor) -> Result<(), Halt> {
    let Some(rows) = seen(conclusion, next, stream) else { return Ok(()) };
    let from = if first.states_back() > 0 { *BEFORE.start() } else { *BEHIND.start() };
    let lost = missing(rows, from..=*BEHIND.end());
    if lost.is_empty() {
        conclusion.judged(Some(stream));
        return Ok(());
    }
    let found = told(&ids(rows));
    let message = format!(
        "{} was killed when the state behind the ids 1 2 3 had come back, and {} sent 4 and 5 again; the stream then lacks {}, \
         and holds {found}",
        first.id,
        next.id,
        told(&lost)
    );
    let title = "records are lost where a write is killed";
    let expected = format!("the ids {from} to {}", BEHIND.end());
    conclusion.found(Some(stream), fault(next, ("lost", Level::Must), title, message, (expected, found)));
    Ok(())
}
