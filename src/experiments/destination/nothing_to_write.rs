//! DEST-027.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, works_plainly};
use crate::experiments::writing::{Write, people};
use crate::experiments::written::{End, fault, how};
use crate::feed::Target;
use crate::rules::Level;

const NO_RECORDS: Launches = Launches::one("write.no-records", "a stream with a state and no record");
const NO_STREAMS: Launches = Launches::one("write.no-streams", "an empty catalog, and nothing on stdin");

experiment! {
    /// A sync without records, or without streams, is not an ordinary one to the destination.
    ///
    /// # What it checks
    /// A new stream is written to in mode `append`, with a state and COMPLETE, and no record. Then a sync is made with the
    /// empty catalog `{"streams":[]}` and nothing on stdin. A fault is proven thus: one of them fails or hangs, though a
    /// write with records works. Or the state does not come back. Or there is no table of the stream, where the reader can
    /// tell (exit code 3): it should be there, and empty. What could fool it: a reader that ends with exit code 3 for an
    /// empty table. Where the rows are read from files, the table is not judged, since an empty one need have no file.
    ///
    /// # Why it matters
    /// Most syncs of most streams bring nothing new. Where those fail or hang, or lose their state, the connection is broken
    /// on each quiet day; and a query fails on a table that is not there.
    ///
    /// # Example
    /// A state and COMPLETE come, and no record:
    /// ```json
    /// bad:  (exit code 0, and no state)
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"people"},"stream_state":{"airproof":1}}}}
    /// ```
    ///
    /// # How to mend it
    /// Make the tables from the catalog before the first record, not with the first batch. Give a state back at once where
    /// nothing waits before it. Wait for no thread that only a stream begins.
    ///
    /// # What Airbyte's tests see
    /// The suite of the bulk CDK has a sync without records. For other languages there are none.
    run {
        code: "DEST-027",
        name: "nothing-to-write",
        level: Should,
        commands: [Write],
        authority: CdkConvention,
        source: "bulk CDK; airbyte#41968",
        depth: Standard,
        launches: [PLAIN, NO_RECORDS, NO_STREAMS],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    works_plainly(lab)?;
    let stream = lab.stream("no_records", "nobody");
    let write = Write::to([Target::append(stream.clone(), people())]);
    let without_records = write.finish().ask(NO_RECORDS.id, NO_RECORDS.what).unjudged();
    let without_streams = Write::to([]).ask(NO_STREAMS.id, NO_STREAMS.what).unjudged();
    let without_records = lab.launch(without_records)?;
    let without_streams = lab.launch(without_streams)?;

    let mut conclusion = Conclusion::of(STATEMENT, without_streams);
    let (stream, what) = (Some(&stream), "a stream without records");
    if judge_end(&mut conclusion, without_records, "records", what)? && without_records.states_back() == 0 {
        let message = format!("{} was sent a state and no record, and the state did not come back", without_records.id);
        let title = "a state does not come back where there are no records";
        let shown = ("the state that was sent", "none");
        conclusion.found(stream, fault(without_records, ("state", Level::Should), title, message, shown));
    }
    if without_records.succeeded() {
        judge_table(lab, &mut conclusion, without_records)?;
    }
    judge_end(&mut conclusion, without_streams, "streams", "a catalog without streams")?;
    Ok(conclusion)
}

/// Whether it succeeded; tells of it where not.
fn judge_end(conclusion: &mut Conclusion, ran: &Ran, cause: &'static str, what: &str) -> Result<bool, Halt> {
    let title = match End::of(ran)? {
        End::Success => {
            conclusion.judged(None);
            return Ok(true);
        }
        End::Hung => format!("`write` does not end with {what}"),
        End::Told | End::Untold => format!("`write` fails with {what}"),
    };
    let message = format!("{} ended with {}", ran.id, how(ran));
    conclusion.found(None, fault(ran, (cause, Level::Should), title, message, ("exit code 0", how(ran))));
    Ok(false)
}

fn judge_table(lab: &Lab<'_>, conclusion: &mut Conclusion, ran: &Ran) -> Result<(), Halt> {
    let stream = lab.stream("no_records", "nobody");
    let tells = lab.destination()?.reader.as_ref().is_some_and(|reader| reader.tells_missing_tables());
    match ran.table(&stream) {
        Ok(None) if tells => {
            let message = format!("{} wrote no record to {stream} and made no table of it", ran.id);
            let title = "a stream without records has no table";
            let shown = ("an empty table", "no table (the reader ends with exit code 3)");
            conclusion.found(Some(&stream), fault(ran, ("table", Level::Should), title, message, shown));
        }
        Ok(Some(_)) if tells => conclusion.judged(Some(&stream)),
        Ok(_) => {
            let why = "a reader of files does not tell an empty table from one that is not there";
            conclusion.inconclusive(Some(&stream), why);
        }
        Err(Halt::Cannot(why)) => conclusion.inconclusive(Some(&stream), why),
        Err(wants) => return Err(wants),
    }
    Ok(())
}
