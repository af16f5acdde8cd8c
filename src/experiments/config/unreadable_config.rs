//! CLI-005.

use crate::experiments::answer::{
    Answer, allowed, answers, check_refusing, config_schema, describe, once_more, working_check,
};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::{Conclusion, Launches};
use crate::launch::Ended;
use crate::plan::Ask;
use crate::plan::configs::{Kind, Variation, refused};
use crate::rules::Level;

experiment! {
    /// `check` accepts a `--config` file that is no configuration.
    ///
    /// # What it checks
    /// `check` is launched with a `--config` file that is no JSON, in a `certification` also with an empty file and with a JSON array.
    /// It must fail: FAILED, or a TRACE/ERROR and an exit code other than 0. SUCCEEDED breaks the rule; to an array it is a SHOULD.
    /// Where the connector ends without either message, that is a SHOULD, since no platform writes such files. A `check` that does
    /// not end, twice, while it does end with the good config, hangs.
    ///
    /// # Why it matters
    /// A connector that goes on with defaults where it can't read its config talks to another place than the user said, with a green
    /// check. A truncated file is what a full disk or a broken mount leaves behind.
    ///
    /// # Example
    /// What `check` says to a file that stops in the middle:
    /// ```json
    /// bad:  {"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}
    /// good: {"type":"CONNECTION_STATUS","connectionStatus":{"status":"FAILED","message":"The configuration is no JSON object."}}
    /// ```
    ///
    /// # How to mend it
    /// Parse the file first, without a default for what can't be read, and turn the failure into FAILED or a TRACE/ERROR of type
    /// `config_error`. The kits do so as long as nobody catches the error: Python CDK, `read_config`; Java and Kotlin, by themselves.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests write every config themselves, so it is always a JSON object.
    run {
        code: "CLI-005",
        name: "unreadable-config-accepted",
        level: Must,
        commands: [Check],
        authority: CdkConvention,
        source: "Python CDK: connector.py, read_config",
        depth: Standard,
        launches: [
            Launches::up_to(1, 3, "check.unreadable", "check, with a config file that is no JSON object"),
            Launches::up_to(1, 3, "check.confirm.unreadable", "the same once more, where it did not end").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let good = working_check(lab)?;
    let files = refused(config_schema(lab)?, &lab.scenario.config, lab.seed).into_iter();
    let files = files.filter(|file| matches!(file.kind, Kind::NotJson | Kind::NotAnObject));
    let most = EXPERIMENT.launches[0].most_in(lab.depth);
    let asks = files.map(|file| (file.clone(), check_refusing(good, "check.unreadable", &file))).take(most).collect();
    let asks: Vec<(Variation, Ask)> = allowed(lab, asks);
    let answers = answers(lab, &asks)?;
    let Some((first, _)) = answers.first() else { return Err(Halt::Cannot("no such launch is wanted".to_owned())) };
    let mut conclusion = Conclusion::of(STATEMENT, first);
    // Once it has ended by itself, and not when it has to wait for somebody.
    let is_endless = |ran: &Ran| {
        let ended = ran.exit.as_ref().ok().and_then(|exit| exit.ended);
        matches!(ended, Some(Ended::TimedOut | Ended::Silent))
    };
    let endless = asks.iter().zip(&answers).filter(|(_, (ran, _))| is_endless(ran));
    let again = lab.launches(endless.map(|((_, ask), _)| once_more(ask)).collect::<Vec<_>>())?;
    let mut again = again.into_iter();
    for ((file, _), (ran, answer)) in asks.iter().zip(&answers) {
        let hangs = is_endless(ran) && again.next().is_some_and(is_endless);
        match fault(file, answer, hangs) {
            Some((level, what)) => conclusion.found(None, told(ran, file, level, what)),
            None if answer.is_no() => conclusion.judged(None),
            None => conclusion.inconclusive(None, format!("inconclusive: {}", describe(ran))),
        }
    }
    Ok(conclusion)
}

fn fault(file: &Variation, answer: &Answer, hangs: bool) -> Option<(Level, &'static str)> {
    match answer {
        Answer::Accepted if file.kind == Kind::NotAnObject => {
            Some((Level::Should, "check accepts a config that is no object"))
        }
        Answer::Accepted => Some((Level::Must, "check accepts a config file that is no JSON")),
        Answer::Crashed | Answer::Nothing => {
            Some((Level::Should, "check does not say that it can't read its config file"))
        }
        Answer::Doubt(_) if hangs => Some((Level::Must, "check hangs where it can't read its config file")),
        Answer::Refused | Answer::Doubt(_) => None,
    }
}

fn told(ran: &Ran, file: &Variation, level: Level, what: &'static str) -> Fault {
    let came = describe(ran);
    Fault {
        cause: what,
        level,
        title: what.to_owned(),
        message: format!("check was given a config {}, and answered: {came}", file.what),
        evidence: vec![evidence(&ran.id, None, format!("a refusal of a config {}", file.what), came)],
        case: Some(ran.id.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_refusal_is_right_and_silence_is_a_lesser_fault() {
        let files = refused(&json!({}), &json!({}), 1);
        let of = |kind: Kind| files.iter().find(|file| file.kind == kind).expect("a file");
        let level = |kind: Kind, answer: Answer, hangs| fault(of(kind), &answer, hangs).map(|(level, _)| level);
        assert_eq!(level(Kind::NotJson, Answer::Accepted, false), Some(Level::Must));
        assert_eq!(level(Kind::NotAnObject, Answer::Accepted, false), Some(Level::Should));
        assert_eq!(level(Kind::NotJson, Answer::Crashed, false), Some(Level::Should));
        assert_eq!(level(Kind::NotJson, Answer::Refused, false), None);
        let doubt = || Answer::Doubt("it was ended".to_owned());
        assert_eq!(level(Kind::NotJson, doubt(), true), Some(Level::Must));
        assert_eq!(level(Kind::NotJson, doubt(), false), None);
    }
}
