//! DEST-022.

use crate::experiments::broken_off::{BEFORE, BEFORE_REFRESH, before_refresh, streams, with_new};
use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::refreshes::overwritten;
use crate::experiments::stored_rows::{ids, missing, told};
use crate::experiments::writing::{Write, people};
use crate::experiments::written::{End, acknowledged, fault, how, seen};
use crate::feed::Target;
use crate::protocol::{Descriptor, DestinationSyncMode};
use crate::rules::Level;

const INCOMPLETE: Launches =
    Launches::one("write.incomplete", "a refresh and an append of which the source says that they are incomplete");

experiment! {
    /// A stream that the source calls INCOMPLETE replaces what was stored, or loses what came back as safe.
    ///
    /// # What it checks
    /// Two records are written to a new stream in mode `overwrite`. In a second sync of the next generation come two others
    /// and a state, and then INCOMPLETE; the same comes for another stream, in mode `append`. Then what is stored is read. A
    /// fault is proven thus: the records of the first generation are no longer to be seen. Or the state of the stream in mode
    /// `append` came back and its records are not there. Or the write hangs, or is ended by a signal. Exit code 0 and any
    /// other are both right: older kits fail, newer ones do not. What could fool it: a destination that knows nothing of
    /// statuses, as those of older kits: there is no way to tell it from a careless one.
    ///
    /// # Why it matters
    /// INCOMPLETE is how a source says that it failed. A refresh that replaces the table nevertheless loses the rows that had
    /// not come yet; and what a state stands for that came back is never sent again.
    ///
    /// # Example
    /// `INCOMPLETE` comes in the middle of a refresh:
    /// ```json
    /// bad:  {"id":3} {"id":4}   (the ids 1 and 2 are gone)
    /// good: {"id":1} {"id":2}
    /// ```
    ///
    /// # How to mend it
    /// INCOMPLETE is the source's word that it failed. Store what came, give back the states of that, and leave the
    /// generation before where it is: the next sync has the same generation and goes on. Only COMPLETE puts the new
    /// generation in the place of the old one.
    ///
    /// # What Airbyte's tests see
    /// The suite of the bulk CDK breaks refreshes off. For other languages there are none.
    run {
        code: "DEST-022",
        name: "incomplete-stream",
        level: Should,
        commands: [Write],
        authority: CdkConvention,
        source: "bulk CDK; airbyte#77866",
        depth: Standard,
        launches: [BEFORE_REFRESH, INCOMPLETE],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    before_refresh(lab)?;
    let [_, replaced] = streams(lab);
    let added = lab.stream("broken_off", "added");
    let mut targets = vec![overwritten(&replaced, 2, 2)];
    if lab.offers(DestinationSyncMode::Append).is_ok() {
        targets.push(Target::append(added.clone(), people()));
    }
    let break_off = |write: Write, target: &Target| {
        with_new(write, &target.stream).state(&target.stream).status(&target.stream, "INCOMPLETE")
    };
    let write = targets.iter().fold(Write::to(targets.clone()), break_off);
    let ran = lab.launch(write.ask(INCOMPLETE.id, INCOMPLETE.what).unjudged())?;
    let mut conclusion = Conclusion::of(STATEMENT, ran);
    judge_end(&mut conclusion, ran)?;
    judge_replaced(&mut conclusion, ran, &replaced)?;
    if targets.len() > 1 {
        judge_added(&mut conclusion, ran, &added)?;
    }
    Ok(conclusion)
}

fn judge_end(conclusion: &mut Conclusion, ran: &Ran) -> Result<(), Halt> {
    let is_by_signal = ran.exit()?.signal.is_some();
    match End::of(ran)? {
        End::Hung => {}
        End::Untold if is_by_signal => {}
        _ => {
            conclusion.judged(None);
            return Ok(());
        }
    }
    let message = format!("{} was told that its streams are incomplete, and ended with {}", ran.id, how(ran));
    let title = "`write` does not end by itself after INCOMPLETE";
    conclusion.found(
        None,
        fault(ran, ("end", Level::Should), title, message, ("ends by itself, with any exit code", how(ran))),
    );
    Ok(())
}

fn judge_replaced(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor) -> Result<(), Halt> {
    let Some(rows) = seen(conclusion, ran, stream) else { return Ok(()) };
    let lost = missing(rows, BEFORE);
    if lost.is_empty() {
        conclusion.judged(Some(stream));
        return Ok(());
    }
    let message = format!(
        "{} was told that {stream} is incomplete, and replaced what was stored: {} are gone, and it holds {}",
        ran.id,
        told(&lost),
        told(&ids(rows))
    );
    let title = "a refresh that is incomplete replaces what was stored";
    let shown = ("the ids 1 2 of the generation before", told(&ids(rows)));
    conclusion.found(Some(stream), fault(ran, ("replaced", Level::Should), title, message, shown));
    Ok(())
}

fn judge_added(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor) -> Result<(), Halt> {
    if acknowledged(ran, stream).is_none() {
        let why = format!("inconclusive: its state did not come back in {}, so that nothing need be stored", ran.id);
        conclusion.inconclusive(Some(stream), why);
        return Ok(());
    }
    let Some(rows) = seen(conclusion, ran, stream) else { return Ok(()) };
    let lost = missing(rows, 3..=4);
    if lost.is_empty() {
        conclusion.judged(Some(stream));
        return Ok(());
    }
    let message = format!(
        "the state behind the ids 3 4 of {stream} came back in {}, and then the source said INCOMPLETE: {} are not stored",
        ran.id,
        told(&lost)
    );
    let title = "records are lost where a stream is incomplete, though their state came back";
    let shown = ("the ids 3 4", told(&ids(rows)));
    conclusion.found(Some(stream), fault(ran, ("lost", Level::Should), title, message, shown));
    Ok(())
}
