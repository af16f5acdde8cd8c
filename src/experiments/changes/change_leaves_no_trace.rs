//! EXP-40.

use crate::experiments::changed::{all_sought, steps_of};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::trail::Entry;
use crate::experiments::trail::in_step;
use crate::experiments::{Conclusion, Launches};
use crate::rules::Level;
use crate::suite::When;

experiment! {
    /// After a change of the data, the next read is the same as the one before.
    ///
    /// # What it checks
    /// Only where the suite's author has written a change with `delivers: unknown` into the scenario: something is done to the
    /// data, and nobody states which records come of it. A read goes on from the final state of the first one, after all
    /// changes `between` reads. It is a violation if it delivers records, and exactly those of the first read. A read without
    /// records is none: the change may be one that delivers nothing. Where a read from the beginning has not changed either,
    /// the change may be made where the connector does not read, so that is a SHOULD.
    ///
    /// # Why it matters
    /// Such a connector gives all its records once more instead of what is new: its state means nothing, and what changed does
    /// not arrive.
    ///
    /// # Example
    /// An order is added between two reads, of which the second is given the final state of the first:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1717927200000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":2},"emitted_at":1717927200000}}
    /// ```
    ///
    /// # How to mend it
    /// Begin the read at the cursor of the state, and read the data anew each time: no answer of the API may be kept from one
    /// read to the next.
    ///
    /// # What Airbyte's tests see
    /// The same: `test_two_sequential_reads`, with a `between_syncs_command`.
    run {
        code: "EXP-40",
        name: "change-leaves-no-trace",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: incremental sync mode; acceptance tests: test_two_sequential_reads",
        depth: Standard,
        launches: [
            Launches::one("read.after-changes", "incremental, from the final state, after the suite's changes").after_changes(),
            Launches::one("read.with-changes", "from the beginning, where a change was not delivered").after_changes().on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    if !lab.scenario.changes.iter().any(|change| change.is_unknown) {
        return Err(Halt::Cannot("the scenario has no change with `delivers: unknown`".to_owned()));
    }
    let sought = all_sought(lab, When::Between);
    let first = lab.incremental()?;
    first.complete()?;
    let mut ask = lab.read_like(first, "read.after-changes", "incremental, after the suite's changes")?.late();
    ask.before = steps_of(lab, When::Between);
    let ask = ask.looking_for(sought.clone()).resuming(&first.id, first.final_state()?);
    let second = lab.launch(ask)?.complete()?;
    let mut conclusion = Conclusion::of(STATEMENT, second);
    if !are_the_same(first, second)? {
        conclusion.judged(None);
        return Ok(conclusion);
    }
    let ask = lab.read_like(first, "read.with-changes", "from the beginning, with the changes")?;
    let whole = lab.launch(ask.late().round(2).looking_for(sought))?.complete()?;
    let (level, seen) = match are_the_same(first, whole)? {
        true => (
            Level::Should,
            "and so is a read from the beginning: the change may be made where the connector does not read",
        ),
        false => (Level::Must, "and a read from the beginning sees the change"),
    };
    let fault = Fault {
        cause: "change without a trace",
        level,
        title: "after a change of the data, a read is the same as before".to_owned(),
        message: format!(
            "{}, from the final state of {}, delivers its records and no others, {seen}",
            second.id, first.id
        ),
        evidence: vec![evidence(
            &second.id,
            None,
            format!("other records than those of {}, or none", first.id),
            "the same records",
        )],
        case: None,
    };
    conclusion.found(None, fault);
    Ok(conclusion)
}

/// Whether two reads have records, and the same ones, in whatever order.
fn are_the_same(one: &Ran, other: &Ran) -> Result<bool, Halt> {
    let versions = |entries: &[Entry]| {
        let mut versions: Vec<u64> = entries.iter().map(|entry| entry.version).collect();
        versions.sort_unstable();
        versions
    };
    let (mut any, mut same) = (false, true);
    in_step([&one.trail()?.records, &other.trail()?.records], |group| {
        any = true;
        same &= versions(group.of(0)) == versions(group.of(1));
    })?;
    Ok(any && same)
}
