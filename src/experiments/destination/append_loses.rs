//! DEST-015.

use crate::experiments::experiment::{Conclusion, Fault, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, plain};
use crate::experiments::stored_rows::{ids, told};
use crate::experiments::writing::{HOSTILE, Write, people, person};
use crate::experiments::written::{End, fault, how, seen};
use crate::feed::Target;
use crate::rules::Level;
use crate::suite::Depth;
use std::collections::HashSet;

experiment! {
    /// In mode `append`, rows are missing, or those of an earlier sync are gone.
    ///
    /// # What it checks
    /// Three records are written to a new stream in mode `append`, and then three more, two of them alike, in a second sync of the same
    /// generation. What is stored is read after each: after the second, every record of both must be there, and as often as it was
    /// written. The second sync's states hold what a source may put there: whole numbers beyond a double, nulls, odd texts, members that no schema knows.
    /// Where a suite is not quick, 2,503 records are written to another stream, the last 503 of them with no state behind: a source that reads
    /// all anew gives no states, and the end of stdin commits what is left.
    ///
    /// Where the reader shows no row of either, it is SHOULD: it may be the reader that looks elsewhere, and then no other experiment takes
    /// its word.
    ///
    /// # Why it matters
    /// `append` is the mode in which nothing may go: the history of each record is what the user pays for. Rows that a later sync
    /// removes can't be had again from a source that keeps no history.
    ///
    /// # Example
    /// A second sync writes the ids 4 and 5:
    /// ```json
    /// bad:  {"id":4} {"id":5}
    /// good: {"id":1} {"id":2} {"id":3} {"id":4} {"id":5}
    /// ```
    ///
    /// # How to mend it
    /// Do not truncate a table, nor replace files, of a stream whose `minimum_generation_id` is 0. Give each row a key
    /// of its own (`_airbyte_raw_id`), and each file a name that no earlier sync has used. What is buffered is flushed at the end of
    /// stdin as well, and a batch that is full loses neither its last record nor the next.
    ///
    /// # What Airbyte's tests see
    /// The suites of the JVM destinations write twice in this mode, too. For other languages there are none.
    run {
        code: "DEST-015",
        name: "append-loses",
        level: Must,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: destination sync modes",
        depth: Quick,
        launches: [
            PLAIN,
            Launches::one("write.append-more", "three more to the same stream, two of them alike").in_quick(),
            MANY,
        ],
    }
}

const MANY: Launches = Launches::one("write.append-many", "2,503 records, and no state behind the last 503");
/// No size of a batch that anyone would choose divides it, nor what no state acknowledges.
const ALL: u64 = 2_503;
const ACKNOWLEDGED: [u64; 2] = [1_000, 2_000];

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let (target, first) = plain(lab)?;
    let stream = target.stream.clone();
    let before = ids(first.complete()?.rows(&stream)?);
    let more = Write::to([target.of(1, 2)])
        .record(&stream, person(4, "Ben", 2))
        .state_with(&stream, HOSTILE, r#","id":7,"airproof_unknown":{"kept":[true,null]}"#)
        .records(&stream, [5, 5].map(|id| person(id, "Ben", 2)));
    let second =
        lab.launch(more.finish().ask("write.append-more", "three more to the same stream, two of them alike"))?;
    let after = ids(second.complete()?.rows(&stream)?);

    let mut conclusion = Conclusion::of(STATEMENT, second);
    conclusion.judged(Some(&stream));
    if before.is_empty() && after.is_empty() {
        conclusion.found(Some(&stream), nothing_seen(second));
        return Ok(conclusion);
    }
    for (ran, wanted, found) in [(first, "1 2 3", before), (second, "1 2 3 4 5 5", after)] {
        if found.join(" ") != wanted {
            let message = format!("after {} the stream holds {}, and {wanted} were written", ran.id, told(&found));
            let title = "`append` does not keep all that was written";
            let shown = (format!("the ids {wanted}"), told(&found));
            conclusion.found(Some(&stream), fault(ran, ("rows", Level::Must), title, message, shown));
            break;
        }
    }
    if lab.depth > Depth::Quick && conclusion.findings.is_empty() {
        judge_many(lab, &mut conclusion)?;
    }
    Ok(conclusion)
}

/// Records enough to fill a batch, and a rest that no state acknowledges.
fn judge_many(lab: &Lab<'_>, conclusion: &mut Conclusion) -> Result<(), Halt> {
    let stream = lab.stream("append_many", "crowd");
    let write = (1..=ALL).fold(Write::to([Target::append(stream.clone(), people())]), |write, id| {
        let write = write.record(&stream, person(id, "Ada", 1));
        if ACKNOWLEDGED.contains(&id) { write.state(&stream) } else { write }
    });
    let ran = lab.launch(write.status(&stream, "COMPLETE").ask(MANY.id, MANY.what).unjudged())?;
    conclusion.launch = ran.id.clone();
    let end = match End::in_time(ran) {
        Ok(end) => end,
        Err(Halt::Cannot(why)) => {
            conclusion.inconclusive(Some(&stream), why);
            return Ok(());
        }
        Err(wants) => return Err(wants),
    };
    if end != End::Success {
        conclusion.judged(Some(&stream));
        let message = format!("{} was sent {ALL} records of one stream, and ended with {}", ran.id, how(ran));
        let title = "`write` does not bear some thousand records";
        conclusion.found(Some(&stream), fault(ran, ("many", Level::Must), title, message, ("exit code 0", how(ran))));
        return Ok(());
    }
    let Some(found) = seen(conclusion, ran, &stream).map(ids) else { return Ok(()) };
    conclusion.judged(Some(&stream));
    let there: HashSet<&str> = found.iter().map(String::as_str).collect();
    let gone: Vec<String> = (1..=ALL).map(|id| id.to_string()).filter(|id| !there.contains(id.as_str())).collect();
    let first_behind = (ACKNOWLEDGED[1] + 1).to_string();
    let (cause, title) = match gone.first() {
        None if found.len() as u64 == ALL => return Ok(()),
        None => ("twice", "rows are stored that were not written, or more often than they were"),
        Some(first) if *first == first_behind => ("tail", "records behind the last state are lost when stdin ends"),
        Some(_) => ("lost", "records of a longer write are lost"),
    };
    let again: Vec<String> = found.windows(2).filter(|two| two[0] == two[1]).map(|two| two[0].clone()).collect();
    let wrong = [(&gone, "without"), (&again, "more than once")];
    let wrong = wrong.iter().filter(|(ids, _)| !ids.is_empty()).map(|(ids, what)| format!(", {what} {}", told(ids)));
    let held = format!("{} rows{}", found.len(), wrong.collect::<String>());
    let message = format!(
        "{} was sent the ids 1 to {ALL}, with states behind {} and {}, and then the end; the stream holds {held}",
        ran.id, ACKNOWLEDGED[0], ACKNOWLEDGED[1]
    );
    let shown = (format!("{ALL} rows"), held);
    conclusion.found(Some(&stream), fault(ran, (cause, Level::Must), title, message, shown));
    Ok(())
}

/// It is not known which of the two it is, so that it can't be a MUST.
fn nothing_seen(ran: &Ran) -> Fault {
    let message = format!(
        "six records were written in two syncs that succeeded, and the reader shows none of them after {}: either nothing is \
         stored, or the reader looks elsewhere. Run it by hand",
        ran.id
    );
    let title = "nothing is seen of what was written";
    fault(ran, ("unseen", Level::Should), title, message, ("the ids 1 2 3 4 5 5", "nothing"))
}
