//! COMPAT-002.

use crate::compat::Change;
use crate::experiments::compat_findings::{may_break, report};
use crate::experiments::control::Control;
use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab, limit_after};
use crate::experiments::{Conclusion, Launches};
use crate::plan::Ask;
use crate::protocol::Command;

experiment! {
    /// The streams of the two versions differ.
    ///
    /// # What it checks
    /// `airproof compare` holds the `discover` of both versions, with the same config, against each other: streams, fields, types, formats, keys,
    /// cursors, sync modes. What a connection or a table that was made with the control does not fit is breaking, a MUST, or a SHOULD where
    /// the label of the target begins a new major version; what is new or otherwise is behavioural, a SHOULD; texts and order are cosmetic,
    /// INFO. What differs is discovered once more by both, and what does not differ again is not told.
    ///
    /// # Why it matters
    /// Connections keep the streams, fields and cursors that they were set up with, and tables the columns.
    ///
    /// # Example
    /// A field of a stream, in the control `{"id":{"type":"integer"}}`:
    /// ```json
    /// bad:  {"id":{"type":"string"}}
    /// good: {"id":{"type":["null","integer"],"description":"Number of the order."}}
    /// ```
    ///
    /// # How to mend it
    /// Keep old streams and fields beside new ones, or give the version the number that the change demands.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests stop at the first difference, and fail on a description that is dropped. They compare no key and no sync mode.
    run {
        code: "COMPAT-002",
        name: "catalog-changed",
        level: Must,
        commands: [Discover],
        authority: PlatformBehaviour,
        source: "platform: CatalogDiffHelpers; Airbyte: semantic versioning for connectors",
        depth: Quick,
        launches: [
            Launches::one("discover.control", "the streams of the other version").of_control(),
            Launches::one("discover.control-again", "and once more").of_control().on_doubt(),
            Launches::one("discover.again", "the streams once more").of_control().on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let target = lab.discover()?;
    let both = Control::of(lab)?;
    let control = both.discover()?;
    let mut changes = both.changes_of_catalog()?;
    let mut conclusion = Conclusion::of(STATEMENT, target);
    if !changes.is_empty() {
        let again = Ask::of(Command::Discover, "discover.again", "the streams once more").unjudged();
        let control_again =
            both.ask(Command::Discover, "discover.control-again", "the streams of the other version, once more");
        let rans = lab.launches([control_again.round(1), again.within(limit_after(target))])?;
        // A stored run may have one `discover` alone: that is held against two of the target.
        let control_again = if both.is_stored && rans[0].exit.is_err() { control } else { rans[0] };
        let confirmed = both.changes_between(control_again, rans[1])?;
        changes.retain(|change| confirmed.iter().any(|other| is_same(change, other)));
        if changes.is_empty() {
            conclusion.inconclusive(None, "inconclusive: what differed did not differ again");
            return Ok(conclusion);
        }
    }
    report(&mut conclusion, (control, target), &changes, may_break(lab, control));
    Ok(conclusion)
}

fn is_same(one: &Change, other: &Change) -> bool {
    (&one.stream, one.rule.word, &one.pointer) == (&other.stream, other.rule.word, &other.pointer)
}
