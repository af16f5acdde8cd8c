//! CHECK-009.

use crate::experiments::answer::{
    Answer, afterwards, allowed, answers, check_with, config_schema, describe, once_more, working_check,
};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::{Conclusion, Launches};
use crate::plan::Ask;
use crate::plan::configs::{Kind, Variation, accepted};
use crate::rules::Level;
use crate::suite::Depth;

experiment! {
    /// `check` refuses a config for saying more, or less, than it knows.
    ///
    /// # What it checks
    /// The good config gets a field that the specification does not know, wherever that allows it, and must still be accepted. In a
    /// `certification`, optional fields that are at their defaults are left out, and what else the specification allows is tried:
    /// other branches of a `oneOf`, other defaults. Those may be refused, since nobody knows whether they work; that one with its
    /// default left out is refused, or that `check` ends without a word, is told at INFO. A refusal counts if it comes twice and the
    /// good config is still accepted after it.
    ///
    /// # Why it matters
    /// Configs outlive the version that they were made for. Once a newer version drops a field, every stored config has one too many;
    /// once a version is rolled back, the same. The platform adds fields of its own, too.
    ///
    /// # Example
    /// What `check` says to a good config with one field more:
    /// ```json
    /// bad:  {"type":"CONNECTION_STATUS","connectionStatus":{"status":"FAILED","message":"unexpected keyword argument 'color'"}}
    /// good: {"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}
    /// ```
    ///
    /// # How to mend it
    /// Take the fields that you know and leave the others alone. Python: no `Config(**config)`; pydantic: `extra = "ignore"`. Java and
    /// Kotlin: `FAIL_ON_UNKNOWN_PROPERTIES` off. Fill in the specification's defaults where a field is missing.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests want the specification to allow unknown fields, and never send one.
    run {
        code: "CHECK-009",
        name: "unknown-field-refused",
        level: Should,
        commands: [Check],
        authority: PlatformBehaviour,
        source: "acceptance tests: additionalProperties is true; the platform keeps configs over versions",
        depth: Standard,
        launches: [
            Launches::up_to(1, 10, "check.allowed", "check, with another config that the specification allows"),
            Launches::up_to(1, 10, "check.confirm.allowed", "the same once more, where it was refused").on_doubt(),
            Launches::one("check.afterwards", "check, with the config as it is, to see whether it works still").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let good = working_check(lab)?;
    let is_for_all = |variation: &Variation| variation.kind == Kind::UnknownKeys || lab.depth == Depth::Certification;
    let variations = accepted(config_schema(lab)?, &lab.scenario.config, lab.seed).into_iter().filter(is_for_all);
    let variations = variations.take(EXPERIMENT.launches[0].most_in(lab.depth));
    let ask = |variation: Variation| (variation.clone(), check_with(good, "check.allowed", &variation));
    let asks = allowed(lab, variations.map(ask).collect());
    let answers = answers(lab, &asks)?;
    let Some((first, _)) = answers.first() else {
        let reason = "the specification allows no fields that it does not know, or the config breaks it already";
        return Err(Halt::Cannot(reason.to_owned()));
    };
    let mut conclusion = Conclusion::of(STATEMENT, first);
    let suspects =
        asks.iter().zip(&answers).filter(|((variation, _), (_, answer))| weight(variation, answer).is_some());
    let again = lab.launches(suspects.map(|((_, ask), _)| once_more(ask)).collect::<Vec<Ask>>())?;
    // A config that no longer works at all says nothing about its variations.
    let works_still = again.is_empty() || Answer::of(lab.launch(afterwards(good))?) == Answer::Accepted;
    let mut again = again.into_iter();
    for ((variation, _), (ran, answer)) in asks.iter().zip(&answers) {
        let level = weight(variation, answer);
        let is_same = |ran: &Ran| weight(variation, &Answer::of(ran)) == level;
        match (level, answer) {
            (Some(level), _) if again.next().is_some_and(is_same) && works_still => {
                conclusion.found(None, fault(level, ran, variation, answer));
            }
            (Some(_), _) => {
                let reason = format!("inconclusive: {} was no proof: once more it came out differently", ran.id);
                conclusion.inconclusive(None, reason);
            }
            (None, Answer::Doubt(reason)) => conclusion.inconclusive(None, format!("inconclusive: {reason}")),
            (None, _) => conclusion.judged(None),
        }
    }
    Ok(conclusion)
}

/// How much an answer weighs, if it is a fault.
fn weight(variation: &Variation, answer: &Answer) -> Option<Level> {
    match variation.kind {
        Kind::UnknownKeys => answer.is_no().then_some(Level::Should),
        kind if kind.keeps_meaning() => answer.is_no().then_some(Level::Info),
        _ => answer.is_silent().then_some(Level::Info),
    }
}

fn fault(level: Level, ran: &Ran, variation: &Variation, answer: &Answer) -> Fault {
    let title = match variation.kind {
        Kind::UnknownKeys => "check refuses a config with a field that it does not know",
        kind if kind.keeps_meaning() => "check refuses a config without a field that has a default",
        _ => "check ends without a word at a config that the specification allows",
    };
    let expected = if answer.is_silent() && !variation.kind.keeps_meaning() { "an answer" } else { "SUCCEEDED" };
    let came = describe(ran);
    Fault {
        cause: title,
        level,
        title: title.to_owned(),
        message: format!("twice check was given a config {}, and answered: {came}", variation.what),
        evidence: vec![evidence(&ran.id, None, format!("{expected} to a config {}", variation.what), came)],
        case: Some(ran.id.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::configs::Content;
    use serde_json::json;

    #[test]
    fn only_what_means_the_same_must_be_accepted() {
        let weight = |kind: Kind, answer: Answer| {
            let (id, what, content) = ("x".to_owned(), String::new(), Content::Json(json!({})));
            weight(&Variation { id, what, pointer: None, kind, content }, &answer)
        };
        assert_eq!(weight(Kind::UnknownKeys, Answer::Refused), Some(Level::Should));
        assert_eq!(weight(Kind::UnknownKeys, Answer::Accepted), None);
        assert_eq!(weight(Kind::UnknownKeys, Answer::Doubt("the API".to_owned())), None);
        assert_eq!(weight(Kind::WithoutDefault, Answer::Refused), Some(Level::Info));
        assert_eq!(weight(Kind::OtherBranch, Answer::Refused), None);
        assert_eq!(weight(Kind::OtherBranch, Answer::Crashed), Some(Level::Info));
    }
}
