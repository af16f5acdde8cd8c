//! DEST-014.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::killed_write::{held_open, patience};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, is_seen};
use crate::experiments::refreshes::{Refreshed, SEED, knows_generations, overwritten, refreshed, seed as seed_all};
use crate::experiments::stored_rows::{ids, missing_of, told};
use crate::experiments::writing::{Write, people, person};
use crate::experiments::written::{fault, seen};
use crate::feed::Target;
use crate::launch::{Blow, Handling};
use crate::plan::Mark;
use crate::protocol::{Descriptor, DestinationSyncMode};
use crate::rules::Level;

experiment! {
    /// A sync that replaces a stream leaves old rows behind, or takes them away before it has succeeded.
    ///
    /// # What it checks
    /// Streams are filled by a first generation. Of one, a second generation is written until its first state has come back, and then the
    /// destination is killed. Then all are written once more with a new generation, one of them without a single record, and
    /// one in mode `append` with `minimum_generation_id` = `generation_id`. In a launch of its own, a stream is overwritten as
    /// platforms do that know no generations.
    ///
    /// What proves a fault: after the kill, rows of the first generation are missing. Or after the sync that succeeded, a row of an earlier generation is
    /// there, or one of the new is not. Rows of the new generation that are seen before it has succeeded are no fault.
    ///
    /// Mind: a destination that has no `_airbyte_generation_id` need not know generations: it is not asked to replace in mode `append`. One that
    /// refuses catalogs without generations is not judged by them. A reader that shows a staging table beside the final one.
    ///
    /// # Why it matters
    /// While a stream is replaced, people go on using it. A table that is emptied first is empty for hours, and stays so when the sync fails;
    /// one in which old rows stay shows what the source no longer has.
    ///
    /// # Example
    /// A new generation, the ids 21 and 22, is broken off:
    /// ```json
    /// bad:  {"id":21}
    /// good: {"id":1} {"id":2} {"id":3}
    /// ```
    ///
    /// # How to mend it
    /// Write to a table of its own, and swap it for the final one when the stream's COMPLETE has come and all is committed; never
    /// truncate or drop at the beginning. Do it for a stream without records, too. Python CDK: `write` is called for all streams at
    /// once, so swap after its loop. Bulk CDK: a `StreamLoader` that truncates in `start()` does it too early; do so in `close()`.
    ///
    /// # What Airbyte's tests see
    /// The suites of the JVM destinations overwrite, break a truncating sync off, and truncate with no records. For other
    /// languages there are none.
    run {
        code: "DEST-014",
        name: "overwrite-keeps",
        level: Must,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: destination sync modes; refreshes",
        depth: Standard,
        launches: [
            PLAIN,
            SEED,
            Launches::one("write.refresh-killed", "a second generation, killed when its first state is back"),
            Launches::one("write.refresh", "a new generation of all streams"),
            Launches::one("write.overwrite-seed", "three records in mode overwrite, without generations"),
            Launches::one("write.overwrite", "two others in mode overwrite, without generations"),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let streams = refreshed(lab)?;
    is_seen(lab)?;
    let seed = seed_all(lab, &streams)?;
    let killed = killed(lab, &streams.killed)?;
    let done = refresh(lab, &streams)?;
    let legacy = lab.stream("overwrite", "legacy");
    let (before, after) = without_generations(lab, &legacy)?;

    let mut conclusion = Conclusion::of(STATEMENT, after);
    killed.exit()?;
    if let Some(rows) = seen(&mut conclusion, killed, &streams.killed) {
        conclusion.judged(Some(&streams.killed));
        judge_prior(&mut conclusion, killed, &streams.killed, &ids(rows));
    }
    if !done.succeeded() || !after.succeeded() || !before.succeeded() {
        conclusion.inconclusive(None, "a sync that replaces did not succeed, and what it leaves is not judged");
    }
    if done.succeeded() {
        for stream in [&streams.whole, &streams.killed] {
            judge_replaced(&mut conclusion, done, stream, &["21", "22"]);
        }
        judge_replaced(&mut conclusion, done, &streams.emptied, &[]);
        if let Some(stream) = &streams.appended {
            match seed.rows(stream).map(knows_generations) {
                // Where nothing is seen at all, this says why.
                Ok(true) | Err(_) => judge_replaced(&mut conclusion, done, stream, &["21", "22"]),
                Ok(false) => conclusion.inconclusive(Some(stream), "no row shows a `_airbyte_generation_id`"),
            }
        }
    }
    if before.succeeded() && after.succeeded() {
        judge_replaced(&mut conclusion, after, &legacy, &["21", "22"]);
    }
    Ok(conclusion)
}

/// A second generation whose first state is waited for; the destination is killed when that is back.
fn killed<'l>(lab: &Lab<'l>, stream: &Descriptor) -> Result<&'l Ran, Halt> {
    let write = Write::to([overwritten(stream, 2, 2)]).records(stream, (11..=12).map(|id| person(id, "Ben", 2)));
    let write = held_open(write.state(stream), patience(lab)?);
    let ask = write.ask("write.refresh-killed", "a second generation, killed in the middle");
    let ask = ask.treated(Handling { strike: Some(Blow::Kill), ..Handling::default() });
    lab.launch(ask.struck_at(Mark { states: 1, records: 0 }).late())
}

