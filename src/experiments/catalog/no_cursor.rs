//! READ-022.

use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::same_records::{end_of, fails};
use crate::experiments::{Conclusion, Launches};
use crate::protocol::{ConfiguredStream, Kind};
use crate::rules::Level;
use crate::text;
use serde_json::Value;

experiment! {
    /// An incremental read without any cursor delivers records instead of an error.
    ///
    /// # What it checks
    /// A stream that supports `incremental` and whose cursor is the user's to choose (`source_defined_cursor` is not true) is read
    /// incrementally with neither `cursor_field` nor `default_cursor_field` in its catalog. It must say with a TRACE/ERROR or its
    /// exit code that it can't. One stream is tried, alone, the first of them. Where the source chooses every cursor by itself, there is
    /// nothing to try. Whether the error is clear is judged by other rules.
    ///
    /// # Why it matters
    /// Without a cursor there is nothing to go on from: each sync delivers everything, in append mode everything once more, and
    /// the user who forgot the cursor is never told.
    ///
    /// # Example
    /// With `"sync_mode": "incremental"` and no cursor:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1717200000000}}     (each time)
    /// good: {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1717200000000,"error":{"message":"Choose a cursor for orders.","failure_type":"config_error"}}}
    /// ```
    ///
    /// # How to mend it
    /// Take the cursor from `cursor_field` of the configured stream, else from `default_cursor_field`, and fail with a `config_error`
    /// that names the stream if there is none. If the source knows the cursor by itself, say so: `source_defined_cursor: true`.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests refuse to read a stream without a cursor themselves; the CDK's standard tests do not look at cursors.
    run {
        code: "READ-022",
        name: "no-cursor-reads-all",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: cursor logic",
        depth: Certification,
        launches: [Launches::up_to(0, 1, "read.without-cursor", "incremental, without any cursor")],
    }
}

/// Whether the cursor of a stream is the user's to choose.
pub(super) fn is_the_users(entry: &ConfiguredStream) -> bool {
    !entry.stream.source_defined_cursor()
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let base = lab.incremental()?.complete()?;
    let configured = base.catalog()?;
    let Some(entry) = configured.streams.iter().find(|entry| is_the_users(entry)) else {
        return Err(Halt::Cannot("inconclusive: the source defines every cursor by itself".to_owned()));
    };
    let descriptor = &entry.stream.descriptor;
    let mut catalog = configured.retain(|entry| entry.stream.descriptor == *descriptor).raw;
    for place in ["/streams/0", "/streams/0/stream"] {
        let members = catalog.pointer_mut(place).and_then(Value::as_object_mut);
        if let Some(members) = members {
            members.retain(|name, _| name != "cursor_field" && name != "default_cursor_field");
        }
    }
    let ask = lab.read_like(base, "read.without-cursor", format!("{descriptor} as incremental, without any cursor"))?;
    let read = lab.launch(ask.catalog(catalog).unjudged())?;
    read.exit()?;
    let mut conclusion = Conclusion::of(STATEMENT, read);
    match (read.succeeded(), read.summary.error_traces > 0, read.summary.count(Kind::Record)) {
        (true, false, 0) => conclusion.inconclusive(Some(descriptor), "inconclusive: no record and no error came"),
        (true, false, records) => conclusion.found(Some(descriptor), told(read, records)),
        _ if fails(read) || read.summary.error_traces > 0 => conclusion.judged(Some(descriptor)),
        _ => conclusion
            .inconclusive(Some(descriptor), format!("inconclusive: it did not end by itself ({})", end_of(read))),
    }
    Ok(conclusion)
}

fn told(read: &Ran, records: u64) -> Fault {
    let came = format!("{} and {}", text::plural(records, "record"), end_of(read));
    Fault {
        cause: "reads without cursor",
        level: Level::Should,
        title: "an incremental read without any cursor delivers records".to_owned(),
        message: format!("the stream leaves the cursor to the user, none is configured, and the read came to {came}"),
        evidence: vec![evidence(&read.id, None, "a TRACE/ERROR that asks for a cursor", came)],
        case: Some(read.id.clone()),
    }
}
