//! EXP-18.

use crate::experiments::changed::{Followed, conclude, resets_of, sought_of, steps_of};
use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::{Conclusion, Launches};
use crate::plan::Mark;
use crate::rules::Level;
use crate::suite::When;

experiment! {
    /// A change that is made in the middle of a read is never delivered.
    ///
    /// # What it checks
    /// Only where the suite's author controls the data, and has written `changes` into the scenario. A read from the beginning is
    /// made after every other launch, and all changes that are made `during` a read are made as soon as its first records have
    /// come. Each record that a change `delivers` must be in that read, or in the next ones, which go on from its final
    /// state. If not, and a read from the beginning has it, it is lost. Where the read was over before the changes were made, or where no read
    /// has the record, it is inconclusive.
    ///
    /// # Why it matters
    /// Data do not stand still while a sync runs. A connector that remembers the end of the read, and not its beginning, as the
    /// moment up to which it has everything, skips what was written behind its back, once and for ever.
    ///
    /// # Example
    /// Order 3 is changed at 10:00:05, after its page was read, in a read from 10:00:00 to 10:00:30:
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"read_until":"10:00:30"}}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"read_until":"10:00:00"}}}}
    /// ```
    ///
    /// # How to mend it
    /// Let the state be the greatest cursor among the records that were read, or the moment at which the read began, never the one at
    /// which it ended. Page by a key that does not move (cursor and id), not by offset.
    ///
    /// # What Airbyte's tests see
    /// Nothing: no test of Airbyte's changes data while a source reads.
    run {
        code: "EXP-18",
        name: "change-during-read-lost",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: incremental sync mode; state",
        depth: Standard,
        launches: [
            Launches::one("read.changed-meanwhile", "from the beginning, with the suite's changes in its middle").after_changes(),
            Launches::one("read.after-change", "and from its final state").after_changes(),
            Launches::one("read.after-change-again", "and once more, where a change was not delivered").after_changes().on_doubt(),
            Launches::one("read.with-change", "from the beginning, where a change was not delivered").after_changes().on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let sought = sought_of(lab, When::During)?;
    let first = lab.incremental()?;
    first.complete()?;
    let mut ask = lab.read_like(first, "read.changed-meanwhile", "from the beginning, changed in its middle")?.late();
    ask.before = resets_of(lab);
    ask.meanwhile = steps_of(lab, When::During);
    // A state first, where there are some in the middle: what was read before it must not be read again.
    let has_middle = first.trail()?.streams.len() as u64 * 2 <= first.summary.count(crate::protocol::Kind::State);
    let ask = ask.struck_at(Mark { states: u64::from(has_middle), records: 1 }).looking_for(sought.clone());
    let changed = lab.launch(ask)?;
    changed.complete()?;
    if changed.meanwhile != Some(true) {
        return Err(Halt::Cannot("inconclusive: the read was over before the changes were made".to_owned()));
    }
    let ask = lab.read_like(first, "read.after-change", "incremental, from the state of the read that was changed")?;
    let ask = ask.late().looking_for(sought.clone()).resuming(&changed.id, changed.final_state()?);
    let second = lab.launch(ask)?;
    let (again, whole) = ("read.after-change-again", "read.with-change");
    let followed = Followed { sought, before: Some(changed), second, again, whole };
    conclude(lab, STATEMENT, Level::Should, first, &followed)
}
