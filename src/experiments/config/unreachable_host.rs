//! CHECK-007.

use crate::experiments::answer::{
    Answer, allowed, answers, check_refusing, config_schema, describe, once_more, working_check,
};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::{Conclusion, Launches};
use crate::launch::Ended;
use crate::plan::Ask;
use crate::plan::configs::{Variation, unreachable};
use crate::rules::Level;
use crate::text;
use std::time::Duration;

/// How long `check` may take to find out that nobody answers, on top of what it takes with the good config.
const PATIENCE: Duration = Duration::from_secs(30);

experiment! {
    /// `check` does not come to an end where its host can't be reached.
    ///
    /// # What it checks
    /// The hosts and URLs of the config are replaced, once by an address that never answers (192.0.2.1, which is kept for documents)
    /// and once by a port that takes no connection. `check` must end within 30 seconds more than it took with the good config; where
    /// it does not, it is tried again. How it says that it failed is judged by the rules. SUCCEEDED is told at INFO: the host may be
    /// needed later only. Where the network refuses at once what leads nowhere, the first of them shows nothing.
    ///
    /// # Why it matters
    /// A typing error in the host is the most frequent mistake of all. The user sits in front of the form meanwhile, and after some
    /// minutes the platform gives up with a message of its own that does not name the host.
    ///
    /// # Example
    /// After two minutes, and after ten seconds:
    /// ```json
    /// bad:  (nothing)
    /// good: {"type":"CONNECTION_STATUS","connectionStatus":{"status":"FAILED","message":"No connection to db.example.com within 10 s."}}
    /// ```
    ///
    /// # How to mend it
    /// Give each connection a timeout of its own, about ten seconds, and let `check` try again once at most. Python CDK: a smaller
    /// `max_retries` and `max_time` while checking. JDBC: `connectTimeout` or `loginTimeout`.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests give a `check` a minute, and launch it with hosts that answer.
    run {
        code: "CHECK-007",
        name: "check-waits-for-ever",
        level: Should,
        commands: [Check],
        authority: CdkConvention,
        source: "acceptance tests: time limit of check; Airbyte's UX handbook",
        depth: Certification,
        launches: [
            Launches::up_to(0, 2, "check.unreachable", "check, with hosts that can't be reached"),
            Launches::up_to(0, 2, "check.confirm.unreachable", "the same once more, where it did not end").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let good = working_check(lab)?;
    let limit = good.exit()?.duration + PATIENCE;
    let variations = unreachable(config_schema(lab)?, &lab.scenario.config).into_iter();
    let ask = |variation: Variation| {
        let ask = check_refusing(good, "check.unreachable", &variation).refusing().within(limit);
        (variation, ask)
    };
    let asks = allowed(lab, variations.map(ask).collect());
    let answers = answers(lab, &asks)?;
    let Some((first, _)) = answers.first() else {
        return Err(Halt::Cannot("the config names no host that could be another one".to_owned()));
    };
    let mut conclusion = Conclusion::of(STATEMENT, first);
    let late = asks.iter().zip(&answers).filter(|(_, (ran, _))| is_late(ran));
    let mut again = lab.launches(late.map(|((_, ask), _)| once_more(ask)).collect::<Vec<Ask>>())?.into_iter();
    for ((variation, _), (ran, answer)) in asks.iter().zip(&answers) {
        let is_proven = is_late(ran) && again.next().is_some_and(is_late);
        match answer {
            _ if is_proven => conclusion.found(None, fault(Level::Should, ran, variation)),
            Answer::Accepted => conclusion.found(None, fault(Level::Info, ran, variation)),
            _ if ended_by_itself(ran) => conclusion.judged(None),
            _ => conclusion.inconclusive(None, format!("inconclusive: {} ({})", ran.id, describe(ran))),
        }
    }
    Ok(conclusion)
}

/// Whether it was ended for taking longer than it may. The suite's own limits may be shorter: those prove nothing.
fn is_late(ran: &Ran) -> bool {
    ran.exit
        .as_ref()
        .is_ok_and(|exit| matches!(exit.ended, Some(Ended::TimedOut | Ended::Silent)) && exit.duration >= PATIENCE)
}

fn ended_by_itself(ran: &Ran) -> bool {
    ran.exit.as_ref().is_ok_and(|exit| exit.ended.is_none() && exit.signal.is_none() && !exit.out_of_memory)
}

fn fault(level: Level, ran: &Ran, variation: &Variation) -> Fault {
    let title = match level {
        Level::Info => "check says SUCCEEDED, though its host can't be reached",
        _ => "check does not come to an end where its host can't be reached",
    };
    let took = ran.exit.as_ref().map(|exit| text::duration(exit.duration)).unwrap_or_default();
    let what = &variation.what;
    Fault {
        cause: title,
        level,
        title: title.to_owned(),
        message: format!("check was given a config {what}, and took {took}: {}", describe(ran)),
        evidence: vec![evidence(&ran.id, None, format!("FAILED within 30 s to a config {what}"), describe(ran))],
        case: Some(ran.id.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Summary;
    use crate::experiments::answer::tests::ran;

    #[test]
    fn only_half_a_minute_is_too_long() {
        let is_late = |ended, seconds| is_late(&ran(143, ended, seconds, Summary::default()));
        assert!(is_late(Some(Ended::TimedOut), 31));
        assert!(!is_late(Some(Ended::TimedOut), 20));
        assert!(!is_late(Some(Ended::Interrupted), 31));
        assert!(!is_late(None, 31));
    }
}
