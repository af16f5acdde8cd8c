//! DEST-015.

use crate::experiments::experiment::{Conclusion, Fault, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, plain};
use crate::experiments::stored_rows::{ids, told};
use crate::experiments::writing::{HOSTILE, Write, person};
use crate::experiments::written::fault;
use crate::rules::Level;

experiment! {
    /// In mode `append`, rows are missing, or those of an earlier sync are gone.
    ///
    /// # What it checks
    /// Three records are written to a new stream in mode `append`, and then three more, two of them alike, in a second sync of the same
    /// generation. What is stored is read after each: after the second, every record of both must be there, and as often as it was
    /// written. The second sync's states hold what a source may put there: whole numbers beyond a double, nulls, odd texts, members that no schema knows.
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
    /// of its own (`_airbyte_raw_id`), and each file a name that no earlier sync has used.
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
        ],
    }
}

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
    Ok(conclusion)
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
