//! CHECK-011.

use crate::experiments::answer::{Answer, describe, working_check};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran, limit_after};
use crate::experiments::{Conclusion, Launches};
use crate::plan::Ask;
use crate::protocol::Command;
use crate::rules::Level;

experiment! {
    /// `check` changes its mind about the same config.
    ///
    /// # What it checks
    /// After `check` has said SUCCEEDED, it is launched twice more with the same config, and must say so again. Where it does not, two
    /// more launches follow. It is a fault if it refuses the config at least twice and accepts it at least once among them. One
    /// refusal among many may be the API's, and a config that is refused from some point on was taken back by somebody: both are
    /// inconclusive, and so is a `transient_error`.
    ///
    /// # Why it matters
    /// The platform checks again before syncs. A verdict that is thrown like a coin makes a connection that works fail at random, and
    /// the user looks for the mistake in a config that has none.
    ///
    /// # Example
    /// What three launches of `check` say:
    /// ```json
    /// bad:  {"status":"SUCCEEDED"}  {"status":"FAILED","message":"No page was found."}  {"status":"SUCCEEDED"}
    /// good: {"status":"SUCCEEDED"}  {"status":"SUCCEEDED"}  {"status":"SUCCEEDED"}
    /// ```
    ///
    /// # How to mend it
    /// Ask for something that is always there, and repeat a request that fails for a passing reason (429, 5xx, a broken connection)
    /// before you say FAILED. Do not pick a stream or a record by chance. Low-code: name a stream in `CheckStream` that never is empty.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests launch `check` once with each config.
    run {
        code: "CHECK-011",
        name: "verdict-not-the-same-twice",
        level: Should,
        commands: [Check],
        authority: ProtocolText,
        source: "Airbyte protocol: check",
        depth: Certification,
        launches: [
            Launches::up_to(0, 2, "check.again", "check, with the config as it is, once more"),
            Launches::up_to(0, 2, "check.confirm.again", "and again, where it refused").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let good = working_check(lab)?;
    let ask = |id: &str, number: u32| {
        let ask = Ask::of(Command::Check, format!("{id}-{number}"), "check, with the config as it is, once more");
        ask.unjudged().within(limit_after(good)).round(number)
    };
    let mut rans = lab.launches([1, 2].map(|number| ask("check.again", number)))?;
    if rans.iter().any(|ran| Answer::of(ran).is_no()) {
        rans.extend(lab.launches([3, 4].map(|number| ask("check.confirm.again", number)))?);
    }
    let mut conclusion = Conclusion::of(STATEMENT, rans.last().copied().unwrap_or(good));
    let answers: Vec<Answer> = rans.iter().map(|ran| Answer::of(ran)).collect();
    match judge(&answers) {
        Verdict::Same => conclusion.judged(None),
        Verdict::Doubt(reason) => conclusion.inconclusive(None, format!("inconclusive: {reason}")),
        Verdict::Changes => conclusion.found(None, fault(good, &rans, &answers)),
    }
    Ok(conclusion)
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Same,
    Changes,
    Doubt(String),
}

/// Judges the answers after one that said SUCCEEDED.
fn judge(answers: &[Answer]) -> Verdict {
    let accepted = answers.iter().filter(|answer| **answer == Answer::Accepted).count();
    let refused = answers.iter().filter(|answer| answer.is_no()).count();
    let doubt = answers.iter().find_map(|answer| match answer {
        Answer::Doubt(reason) => Some(reason.clone()),
        _ => None,
    });
    match (accepted, refused, doubt) {
        (1.., 2.., _) => Verdict::Changes,
        (_, 0, None) => Verdict::Same,
        (_, 0, Some(reason)) => Verdict::Doubt(reason),
        (0, ..) => Verdict::Doubt("check accepted the config, and has refused it ever since".to_owned()),
        _ => Verdict::Doubt("check refused the config once among several times, which may be the API's".to_owned()),
    }
}

fn fault(good: &Ran, rans: &[&Ran], answers: &[Answer]) -> Fault {
    let refused: Vec<&&Ran> =
        rans.iter().zip(answers).filter(|(_, answer)| answer.is_no()).map(|(ran, _)| ran).collect();
    let told = |ran: &&&Ran| evidence(&ran.id, None, "SUCCEEDED, as before", describe(ran));
    Fault {
        cause: "changes",
        level: Level::Should,
        title: "check accepts a config and refuses it by turns".to_owned(),
        message: format!(
            "{} said SUCCEEDED; of {} more launches with the same config, {} did not, and others did again",
            good.id,
            rans.len(),
            refused.len()
        ),
        evidence: refused.iter().map(told).collect(),
        case: refused.first().map(|ran| ran.id.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_refusal_is_chance_and_two_are_a_habit() {
        let (yes, no) = (|| Answer::Accepted, || Answer::Refused);
        let doubt = || Answer::Doubt("the API".to_owned());
        let is_doubt = |answers: &[Answer]| matches!(judge(answers), Verdict::Doubt(_));
        assert_eq!(judge(&[yes(), yes()]), Verdict::Same);
        assert_eq!(judge(&[no(), yes(), no(), yes()]), Verdict::Changes);
        assert_eq!(judge(&[no(), Answer::Crashed, yes(), doubt()]), Verdict::Changes);
        assert!(is_doubt(&[no(), yes(), yes(), yes()]));
        assert!(is_doubt(&[no(), no(), no(), no()]));
        assert!(is_doubt(&[yes(), doubt()]));
    }
}
