//! SUITE-002.

use crate::experiments::Conclusion;
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::future_read::is_named;
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::state_file::{Made, made, of_each};
use crate::protocol::{Descriptor, Stream, SyncMode};
use crate::rules::Level;
use crate::suite::{Part, StreamException};

experiment! {
    /// A strict suite says nothing about a stream.
    ///
    /// # What it checks
    /// Where a suite says `strict: true`, of each stream that `discover` gives: a record of it is among the expected ones (`records`), or
    /// it is listed under `empty` or `skip`; and where it can be read incrementally, it is in the state of the future, or listed as
    /// `missing` there. A scenario that gives a reason in place of records or of the state is not judged in that respect.
    ///
    /// # Why it matters
    /// A stream that the connector has since last week is in no expectation: nothing notices when it comes empty.
    ///
    /// # Example
    /// With the stream `refunds` in the catalog:
    /// ```json
    /// bad:  no line of expected_records.jsonl is of refunds
    /// good: {"stream":"refunds","data":{"id":7}}
    /// ```
    ///
    /// # How to mend it
    /// Write down a record of the stream and its state, or list it under `empty` and `missing` with a reason.
    ///
    /// # What Airbyte's tests see
    /// The same with `test_strictness_level: high`, but for namespaces, which they do not know.
    run {
        code: "SUITE-002",
        name: "strict-suite-forgets-stream",
        level: Must,
        commands: [Discover],
        authority: SuiteAuthor,
        source: "the suite: `strict`; Airbyte connector acceptance tests: test_strictness_level",
        depth: Quick,
        launches: [],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    lab.gaps.ok_or_else(|| "the suite is not strict".to_owned())?;
    let discover = lab.discover()?.complete()?;
    let Some(catalog) = &discover.summary.catalog else {
        return Err(Halt::Cannot(format!("{} gave no catalog", discover.id)));
    };
    let (scenario, expected) = (lab.scenario, &lab.scenario.expected);
    let streams = catalog.streams.iter().filter(|stream| !is_listed(&scenario.streams.skip, &stream.descriptor));
    let mut conclusion = Conclusion::of(STATEMENT, discover);
    let mut tell = |stream: &Stream, cause, title: &str, wanted: &str| {
        let fault = Fault {
            cause,
            level: Level::Must,
            title: title.to_owned(),
            message: format!("`{}` is in the catalog, and {title}", stream.descriptor),
            evidence: vec![evidence(&discover.id, None, wanted, "neither")],
            case: None,
        };
        conclusion.found(Some(&stream.descriptor), fault);
    };
    let records = expected.records.as_ref().filter(|records| records.path.is_some() && scenario.does(Part::Read));
    let state = expected.future_state.as_ref().filter(|_| scenario.does(Part::Incremental));
    let state =
        state.and_then(|future| Some((future, future.state.as_deref().filter(|it| made(it) == Made::OfStreams)?)));
    for stream in streams {
        let own = &stream.descriptor;
        if let Some(records) = records
            && !is_listed(&scenario.streams.empty, own)
            && !records.records.iter().any(|record| is_named(own, &record.stream))
        {
            tell(
                stream,
                "no record",
                "no expected record is of it",
                "a record under `records`, or the stream under `empty`",
            );
        }
        if let Some((future, state)) = state
            && stream.supports(SyncMode::Incremental)
            && !is_listed(&future.missing, own)
            && !of_each(state).iter().any(|(listed, _)| is_named(own, listed))
        {
            tell(
                stream,
                "no state",
                "the state of the future has none of it",
                "its state, or the stream under `missing`",
            );
        }
    }
    match (records, state) {
        (None, None) => conclusion.inconclusive(None, "the scenario gives reasons in place of records and of a state"),
        _ => conclusion.judged(None),
    }
    Ok(conclusion)
}

fn is_listed(list: &[StreamException], stream: &Descriptor) -> bool {
    list.iter().any(|exception| is_named(stream, &exception.stream))
}
