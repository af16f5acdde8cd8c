//! What a connector answers to a config; and the launches of `check` with variations of the good one.

use super::lab::{Halt, Lab, Ran, limit_after};
use crate::launch::ExitFacts;
use crate::plan::configs::{Content, Variation};
use crate::plan::{Ask, ConfigFile};
use crate::protocol::{Command, Expect, Kind};
use crate::text;
use serde_json::Value;
use std::sync::Arc;

/// What a launch of `check`, or of `discover`, says about its config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It works: SUCCEEDED, or a CATALOG, and exit code 0.
    Accepted,
    /// It does not: FAILED, or a TRACE/ERROR.
    Refused,
    /// It ended by itself with another exit code than 0, and said neither.
    Crashed,
    /// It ended with exit code 0, and said neither.
    Nothing,
    /// It can't be told, and this is why: the end of the launch need not have to do with the config.
    Doubt(String),
}

impl Answer {
    /// The answer of a launch.
    pub fn of(ran: &Ran) -> Answer {
        let exit = match &ran.exit {
            Ok(exit) => exit,
            Err(reason) => return Answer::Doubt(format!("{} was not launched: {reason}", ran.id)),
        };
        let summary = &ran.summary;
        let failure = summary.first_error.as_ref().and_then(|(_, failure)| failure.as_deref());
        let status = summary.connection_status.as_ref().map(|(status, _)| status.as_str());
        if exit.ended.is_some() || exit.signal.is_some() || exit.out_of_memory {
            return Answer::Doubt(format!("{} did not end by itself ({})", ran.id, exit.describe()));
        }
        match status {
            Some("SUCCEEDED") if exit.succeeded() => Answer::Accepted,
            Some("SUCCEEDED") => Answer::Doubt(format!("{} said SUCCEEDED and then failed", ran.id)),
            _ if failure == Some("transient_error") => {
                Answer::Doubt(format!("{} failed with a transient_error: the API may be out of reach", ran.id))
            }
            Some("FAILED") => Answer::Refused,
            _ if summary.error_traces > 0 => Answer::Refused,
            _ if !exit.succeeded() => Answer::Crashed,
            _ if summary.count(Kind::Catalog) > 0 => Answer::Accepted,
            _ => Answer::Nothing,
        }
    }

    /// Whether the config did not work, for certain and in whatever way.
    pub fn is_no(&self) -> bool {
        matches!(self, Answer::Refused | Answer::Crashed | Answer::Nothing)
    }

    /// Whether nobody learns from it what is wrong.
    pub fn is_silent(&self) -> bool {
        matches!(self, Answer::Crashed | Answer::Nothing)
    }
}

/// What came of a launch, in words: `FAILED, exit code 0`.
pub(super) fn describe(ran: &Ran) -> String {
    let how = ran.exit.as_ref().map(ExitFacts::describe).unwrap_or_default();
    let status = ran.summary.connection_status.as_ref().map(|(status, _)| text::shorten(status, 60));
    let error = || ran.summary.describe_error().map(|error| text::shorten(&error, 200));
    format!("{}, {how}", status.or_else(error).unwrap_or_else(|| "no status and no TRACE/ERROR".to_owned()))
}

/// The `check` of the config as it is. Halts where it does not say SUCCEEDED: nothing can be compared with it.
pub(super) fn working_check<'l>(lab: &Lab<'l>) -> Result<&'l Ran, Halt> {
    let check = lab.check()?;
    match Answer::of(check) {
        Answer::Accepted => Ok(check),
        Answer::Doubt(reason) => Err(Halt::Cannot(reason)),
        _ => Err(Halt::Cannot(format!("{} did not say SUCCEEDED to the config as it is", check.id))),
    }
}

/// The specification's schema of the config. Halts where there is none.
pub(super) fn config_schema<'l>(lab: &Lab<'l>) -> Result<&'l Value, Halt> {
    let spec = lab.spec()?;
    let schema = spec.summary.specification.as_ref().and_then(|raw| raw.get("connectionSpecification"));
    schema.ok_or_else(|| Halt::Cannot(format!("{} gave no connectionSpecification", spec.id)))
}

/// A `check` with a variation of the config that is to be refused, judged by the experiment alone. Its id begins with
/// `prefix`.
pub(super) fn check_refusing(good: &Ran, prefix: &str, variation: &Variation) -> Ask {
    Ask { expect: Expect::Failed, ..check_with(good, prefix, variation) }
}

