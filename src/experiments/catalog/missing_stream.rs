//! READ-014.

use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::same_records::{Demand, Variation, Words};
use crate::experiments::{Conclusion, Launches};
use crate::rules::Level;
use serde_json::json;

experiment! {
    /// A stream in the catalog that does not exist keeps the others from being read.
    ///
    /// # What it checks
    /// The full refresh read is made with one more stream at the head of the catalog, `airproof_missing`, which no source has. The
    /// records of all other streams must come as before. Whether the read then fails, or says INCOMPLETE of that stream, is
    /// free. Records count as kept back only if they do not come in a second attempt either, and a read without that stream
    /// still has them; where the read fails with a TRACE/ERROR, that is a SHOULD, since somebody will notice. What a source does with a stream that has vanished during a read is not tried.
    ///
    /// # Why it matters
    /// A table that is dropped or renamed upstream stays in the user's catalog until the schema is refreshed. A source
    /// that refuses the whole catalog then stops every stream of the connection for one that is gone.
    ///
    /// # Example
    /// With `gone` and `orders` in the catalog:
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1717200000000,"error":{"message":"There is no table gone."}}}     (nothing else)
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1717200000000}}     (and the error about `gone` after that)
    /// ```
    ///
    /// # How to mend it
    /// Go through the configured streams one by one; if one is not there, emit its status INCOMPLETE and a TRACE/ERROR with its
    /// `stream_descriptor`, and go on with the next. Python CDK: leave `raise_exception_on_missing_stream` false.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests and the CDK's standard tests read a catalog with nothing but a stream that does not exist, and ask for an
    /// error. What becomes of other streams beside it is not tested.
    run {
        code: "READ-014",
        name: "missing-stream-stops-others",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: schema mismatches",
        depth: Standard,
        launches: [
            Launches::one("read.missing-stream", "with one more stream in the catalog, which does not exist"),
            Launches::one("read.missing-stream-again", "the same once more").on_doubt(),
            Launches::one("read.afterwards", "full refresh, to see what is still there").on_doubt(),
        ],
    }
}

const WORDS: Words = Words {
    with: "with a stream in its catalog that does not exist",
    fails: "a stream that does not exist makes the read fail",
    lacks: "a stream that does not exist keeps others from being read",
    levels: (Level::Must, Level::Must),
};

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let base = lab.full_refresh()?.complete()?;
    let missing = json!({
        "stream": {
            "name": "airproof_missing",
            "json_schema": {"type": "object", "properties": {"id": {"type": "integer"}}},
            "supported_sync_modes": ["full_refresh"],
        },
        "sync_mode": "full_refresh",
        "destination_sync_mode": "append",
    });
    let mut catalog = base.catalog()?.raw.clone();
    if let Some(streams) = catalog["streams"].as_array_mut() {
        streams.insert(0, missing);
    }
    let ask = lab.read_like(base, "read.missing-stream", "with a stream in its catalog that does not exist")?;
    let ask = ask.catalog(catalog).unjudged();
    let variation = Variation { base, base_state: None, ask, demand: Demand::Records, has_other_fields: false };
    let varied = variation.make(lab)?;
    let mut conclusion = Conclusion::of(STATEMENT, varied.read);
    // A sync that fails and says why is noticed; one that ends well without the others' records is not.
    let is_loud = !varied.read.succeeded() && varied.read.summary.error_traces > 0;
    let level = if is_loud { Level::Should } else { Level::Must };
    varied.conclude(&mut conclusion, &Words { levels: (level, level), ..WORDS }, |_| None)?;
    Ok(conclusion)
}
