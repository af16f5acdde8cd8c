//! CLI-010.

use crate::experiments::beside::{Look, doubt_of, reads_to_its_end};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::{Conclusion, Launches};
use crate::protocol::Kind;
use crate::rules::Level;
use serde_json::json;

experiment! {
    /// A read without `--state` does not work, and with an empty state it does.
    ///
    /// # What it checks
    /// The incremental read that every suite makes has no `--state`, as a first sync. Where it ends with exit code 0 and
    /// delivers a record, all is well. Else the same read is made with `--state` and an empty list of states in it; if that succeeds
    /// and delivers records, and a second read without `--state` still does not, the missing option is the reason. Where the
    /// scenario has a state of its own, there is no read without one, and nothing is judged.
    ///
    /// # Why it matters
    /// The first sync of every connection has no state. A connector that needs the option fails it, or delivers nothing in
    /// it, and can never be set up.
    ///
    /// # Example
    /// ```json
    /// bad:  error: the following arguments are required: --state     (exit code 2)
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1717200000000}}
    /// ```
    ///
    /// # How to mend it
    /// Make `--state` optional, and begin at the start where it is missing. Python CDK: `read_state(None)` gives an empty list;
    /// don't index into it.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests read without a state too, and fail only where no record comes from any stream.
    run {
        code: "CLI-010",
        name: "state-option-required",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol for Docker: commands",
        depth: Standard,
        launches: [
            Launches::one("read.empty-state", "incremental, with an empty list of states").on_doubt(),
            Launches::one("read.afterwards", "without a state once more").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let first = lab.incremental()?;
    first.exit()?;
    if lab.scenario.state.is_some() {
        return Err(Halt::Cannot("the scenario has a state of its own".to_owned()));
    }
    let mut conclusion = Conclusion::of(STATEMENT, first);
    if delivers(first) {
        conclusion.judged(None);
        return Ok(conclusion);
    }
    if let Some(doubt) = doubt_of(first) {
        return Err(Halt::Cannot(format!("inconclusive: {doubt}")));
    }
    let ask = lab.read_like(first, "read.empty-state", "incremental, with an empty list of states")?;
    let empty = lab.launch(ask.state(json!([])))?;
    if !delivers(empty) {
        let reason = format!("inconclusive: {} delivers nothing either", empty.id);
        match first.succeeded() && empty.succeeded() {
            // An empty source: the option is accepted, and there is nothing to deliver.
            true => conclusion.judged(None),
            false => conclusion.inconclusive(None, reason),
        }
        return Ok(conclusion);
    }
    let again = lab.launch(lab.afterwards(first)?)?;
    let how = match reads_to_its_end(again) {
        Look::Differs(how) => how,
        Look::Same if !delivers(again) => "exit code 0, and no record".to_owned(),
        Look::Same | Look::Doubt(_) => {
            conclusion.inconclusive(None, format!("inconclusive: {} failed, and {} did not", first.id, again.id));
            return Ok(conclusion);
        }
    };
    conclusion.found(None, fault(again, empty, how));
    Ok(conclusion)
}

fn delivers(ran: &Ran) -> bool {
    ran.succeeded() && ran.summary.count(Kind::Record) > 0
}

fn fault(again: &Ran, empty: &Ran, how: String) -> Fault {
    Fault {
        cause: "needed",
        level: Level::Must,
        title: "a read needs `--state`".to_owned(),
        message: format!(
            "without `--state` the read comes to nothing, twice ({how}); with an empty one, {} works",
            empty.id
        ),
        evidence: vec![evidence(&again.id, None, "exit code 0 and records, as with an empty state", how)],
        case: Some(again.id.clone()),
    }
}
