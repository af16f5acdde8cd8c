//! STATE-032.

use super::full_refresh_resumes::resumable;
use crate::experiments::altered::{End, end_of};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::state_file::{of_each, only};
use crate::experiments::{Conclusion, Launches};
use crate::plan::Ask;
use crate::rules::Level;
use crate::text;

experiment! {
    /// A full refresh fails that is given the state with which another one ended.
    ///
    /// # What it checks
    /// The full refresh is made once more with the final states of the streams that say `is_resumable`. It must end with exit
    /// code 0, whether it delivers nothing or everything again. A failure counts only if it shows twice while a full refresh
    /// without state still succeeds. What is delivered is not looked at: for the platform, such a stream is done.
    ///
    /// # Why it matters
    /// Where one stream of a sync fails, the next attempt is given the final states of those that were done. If the connector
    /// fails on them, the sync never gets to its end.
    ///
    /// # Example
    /// `{"__ab_full_refresh_sync_complete":true}` for the state of `orders`:
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1717200000000,"error":{"message":"KeyError: 'next_page_token'","failure_type":"system_error"}}}
    /// good: {"trace":{"type":"STREAM_STATUS","stream_status":{"stream_descriptor":{"name":"orders"},"status":"COMPLETE"}}}
    /// ```
    ///
    /// # How to mend it
    /// Look for your own sign of the end before anything else is read from the state, and emit that state once more. The
    /// CDKs' own cursors do so; one of your own must.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests never give a full refresh a state.
    run {
        code: "STATE-032",
        name: "finished-refresh-not-understood",
        level: Must,
        commands: [Read],
        authority: CdkConvention,
        source: "Python CDK: checkpoint readers of resumable full refresh",
        depth: Certification,
        launches: [
            Launches::up_to(0, 1, "read.refresh-over", "full refresh, from the state with which one ended"),
            Launches::up_to(0, 1, "read.refresh-over-again", "the same once more").on_doubt(),
            Launches::up_to(0, 1, "read.refresh-afterwards", "full refresh, to see whether it still works").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let first = lab.full_refresh()?.complete()?;
    let (is_resumable, streams) = (resumable(first)?, &first.catalog()?.streams);
    let state = only(&first.final_state()?, |stream| {
        let place = streams.iter().position(|entry| entry.stream.descriptor == *stream);
        place.is_some_and(|place| is_resumable[place])
    });
    let given = of_each(&state);
    if given.is_empty() {
        return Err(Halt::Cannot(
            "inconclusive: no stream that says is_resumable ended with a state of its own".to_owned(),
        ));
    }
    let ask = lab.read_like(first, "read.refresh-over", "full refresh, from the state with which one ended")?;
    let ask = ask.resuming(&first.id, state).unjudged();
    let read = lab.launch(ask.clone())?;
    let mut conclusion = Conclusion::of(STATEMENT, read);
    let (how, error) = match end_of(read) {
        End::Came => {
            given.iter().for_each(|(stream, _)| conclusion.judged(Some(stream)));
            return Ok(conclusion);
        }
        End::Unknown(reason) => return Err(Halt::Cannot(format!("inconclusive: {reason}"))),
        End::Refused { how, error } => (how, error),
    };
    let base = lab.read_like(first, "read.refresh-afterwards", "full refresh, to see whether it still works")?;
    let again = Ask { id: "read.refresh-over-again".to_owned(), ..ask.round(1) };
    let reads = lab.launches([again, base.round(1).unjudged()])?;
    if !matches!(end_of(reads[0]), End::Refused { .. }) || !reads[1].succeeded() {
        return Err(Halt::Cannot(format!("inconclusive: {} failed ({how}), but not for its state alone", read.id)));
    }
    let said = error.map_or("no TRACE/ERROR says why".to_owned(), |error| text::shorten(&error, 300));
    conclusion.found(
        None,
        Fault {
            cause: "fails",
            level: Level::Must,
            title: "a full refresh fails that is given the state with which one ended".to_owned(),
            message: format!("{} failed in two attempts ({how}), and {said}; without state it succeeds", read.id),
            evidence: vec![evidence(&read.id, None, "exit code 0", how)],
            case: Some(read.id.clone()),
        },
    );
    Ok(conclusion)
}
