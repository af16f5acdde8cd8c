//! DEST-033.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::killed_write::patience;
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, works_plainly};
use crate::experiments::stored_rows::{ids, missing, told};
use crate::experiments::writing::{Write, people, person};
use crate::experiments::written::{End, acknowledged, fault, how, judge_failure, seen};
use crate::feed::{Act, Target};
use crate::plan::{Ask, Mark};
use crate::protocol::Descriptor;
use crate::rules::Level;
use crate::suite::Step;
use std::time::Duration;

/// What the step that makes the storage fail is given, before more is sent.
const TO_BEGIN: Duration = Duration::from_secs(10);

/// The ids that are sent after the storage failed.
const AFTERWARDS: std::ops::RangeInclusive<u64> = 4..=6;

const OUTAGE: Launches =
    Launches::one("write.outage", "three records, and three more after the suite's `outage` made the storage fail");

experiment! {
    /// The storage fails in the middle of a write, and the destination does not say so.
    ///
    /// # What it checks
    /// Only where the suite says how to make the storage fail, and how to mend it (`destination.outage`). Three records and a
    /// state are written. When the state has come back the storage is made to fail; then three more records, a state and
    /// COMPLETE are sent, and stdin ends. When the destination has ended, the storage is mended, and what is stored is read.
    /// It comes after all other launches. A fault is proven thus: the second state comes back, and its records are not
    /// stored: MUST. Or records are missing and the write ends with exit code 0; or it fails without a TRACE/ERROR. Where all
    /// six records are stored the failure did not reach it, and where it was still trying when its time was up, it is
    /// inconclusive. What could fool it: a step `begin` that comes back before the storage fails, or takes longer than ten
    /// seconds.
    ///
    /// # Why it matters
    /// Disks fill up and databases restart. A destination that goes on over that and gives states back tells the platform
    /// that all is stored: the gap is never filled, and nobody looks for it.
    ///
    /// # Example
    /// The database is gone when the ids 4 to 6 come:
    /// ```json
    /// bad:  (the state behind them; exit code 0)
    /// good: {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"The database refused: database or disk is full."}}}   (exit code 1)
    /// ```
    ///
    /// # How to mend it
    /// Let every error of the storage end the sync with a TRACE/ERROR and another exit code than 0; where it is tried again,
    /// not for ever. Give no state back from a `finally`, nor because a queue is empty, but when the storage has confirmed
    /// what came before it.
    ///
    /// # What Airbyte's tests see
    /// Nothing: no suite lets the storage fail.
    run {
        code: "DEST-033",
        name: "storage-outage",
        level: Should,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: state and the whole sync",
        depth: Standard,
        launches: [PLAIN, OUTAGE],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let no_outage =
        || Halt::Cannot("the suite does not say how to make the storage fail (`destination.outage`)".to_owned());
    let (begin, end) = lab.destination()?.outage.as_ref().ok_or_else(no_outage)?;
    works_plainly(lab)?;
    let stream = lab.stream("outage", "people_in_outage");
    let ran = lab.launch(disturbed(lab, &stream, (begin, end))?)?;
    let exit = ran.exit()?;
    if ran.meanwhile != Some(true) {
        let why = match ran.states_back() {
            0 => "no state came back while stdin was open, so that there was no moment to make the storage fail",
            _ => "it was over before the storage had failed",
        };
        return Err(Halt::Cannot(format!("inconclusive: {}: {why}", ran.id)));
    }
    let ended = End::of(ran)?;
    let mut conclusion = Conclusion::of(STATEMENT, ran);
    let rows = seen(&mut conclusion, ran, &stream);
    let lost = rows.map(|rows| missing(rows, AFTERWARDS));
    if lost.as_ref().is_some_and(Vec::is_empty) {
        let why = format!("inconclusive: the outage did not reach it: {} stored all that it was sent", ran.id);
        conclusion.inconclusive(Some(&stream), why);
        return Ok(conclusion);
    }
    if ended == End::Hung {
        let why = format!("inconclusive: {} was still trying when its time was up ({})", ran.id, exit.describe());
        conclusion.inconclusive(None, why);
    }
    if let (Some(rows), Some(lost)) = (rows, lost)
        && acknowledged(ran, &stream) >= Some(2)
    {
        let message = format!(
            "{} gave back the state behind the ids 4 5 6, which were sent after the storage had failed, and does not store {}",
            ran.id,
            told(&lost)
        );
        let title = "a state comes back though the storage failed";
        let shown = ("no state that was sent after the failure", told(&ids(rows)));
        conclusion.found(Some(&stream), fault(ran, ("state", Level::Must), title, message, shown));
    }
    match ended {
        End::Hung => {}
        End::Success => tell_success(&mut conclusion, ran, &stream, rows.is_some()),
        _ => judge_failure(&mut conclusion, ran, ended, Some(&stream), "a failure of the storage"),
    }
    Ok(conclusion)
}

fn tell_success(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor, is_seen: bool) {
    if !is_seen {
        // All may be stored.
        return;
    }
    let message =
        format!("the storage failed while {} wrote, not all is stored, and it ended with {}", ran.id, how(ran));
    let title = "`write` ends with success though the storage failed";
    let shown = ("a TRACE/ERROR, and another exit code than 0", "exit code 0");
    conclusion.found(Some(stream), fault(ran, ("success", Level::Should), title, message, shown));
}

fn disturbed(lab: &Lab<'_>, stream: &Descriptor, (begin, end): (&Step, &Step)) -> Result<Ask, Halt> {
    let some =
        |write: Write, ids: std::ops::RangeInclusive<u64>| write.records(stream, ids.map(|id| person(id, "Ada", 1)));
    let within = patience(lab)?;
    let write = some(Write::to([Target::append(stream.clone(), people())]), 1..=3).state(stream);
    let write = write.act(Act::AwaitStates { count: 1, within }).act(Act::Pause(TO_BEGIN));
    let mut ask = some(write, AFTERWARDS).finish().ask(OUTAGE.id, OUTAGE.what).unjudged().late();
    ask.meanwhile = vec![("outage begin".to_owned(), begin.clone())];
    ask.afterwards = vec![("outage end".to_owned(), end.clone())];
    Ok(ask.struck_at(Mark { states: 1, records: 0 }))
}
