//! DEST-017.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, is_seen};
use crate::experiments::refreshes::{
    CUT, Refreshed, SEED, cut as cut_off, knows_generations, overwritten, refreshed, seed as seed_all,
};
use crate::experiments::stored_rows::{ids, missing_of, told};
use crate::experiments::writing::{Write, person};
use crate::experiments::written::{fault, seen};
use crate::protocol::Descriptor;
use crate::rules::Level;

experiment! {
    /// A refresh that was broken off destroys what was there, or is not gone on with.
    ///
    /// # What it checks
    /// A stream is filled by a first generation. Of a second, two records and a state are written, and stdin ends without the stream's
    /// COMPLETE; beside it, a new stream is broken off in its first sync. The next sync has the same generation, brings two more
    /// records of each, and completes.
    ///
    /// What proves a fault: after the first attempt, rows of the old generation are missing. Or after the second, one of that generation is still there, or a
    /// record of either attempt is not: the source does not send again what the states of the first attempt cover.
    ///
    /// Mind: where no state of the first attempt came back, the platform begins anew, and its records need not be kept. A
    /// destination whose rows show no `_airbyte_generation_id` need not know generations: only what it must not destroy is judged.
    ///
    /// # Why it matters
    /// Refreshes of large streams take days and several attempts. The source goes on where the last state was: what the destination threw
    /// away in between is not sent again, and after the COMPLETE the table is short of it, with every sync a success.
    ///
    /// # Example
    /// The first attempt brings the ids 11 and 12, the second 13 and 14:
    /// ```json
    /// bad:  {"id":13} {"id":14}
    /// good: {"id":11} {"id":12} {"id":13} {"id":14}
    /// ```
    ///
    /// # How to mend it
    /// Keep the table that a refresh fills, and the generation that it holds, when stdin ends without COMPLETE. At the next start compare
    /// that generation with the catalog's: go on with it if it is the same, empty it if not. Bulk CDK: `StreamLoader.close` is told
    /// whether the stream was complete; swap only then.
    ///
    /// # What Airbyte's tests see
    /// The suite of the bulk CDK breaks truncating syncs off, with and without prior data; its test of going on is switched off. For
    /// other languages there are none.
    run {
        code: "DEST-017",
        name: "refresh-not-resumed",
        level: Must,
        commands: [Write],
        authority: PlatformBehaviour,
        source: "docs: refreshes; bulk CDK: testInterruptedTruncateWithPriorData",
        depth: Standard,
        launches: [
            PLAIN,
            SEED,
            CUT,
            Launches::one("write.refresh-resumed", "the same generation again, to its end"),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let streams = refreshed(lab)?;
    is_seen(lab)?;
    let seed = seed_all(lab, &streams)?;
    let cut = cut_off(lab, &streams)?;
    cut.exit()?;
    let resumed = lab.launch(resume(&streams).ask("write.refresh-resumed", "the same generation again, to its end"))?;

    let mut conclusion = Conclusion::of(STATEMENT, resumed);
    if let Some(stored) = seen(&mut conclusion, cut, &streams.cut).map(ids) {
        conclusion.judged(Some(&streams.cut));
        judge_prior(&mut conclusion, cut, &streams.cut, &stored);
    }
    if let Err(Halt::Cannot(why)) = resumed.complete() {
        conclusion.inconclusive(None, why);
        return Ok(conclusion);
    }
    // Of what did not come back in a state, nothing has to be kept.
    let has_to_keep = cut.states_back() >= 2 && knows_generations(seed.rows(&streams.cut).unwrap_or_default());
    for stream in [&streams.cut, &streams.fresh] {
        let Some(stored) = seen(&mut conclusion, resumed, stream).map(ids) else { continue };
        conclusion.judged(Some(stream));
        judge_resumed(&mut conclusion, resumed, (stream, &stored), has_to_keep);
    }
    Ok(conclusion)
}

fn resume(streams: &Refreshed) -> Write {
    let targets = [overwritten(&streams.cut, 2, 3), overwritten(&streams.fresh, 1, 3)];
    let write = [&streams.cut, &streams.fresh]
        .into_iter()
        .fold(Write::to(targets), |write, stream| write.records(stream, (13..=14).map(|id| person(id, "Cleo", 3))));
    write.finish()
}

fn judge_prior(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor, stored: &[String]) {
    let gone = missing_of(stored, 1..=3);
    if gone.is_empty() {
        return;
    }
    let message = format!(
        "in {} a new generation was cut off before its COMPLETE; of the generation before, {} of 1 2 3 are gone, and the stream holds {}",
        ran.id,
        told(&gone),
        told(stored)
    );
    let title = "a refresh that was broken off takes the old rows away";
    let fault =
        fault(ran, ("prior", Level::Must), title, message, ("the ids 1 2 3 among the rows".to_owned(), told(stored)));
    conclusion.found(Some(stream), fault);
}

/// After the attempt that completed: of the first attempt, rows are there if they have to be.
fn judge_resumed(
    conclusion: &mut Conclusion,
    ran: &Ran,
    (stream, stored): (&Descriptor, &[String]),
    has_to_keep: bool,
) {
    let wanted = if has_to_keep { 11..=14 } else { 13..=14 };
    let gone = missing_of(stored, wanted.clone());
    let old: Vec<String> = stored.iter().filter(|id| id.len() < 2).cloned().collect();
    let (cause, title, what) = match (gone.is_empty(), old.is_empty()) {
        (true, true) => return,
        (false, _) => ("resumed", "a refresh that is gone on with loses rows", format!("{} are missing", told(&gone))),
        (true, false) => {
            let what = format!("{} of the generation before are still there", told(&old));
            ("old", "a refresh that has completed leaves old rows behind", what)
        }
    };
    let message = format!(
        "the second attempt of the generation, {}, completed; the stream holds {}: {what}",
        ran.id,
        told(stored)
    );
    let expected = told(&wanted.map(|id| id.to_string()).collect::<Vec<_>>());
    conclusion.found(Some(stream), fault(ran, (cause, Level::Must), title, message, (expected, told(stored))));
}