/// A new generation of all streams, the ids 21 and 22; of one, no record.
fn refresh<'l>(lab: &Lab<'l>, streams: &Refreshed) -> Result<&'l Ran, Halt> {
    let filled = [&streams.whole, &streams.killed];
    let mut targets: Vec<Target> =
        filled.into_iter().chain([&streams.emptied]).map(|stream| overwritten(stream, 3, 3)).collect();
    let appended = |stream: &Descriptor| Target::append(stream.clone(), people()).refreshed(3, 3);
    targets.extend(streams.appended.iter().map(appended));
    let write = filled
        .into_iter()
        .chain(&streams.appended)
        .fold(Write::to(targets), |write, stream| write.records(stream, (21..=22).map(|id| person(id, "Cleo", 3))));
    lab.launch(write.finish().ask("write.refresh", "a new generation of all streams; one has no records"))
}

/// Two syncs in mode `overwrite` of a platform that knows no generations.
fn without_generations<'l>(lab: &Lab<'l>, stream: &Descriptor) -> Result<(&'l Ran, &'l Ran), Halt> {
    let target = Target::append(stream.clone(), people()).mode(DestinationSyncMode::Overwrite).without_generation();
    let write = |ids: std::ops::RangeInclusive<u64>, id: &str, purpose: &str| {
        let write = Write::to([target.clone()]).records(stream, ids.map(|id| person(id, "Dora", 4)));
        // Newer destinations may refuse to do without generations.
        write.finish().ask(id, purpose).unjudged()
    };
    let before = lab.launch(write(1..=3, "write.overwrite-seed", "three records, without generations"))?;
    let after = lab.launch(write(21..=22, "write.overwrite", "two others, without generations"))?;
    Ok((before, after))
}

fn judge_prior(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor, stored: &[String]) {
    let missing = missing_of(stored, 1..=3);
    if missing.is_empty() {
        return;
    }
    let message = format!(
        "{} was killed in the middle of a new generation; of the generation before, {} of 1 2 3 are gone, and the stream holds {}",
        ran.id,
        told(&missing),
        told(stored)
    );
    let fault = fault(
        ran,
        ("prior", Level::Must),
        "a sync that replaces takes the old rows away before it has succeeded",
        message,
        ("the ids 1 2 3 among the rows", told(stored)),
    );
    conclusion.found(Some(stream), fault);
}

fn judge_replaced(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor, wanted: &[&str]) {
    let Some(stored) = seen(conclusion, ran, stream).map(ids) else { return };
    conclusion.judged(Some(stream));
    if stored.join(" ") == wanted.join(" ") {
        return;
    }
    let wanted: Vec<String> = wanted.iter().map(|id| (*id).to_owned()).collect();
    let message = format!(
        "after {}, which succeeded and replaced the generation before, the stream holds {}; {} should be there",
        ran.id,
        told(&stored),
        told(&wanted)
    );
    let title = "a sync that replaces does not leave exactly what it has written";
    let fault = fault(ran, ("replaced", Level::Must), title, message, (told(&wanted), told(&stored)));
    conclusion.found(Some(stream), fault);
}
