//! SUITE-009.

use crate::experiments::Conclusion;
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::future_read::is_named;
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::rules::Level;
use crate::suite::Part;

experiment! {
    /// A stream has no records, and the suite does not say that it is empty.
    ///
    /// # What it checks
    /// The first read of every stream, where the scenario lists the streams that are `empty` (`empty: []` says that none is), or where the
    /// suite is strict: each stream has at least one record, or is listed, and there is at least one record in all. Where nothing
    /// says which streams are empty, single streams are not judged, and a read without any record is told at INFO: a test account
    /// may well be empty. Otherwise it is a MUST.
    ///
    /// # Why it matters
    /// Of a stream without records nothing is tested: neither its schema, nor its states, nor whether it can be read at all.
    ///
    /// # Example
    /// With `streams: { empty: [refunds] }`:
    /// ```json
    /// bad:  no record of orders
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":7},"emitted_at":1717200000000}}
    /// ```
    ///
    /// # How to mend it
    /// Put a record into the test account. Where that cannot be done, list the stream under `streams.empty`, with a reason.
    ///
    /// # What Airbyte's tests see
    /// The same (`empty_streams`), by name alone.
    run {
        code: "SUITE-009",
        name: "stream-without-records",
        level: Info,
        commands: [Read],
        authority: SuiteAuthor,
        source: "the suite: `streams.empty`; Airbyte connector acceptance tests: empty_streams",
        depth: Quick,
        launches: [],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let exceptions = &lab.scenario.streams;
    let are_known = exceptions.lists_empty || lab.gaps.is_some();
    let read = read_of_all(lab)?.complete()?;
    let trail = read.trail()?;
    let mut conclusion = Conclusion::of(STATEMENT, read);
    let level = if are_known { Level::Must } else { Level::Info };
    let fault = |cause, told: String, expected: &str| Fault {
        cause,
        level,
        title: "nothing comes where records are expected".to_owned(),
        message: format!("{told} in {}", read.id),
        evidence: vec![evidence(&read.id, None, expected, "none")],
        case: None,
    };
    for (entry, came) in read.catalog()?.streams.iter().zip(&trail.streams).filter(|_| are_known) {
        let own = &entry.stream.descriptor;
        match exceptions.empty.iter().find(|exception| is_named(own, &exception.stream)) {
            _ if came.records > 0 => conclusion.judged(Some(own)),
            Some(exception) => conclusion.inconclusive(Some(own), format!("it is empty: {}", exception.why())),
            None => {
                conclusion.found(Some(own), fault("stream", format!("no record of `{own}` came"), "a record of it"))
            }
        }
    }
    let is_empty = trail.streams.iter().all(|stream| stream.records == 0);
    if is_empty && !trail.streams.is_empty() {
        conclusion.found(None, fault("all", "no record of any stream came".to_owned(), "at least one record"));
    } else if !are_known {
        conclusion.judged(None);
    }
    Ok(conclusion)
}

/// The read of every stream as a whole; where the suite makes none, the incremental one from the beginning.
fn read_of_all<'l>(lab: &Lab<'l>) -> Result<&'l Ran, Halt> {
    let does = |part| lab.scenario.does(part);
    if does(Part::Read) || !(does(Part::FullRefresh) || does(Part::Incremental)) {
        lab.first_read()
    } else if does(Part::FullRefresh) {
        lab.full_refresh()
    } else if lab.scenario.state.is_none() {
        lab.incremental()
    } else {
        Err(Halt::Cannot("the only read goes on from the suite's state, and there may be nothing new".to_owned()))
    }
}
