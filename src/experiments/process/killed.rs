//! EXP-09.

use crate::experiments::beside::{Look, check_again, doubt_of, reads_to_its_end, status_of};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::resume::{Loss, judge_losses, start_behind};
use crate::experiments::strike::mark_in;
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
    /// An incremental read from the beginning is killed (SIGKILL) somewhere in its first half, behind a state and some records;
    /// the suite's seed says where. The next read goes on from the last complete state of each stream. What came before those
    /// states and what comes now must together be everything that the undisturbed read had, and the second read must succeed. A loss
    /// counts only if it shows again in another read from the same states, and if the records are still there, unchanged, in a
    /// read from the beginning made after it. A failure counts only if it comes again, is no `transient_error`, and `check` still
    /// succeeds; where a read from the beginning then fails too, it may be the API that refuses, and it is told at SHOULD. A
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
        depth: Standard,
        launches: [
            Launches::one("read.killed", "incremental, from the beginning, killed in its first half"),
            Launches::one("read.after-kill", "incremental, from the last state of the killed read"),
            Launches::one("read.after-kill-again", "once more from the last state of the killed read").on_doubt(),
            Launches::one("read.afterwards", "from the beginning, to see whether all is as before").on_doubt(),
            Launches::one("check.again", "to see whether the configuration still works").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let first = lab.incremental()?.complete()?;
    let ask = lab.read_like(first, "read.killed", "incremental, from the beginning, killed in its first half")?;
    let ask = ask.treated(Handling { strike: Some(Blow::Kill), ..Handling::default() });
    let ask = Ask { state: lab.scenario.state.clone().map(Arc::new), ..ask.struck_at(mark_in(first, lab.seed)?) };
    let killed = lab.launch(ask)?;
    if killed.exit()?.ended != Some(Ended::Killed) {
        let how = killed.exit()?.describe();
        return Err(Halt::Cannot(format!("inconclusive: {} was over before it could be killed ({how})", killed.id)));
    }
    let start = start_behind(first, killed, "read.after-kill")?;
    let ask = lab.read_like(first, &start.id, "incremental, from the last state of the killed read")?.unjudged();
    let ask = match &start.state {
        // It put out no state: the next read begins where this one did.
        Value::Array(states) if states.is_empty() => Ask { state: lab.scenario.state.clone().map(Arc::new), ..ask },
        state => ask.resuming(&killed.id, state.clone()),
    };
    let resumed = lab.launch(ask.clone())?;
    resumed.exit()?;
    match reads_to_its_end(resumed) {
        Look::Doubt(reason) => Err(Halt::Cannot(format!("inconclusive: {reason}"))),
        Look::Differs(_) => judge_failure(lab, first, killed, ask),
        Look::Same => judge_losses(lab, STATEMENT, first, &[Loss::look((first, killed), start, resumed)?]),
    }
}

/// Judges a read that failed after one that was killed.
fn judge_failure(lab: &Lab<'_>, first: &Ran, killed: &Ran, ask: Ask) -> Result<Conclusion, Halt> {
    let again = lab.launch(Ask { id: format!("{}-again", ask.id), ..ask.round(1) })?;
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
