//! READ-031.

use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::same_records::{end_of, fails};
use crate::experiments::{Conclusion, Launches};
use crate::protocol::Kind;
use crate::rules::Level;
use crate::text;
use serde_json::json;

experiment! {
    /// A read of a catalog without streams fails, or delivers records.
    ///
    /// # What it checks
    /// A read with `{"streams": []}` for its catalog must end with exit code 0 and deliver no record. A failure counts only if a second
    /// attempt fails too; a launch that was ended by us, or failed with a `transient_error`, is inconclusive.
    ///
    /// # Why it matters
    /// A connection whose streams are all switched off syncs nothing, and the platform makes and counts such syncs. If the source fails, the
    /// connection is red for no reason; if it reads all, nobody asked for it.
    ///
    /// # Example
    /// With `{"streams": []}`:
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1717200000000,"error":{"message":"max() arg is an empty sequence"}}}     (exit code 1)
    /// good: {"type":"LOG","log":{"level":"INFO","message":"no stream is configured"}}     (exit code 0)
    /// ```
    ///
    /// # How to mend it
    /// Do nothing for no stream: look for what takes the first stream, the longest name or a division by the number of streams, and for
    /// an empty list that is taken for "all".
    ///
    /// # What Airbyte's tests see
    /// Neither the acceptance tests nor the CDK's standard tests read an empty catalog.
    run {
        code: "READ-031",
        name: "empty-catalog-fails",
        level: Should,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "Airbyte platform: SYNC_WITH_EMPTY_CATALOG",
        depth: Certification,
        launches: [
            Launches::up_to(0, 1, "read.no-streams", "with no stream in the catalog"),
            Launches::up_to(0, 1, "read.no-streams-again", "the same once more").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let base = lab.full_refresh()?.complete()?;
    let mut ask = lab.read_like(base, "read.no-streams", "with no stream in the catalog")?;
    ask = ask.catalog(json!({"streams": []})).unjudged();
    let read = lab.launch(ask.clone())?;
    read.exit()?;
    let mut conclusion = Conclusion::of(STATEMENT, read);
    let records = read.summary.count(Kind::Record);
    let (cause, title) = match (read.succeeded(), records) {
        (true, 0) => {
            conclusion.judged(None);
            return Ok(conclusion);
        }
        (_, 1..) => ("delivers records", "a catalog without streams is read nevertheless"),
        (false, 0) if fails(read) => ("fails", "a catalog without streams makes the read fail"),
        (false, 0) => {
            conclusion.inconclusive(None, format!("inconclusive: it did not end by itself ({})", end_of(read)));
            return Ok(conclusion);
        }
    };
    if cause == "fails" {
        ask.id = "read.no-streams-again".to_owned();
        if !fails(lab.launch(ask.round(1))?) {
            conclusion.inconclusive(None, "inconclusive: it failed, and not when it was tried again");
            return Ok(conclusion);
        }
    }
    let came = format!("{}, {}", text::plural(records, "record"), end_of(read));
    let fault = Fault {
        cause,
        level: Level::Should,
        title: title.to_owned(),
        message: format!("with `{{\"streams\": []}}` for its catalog, the read came to {came}"),
        evidence: vec![evidence(&read.id, None, "exit code 0 and no record", came)],
        case: Some(read.id.clone()),
    };
    conclusion.found(None, fault);
    Ok(conclusion)
}
