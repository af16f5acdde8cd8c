//! READ-018.

use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::same_records::{Demand, Variation, Words};
use crate::experiments::{Conclusion, Launches};
use crate::protocol::SyncMode;
use crate::rules::Level;
use serde_json::{Value, json};

experiment! {
    /// A read in a mode that the stream does not support delivers only a part of the records, and no error.
    ///
    /// # What it checks
    /// A stream that supports `full_refresh` only is read with `"sync_mode": "incremental"`, alone and without a state. Either the read
    /// says with a TRACE/ERROR or its exit code that it can't, or all records must come. Records count as lacking only if they
    /// do not come in a second attempt either, and a full refresh still has them. One stream is tried, chosen by the seed of
    /// the suite. That a source says in a LOG at WARN that it falls back to full refresh is not asked for.
    ///
    /// # Why it matters
    /// A stream that loses its incremental mode in a new version is still configured so with the users who had it. If the source
    /// reads a part of the data in a mode that it does not have, they have gaps, and a green sync.
    ///
    /// # Example
    /// With `customers`, which is full refresh only, as `incremental`:
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1717200000000,"stream_status":{"stream_descriptor":{"name":"customers"},"status":"COMPLETE"}}}     (and no record)
    /// good: {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1717200000000,"error":{"message":"customers can't be read incrementally.","failure_type":"config_error"}}}
    /// ```
    ///
    /// # How to mend it
    /// Compare `sync_mode` with the modes that the stream has before reading it. If it has not got the mode, fail with a
    /// `config_error`, or read all of it and say so in a LOG at WARN.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests and the CDK's standard tests use only modes that streams support.
    run {
        code: "READ-018",
        name: "unsupported-mode-reads-part",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: ConfiguredAirbyteStream",
        depth: Certification,
        launches: [
            Launches::up_to(0, 1, "read.unsupported-mode", "incremental, of a stream that supports full refresh only"),
            Launches::up_to(0, 1, "read.unsupported-mode-again", "the same once more").on_doubt(),
            Launches::up_to(0, 1, "read.afterwards", "full refresh, to see what is still there").on_doubt(),
        ],
    }
}

const WORDS: Words = Words {
    with: "read in a mode that it does not support",
    fails: "a mode that a stream does not support makes the read fail",
    lacks: "a read in a mode that the stream does not support leaves records out",
    levels: (Level::Info, Level::Must),
};

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let base = lab.full_refresh()?.complete()?;
    let (configured, trail) = (base.catalog()?, base.trail()?);
    let is_one = |place: &usize| {
        let stream = &configured.streams[*place].stream;
        let modes = stream.raw.get("supported_sync_modes").and_then(Value::as_array);
        modes.is_some_and(|modes| *modes == [json!("full_refresh")])
            && !stream.supports(SyncMode::Incremental)
            && trail.streams[*place].records > 0
    };
    let all: Vec<usize> = (0..configured.streams.len()).filter(is_one).collect();
    let at = usize::try_from(lab.seed % all.len().max(1) as u64).unwrap_or(0);
    let Some(place) = all.get(at) else {
        return Err(Halt::Cannot("inconclusive: no stream with records supports full refresh only".to_owned()));
    };
    let descriptor = &configured.streams[*place].stream.descriptor;
    let mut catalog = configured.retain(|entry| entry.stream.descriptor == *descriptor).raw;
    catalog["streams"][0]["sync_mode"] = json!("incremental");
    let ask = lab.read_like(
        base,
        "read.unsupported-mode",
        format!("{descriptor} as incremental, which it does not support"),
    )?;
    let ask = ask.catalog(catalog).unjudged();
    let demand = Demand::RecordsOrRefusal;
    let variation = Variation { base, base_state: None, ask, demand, has_other_fields: false };
    let varied = variation.make(lab)?;
    let mut conclusion = Conclusion::of(STATEMENT, varied.read);
    varied.conclude(&mut conclusion, &WORDS, |_| None)?;
    Ok(conclusion)
}
