//! CLI-002.

use crate::experiments::beside::{Look, Proof, check_again, check_that_works, checks_alike, prove, reads_to_its_end};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::{Conclusion, Launches};
use crate::launch::{FileNames, Handling};
use crate::plan::Ask;
use crate::protocol::{Command, Kind};
use crate::rules::Level;
use crate::text;

experiment! {
    /// What a connector does depends on the names of its files.
    ///
    /// # What it checks
    /// `check`, and a read from the final state, are given their config, catalog and state under names that have a space and a
    /// letter that is not ASCII, and no `.json`, in a folder with a space. `check` must say what it says with plain names; the
    /// read must succeed as it does with plain names, and not start over where that one goes on. A difference counts if it comes
    /// twice and the launch with plain names still is as before. Where no read ended with a state, `check` alone is judged.
    ///
    /// # Why it matters
    /// The command line names each file, and nothing says what it is called. The platform, its CLI and other runners each call
    /// them differently; a connector that looks for `config.json`, or hands the path to a shell, fails in one of them.
    ///
    /// # Example
    /// ```json
    /// bad:  eval "java -jar /airbyte/connector.jar $*"
    /// good: exec java -jar /airbyte/connector.jar "$@"
    /// ```
    ///
    /// # How to mend it
    /// Take the path as it is given. In entry point scripts, quote `"$@"`. Never tell a format by the file's extension.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests always use the same names, which are those that developers use.
    run {
        code: "CLI-002",
        name: "file-names-matter",
        level: Must,
        commands: [Check, Read],
        authority: ProtocolText,
        source: "Airbyte protocol for Docker: commands",
        depth: Certification,
        launches: [
            Launches::one("check.odd-names", "with files of odd names"),
            Launches::one("check.odd-names-again", "once more").on_doubt(),
            Launches::one("check.again", "as usual, to see whether all is as before").on_doubt(),
            Launches::one("read.from-final-state", "incremental, from the final state"),
            Launches::one("read.odd-names", "from the final state, with files of odd names"),
            Launches::one("read.odd-names-again", "once more").on_doubt(),
            Launches::one("read.plain-names", "from the final state once more, with plain names").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let odd = || Handling { file_names: FileNames::Odd, ..Handling::default() };
    let check = check_that_works(lab)?;
    let ask = Ask::of(Command::Check, "check.odd-names", "with files of odd names").treated(odd());
    let proof = prove(lab, ask, Some(check_again()), |ran| checks_alike(check, ran))?;
    let Proof::Same(_) = proof else { return Ok(proof.conclude(STATEMENT, |ran, how| fault("check", ran, how))) };
    let Some((first, state)) = first_with_state(lab)? else {
        return Ok(proof.conclude(STATEMENT, |ran, how| fault("check", ran, how)));
    };
    let resume =
        |id: &str, purpose: &str| Ok::<_, Halt>(lab.read_like(first, id, purpose)?.resuming(&first.id, state.clone()));
    let plain = lab.launch(resume("read.from-final-state", "incremental, from the final state")?)?.complete()?;
    let ask = resume("read.odd-names", "from the final state, with files of odd names")?.treated(odd());
    let alone = resume("read.plain-names", "from the final state once more, with plain names")?.round(1);
    let count = |ran: &Ran| ran.summary.count(Kind::Record);
    let proof = prove(lab, ask, Some(alone), |ran| match reads_to_its_end(ran) {
        Look::Same if starts_over(count(first), count(plain), count(ran)) => Look::Differs(format!(
            "it starts over: {}, where {} had {}",
            text::plural(count(ran), "record"),
            plain.id,
            count(plain)
        )),
        look => look,
    })?;
    Ok(proof.conclude(STATEMENT, |ran, how| fault("read", ran, how)))
}

/// The incremental read and its final state, where it came to one.
fn first_with_state<'l>(lab: &Lab<'l>) -> Result<Option<(&'l Ran, serde_json::Value)>, Halt> {
    let first = lab.incremental()?;
    Ok(first.final_state().ok().filter(|_| first.succeeded()).map(|state| (first, state)))
}

/// Whether a read that was given a state delivers as much as the one from the beginning, where another one that went on from
/// it had less than half.
fn starts_over(from_beginning: u64, plain: u64, odd: u64) -> bool {
    from_beginning > 0 && plain < from_beginning / 2 && odd >= from_beginning
}

fn fault(command: &'static str, ran: &Ran, how: String) -> Fault {
    Fault {
        cause: command,
        level: Level::Must,
        title: format!("{command} depends on what its files are called"),
        message: format!("with files of odd names, {command} came to something else, twice: {how}"),
        evidence: vec![evidence(&ran.id, None, "as with files of plain names", how)],
        case: Some(ran.id.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::starts_over;

    #[test]
    fn a_read_starts_over_where_its_like_went_on() {
        assert!(starts_over(70, 0, 70) && starts_over(70, 3, 71));
        assert!(!starts_over(70, 3, 12) && !starts_over(70, 60, 70) && !starts_over(0, 0, 0));
    }
}
