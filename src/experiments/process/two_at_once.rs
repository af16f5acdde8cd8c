//! CLI-017.

use crate::experiments::beside::{Look, check_again, check_that_works, checks_alike, reads_to_its_end};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::{Conclusion, Launches};
use crate::launch::ExitFacts;
use crate::plan::Ask;
use crate::protocol::Command;
use crate::rules::Level;
use std::sync::Arc;

experiment! {
    /// Two launches at the same time disturb each other.
    ///
    /// # What it checks
    /// A `check` and an incremental read from the beginning are launched side by side, with the same config. Each must end as
    /// it does alone: the check with the same status, the read with exit code 0. Otherwise it is tried again, and then
    /// each is launched alone; only what fails twice together and works alone is told, at INFO, since an API may allow one
    /// session. Which records come is not compared. Where one was over before the other began (with `--jobs 1` always), it is
    /// inconclusive.
    ///
    /// # Why it matters
    /// Users test a connection while it syncs, and one source feeds several connections. Containers are apart, but what is
    /// upstream is not: replication slots, temporary tables, sessions, refresh tokens that can be used once. Local processes
    /// share files and ports too.
    ///
    /// # Example
    /// ```json
    /// bad:  CREATE TABLE tmp_airbyte_export AS SELECT ...
    /// good: CREATE TEMPORARY TABLE tmp_airbyte_export_7f3a AS SELECT ...
    /// ```
    ///
    /// # How to mend it
    /// Give what is made upstream or on disk a name of its own in each launch, and let the system choose ports. Don't end other
    /// sessions of the same user when a new one signs in.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests run one launch after another.
    run {
        code: "CLI-017",
        name: "launches-disturb-each-other",
        level: Should,
        commands: [Read],
        authority: Inference,
        source: "follows from the platform's checks during syncs",
        depth: Certification,
        launches: [
            Launches::one("check.beside-a-read", "at the same time as a read"),
            Launches::one("read.beside-a-check", "at the same time as a check"),
            Launches::one("check.beside-a-read-again", "once more").on_doubt(),
            Launches::one("read.beside-a-check-again", "once more").on_doubt(),
            Launches::one("check.again", "alone, to see whether it works").on_doubt(),
            Launches::one("read.afterwards", "alone, to see whether it works").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let (check, read) = (check_that_works(lab)?, lab.incremental()?.complete()?);
    let together = |suffix: &str, round: u32| {
        let state = lab.scenario.state.clone().map(Arc::new);
        let beside = lab.read_like(read, format!("read.beside-a-check{suffix}"), "at the same time as a check")?;
        let read = Ask { state, ..beside.unjudged().round(round) };
        let check = format!("check.beside-a-read{suffix}");
        let check = Ask::of(Command::Check, check, "at the same time as a read").unjudged().round(round);
        lab.launches([read, check])
    };
    let mut pair = together("", 1)?;
    let mut look = look_at(check, pair[0], pair[1])?;
    if let Look::Differs(_) = look {
        pair = together("-again", 2)?;
        look = look_at(check, pair[0], pair[1])?;
    }
    let mut conclusion = Conclusion::of(STATEMENT, pair[0]);
    match look {
        Look::Same => conclusion.judged(None),
        Look::Doubt(reason) => conclusion.inconclusive(None, format!("inconclusive: {reason}")),
        Look::Differs(how) => {
            let works = checks_alike(check, lab.launch(check_again())?) == Look::Same;
            match works && lab.launch(lab.afterwards(read)?)?.succeeded() {
                true => conclusion.found(None, fault(pair[0], how)),
                false => conclusion.inconclusive(None, "inconclusive: they do not work alone any more either"),
            }
        }
    }
    Ok(conclusion)
}

fn look_at(base: &Ran, read: &Ran, check: &Ran) -> Result<Look, Halt> {
    if !overlap((read.started, read.exit()?), (check.started, check.exit()?)) {
        return Ok(Look::Doubt(format!(
            "{} and {} did not run at the same time; it takes `--jobs 2`",
            read.id, check.id
        )));
    }
    Ok(match (reads_to_its_end(read), checks_alike(base, check)) {
        (Look::Differs(how), _) => Look::Differs(format!("{} came to {how}", read.id)),
        (_, Look::Differs(how)) => Look::Differs(format!("{} came to {how}", check.id)),
        (Look::Doubt(reason), _) | (_, Look::Doubt(reason)) => Look::Doubt(reason),
        (Look::Same, Look::Same) => Look::Same,
    })
}

/// Whether two launches, each with its beginning, ran at the same time for a while.
fn overlap(one: (f64, &ExitFacts), other: (f64, &ExitFacts)) -> bool {
    let end = |(started, exit): (f64, &ExitFacts)| started + exit.duration.as_secs_f64();
    one.0 < end(other) && other.0 < end(one)
}

fn fault(read: &Ran, how: String) -> Fault {
    Fault {
        cause: "disturb",
        level: Level::Info,
        title: "a check and a read at the same time disturb each other".to_owned(),
        message: format!("side by side they do not both work, twice, and alone they do: {how}"),
        evidence: vec![evidence(&read.id, None, "both come to what they come to alone", how)],
        case: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiments::beside::tests::check;
    use std::time::Duration;

    /// A launch that began then and ended with this code a second later.
    fn ran(started: f64, code: i64, status: Option<&str>) -> Ran {
        let exit = ExitFacts { duration: Duration::from_secs(1), ..ExitFacts::by_itself(code) };
        Ran { started, exit: Ok(exit), ..check(code, status) }
    }

    #[test]
    fn only_what_runs_at_the_same_time_can_disturb() {
        let base = check(0, Some("SUCCEEDED"));
        let look = |read: Ran, check: Ran| look_at(&base, &read, &check).expect("both were launched");
        let works = || ran(0.2, 0, Some("SUCCEEDED"));
        assert_eq!(look(ran(0.0, 0, None), works()), Look::Same);
        assert!(matches!(look(ran(0.0, 1, None), works()), Look::Differs(_)));
        assert!(matches!(look(ran(0.0, 0, None), ran(0.9, 0, Some("FAILED"))), Look::Differs(_)));
        assert!(matches!(look(ran(0.0, 1, None), ran(1.0, 0, Some("FAILED"))), Look::Doubt(_)));
    }
}
