//! CLI-008.

use crate::experiments::beside::{Look, prove};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::strike::mark_in;
use crate::experiments::{Conclusion, Launches};
use crate::launch::{Blow, Ended, ExitFacts, Handling};
use crate::plan::Ask;
use crate::rules::Level;
use std::sync::Arc;

experiment! {
    /// SIGTERM does not end a read in order.
    ///
    /// # What it checks
    /// A read is sent SIGTERM in its first half. It must end within the suite's `grace`, before SIGKILL has to end it; and
    /// with exit code 0, 143 or 130, or by that signal. Only what comes twice counts. A read that is over before it can be
    /// stopped is inconclusive. A local process gets the signal together with its children, a container at its first process alone.
    ///
    /// # Why it matters
    /// That is how the platform cancels a sync. A connector that does not hear it is killed, and can't release what it holds
    /// upstream; another exit code makes the sync that the user cancelled look like one that failed.
    ///
    /// # Example
    /// ```json
    /// bad:  ENTRYPOINT ["sh", "-c", "python /airbyte/main.py \"$@\""]     (the shell gets the signal, and waits)
    /// good: ENTRYPOINT ["python", "/airbyte/main.py"]                     (exit code 143)
    /// ```
    ///
    /// # How to mend it
    /// Let the connector be the container's first process: `exec` it in the entry point script. A first process gets no
    /// default action for SIGTERM: use an init (`tini`), or a handler that stops the work and exits with 143. Don't catch the
    /// exception that the handler raises where records are read.
    ///
    /// # What Airbyte's tests see
    /// Neither the acceptance tests nor the CDK's standard tests send a signal.
    run {
        code: "CLI-008",
        name: "sigterm-not-heeded",
        level: Should,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "Airbyte platform: exit codes of cancelled jobs",
        depth: Certification,
        launches: [
            Launches::one("read.terminated", "sent SIGTERM in its first half"),
            Launches::one("read.terminated-again", "once more").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let first = lab.incremental()?.complete()?;
    let ask = lab.read_like(first, "read.terminated", "sent SIGTERM in its first half")?;
    let ask = ask.treated(Handling { strike: Some(Blow::Term), ..Handling::default() });
    let ask = Ask { state: lab.scenario.state.clone().map(Arc::new), ..ask.struck_at(mark_in(first, lab.seed)?) };
    let proof = prove(lab, ask, None, look)?;
    Ok(proof.conclude(STATEMENT, |ran, how| Fault {
        cause: "not in order",
        level: Level::Should,
        title: "a read does not end in order on SIGTERM".to_owned(),
        message: format!("a read that was sent SIGTERM did not end in order, twice: {how}"),
        evidence: vec![evidence(&ran.id, None, "it ends within the grace, with exit code 143 or 0", how)],
        case: Some(ran.id.clone()),
    }))
}

fn look(ran: &Ran) -> Look {
    match &ran.exit {
        Ok(exit) => look_at(&ran.id, exit),
        Err(reason) => Look::Doubt(reason.clone()),
    }
}

fn look_at(id: &str, exit: &ExitFacts) -> Look {
    /// In order: by itself, by SIGTERM, by SIGINT, as the connector or its shell puts it.
    const IN_ORDER: [i64; 3] = [0, 143, 130];
    if exit.ended != Some(Ended::Terminated) || exit.out_of_memory {
        return Look::Doubt(format!("{id} was over before it could be stopped ({})", exit.describe()));
    }
    match (exit.needed_kill, exit.signal, exit.code) {
        (true, ..) => Look::Differs("it lived on for the whole grace, so that SIGKILL had to end it".to_owned()),
        (_, Some(2 | 15), _) => Look::Same,
        (_, _, Some(code)) if IN_ORDER.contains(&code) => Look::Same,
        (_, Some(signal), _) => Look::Differs(format!("it was ended by signal {signal}")),
        (_, None, Some(code)) => Look::Differs(format!("it ended with exit code {code}")),
        (_, None, None) => Look::Doubt(format!("how {id} ended is not known")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_in_order_has_several_codes_and_needs_no_kill() {
        let struck = |code: i64| ExitFacts { ended: Some(Ended::Terminated), ..ExitFacts::by_itself(code) };
        for code in [0, 130, 143] {
            assert_eq!(look_at("read", &struck(code)), Look::Same);
        }
        let signalled = ExitFacts { code: None, signal: Some(15), ..struck(0) };
        assert_eq!(look_at("read", &signalled), Look::Same);
        for exit in [struck(1), struck(139), ExitFacts { needed_kill: true, ..struck(137) }] {
            assert!(matches!(look_at("read", &exit), Look::Differs(_)));
        }
        assert!(matches!(look_at("read", &ExitFacts::by_itself(0)), Look::Doubt(_)));
    }
}
