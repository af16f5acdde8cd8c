//! A launch that is disturbed, beside the same launch left alone. A difference counts only where it comes again, and where
//! the launch that is left alone still is as it was.

use super::experiment::{Conclusion, Fault};
use super::lab::{Halt, Lab, Ran};
use crate::launch::ExitFacts;
use crate::plan::Ask;
use crate::protocol::Command;
use crate::rules::Statement;

/// What one launch shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// It is as the other.
    Same,
    /// It is not, and in what.
    Differs(String),
    /// It shows nothing, and why.
    Doubt(String),
}

/// What a disturbed launch came to, once it was made again where it had to be.
pub enum Proof<'l> {
    /// It is as the other.
    Same(&'l Ran),
    /// It differs, twice, and in what.
    Differs(&'l Ran, String),
    /// It shows nothing, and why.
    Doubt(&'l Ran, String),
}

/// Makes a launch that is disturbed, and where it differs makes it again; then the one that is left `alone`, if there is one, must
/// look as before.
pub fn prove<'l>(lab: &Lab<'l>, ask: Ask, alone: Option<Ask>, look: impl Fn(&Ran) -> Look) -> Result<Proof<'l>, Halt> {
    let first = lab.launch(ask.clone())?;
    first.exit()?;
    match look(first) {
        Look::Same => return Ok(Proof::Same(first)),
        Look::Doubt(reason) => return Ok(Proof::Doubt(first, reason)),
        Look::Differs(_) => {}
    }
    let again = Ask { id: format!("{}-again", ask.id), round: ask.round + 1, ..ask };
    let again = lab.launch(again)?;
    let how = match look(again) {
        Look::Differs(how) => how,
        Look::Same => return Ok(Proof::Doubt(again, format!("{} failed, and {} did not", first.id, again.id))),
        Look::Doubt(reason) => return Ok(Proof::Doubt(again, reason)),
    };
    let Some(alone) = alone else { return Ok(Proof::Differs(again, how)) };
    let alone = lab.launch(alone)?;
    Ok(match look(alone) {
        Look::Same => Proof::Differs(again, how),
        Look::Differs(_) | Look::Doubt(_) => {
            Proof::Doubt(again, format!("{} is not as before either, though nothing disturbs it", alone.id))
        }
    })
}

impl Proof<'_> {
    /// Takes it into the conclusion of an experiment; a fault is told by `fault`, of what differs and how.
    pub fn conclude(self, statement: Statement, fault: impl FnOnce(&Ran, String) -> Fault) -> Conclusion {
        match self {
            Proof::Same(ran) => {
                let mut conclusion = Conclusion::of(statement, ran);
                conclusion.judged(None);
                conclusion
            }
            Proof::Differs(ran, how) => {
                let mut conclusion = Conclusion::of(statement, ran);
                conclusion.found(None, fault(ran, how));
                conclusion
            }
            Proof::Doubt(ran, reason) => {
                let mut conclusion = Conclusion::of(statement, ran);
                conclusion.inconclusive(None, format!("inconclusive: {reason}"));
                conclusion
            }
        }
    }
}

/// `check` as every suite makes it. Halts unless it ended well, with a status.
pub fn check_that_works<'l>(lab: &Lab<'l>) -> Result<&'l Ran, Halt> {
    let check = lab.check()?.complete()?;
    match status_of(check) {
        Some(_) => Ok(check),
        None => Err(Halt::Cannot(format!("{} put out no CONNECTION_STATUS", check.id))),
    }
}

/// `check` once more, as every suite makes it.
pub fn check_again() -> Ask {
    Ask::of(Command::Check, "check.again", "once more, to see whether all is as before").round(1)
}

/// The status that a `check` came to.
pub fn status_of(ran: &Ran) -> Option<&str> {
    ran.summary.connection_status.as_ref().map(|(status, _)| status.as_str())
}

