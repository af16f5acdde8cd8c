//! DEST-026.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::killed_write::{patience, struck};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::plain_write::{PLAIN, works_plainly};
use crate::experiments::stored_rows::{ids, told};
use crate::experiments::writing::{Write, people, person};
use crate::experiments::written::fault;
use crate::feed::Target;
use crate::protocol::{Descriptor, DestinationSyncMode};
use crate::rules::Level;

const KILLED: Launches =
    Launches::one("write.dedup-killed", "five records in mode append_dedup, killed when a state comes back");
const AGAIN: Launches = Launches::one("write.dedup-again", "the same five records once more, to the end");

experiment! {
    /// In mode `append_dedup`, a batch that comes again after a crash leaves duplicates.
    ///
    /// # What it checks
    /// Five records with a key are written in mode `append_dedup`, with a state behind the third; when that comes back the
    /// destination is killed (SIGKILL). The next sync sends all five again, just as they were, and ends as usual. Then what
    /// is stored is read. A fault is proven thus: the second sync succeeds, and a key has more than one row, or none. What
    /// could fool it: a reader that shows a raw table in place of the one that a user looks at: name that one in
    /// `destination.reader`.
    ///
    /// # Why it matters
    /// After a failure everything behind the last state comes once more. That is what deduplication is for: a key with two
    /// rows doubles every sum that is made of them.
    ///
    /// # Example
    /// The batch came twice:
    /// ```json
    /// bad:  {"id":1} {"id":1} {"id":2} {"id":2}
    /// good: {"id":1} {"id":2}
    /// ```
    ///
    /// # How to mend it
    /// Merge by the key into the final table in one transaction, whatever is there already; never trust that a batch comes
    /// only once, and do not tell duplicates by `_airbyte_raw_id` or the time of arrival. The row with the greatest cursor
    /// stays; of equal ones, one.
    ///
    /// # What Airbyte's tests see
    /// The suites of the JVM destinations write twice in this mode, but kill nothing in between. For other languages there
    /// are none.
    run {
        code: "DEST-026",
        name: "replay-duplicates",
        level: Should,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte docs: resumable full refresh; partner destination requirements",
        depth: Standard,
        launches: [PLAIN, KILLED, AGAIN],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    lab.offers(DestinationSyncMode::AppendDedup)?;
    let stream = lab.stream("replayed", "people_again");
    let target = Target::append(stream.clone(), people()).deduplicated(&[&["id"]], &["updated_at"]);
    let batch = |target: Target| {
        let some = |write: Write, ids| write.records(&stream, people_of(ids));
        some(some(Write::to([target]), 1..=3).state(&stream), 4..=5)
    };
    works_plainly(lab)?;
    let ask =
        struck(lab, batch(target.clone()), std::slice::from_ref(&stream), (KILLED.id, KILLED.what), patience(lab)?)?;
    let killed = lab.launch(ask)?;
    killed.exit()?;
    let again = lab.launch(batch(target.of(1, 2)).finish().ask(AGAIN.id, AGAIN.what).unjudged())?;
    let found = ids(again.complete()?.rows(&stream)?);
    let mut conclusion = Conclusion::of(STATEMENT, again);
    match found.join(" ") == "1 2 3 4 5" {
        true => conclusion.judged(Some(&stream)),
        false => tell(&mut conclusion, (&killed.id, again), &stream, &found),
    }
    Ok(conclusion)
}

fn people_of(ids: std::ops::RangeInclusive<u64>) -> impl Iterator<Item = String> {
    ids.map(|id| person(id, "Ada", 1))
}

fn tell(
    conclusion: &mut Conclusion,
    (killed, again): (&str, &crate::experiments::lab::Ran),
    stream: &Descriptor,
    found: &[String],
) {
    let message = format!(
        "five records with the keys 1 to 5 were written, the destination was killed ({killed}), and {} sent the same five again; \
         the stream now holds {}",
        again.id,
        told(found)
    );
    let title = "a batch that is sent again is not there exactly once";
    let shown = ("the ids 1 2 3 4 5, each once", told(found));
    conclusion.found(Some(stream), fault(again, ("replayed", Level::Should), title, message, shown));
}
