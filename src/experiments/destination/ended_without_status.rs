//! DEST-021.

use crate::experiments::broken_off::{BEFORE, BEFORE_REFRESH, before_refresh, streams, with_new};
use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::refreshes::overwritten;
use crate::experiments::stored_rows::{ids, missing, told};
use crate::experiments::writing::{Write, people, person};
use crate::experiments::written::{End, fault, judge_failure};
use crate::feed::Target;
use crate::rules::Level;

const NO_STATUS: Launches =
    Launches::one("write.no-status", "a refresh that ends without the status of a stream, beside one that is complete");

experiment! {
    /// Stdin ends before a stream is complete, and the destination takes that for success.
    ///
    /// # What it checks
    /// Two records are written to a new stream in mode `overwrite`. In a second sync of the next generation come two others
    /// and a state, beside another stream that is COMPLETE; then stdin ends, without COMPLETE or INCOMPLETE of the first.
    /// Then what is stored is read. A fault is proven thus: the second sync ends with exit code 0. Or the two records of the
    /// first are no longer to be seen. What could fool it: a destination that knows nothing of statuses, as those of older
    /// kits: there is no way to tell it from a careless one.
    ///
    /// # Why it matters
    /// Stdin ends in the same way when a source is done and when it was killed. A refresh that is taken for whole then
    /// replaces a full table by the part that had come.
    ///
    /// # Example
    /// The source is killed in the middle of a refresh:
    /// ```json
    /// bad:  {"id":3} {"id":4}   (exit code 0; the ids 1 and 2 are gone)
    /// good: {"id":1} {"id":2}   (another exit code than 0)
    /// ```
    ///
    /// # How to mend it
    /// Note the status of each stream of the catalog. Where one has none at the end of stdin though statuses came, the source
    /// was cut off: keep what is stored, put nothing in the place of the old generation, and fail with a TRACE/ERROR. A
    /// Python CDK destination has to look for the TRACE messages itself, and must not drop a table at the beginning.
    ///
    /// # What Airbyte's tests see
    /// The suite of the bulk CDK ends one sync without COMPLETE. For other languages there are none.
    run {
        code: "DEST-021",
        name: "ended-without-status",
        level: Should,
        commands: [Write],
        authority: CdkConvention,
        source: "bulk CDK; airbyte#46902, airbyte#74802",
        depth: Standard,
        launches: [BEFORE_REFRESH, NO_STATUS],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    before_refresh(lab)?;
    let [stream, _] = streams(lab);
    let beside = lab.stream("broken_off", "beside");
    let write = Write::to([overwritten(&stream, 2, 2), Target::append(beside.clone(), people())]);
    let write = with_new(write, &stream).state(&stream).record(&beside, person(1, "Ada", 1));
    let ask = write.state(&beside).status(&beside, "COMPLETE").ask(NO_STATUS.id, NO_STATUS.what).unjudged();
    let ran = lab.launch(ask)?;
    let end = End::of(ran)?;
    let mut conclusion = Conclusion::of(STATEMENT, ran);
    match end {
        End::Success => {
            let message =
                format!("{} ended with exit code 0, though the source never said that {stream} is complete", ran.id);
            let title = "a stream that was cut off is taken for complete";
            let shown = ("another exit code than 0", "exit code 0");
            conclusion.found(Some(&stream), fault(ran, ("success", Level::Should), title, message, shown));
        }
        _ => judge_failure(&mut conclusion, ran, end, Some(&stream), "a stream without a status at its end"),
    }
    // The exit code is judged; what is stored shows more where there is a reader.
    let Ok(rows) = ran.rows(&stream) else { return Ok(conclusion) };
    let lost = missing(rows, BEFORE);
    if !lost.is_empty() {
        let message = format!(
            "{} replaced what was stored, though the source never said that {stream} is complete: {} are gone, and it holds {}",
            ran.id,
            told(&lost),
            told(&ids(rows))
        );
        let title = "a refresh that was cut off replaces what was stored";
        let shown = ("the ids 1 2 of the generation before", told(&ids(rows)));
        conclusion.found(Some(&stream), fault(ran, ("replaced", Level::Should), title, message, shown));
    }
    Ok(conclusion)
}
