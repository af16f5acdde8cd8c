//! SUITE-009.

use crate::experiments::Conclusion;
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::future_read::is_named;
use crate::experiments::lab::{Halt, Lab};
use crate::rules::Level;

experiment! {
    /// A stream has no records, and the suite does not say that it is empty.
    ///
    /// # What it checks
    /// The first read of every stream, where the scenario lists the streams that are `empty` (`empty: []` says that none is), or where the
    /// suite is strict: each stream has at least one record, or is listed, and there is at least one record in all. Where nothing
    /// says which streams are empty, nothing is judged.
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
        level: Must,
        commands: [Read],
        authority: SuiteAuthor,
        source: "the suite: `streams.empty`; Airbyte connector acceptance tests: empty_streams",
        depth: Quick,
        launches: [],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let exceptions = &lab.scenario.streams;
    if !exceptions.lists_empty && lab.gaps.is_none() {
        return Err(Halt::Cannot("nothing says which streams are empty (`streams.empty`)".to_owned()));
    }
    let read = lab.first_read()?.complete()?;
    let trail = read.trail()?;
    let mut conclusion = Conclusion::of(STATEMENT, read);
    let fault = |cause, told: String, expected: &str| Fault {
        cause,
        level: Level::Must,
        title: "nothing comes where the suite expects records".to_owned(),
        message: format!("{told} in {}", read.id),
        evidence: vec![evidence(&read.id, None, expected, "none")],
        case: None,
    };
    for (entry, came) in read.catalog()?.streams.iter().zip(&trail.streams) {
        let own = &entry.stream.descriptor;
        match exceptions.empty.iter().find(|exception| is_named(own, &exception.stream)) {
            _ if came.records > 0 => conclusion.judged(Some(own)),
            Some(exception) => conclusion.inconclusive(Some(own), format!("it is empty: {}", exception.why())),
            None => {
                conclusion.found(Some(own), fault("stream", format!("no record of `{own}` came"), "a record of it"))
            }
        }
    }
    if trail.streams.iter().all(|stream| stream.records == 0) && !trail.streams.is_empty() {
        conclusion.found(None, fault("all", "no record of any stream came".to_owned(), "at least one record"));
    }
    Ok(conclusion)
}
