//! CLI-009.

use crate::experiments::beside::{Look, check_again, check_that_works, checks_alike, prove};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::{Conclusion, Launches, lab::limit_after};
use crate::launch::{Ended, Handling};
use crate::plan::Ask;
use crate::protocol::Command;
use crate::rules::Level;

experiment! {
    /// A source waits for its stdin.
    ///
    /// # What it checks
    /// `check` is launched with a stdin that is open and through which nothing comes. It must say and come to what it does
    /// with a closed one. A difference, or never ending, counts if it comes twice and `check` with a closed stdin still works
    /// after that. Other commands are not tried, and a command that reads stdin without waiting for it is not noticed.
    ///
    /// # Why it matters
    /// Sources are given everything as files. Where a connector runs, stdin may be open for ever: one that waits for its end
    /// hangs there, though it works on a developer's machine.
    ///
    /// # Example
    /// ```json
    /// bad:  config = json.load(sys.stdin) if not sys.stdin.isatty() else read_config(path)
    /// good: config = read_config(path)
    /// ```
    ///
    /// # How to mend it
    /// Read nothing from stdin. An entry point script should give `</dev/null` to tools that do, `ssh` and `psql` among them.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests and the CDK's standard tests launch connectors with whatever stdin there is.
    run {
        code: "CLI-009",
        name: "source-waits-for-stdin",
        level: Should,
        commands: [Check],
        authority: ProtocolText,
        source: "Airbyte protocol: interface invariants",
        depth: Certification,
        launches: [
            Launches::one("check.open-stdin", "with a stdin that stays open"),
            Launches::one("check.open-stdin-again", "once more").on_doubt(),
            Launches::one("check.again", "as usual, to see whether all is as before").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let check = check_that_works(lab)?;
    let ask = Ask::of(Command::Check, "check.open-stdin", "with a stdin that stays open").within(limit_after(check));
    let ask = ask.treated(Handling { stdin_open: true, ..Handling::default() });
    let proof = prove(lab, ask, Some(check_again()), |ran| look(check, ran))?;
    Ok(proof.conclude(STATEMENT, |ran, how| Fault {
        cause: "waits",
        level: Level::Should,
        title: "check does not work while its stdin is open".to_owned(),
        message: format!("with a stdin that stays open, check came to something else, twice: {how}"),
        evidence: vec![evidence(&ran.id, None, "as with a closed stdin", how)],
        case: Some(ran.id.clone()),
    }))
}

fn look(base: &Ran, ran: &Ran) -> Look {
    match &ran.exit {
        Ok(exit) if matches!(exit.ended, Some(Ended::Silent | Ended::TimedOut)) => Look::Differs(exit.describe()),
        _ => checks_alike(base, ran),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiments::beside::tests::check;
    use crate::launch::ExitFacts;

    #[test]
    fn never_ending_is_a_difference_and_what_memory_ended_shows_nothing() {
        let (base, mut ran) = (check(0, Some("SUCCEEDED")), check(0, None));
        ran.exit = Ok(ExitFacts { ended: Some(Ended::Silent), ..ExitFacts::by_itself(143) });
        assert!(matches!(look(&base, &ran), Look::Differs(_)));
        ran.exit = Ok(ExitFacts { ended: Some(Ended::Memory), ..ExitFacts::by_itself(143) });
        assert!(matches!(look(&base, &ran), Look::Doubt(_)));
    }
}
