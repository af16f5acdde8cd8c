//! SUITE-002.

use crate::experiments::Conclusion;
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::future_read::is_named;
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::state_file::{Made, made, of_each};
use crate::protocol::{Descriptor, SyncMode};
use crate::rules::Level;
use crate::suite::{Part, StreamException};
use crate::text;

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
    let records = expected.records.as_ref().filter(|records| records.path.is_some() && scenario.does(Part::Read));
    let state = expected.future_state.as_ref().filter(|_| scenario.does(Part::Incremental));
    let state =
        state.and_then(|future| Some((future, future.state.as_deref().filter(|it| made(it) == Made::OfStreams)?)));
    let (mut without_records, mut without_state) = (Vec::new(), Vec::new());
    for stream in streams {
        let own = &stream.descriptor;
        if let Some(records) = records
            && !is_listed(&scenario.streams.empty, own)
            && !records.records.iter().any(|record| is_named(own, &record.stream))
        {
            without_records.push(own);
        }
        if let Some((future, state)) = state
            && stream.supports(SyncMode::Incremental)
            && !is_listed(&future.missing, own)
            && !of_each(state).iter().any(|(listed, _)| is_named(own, listed))
        {
            without_state.push(own);
        }
    }
    let gaps = [(&NO_RECORD, without_records), (&NO_STATE, without_state)];
    for (gap, streams) in gaps {
        tell(&mut conclusion, &discover.id, gap, &streams);
    }
    match (records, state) {
        (None, None) => conclusion.inconclusive(None, "the scenario gives reasons in place of records and of a state"),
        _ => conclusion.judged(None),
    }
    Ok(conclusion)
}

/// What a strict suite may say nothing of.
struct Gap {
    cause: &'static str,
    title: &'static str,
    /// What is told of one stream, and of several.
    told: [&'static str; 2],
    /// What would fill it.
    wanted: &'static str,
}

const NO_RECORD: Gap = Gap {
    cause: "no record",
    title: "no expected record is of a stream",
    told: ["no expected record is of it", "no expected record is of any of them"],
    wanted: "a record of each under `records`, or the stream under `empty`",
};
const NO_STATE: Gap = Gap {
    cause: "no state",
    title: "the state of the future has none of a stream",
    told: ["the state of the future has none of it", "the state of the future has none of them"],
    wanted: "a state of each, or the stream under `missing`",
};
/// How many streams a finding's sentence names.
const NAMED: usize = 10;

/// One finding for all streams with the same gap, which names them.
fn tell(conclusion: &mut Conclusion, launch: &str, gap: &Gap, streams: &[&Descriptor]) {
    let mut names: Vec<String> = streams.iter().take(NAMED).map(|stream| format!("`{stream}`")).collect();
    let more = streams.len().saturating_sub(names.len());
    names.extend((more > 0).then(|| format!("{} more", text::count(more as u64))));
    let named = match names.pop() {
        Some(last) if !names.is_empty() => format!("{} and {last}", names.join(", ")),
        Some(only) => only,
        None => return,
    };
    let (are, told) = if streams.len() == 1 { ("is", gap.told[0]) } else { ("are", gap.told[1]) };
    for (at, stream) in streams.iter().enumerate() {
        let shown = (at == 0).then(|| evidence(launch, None, gap.wanted, "neither"));
        let fault = Fault {
            cause: gap.cause,
            level: Level::Must,
            title: gap.title.to_owned(),
            message: format!("{named} {are} in the catalog, and {told}"),
            evidence: shown.into_iter().collect(),
            case: None,
        };
        conclusion.found(Some(stream), fault);
    }
}

fn is_listed(list: &[StreamException], stream: &Descriptor) -> bool {
    list.iter().any(|exception| is_named(stream, &exception.stream))
}
