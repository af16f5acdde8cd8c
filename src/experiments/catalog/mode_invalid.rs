//! READ-017.

use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::same_records::{end_of, fails, with_each_entry};
use crate::experiments::{Conclusion, Launches};
use crate::rules::Level;
use serde_json::json;

experiment! {
    /// A read with a sync mode that does not exist does not fail with an error.
    ///
    /// # What it checks
    /// The full refresh read is made with `"sync_mode": "INVALID"` in each stream. It must end with another exit code than 0, and emit at
    /// least one TRACE of type ERROR. What is not as it must be counts only if it is the same in a second attempt. An error with exit
    /// code 0 is a SHOULD, since the platform fails the sync for its TRACE. A launch that was ended by us or by a signal is
    /// inconclusive.
    ///
    /// # Why it matters
    /// A source that takes any word for a sync mode reads in a mode that nobody asked for, and the user learns of it from the
    /// data. One that fails without a TRACE leaves the user with "unknown failure".
    ///
    /// # Example
    /// With `"sync_mode": "INVALID"`:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1717200000000}}     (exit code 0)
    /// good: {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1717200000000,"error":{"message":"There is no sync mode INVALID.","failure_type":"config_error"}}}     (exit code 1)
    /// ```
    ///
    /// # How to mend it
    /// Read the catalog into the protocol's types, which know two modes, and let what can't be read become a TRACE/ERROR and
    /// an exit code of 1, as every other failure does.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests read with such a mode, of a stream that does not exist, and ask for a TRACE/ERROR; the CDK's standard
    /// tests do the same. Neither looks at the exit code.
    run {
        code: "READ-017",
        name: "invalid-mode-accepted",
        level: Must,
        commands: [Read],
        authority: CdkConvention,
        source: "Airbyte connector acceptance tests: trace message on failure",
        depth: Standard,
        launches: [
            Launches::one("read.invalid-mode", "with a sync mode that does not exist"),
            Launches::one("read.invalid-mode-again", "once more with a sync mode that does not exist").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let base = lab.full_refresh()?.complete()?;
    let catalog = with_each_entry(base.catalog()?, |entry| entry["sync_mode"] = json!("INVALID"));
    let ask = lab.read_like(base, "read.invalid-mode", "with a sync mode that does not exist")?;
    let mut ask = ask.catalog(catalog).unjudged();
    let read = lab.launch(ask.clone())?;
    let mut conclusion = Conclusion::of(STATEMENT, read);
    let Some((level, title)) = fault_of(read)? else {
        match fails(read) {
            true => conclusion.judged(None),
            false => {
                conclusion.inconclusive(None, format!("inconclusive: it did not end by itself ({})", end_of(read)))
            }
        }
        return Ok(conclusion);
    };
    ask.id = "read.invalid-mode-again".to_owned();
    let again = lab.launch(ask.round(1))?;
    match fault_of(again)? == Some((level, title)) {
        true => conclusion.found(None, told(read, level, title)),
        false => conclusion
            .inconclusive(None, format!("inconclusive: tried again, it came to something else ({})", end_of(again))),
    }
    Ok(conclusion)
}

/// What is not as it must be.
fn fault_of(read: &Ran) -> Result<Option<(Level, &'static str)>, Halt> {
    read.exit()?;
    Ok(match (read.succeeded(), read.summary.error_traces) {
        (true, 0) => Some((Level::Must, "a sync mode that does not exist is accepted")),
        (true, _) => Some((Level::Should, "a sync mode that does not exist ends with exit code 0")),
        (false, 0) if fails(read) => {
            Some((Level::Must, "a sync mode that does not exist is refused without a TRACE/ERROR"))
        }
        (false, _) => None,
    })
}

fn told(read: &Ran, level: Level, title: &'static str) -> Fault {
    let account = read.summary.account();
    Fault {
        cause: title,
        level,
        title: title.to_owned(),
        message: format!(
            "with `\"sync_mode\": \"INVALID\"` in each stream, the read ended with {}: {account}",
            end_of(read)
        ),
        evidence: vec![evidence(&read.id, None, "a TRACE/ERROR, and an exit code other than 0", end_of(read))],
        case: Some(read.id.clone()),
    }
}
