//! DEST-010.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, works_plainly};
use crate::experiments::stored_rows::{ids, missing, told};
use crate::experiments::writing::{Write, people, person};
use crate::experiments::written::{End, fault, is_silent, judge_failure, seen};
use crate::feed::Target;
use crate::protocol::Descriptor;
use crate::rules::Level;

const STRANGER: Launches =
    Launches::one("write.unknown-stream", "two records, with one between them of a stream that is not in the catalog");

experiment! {
    /// A record of a stream that is not in the catalog is stored, or nobody is told of it.
    ///
    /// # What it checks
    /// Two records are written, and between them one of another stream of the same namespace, which the configured catalog
    /// does not have. Then what is stored of both streams is read. A fault is proven thus: there are rows of the other
    /// stream. Or the write fails without a TRACE/ERROR; or it succeeds and has not written a single LOG; or it succeeds and
    /// a record of the stream in the catalog is missing. To fail with a TRACE/ERROR and to ignore the record with a warning
    /// are both right, since the protocol's text says the one here and the other there. What could fool it: a destination
    /// that ignores namespaces and shows a table of another run under that name.
    ///
    /// # Why it matters
    /// The catalog says what a user has chosen. A table that nobody asked for may hold what was left out on purpose, and a
    /// record that is dropped in silence hides a defect of the source.
    ///
    /// # Example
    /// A record of `strangers` comes, which the catalog does not have:
    /// ```json
    /// bad:  (a table `strangers`, or not a word)
    /// good: {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"A record came of stream strangers, which is not in the catalog."}}}
    /// ```
    ///
    /// # How to mend it
    /// Look each record's stream and namespace up in the configured catalog; make tables from the catalog alone, before the
    /// first record. Where it is not there, fail with a TRACE/ERROR that names the stream, or write a WARN and go on.
    ///
    /// # What Airbyte's tests see
    /// The bulk CDK fails, and its unit tests see to that. For other languages there are none.
    run {
        code: "DEST-010",
        name: "unknown-stream",
        level: Should,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: write",
        depth: Standard,
        launches: [PLAIN, STRANGER],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    works_plainly(lab)?;
    let [stream, stranger] = ["people_known", "strangers"].map(|name| lab.stream("unknown_stream", name));
    let write = Write::to([Target::append(stream.clone(), people())]).record(&stream, person(1, "Ada", 1));
    let write = write.record(&stranger, person(9, "Nobody", 1)).record(&stream, person(2, "Ben", 1));
    let ask = write.finish().ask(STRANGER.id, STRANGER.what).reading_back([stranger.clone()]).unjudged();
    let ran = lab.launch(ask)?;
    let end = End::of(ran)?;
    let mut conclusion = Conclusion::of(STATEMENT, ran);
    judge_failure(&mut conclusion, ran, end, Some(&stream), "a record of a stream that is not in the catalog");
    if end == End::Success {
        judge_success(&mut conclusion, ran, &stream)?;
    }
    if let Some(rows) = seen(&mut conclusion, ran, &stranger) {
        match ids(rows) {
            found if found.is_empty() => conclusion.judged(Some(&stranger)),
            found => {
                let title = "a record of a stream that is not in the catalog is stored";
                let message =
                    format!("{} was sent a record of {stranger}, which is not in its catalog, and stored it", ran.id);
                let shown = ("no table of that stream", told(&found));
                conclusion.found(Some(&stranger), fault(ran, ("stored", Level::Should), title, message, shown));
            }
        }
    }
    Ok(conclusion)
}

fn judge_success(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor) -> Result<(), Halt> {
    if is_silent(ran) {
        let message = format!(
            "{} left out a record of a stream that is not in its catalog, and wrote neither LOG nor stderr",
            ran.id
        );
        let title = "a record of a stream that is not in the catalog is left out, and nothing says so";
        let shown = ("a WARN, or a failure with TRACE/ERROR", "exit code 0 and not a word");
        conclusion.found(Some(stream), fault(ran, ("silent", Level::Should), title, message, shown));
    }
    let Ok(rows) = ran.rows(stream) else { return Ok(()) };
    let lost = missing(rows, 1..=2);
    if !lost.is_empty() {
        let message = format!(
            "{} was sent a record of another stream between the ids 1 and 2, ended with exit code 0, and lacks {}",
            ran.id,
            told(&lost)
        );
        let title = "records are lost beside one of a stream that is not in the catalog";
        let shown = ("the ids 1 2", told(&ids(rows)));
        conclusion.found(Some(stream), fault(ran, ("lost", Level::Should), title, message, shown));
    }
    Ok(())
}
