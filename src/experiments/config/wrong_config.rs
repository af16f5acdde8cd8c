//! CHECK-003.

use crate::experiments::answer::{
    Answer, allowed, answers, check_refusing, config_schema, describe, once_more, working_check,
};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran, limit_after};
use crate::experiments::{Conclusion, Launches};
use crate::plan::Ask;
use crate::plan::configs::{Kind, Variation, refused};
use crate::protocol::Command;
use crate::rules::Level;
use crate::suite::Depth;

experiment! {
    /// `check` accepts a config that the specification rules out.
    ///
    /// # What it checks
    /// Configs that break the specification in one place are made from the good one: without a required field that has no default,
    /// with a value of another type, outside an `enum`, off a `pattern` and so on. `check` must say FAILED, or end with a TRACE/ERROR.
    /// SUCCEEDED to a missing field, or to a value that is not among those named, is a MUST; to a type that may have been converted,
    /// to a pattern or a bound a SHOULD. So is an end without either message, where it happens again. `check` is also given other
    /// secrets of the same form. If it refuses them, the rules judge how, and in a `certification` how `discover` does. If it
    /// accepts them all, that is told at INFO, since a source that needs no secret looks the same.
    ///
    /// # Why it matters
    /// Configs are also made by Terraform, by the API and by older versions of the form. What `check` lets pass fails in a sync with
    /// a message that nobody understands, or reads something else than was asked for.
    ///
    /// # Example
    /// What `check` says to a config without the required `shop`:
    /// ```json
    /// bad:  {"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}
    /// good: {"type":"CONNECTION_STATUS","connectionStatus":{"status":"FAILED","message":"Fill in the shop's name."}}
    /// ```
    ///
    /// # How to mend it
    /// Validate the config against the specification before anything else. Python CDK: leave `check_config_against_spec` at true. Java:
    /// the runner validates; Kotlin: annotate what is required. What the code does not need, the specification must not require.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests know only the wrong configs that the author wrote for them, and take any FAILED for an answer.
    run {
        code: "CHECK-003",
        name: "invalid-config-accepted",
        level: Must,
        commands: [Check],
        authority: CdkConvention,
        source: "Airbyte's best practices for connectors; Python CDK: validate_connection",
        depth: Standard,
        launches: [
            Launches::up_to(1, 25, "check.invalid", "check, with a config that breaks the specification"),
            Launches::up_to(1, 10, "check.wrong-secret", "check, with secrets that open nothing"),
            Launches::up_to(0, 1, "discover.wrong-secret", "discover, with secrets that check refused"),
            Launches::up_to(2, 3, "check.confirm.invalid", "the same once more, where it ended without a word").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let good = working_check(lab)?;
    let all = refused(config_schema(lab)?, &lab.scenario.config, lab.seed);
    let (secrets, others): (Vec<Variation>, Vec<Variation>) =
        all.into_iter().partition(|variation| variation.kind == Kind::MangledSecret);
    let only_one = secrets.len() == 1;
    let broken = others.into_iter().filter(|variation| !matches!(variation.kind, Kind::NotJson | Kind::NotAnObject));
    let ask = |variation: Variation| (variation.clone(), check_refusing(good, "check.invalid", &variation));
    let broken = allowed(lab, broken.take(most(lab, 0)).map(ask).collect());
    let ask =
        |variation: Variation| (variation.clone(), check_refusing(good, "check.wrong-secret", &variation).refusing());
    let secrets = allowed(lab, secrets.into_iter().take(most(lab, 1)).map(ask).collect());
    lab.launches(broken.iter().chain(&secrets).map(|(_, ask)| ask.clone()))?;
    let (broken_answers, secret_answers) = (answers(lab, &broken)?, answers(lab, &secrets)?);

    let mut conclusion = Conclusion::of(STATEMENT, broken_answers.first().map_or(good, |(ran, _)| ran));
    judge_broken(lab, &mut conclusion, &broken, &broken_answers)?;
    let is_of_all = secrets.first().is_some_and(|(variation, _)| variation.pointer.is_none() || only_one);
    judge_secrets(lab, &mut conclusion, (&secrets, is_of_all), &secret_answers)?;
    if conclusion.outcomes.is_empty() {
        let reason = "nothing can be made from the config that breaks the specification, or it breaks it already";
        conclusion.inconclusive(None, reason);
    }
    Ok(conclusion)
}

fn most(lab: &Lab<'_>, place: usize) -> usize {
    EXPERIMENT.launches[place].most_in(lab.depth)
}

fn judge_broken(
    lab: &Lab<'_>,
    conclusion: &mut Conclusion,
    asks: &[(Variation, Ask)],
    answers: &[(&Ran, Answer)],
) -> Result<(), Halt> {
    let silent = asks.iter().zip(answers).filter(|(_, (_, answer))| answer.is_silent());
    let again: Vec<Ask> = silent.take(most(lab, 3)).map(|((_, ask), _)| once_more(ask)).collect();
    let mut again = lab.launches(again)?.into_iter();
    for ((variation, _), (ran, answer)) in asks.iter().zip(answers) {
        let level = weight(variation.kind);
        let is_silent = answer.is_silent() && again.next().is_some_and(|ran| Answer::of(ran).is_silent());
        match answer {
            Answer::Accepted => {
                let title = "check accepts a config that the specification rules out";
                conclusion.found(None, fault("accepted", level, title, ran, variation));
            }
            Answer::Crashed | Answer::Nothing if is_silent => {
                let title = "check ends without a word at a config that the specification rules out";
                conclusion.found(None, fault("silent", level, title, ran, variation));
            }
            Answer::Refused => conclusion.judged(None),
            Answer::Crashed | Answer::Nothing => {
                conclusion.inconclusive(None, format!("inconclusive: {} ended without a word once", ran.id));
            }
            Answer::Doubt(reason) => conclusion.inconclusive(None, format!("inconclusive: {reason}")),
        }
    }
    Ok(())
}

/// How much it weighs to accept a variation. What can have been read in some way is no proof of carelessness.
fn weight(kind: Kind) -> Level {
    match kind {
        Kind::MissingRequired | Kind::Empty | Kind::OutsideEnum | Kind::UnknownBranch => Level::Must,
        // What else is there can tell the branch, too.
        Kind::MissingDiscriminator => Level::Info,
        _ => Level::Should,
    }
}

/// The first variation has other values of all secrets, or of all but those that one case leaves out. That one of several is
/// accepted says nothing: it may be unused.
fn judge_secrets(
    lab: &Lab<'_>,
    conclusion: &mut Conclusion,
    (asks, is_of_all): (&[(Variation, Ask)], bool),
    answers: &[(&Ran, Answer)],
) -> Result<(), Halt> {
    let (Some((variation, ask)), Some((ran, answer))) = (asks.first(), answers.first()) else { return Ok(()) };
    match answer {
        Answer::Accepted if is_of_all => {
            conclusion.found(None, fault("secret", Level::Info, "check accepts any secret", ran, variation));
        }
        Answer::Refused if lab.depth == Depth::Certification && lab.may_ask("discover.wrong-secret") => {
            let purpose = format!("discover, with a config {}", variation.what);
            let discover = Ask::of(Command::Discover, "discover.wrong-secret", purpose).refusing();
            let config = ask.config.clone();
            lab.launch(Ask { config, ..discover }.within(limit_after(lab.discover()?)))?;
        }
        _ => {}
    }
    Ok(())
}

fn fault(cause: &'static str, level: Level, title: &str, ran: &Ran, variation: &Variation) -> Fault {
    let came = describe(ran);
    Fault {
        cause,
        level,
        title: title.to_owned(),
        message: format!("check was given a config {}, and answered: {came}", variation.what),
        evidence: vec![evidence(&ran.id, None, format!("a refusal of a config {}", variation.what), came)],
        case: Some(ran.id.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_been_converted_weighs_less_than_what_is_missing() {
        assert_eq!([Kind::MissingRequired, Kind::UnknownBranch].map(weight), [Level::Must; 2]);
        assert_eq!([Kind::WrongType, Kind::OffPattern, Kind::OutOfBounds].map(weight), [Level::Should; 3]);
        assert_eq!(weight(Kind::MissingDiscriminator), Level::Info);
    }
}
