//! SUITE-005.

use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::future_read::{FUTURE, future_read};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::same_records::{end_of, fails};
use crate::experiments::{Conclusion, Launches};
use crate::protocol::Kind;
use crate::rules::Level;
use crate::text;

experiment! {
    /// A read from the suite's state of the future delivers records, or no state.
    ///
    /// # What it checks
    /// A read from the state under `future_state`, of the streams that are in it and not under `missing`: it must succeed,
    /// deliver no record, and emit at least one state. A launch that was ended by us, or failed with a `transient_error`, is inconclusive.
    ///
    /// # Why it matters
    /// A source that does not understand its state reads everything, at each sync; one that emits no state where nothing is new
    /// loses the place from which to go on.
    ///
    /// # Example
    /// From `{"updated_at":"2999-01-01T00:00:00Z"}`:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":7},"emitted_at":1717200000000}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"updated_at":"2999-01-01T00:00:00Z"}},"sourceStats":{"recordCount":0.0}}}
    /// ```
    ///
    /// # How to mend it
    /// Ask the API for what is newer than the state's cursor, compare as what it is (a moment, a number) and not as text, and emit the
    /// state also where nothing came. Where a stream has no such state, list it under `missing`, with a reason.
    ///
    /// # What Airbyte's tests see
    /// The same (`future_state`), but they read the streams under `missing_streams`, too, and do not look at the exit code.
    run {
        code: "SUITE-005",
        name: "future-state-not-last",
        level: Must,
        commands: [Read],
        authority: SuiteAuthor,
        source: "the suite: `future_state`; Airbyte connector acceptance tests: test_state_with_abnormally_large_values",
        depth: Standard,
        launches: [Launches::one(FUTURE.0, FUTURE.1).from_future()],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let read = future_read(lab)?.read;
    read.exit()?;
    let mut conclusion = Conclusion::of(STATEMENT, read);
    if !read.succeeded() && !fails(read) {
        conclusion.inconclusive(None, format!("inconclusive: it did not end by itself ({})", end_of(read)));
        return Ok(conclusion);
    }
    if !read.succeeded() {
        let title = "a read from the state of the future fails";
        let expected = "no record, a state, exit code 0";
        conclusion.found(None, fault(read, "fails", title, end_of(read), (None, expected)));
        return Ok(conclusion);
    }
    let trail = read.trail()?;
    let mut first: Vec<Option<u64>> = vec![None; trail.streams.len()];
    for entry in trail.records.walk()? {
        let known = &mut first[entry.stream as usize];
        *known = Some(known.map_or(entry.line, |line: u64| line.min(entry.line)));
    }
    trail.records.is_whole()?;
    for (place, entry) in read.catalog()?.streams.iter().enumerate() {
        let stream = &entry.stream.descriptor;
        conclusion.judged(Some(stream));
        let records = trail.streams[place].records;
        if records > 0 {
            let title = "a read from the state of the future delivers records";
            let told = format!("{} of `{stream}` came", text::plural(records, "record"));
            conclusion.found(Some(stream), fault(read, "records", title, told, (first[place], "no record")));
        }
    }
    if read.summary.count(Kind::State) == 0 {
        let title = "a read from the state of the future emits no state";
        conclusion
            .found(None, fault(read, "no state", title, "no STATE came".to_owned(), (None, "at least one STATE")));
    }
    Ok(conclusion)
}

fn fault(read: &Ran, cause: &'static str, title: &str, told: String, (line, expected): (Option<u64>, &str)) -> Fault {
    Fault {
        cause,
        level: Level::Must,
        title: title.to_owned(),
        message: format!("from the state that is later than all data, {told}"),
        evidence: vec![evidence(&read.id, line, expected, told)],
        case: Some(read.id.clone()),
    }
}