/// A `check` with a variation of the config, judged by the experiment alone. Its id begins with `prefix`.
pub(super) fn check_with(good: &Ran, prefix: &str, variation: &Variation) -> Ask {
    let config = match &variation.content {
        Content::Json(config) => ConfigFile::Json(Arc::new(config.clone())),
        Content::Bytes(bytes) => ConfigFile::Bytes(Arc::from(bytes.as_slice())),
    };
    let (id, purpose) = (format!("{prefix}.{}", variation.id), format!("check, with a config {}", variation.what));
    Ask::of(Command::Check, id, purpose).config(config).unjudged().within(limit_after(good))
}

/// The same `check` once more.
pub(super) fn once_more(ask: &Ask) -> Ask {
    let id = ask.id.replacen("check.", "check.confirm.", 1);
    Ask { id, purpose: format!("{}, once more", ask.purpose), ..ask.clone() }.round(1)
}

/// The `check` of the config as it is after others, to see whether it works still.
pub(super) fn afterwards(good: &Ran) -> Ask {
    let ask =
        Ask::of(Command::Check, "check.afterwards", "check, with the config as it is, to see whether it works still");
    ask.unjudged().within(limit_after(good)).round(1_000)
}

/// Those launches that may be asked for: all, unless the case of one alone is wanted.
pub(super) fn allowed(lab: &Lab<'_>, asks: Vec<(Variation, Ask)>) -> Vec<(Variation, Ask)> {
    asks.into_iter().filter(|(_, ask)| lab.may_ask(&ask.id)).collect()
}

/// The answers to variations of the config.
pub(super) fn answers<'l>(lab: &Lab<'l>, asks: &[(Variation, Ask)]) -> Result<Vec<(&'l Ran, Answer)>, Halt> {
    let rans = lab.launches(asks.iter().map(|(_, ask)| ask.clone()))?;
    Ok(rans.into_iter().map(|ran| (ran, Answer::of(ran))).collect())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::capture::Summary;
    use crate::launch::{Ended, Subject};
    use std::time::Duration;

    /// A launch that ended so, after so many seconds.
    pub fn ran(code: i64, ended: Option<Ended>, seconds: u64, summary: Summary) -> Ran {
        let duration = Duration::from_secs(seconds);
        let (signal, out_of_memory, outputs_left_open) = (None, false, false);
        let exit =
            ExitFacts { signal, out_of_memory, ended, outputs_left_open, duration, ..ExitFacts::by_itself(code) };
        Ran {
            id: "check.x".to_owned(),
            subject: Subject::default(),
            started: 0.0,
            exit: Ok(exit),
            summary,
            catalog: None,
            trail: None,
            transcript: "".into(),
            meanwhile: None,
            stored: Vec::new(),
        }
    }

    fn answer(code: i64, status: Option<&str>, failure: Option<&str>) -> Answer {
        let first_error = failure.map(|failure| ("told".to_owned(), Some(failure.to_owned())));
        let connection_status = status.map(|status| (status.to_owned(), None));
        let error_traces = u64::from(failure.is_some());
        Answer::of(&ran(code, None, 1, Summary { connection_status, first_error, error_traces, ..Summary::default() }))
    }

    #[test]
    fn an_answer_is_what_the_user_learns() {
        assert_eq!(answer(0, Some("SUCCEEDED"), None), Answer::Accepted);
        assert_eq!(answer(0, Some("FAILED"), None), Answer::Refused);
        assert_eq!(answer(1, Some("FAILED"), None), Answer::Refused);
        assert_eq!(answer(1, None, Some("config_error")), Answer::Refused);
        assert_eq!(answer(1, None, None), Answer::Crashed);
        assert_eq!(answer(0, None, None), Answer::Nothing);
    }

    #[test]
    fn what_may_be_chance_is_a_doubt() {
        let is_doubt = |answer: Answer| matches!(answer, Answer::Doubt(_));
        assert!(is_doubt(answer(1, None, Some("transient_error"))));
        assert!(is_doubt(answer(0, Some("FAILED"), Some("transient_error"))));
        assert!(is_doubt(answer(1, Some("SUCCEEDED"), None)));
        assert!(is_doubt(Answer::of(&ran(143, Some(Ended::TimedOut), 60, Summary::default()))));
    }
}
