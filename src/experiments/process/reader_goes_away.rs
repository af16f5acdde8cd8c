//! CLI-016.

use super::slow_reader::largest_read;
use crate::experiments::beside::{Look, prove};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::{Conclusion, Launches};
use crate::launch::{Ended, ExitFacts, Handling, Reader};
use crate::rules::Level;
use std::time::Duration;

/// What is still read, in bytes.
const READ: u64 = 4 << 10;

/// A read that pauses that long by itself may not try to write while we wait for it.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

experiment! {
    /// A read goes on when nobody takes its output any more.
    ///
    /// # What it checks
    /// The base read with the most output is made again, and its stdout is closed on our side after 4 KiB. It must end within the
    /// suite's `grace` and ten seconds more: living on counts if it does so twice. That it ends with exit code 0 all the same, as
    /// though everything had been read, is told at INFO. Only a local process can be treated so. A read of less than 128 KiB is
    /// inconclusive, since the pipe may have taken all of it; so is one that is silent for more than five seconds in the base
    /// read.
    ///
    /// # Why it matters
    /// When the platform's side of a sync dies, the source is alone. One that does not notice goes on calling the API, for hours, at
    /// the user's expense, next to the new attempt.
    ///
    /// # Example
    /// ```json
    /// bad:  except BrokenPipeError: continue
    /// good: BrokenPipeError: [Errno 32] Broken pipe     (on stderr, exit code 1)
    /// ```
    ///
    /// # How to mend it
    /// Let the error of a failed write end the process. Java: `System.out` swallows it; ask `checkError()` now and then, or
    /// write to the file descriptor. In a thread that only prints, hand the error to those that fetch.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests always read to the end.
    run {
        code: "CLI-016",
        name: "outlives-its-reader",
        level: Should,
        commands: [Read],
        authority: Inference,
        source: "follows from reads whose platform is gone",
        depth: Certification,
        launches: [
            Launches::one("read.abandoned", "the largest read, its stdout closed after 4 KiB"),
            Launches::one("read.abandoned-again", "once more").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let base = largest_read(lab)?;
    if base.summary.longest_gap > LONGEST_PAUSE {
        return Err(Halt::Cannot(format!("inconclusive: {} is silent for long by itself", base.id)));
    }
    let ask = lab.read_like(base, "read.abandoned", "the largest read, its stdout closed after 4 KiB")?;
    let ask = ask.treated(Handling { reader: Reader::GoesAway { after: READ }, ..Handling::default() });
    let ask = crate::plan::Ask { state: lab.afterwards(base)?.state, ..ask };
    let proof = prove(lab, ask, None, |ran| look(&ran.id, ran.exit.as_ref()))?;
    Ok(proof.conclude(STATEMENT, fault))
}

fn look(id: &str, exit: Result<&ExitFacts, &String>) -> Look {
    match exit {
        Err(reason) => Look::Doubt(reason.clone()),
        Ok(exit) if !exit.reader_left => Look::Doubt(format!("{id} was over before its stdout could be closed")),
        Ok(exit) if exit.ended == Some(Ended::OutlivedReader) => {
            Look::Differs(format!("it lived on, until it was ended after {}", crate::text::duration(exit.duration)))
        }
        Ok(exit) if exit.ended.is_some() || exit.out_of_memory => Look::Doubt(format!("{id}: {}", exit.describe())),
        Ok(exit) if exit.code == Some(0) => {
            Look::Differs("it ended with exit code 0, as though all had been read".to_owned())
        }
        Ok(_) => Look::Same,
    }
}

fn fault(ran: &Ran, how: String) -> Fault {
    let lives_on = ran.exit.as_ref().is_ok_and(|exit| exit.ended.is_some());
    let (cause, level, title) = match lives_on {
        true => ("lives on", Level::Should, "a read goes on when nobody takes its output any more"),
        false => ("exit code 0", Level::Info, "a read whose output nobody takes ends with exit code 0"),
    };
    Fault {
        cause,
        level,
        title: title.to_owned(),
        message: format!("after its stdout was closed on our side, {how}"),
        evidence: vec![evidence(&ran.id, None, "it ends soon, with another exit code than 0", how)],
        case: Some(ran.id.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_ends_with_an_error_is_as_it_should_be() {
        let left = |code: i64| ExitFacts { reader_left: true, ..ExitFacts::by_itself(code) };
        assert_eq!(look("read", Ok(&left(1))), Look::Same);
        let signalled = ExitFacts { code: None, signal: Some(13), ..left(0) };
        assert_eq!(look("read", Ok(&signalled)), Look::Same);
        assert!(matches!(look("read", Ok(&left(0))), Look::Differs(_)));
        let outlived = ExitFacts { ended: Some(Ended::OutlivedReader), ..left(143) };
        assert!(matches!(look("read", Ok(&outlived)), Look::Differs(_)));
        assert!(matches!(look("read", Ok(&ExitFacts::by_itself(0))), Look::Doubt(_)));
    }
}
