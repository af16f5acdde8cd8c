//! EXP-09.

use crate::experiments::altered::FROM_FINAL;
use crate::experiments::beside::{Look, check_again, doubt_of, reads_to_its_end, status_of};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::resume::{Loss, judge_losses, start_behind};
use crate::experiments::strike::marks_in;
use crate::experiments::{Conclusion, Launches};
use crate::launch::{Blow, Ended, Handling};
use crate::plan::Ask;
use crate::rules::Level;
use serde_json::Value;
use std::sync::Arc;

experiment! {
    /// A read that was killed can't be gone on with, or not without loss.
    ///
    /// # What it checks
    /// Three incremental reads from the beginning are killed (SIGKILL), each somewhere in its first half, behind a state and some
    /// records; the suite's seed says where. The next read goes on from the last complete state of each stream. What came before those
    /// states and what comes now must together be everything that the undisturbed read had, and the second read must succeed. A loss
    /// counts only if it shows again in another read from the same states, and if the records are still there, unchanged, in a
    /// read from the beginning made after it. A failure counts only if it comes again, is no `transient_error`, and `check` still
    /// succeeds; where a read from the beginning then fails too, it may be the API that refuses, and it is told at SHOULD. Where a
    /// read from the final state of an undisturbed read fails as well, it need not be the kill, and it is inconclusive. A
    /// read that is over before it can be killed is inconclusive, and what is left behind in another system (a replication slot,
    /// a session) shows only where it keeps the next read from working.
    ///
    /// # Why it matters
    /// Machines fail, and the platform moves and kills jobs. The next attempt goes on from the last state that was stored. A state
    /// that came before its records loses them for good; a lock or a half-written file that nobody removes stops the sync until
    /// somebody finds it.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"updated_at":"2024-06-09"}}}}
    ///       {"type":"RECORD","record":{"stream":"orders","data":{"id":7,"updated_at":"2024-06-09"},"emitted_at":1717200000000}}
    ///       (killed here: the other records up to 2024-06-09 never come)
    /// good: the records up to 2024-06-09, and then the state
    /// ```
    ///
    /// # How to mend it
    /// Emit a state only when each record that it covers has been written to stdout, in this order and through the same buffer.
    /// Keep nothing on disk that the next launch depends on, or let it take over what it finds. Release what is held upstream
    /// when the next read connects, not when this one ends.
    ///
    /// # What Airbyte's tests see
    /// Neither the acceptance tests nor the CDK's standard tests ever stop a read before its end.
    run {
        code: "EXP-09",
        name: "killed-read-not-resumable",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: state and the whole sync",
        depth: Certification,
        launches: [
            Launches::up_to(0, 3, "read.killed", "incremental, from the beginning, killed in its first half"),
            Launches::up_to(0, 3, "read.after-kill", "incremental, from the last state of the killed read"),
            Launches::up_to(0, 3, "read.kill-confirm", "once more from the last state of the killed read").on_doubt(),
            Launches::one("read.afterwards", "from the beginning, to see whether all is as before").on_doubt(),
            FROM_FINAL.on_doubt(),
            Launches::one("check.again", "to see whether the configuration still works").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let first = lab.incremental()?.complete()?;
    let marks = marks_in(first, lab.seed, EXPERIMENT.launches[0].most_in(lab.depth))?;
    let asks = marks.iter().enumerate().map(|(at, mark)| {
        let id = format!("read.killed-{}", at + 1);
        let ask = lab.read_like(first, id, "incremental, from the beginning, killed in its first half")?;
        let ask = ask.treated(Handling { strike: Some(Blow::Kill), ..Handling::default() }).struck_at(*mark);
        Ok(Ask { state: given(lab), ..ask })
    });
    let killed = lab.launches(asks.collect::<Result<Vec<_>, Halt>>()?)?;
    let in_time: Vec<&Ran> = killed.iter().filter(|ran| is_killed(ran)).copied().collect();
    if in_time.is_empty() {
        let how = killed[0].exit()?.describe();
        return Err(Halt::Cannot(format!("inconclusive: {} was over before it could be killed ({how})", killed[0].id)));
    }
    let mut losses = Vec::new();
    for (at, killed) in in_time.into_iter().enumerate() {
        let number = at + 1;
        let start = start_behind(first, killed, number)?;
        let ask = resume(lab, first, killed, (&start.id, &start.state))?;
        // One after another: the one before may have left something behind, too.
        let resumed = lab.launch(ask.clone())?;
        resumed.exit()?;
        match reads_to_its_end(resumed) {
            Look::Doubt(reason) => return Err(Halt::Cannot(format!("inconclusive: {reason}"))),
            Look::Differs(_) => {
                let again = Ask { id: start.confirm_id(), ..ask.round(1) };
                return judge_failure(lab, (first, killed), again);
            }
            Look::Same => losses.push(Loss::look((first, killed), start, resumed)?),
        }
    }
    judge_losses(lab, STATEMENT, first, &losses)
}

fn is_killed(ran: &Ran) -> bool {
    ran.exit.as_ref().is_ok_and(|exit| exit.ended == Some(Ended::Killed))
}

/// The state that the first read was given.
fn given(lab: &Lab<'_>) -> Option<Arc<Value>> {
    lab.scenario.state.clone().map(Arc::new)
}

/// The read that goes on from what a killed one put out; where that was no state, it begins where the killed one did.
fn resume(lab: &Lab<'_>, first: &Ran, killed: &Ran, (id, state): (&str, &Value)) -> Result<Ask, Halt> {
    let ask = lab.read_like(first, id, "incremental, from the last state of the killed read")?.unjudged();
    Ok(match state {
        Value::Array(states) if states.is_empty() => Ask { state: given(lab), ..ask },
        state => ask.resuming(&killed.id, state.clone()),
    })
}

/// Whether the connector can't go on from a state of a read that nobody disturbed either, in words. CLI-006 tells of that.
fn fails_undisturbed(lab: &Lab<'_>, first: &Ran) -> Result<Option<String>, Halt> {
    let Ok(state) = first.final_state() else { return Ok(None) };
    let ask = lab.read_like(first, FROM_FINAL.id, FROM_FINAL.what)?.resuming(&first.id, state);
    let calm = lab.launch(ask)?;
    Ok((!calm.succeeded()).then(|| format!("{}, from the state of an undisturbed read, fails as well", calm.id)))
}

/// Judges a read that failed after one that was killed.
fn judge_failure(lab: &Lab<'_>, (first, killed): (&Ran, &Ran), again: Ask) -> Result<Conclusion, Halt> {
    let again = lab.launch(again)?;
    let how = match reads_to_its_end(again) {
        Look::Differs(how) => how,
        Look::Doubt(reason) => return Err(Halt::Cannot(format!("inconclusive: {reason}"))),
        Look::Same => {
            return Err(Halt::Cannot(format!("inconclusive: the read after {} failed, then it worked", killed.id)));
        }
    };
    let check = lab.launch(check_again())?;
    if !check.succeeded() || status_of(check) != Some("SUCCEEDED") {
        return Err(Halt::Cannot(format!("inconclusive: {} does not succeed any more either", check.id)));
    }
    let afterwards = lab.launch(lab.afterwards(first)?)?;
    if afterwards.succeeded()
        && let Some(reason) = fails_undisturbed(lab, first)?
    {
        return Err(Halt::Cannot(format!("inconclusive: it need not be the kill: {reason}")));
    }
    let (level, besides) = match (afterwards.succeeded(), doubt_of(afterwards)) {
        (true, _) => (Level::Must, "a read from the beginning works".to_owned()),
        (false, Some(doubt)) => return Err(Halt::Cannot(format!("inconclusive: {doubt}"))),
        (false, None) => (Level::Should, "so does one from the beginning, which had worked before the kill".to_owned()),
    };
    let mut conclusion = Conclusion::of(STATEMENT, again);
    conclusion.found(
        None,
        Fault {
            cause: "fails",
            level,
            title: "a read fails after one that was killed".to_owned(),
            message: format!(
                "the read that goes on from the last state of {} fails, twice; {besides}: {how}",
                killed.id
            ),
            evidence: vec![evidence(&again.id, None, "exit code 0, as if nothing had happened", how.clone())],
            case: Some(again.id.clone()),
        },
    );
    Ok(conclusion)
}