/// Why the end of a launch says nothing about how it was treated: a limit, memory, the user, a passing trouble of its API.
pub fn doubt_of(ran: &Ran) -> Option<String> {
    let exit = match &ran.exit {
        Ok(exit) => exit,
        Err(reason) => return Some(format!("{} was not launched: {reason}", ran.id)),
    };
    let is_transient = ran.summary.has_transient_error();
    match exit.ended.is_some() || exit.out_of_memory {
        true => Some(format!("{}: {}", ran.id, exit.describe())),
        false if is_transient && !exit.succeeded() => Some(format!("{} failed with a transient_error", ran.id)),
        false => None,
    }
}

/// Looks whether a `check` says what another one said, and ends as that.
pub fn checks_alike(base: &Ran, ran: &Ran) -> Look {
    if let Some(doubt) = doubt_of(ran) {
        return Look::Doubt(doubt);
    }
    let end = |ran: &Ran| {
        let exit = ran.exit.as_ref().map(ExitFacts::describe).unwrap_or_default();
        (status_of(ran).unwrap_or("no CONNECTION_STATUS").to_owned(), exit)
    };
    let (before, now) = (end(base), end(ran));
    match before == now {
        true => Look::Same,
        false => {
            Look::Differs(format!("{} and {}, where {} came to {} and {}", now.0, now.1, base.id, before.0, before.1))
        }
    }
}

/// Looks whether a read ends with exit code 0, as another one did.
pub fn reads_to_its_end(ran: &Ran) -> Look {
    match (doubt_of(ran), &ran.exit) {
        (Some(doubt), _) => Look::Doubt(doubt),
        (None, Ok(exit)) if !exit.succeeded() => {
            let error = ran.summary.first_error.as_ref().map_or(String::new(), |(message, _)| {
                format!("; its first TRACE/ERROR says `{}`", crate::text::shorten(message, 200))
            });
            Look::Differs(format!("{}{error}", exit.describe()))
        }
        _ => Look::Same,
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::capture::Summary;
    use crate::launch::{Ended, Subject};

    /// A `check` that ended with this code and said this.
    pub fn check(code: i64, status: Option<&str>) -> Ran {
        let connection_status = status.map(|status| (status.to_owned(), None));
        Ran {
            id: "shop.check".to_owned(),
            subject: Subject::default(),
            started: 0.0,
            exit: Ok(ExitFacts::by_itself(code)),
            summary: Summary { connection_status, ..Summary::default() },
            catalog: None,
            trail: None,
            transcript: "".into(),
            meanwhile: None,
            stored: Vec::new(),
        }
    }

    #[test]
    fn checks_are_alike_by_what_they_say_and_how_they_end() {
        let base = check(0, Some("SUCCEEDED"));
        assert_eq!(checks_alike(&base, &check(0, Some("SUCCEEDED"))), Look::Same);
        for other in [check(0, Some("FAILED")), check(1, Some("SUCCEEDED")), check(0, None)] {
            assert!(matches!(checks_alike(&base, &other), Look::Differs(_)));
        }
    }

    #[test]
    fn limits_memory_and_passing_trouble_show_nothing() {
        let base = check(0, Some("SUCCEEDED"));
        let (mut late, mut large, mut moody) = (check(1, None), check(137, None), check(1, None));
        late.exit = Ok(ExitFacts { ended: Some(Ended::TimedOut), ..ExitFacts::by_itself(143) });
        large.exit = Ok(ExitFacts { out_of_memory: true, ..ExitFacts::by_itself(137) });
        moody.summary.first_error = Some(("503".to_owned(), Some("transient_error".to_owned())));
        for ran in [late, large, moody] {
            assert!(matches!(checks_alike(&base, &ran), Look::Doubt(_)));
            assert!(matches!(reads_to_its_end(&ran), Look::Doubt(_)));
        }
        assert!(matches!(reads_to_its_end(&check(1, None)), Look::Differs(_)));
    }
}
