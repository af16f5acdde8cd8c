//! READ-013.

use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::same_records::{Demand, Variation, Varied, Words};
use crate::experiments::{Conclusion, Launches};
use crate::plan::Ask;
use crate::protocol::{Descriptor, SyncMode};
use crate::rules::Level;
use std::sync::Arc;

/// How many streams are read alone in each mode, in a certification.
const STREAMS: usize = 10;

experiment! {
    /// A stream that is read alone has not the records that it has beside others, or others come with it.
    ///
    /// # What it checks
    /// A catalog with one stream is read, and compared with the read of all: the same records of that stream must come, and none of
    /// the others. Up to ten streams are tried in each mode, from one that the suite's seed
    /// chooses on. Records count as lacking only if they do not come in a second attempt either, and the read of
    /// all streams still has them. States and statuses of other streams are what the rules see that judge this launch as any
    /// other. Requests for streams that nobody asked for can't be seen.
    ///
    /// # Why it matters
    /// Users choose the streams that they want. A stream that needs another one to be read as well (a parent whose ids it uses) is
    /// empty for whoever does not choose that one; a stream that comes unasked fails the sync.
    ///
    /// # Example
    /// With `order_lines` alone in the catalog:
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1717200000000,"stream_status":{"stream_descriptor":{"name":"order_lines"},"status":"COMPLETE"}}}     (and no record)
    /// good: {"type":"RECORD","record":{"stream":"order_lines","data":{"order_id":1,"line":1},"emitted_at":1717200000000}}
    /// ```
    ///
    /// # How to mend it
    /// Let a stream that needs another one's records ask for them itself, whether that one is configured or not, and emit only what is of a
    /// configured stream. A cache that one stream fills and another one uses must fill itself when it is empty.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests read single streams from their states and compare with nothing; the CDK's standard tests read all streams
    /// at once.
    run {
        code: "READ-013",
        name: "stream-alone-differs",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: configured catalog",
        depth: Certification,
        launches: [
            Launches::up_to(0, 20, "read.alone", "with one stream in the catalog"),
            Launches::up_to(0, 20, "read.alone", "the same once more").on_doubt(),
            Launches::up_to(0, 2, "read.afterwards", "all streams, to see what is still there").on_doubt(),
        ],
    }
}

const WORDS: Words = Words {
    with: "with the stream alone in the catalog",
    fails: "a stream can't be read without the others",
    lacks: "a stream that is read alone lacks records",
    levels: (Level::Must, Level::Must),
};

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let mut variations = Vec::new();
    for mode in [SyncMode::FullRefresh, SyncMode::Incremental] {
        match lab.read(mode)?.complete() {
            Ok(base) => variations.extend(alone(lab, base, mode)?),
            Err(wants @ Halt::Wants(_)) => return Err(wants),
            Err(Halt::Cannot(_)) => {}
        }
    }
    lab.launches(variations.iter().map(|variation| variation.ask.clone()))?;
    let varied = variations.iter().map(|variation| variation.make(lab)).collect::<Result<Vec<Varied<'_>>, Halt>>()?;
    let Some(last) = varied.last() else {
        return Err(Halt::Cannot("inconclusive: no read had several streams, one of them with records".to_owned()));
    };
    let mut conclusion = Conclusion::of(STATEMENT, last.read);
    for (varied, variation) in varied.iter().zip(&variations) {
        match intruder(varied.read, variation.base)? {
            Some(other) => conclusion.found(None, intrusion(varied.read, other)),
            None => varied.conclude(&mut conclusion, &WORDS, |_| None)?,
        }
    }
    Ok(conclusion)
}

/// Reads of some streams alone, those with records, from one that the seed chooses on.
fn alone<'l>(lab: &Lab<'l>, base: &'l Ran, mode: SyncMode) -> Result<Vec<Variation<'l>>, Halt> {
    let (catalog, trail) = (base.catalog()?, base.trail()?);
    let filled: Vec<&Descriptor> = catalog
        .streams
        .iter()
        .zip(&trail.streams)
        .filter(|(_, stream)| stream.records > 0 && catalog.streams.len() > 1)
        .map(|(entry, _)| &entry.stream.descriptor)
        .collect();
    let from = usize::try_from(lab.seed % filled.len().max(1) as u64).unwrap_or(0);
    let base_state = lab.scenario.state.clone().filter(|_| mode == SyncMode::Incremental).map(Arc::new);
    let mut variations = Vec::new();
    for (number, descriptor) in filled.iter().cycle().skip(from).take(STREAMS.min(filled.len())).enumerate() {
        let id = format!("read.alone-{}-{}", mode.as_str().replace('_', "-"), number + 1);
        if lab.may_ask(&id) {
            let ask = lab.read_like(base, id, format!("{descriptor} alone, {}", mode.as_str()))?;
            let ask = ask.catalog(catalog.retain(|entry| entry.stream.descriptor == **descriptor).raw);
            let ask = Ask { state: base_state.clone(), ..ask };
            let demand = Demand::Success;
            variations.push(Variation { base, base_state: base_state.clone(), ask, demand, has_other_fields: false });
        }
    }
    Ok(variations)
}

/// Another stream of the same source that records came of.
fn intruder<'r>(read: &'r Ran, base: &Ran) -> Result<Option<&'r Descriptor>, Halt> {
    let (own, all) = (read.catalog()?, base.catalog()?);
    // A record without its namespace may be of the stream itself.
    let is_own = |name: &str| own.streams.iter().any(|entry| entry.stream.descriptor.name == name);
    let is_other = |stream: &&Descriptor| !is_own(&stream.name) && all.find(stream).is_some();
    Ok(read.summary.unknown_streams.iter().find(is_other))
}

fn intrusion(read: &Ran, other: &Descriptor) -> Fault {
    Fault {
        cause: "others come",
        level: Level::Must,
        title: "records come of streams that are not in the catalog".to_owned(),
        message: format!("{} has one stream in its catalog, and records of `{other}` came as well", read.id),
        evidence: vec![evidence(
            &read.id,
            None,
            "records of the stream in the catalog only",
            format!("records of `{other}`"),
        )],
        case: Some(read.id.clone()),
    }
}
