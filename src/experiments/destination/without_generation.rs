//! DEST-019.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, works_plainly};
use crate::experiments::stored_rows::{ids, told};
use crate::experiments::writing::{Write, people, person};
use crate::experiments::written::{End, fault, how, seen};
use crate::feed::Target;
use crate::plan::Ask;
use crate::protocol::DestinationSyncMode;
use crate::rules::Level;
use serde_json::Value;
use std::sync::Arc;

const WITHOUT: Launches =
    Launches::one("write.no-generation", "two records to new streams, without generation and sync ids");
const NULLS: Launches = Launches::one("write.null-generation", "two more to the same streams, with ids that are null");

experiment! {
    /// A sync without generation and sync ids fails, or does not do what its mode says.
    ///
    /// # What it checks
    /// Two records are written to a new stream in mode `append`, and to one in mode `overwrite` where that is offered, with a
    /// catalog that has no `generation_id`, `minimum_generation_id` and `sync_id`. A second sync writes two more to each,
    /// with a catalog in which all three are null. Then what is stored is read. A fault is proven thus: one of the two syncs
    /// fails, though a sync with ids works. Or the stream in mode `append` does not hold the records of both syncs, or the
    /// one in mode `overwrite` not just those of the second.
    ///
    /// # Why it matters
    /// The protocol's schema does not require the ids. Platforms that are some years old, and tools that run connectors
    /// without one, give none, or give nulls.
    ///
    /// # Example
    /// The catalog's entry has `"generation_id": null`:
    /// ```json
    /// bad:  NullPointerException   (exit code 1)
    /// good: (exit code 0, and the records are there)
    /// ```
    ///
    /// # How to mend it
    /// Take missing ids for 0, as the protocol's schema has it: nothing is removed in mode `append`, and `overwrite` replaces
    /// when the stream is complete. Kotlin: declare the three as nullable.
    ///
    /// # What Airbyte's tests see
    /// All suites give the ids. Older platforms, and tools that run connectors without one, do not.
    run {
        code: "DEST-019",
        name: "without-generation",
        level: Should,
        commands: [Write],
        authority: ProtocolSchema,
        source: "airbyte_protocol.yaml: ConfiguredAirbyteStream",
        depth: Standard,
        launches: [PLAIN, WITHOUT, NULLS],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    works_plainly(lab)?;
    let first = lab.launch(write(lab, 1, WITHOUT).unjudged())?;
    let mut conclusion = Conclusion::of(STATEMENT, first);
    if End::of(first)? != End::Success {
        tell_failure(&mut conclusion, first, "generation and sync ids are left out");
        return Ok(conclusion);
    }
    let second = lab.launch(with_nulls(write(lab, 3, NULLS)).unjudged())?;
    let mut conclusion = Conclusion::of(STATEMENT, second);
    if End::of(second)? != End::Success {
        tell_failure(&mut conclusion, second, "generation and sync ids are null");
        return Ok(conclusion);
    }
    for target in targets(lab) {
        let wanted = if target.mode == DestinationSyncMode::Append { "1 2 3 4" } else { "3 4" };
        let Some(rows) = seen(&mut conclusion, second, &target.stream) else { continue };
        let found = ids(rows);
        if found.join(" ") == wanted {
            conclusion.judged(Some(&target.stream));
            continue;
        }
        let message = format!(
            "{} wrote the ids 1 2 and {} wrote 3 4, in mode {}; the stream now holds {}",
            first.id,
            second.id,
            target.mode.as_str(),
            told(&found)
        );
        let title = format!("without generation ids, `{}` does not do what it says", target.mode.as_str());
        let shown = (format!("the ids {wanted}"), told(&found));
        let fault = fault(second, ("rows", Level::Should), title, message, shown);
        conclusion.found_alone(Some(&target.stream), target.mode.as_str(), fault);
    }
    Ok(conclusion)
}

fn targets(lab: &Lab<'_>) -> Vec<Target> {
    use DestinationSyncMode::{Append, Overwrite};
    let offered = [(Append, "added_plainly"), (Overwrite, "replaced_plainly")]
        .into_iter()
        .filter(|(mode, _)| lab.offers(*mode).is_ok());
    let target = |name| Target::append(lab.stream("no_generation", name), people()).without_generation();
    offered.map(|(mode, name)| target(name).mode(mode)).collect()
}

/// Two records to each stream.
fn write(lab: &Lab<'_>, from: u64, launch: Launches) -> Ask {
    let targets = targets(lab);
    let to_each =
        |write: Write, target: &Target| write.records(&target.stream, (from..from + 2).map(|id| person(id, "Ada", 1)));
    targets.iter().fold(Write::to(targets.clone()), to_each).finish().ask(launch.id, launch.what)
}

/// With the ids there, as nulls.
fn with_nulls(mut ask: Ask) -> Ask {
    let streams =
        ask.catalog.as_mut().map(Arc::make_mut).and_then(|catalog| catalog.get_mut("streams")?.as_array_mut());
    for stream in streams.into_iter().flatten() {
        for key in ["generation_id", "minimum_generation_id", "sync_id"] {
            stream[key] = Value::Null;
        }
    }
    ask
}

fn tell_failure(conclusion: &mut Conclusion, ran: &Ran, when: &str) {
    let message = format!("{} fails: {}", ran.id, how(ran));
    let title = format!("`write` fails where {when}");
    conclusion.found(None, fault(ran, ("fails", Level::Should), title, message, ("exit code 0", how(ran))));
}
