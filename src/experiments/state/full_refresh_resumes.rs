//! EXP-22.

use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::resume::{Loss, Start, judge_losses, starts};
use crate::experiments::state_file::only;
use crate::experiments::trail::{Form, lacks};
use crate::experiments::{Conclusion, Launches};
use serde_json::Value;

experiment! {
    /// Records are lost when a full refresh goes on from a state in its middle.
    ///
    /// # What it checks
    /// Streams that say `is_resumable`, and that emit more than one state in a full refresh. The full refresh is made again
    /// from states in its middle, as the platform does after a failure within one sync. What came before a state and what comes
    /// after it must together be everything that the first read had. A loss counts only if it shows again in a second
    /// read from the same state, if the records are still there, unchanged, and if no record of the stream came or went
    /// meanwhile: page numbers and row positions shift with the data, and no connector can help that.
    ///
    /// # Why it matters
    /// A resumable full refresh that failed is not begun anew but gone on with. The destination replaces the old table with
    /// what came in all attempts, and what was left out is gone.
    ///
    /// # Example
    /// A stream of pages, whose state names the next page:
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"next_page_token":3}}}}   (before the records of page 2)
    /// good: (the same state behind the records of page 2)
    /// ```
    ///
    /// # How to mend it
    /// Emit a page's state when its last record has been emitted, and begin with exactly that page. If pages are not stable,
    /// say `is_resumable: false`.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests make a full refresh twice, each from the beginning.
    run {
        code: "EXP-22",
        name: "records-lost-in-resumed-refresh",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: resumable full refresh; is_resumable",
        depth: Certification,
        launches: [
            Launches::up_to(0, 5, "read.refresh-checkpoint", "full refresh, from a state in the middle of each stream"),
            Launches::up_to(0, 3, "read.refresh-confirm", "once more from the state behind which records are lost").on_doubt(),
            Launches::up_to(0, 1, "read.afterwards", "from the beginning, to see whether anything moved").on_doubt(),
        ],
    }
}

/// How many states are gone on from.
const MOST: usize = 5;

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let first = lab.full_refresh()?.complete()?;
    let is_resumable = resumable(first)?;
    if first.trail()?.checkpoints.form == Form::Whole {
        return Err(Halt::Cannot("inconclusive: its states are of the whole source".to_owned()));
    }
    let mut starts = starts(first, MOST, "read.refresh-checkpoint")?;
    for start in &mut starts {
        forget_others(start, first, &is_resumable)?;
    }
    starts
        .retain(|start| start.numbers.iter().flatten().any(|(number, count)| number < count) && lab.may_ask(&start.id));
    if starts.is_empty() {
        return Err(Halt::Cannot(
            "inconclusive: no stream that says is_resumable has a state in its middle".to_owned(),
        ));
    }
    let asks = starts.iter().map(|start| {
        let ask = lab.read_like(first, &start.id, "full refresh, from a state in the middle")?;
        Ok(ask.resuming(&first.id, start.state.clone()).unjudged())
    });
    let reads = lab.launches(asks.collect::<Result<Vec<_>, Halt>>()?)?;
    let losses = starts.into_iter().zip(reads).map(|(start, read)| Loss::look((first, first), start, read));
    let mut losses = losses.collect::<Result<Vec<Loss<'_>>, Halt>>()?;
    for loss in &mut losses {
        if let Ok(absent) = &mut loss.absent {
            absent.retain(|missing| is_resumable[missing.stream]);
        }
    }
    if losses.iter().any(|loss| loss.absent.as_ref().is_ok_and(|absent| !absent.records.is_empty())) {
        leave_what_moves(lab, first, &mut losses)?;
    }
    judge_losses(lab, STATEMENT, first, &losses)
}

/// By place, whether a stream says that its full refresh can be gone on with.
pub fn resumable(first: &Ran) -> Result<Vec<bool>, Halt> {
    let says = |raw: &Value| raw.get("is_resumable") == Some(&Value::Bool(true));
    Ok(first.catalog()?.streams.iter().map(|entry| says(&entry.stream.raw)).collect())
}

/// Gives the others no state: the platform does not.
fn forget_others(start: &mut Start, first: &Ran, is_resumable: &[bool]) -> Result<(), Halt> {
    let streams = &first.catalog()?.streams;
    start.state = only(&start.state, |stream| {
        let place = streams.iter().position(|entry| entry.stream.descriptor == *stream);
        place.is_some_and(|place| is_resumable[place])
    });
    for (place, is_resumable) in is_resumable.iter().enumerate() {
        if !is_resumable {
            start.numbers[place] = None;
            start.cut[place] = 0;
        }
    }
    Ok(())
}

/// Leaves out the streams of which a record came or went since the first read.
fn leave_what_moves(lab: &Lab<'_>, first: &Ran, losses: &mut [Loss<'_>]) -> Result<(), Halt> {
    let now = lab.launch(lab.afterwards(first)?)?.complete()?;
    let (gone, new) = (lacks(now.trail()?, first.trail()?)?, lacks(first.trail()?, now.trail()?)?);
    for loss in losses {
        if let Ok(absent) = &mut loss.absent {
            absent.retain(|missing| gone.count_of(missing.stream) == 0 && new.count_of(missing.stream) == 0);
        }
    }
    Ok(())
}
