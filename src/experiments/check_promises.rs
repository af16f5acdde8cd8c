//! CHECK-008: with a config that `check` accepts, `discover` and a read work.

use crate::protocol::Command;
use crate::rules::{Authority, Evidence, Finding, Judged, Level, Outcome, Statement};

/// What is known about the experiment.
pub static CHECK_PROMISES: Statement = Statement {
    code: "CHECK-008",
    name: "accepted-config-does-not-work",
    level: Level::Should,
    authority: Authority::ProtocolText,
    source: "Airbyte protocol: check",
    commands: &[Command::Check],
    page: "\
`check` accepts a config with which nothing works.

# What it checks
All launches with one config, once they are over. Where `check` says SUCCEEDED, `discover` must end with exit code 0 or
deliver a CATALOG, and at least one read from the beginning must end with exit code 0 or deliver a record. Only reads of
streams that were discovered count. What was ended by us or by a signal, what ran out of memory, and what failed with a
`transient_error` says nothing about the config. What is wrong with the failed launch itself is told by other rules.

# Why it matters
`check` is what users see when they set a connection up. If it is content and every sync fails, they look for the mistake
everywhere but in the config, and the sync fails at night, when nobody is there to correct it.

# Example
```json
bad:  {\"type\":\"CONNECTION_STATUS\",\"connectionStatus\":{\"status\":\"SUCCEEDED\"}}     (and discover: 403, exit code 1)
good: {\"type\":\"CONNECTION_STATUS\",\"connectionStatus\":{\"status\":\"FAILED\",\"message\":\"The key may not list orders.\"}}
```

# How to mend it
Let `check` do what the other commands need: sign in, and ask for one record of a stream that every account has. Python
CDK: read through an availability strategy instead of only building the client. Low-code: name a stream in `CheckStream`
that needs the same rights as the others. Java: run the first query of discover.

# What Airbyte's tests see
Each of the commands is tested with the same config in the acceptance tests, and none of them is compared with what `check`
had said.
",
};

/// What a launch says about the config that it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use<'u> {
    /// The config is good for it.
    Works,
    /// It failed, and how it ended in words.
    Fails(&'u str),
    /// It did not happen, or its end has nothing to do with the config.
    Silent,
}

/// Judges what `check` said by what came of the other launches with its config: of `discover`, and of each read from
/// the beginning. Each comes with the id of its launch.
pub fn judge_promise(
    accepted: Result<&str, &str>,
    discover: Option<(&str, Use<'_>)>,
    reads: &[(&str, Use<'_>)],
) -> (Option<Finding>, Outcome) {
    let outcome = |judged| Outcome { rule: CHECK_PROMISES.code, stream: None, judged };
    let check = match accepted {
        Ok(launch) => launch,
        Err(reason) => return (None, outcome(Judged::No(reason.to_owned()))),
    };
    let is_good = reads.iter().any(|(_, came)| *came == Use::Works);
    let all = discover.iter().chain(reads.iter().filter(|_| !is_good));
    let failed: Vec<(&str, &str)> = all
        .filter_map(|(launch, came)| match came {
            Use::Fails(how) => Some((*launch, *how)),
            _ => None,
        })
        .collect();
    let Some((first, how)) = failed.first() else {
        let is_known = is_good || matches!(discover, Some((_, Use::Works)));
        let judged = if is_known { Judged::Yes } else { Judged::No("no other launch used its config".to_owned()) };
        return (None, outcome(judged));
    };
    let others = match failed.len() - 1 {
        0 => String::new(),
        others => format!(", and so did {others} more"),
    };
    let evidence = failed.iter().map(|(launch, how)| Evidence {
        launch: (*launch).to_owned(),
        message: None,
        stderr: false,
        pointer: None,
        excerpt: None,
        expected: Some("it works, as check had said".to_owned()),
        actual: Some((*how).to_owned()),
    });
    let finding = Finding {
        rule: CHECK_PROMISES.code.to_owned(),
        name: CHECK_PROMISES.name.to_owned(),
        level: CHECK_PROMISES.level,
        authority: CHECK_PROMISES.authority,
        cause: "does not work".to_owned(),
        streams: Vec::new(),
        title: "check says SUCCEEDED to a config that does not work".to_owned(),
        message: format!("{check} says SUCCEEDED, and with the same config {first} failed ({how}){others}"),
        count: 1,
        evidence: evidence.collect(),
    };
    (Some(finding), outcome(Judged::Yes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was told of these launches: the launches in evidence, or why nothing was judged.
    fn told(discover: Use<'_>, reads: [Use<'_>; 2]) -> Result<Vec<String>, String> {
        let reads = [("full", reads[0]), ("incremental", reads[1])];
        let (finding, outcome) = judge_promise(Ok("check"), Some(("discover", discover)), &reads);
        match outcome.judged {
            Judged::Yes => Ok(finding.into_iter().flat_map(|it| it.evidence).map(|it| it.launch).collect()),
            Judged::No(reason) => Err(reason),
        }
    }

    #[test]
    fn a_promise_is_broken_where_nothing_works() {
        let fails = Use::Fails("exit code 1");
        assert_eq!(told(fails, [Use::Silent; 2]), Ok(vec!["discover".to_owned()]));
        assert_eq!(told(Use::Works, [fails; 2]), Ok(vec!["full".to_owned(), "incremental".to_owned()]));
        assert_eq!(told(Use::Works, [fails, Use::Silent]), Ok(vec!["full".to_owned()]));
    }

    #[test]
    fn a_promise_is_kept_where_one_read_works_and_a_doubt_is_no_fault() {
        assert_eq!(told(Use::Works, [Use::Fails("exit code 1"), Use::Works]), Ok(vec![]));
        assert_eq!(told(Use::Works, [Use::Silent; 2]), Ok(vec![]));
        assert!(told(Use::Silent, [Use::Silent; 2]).is_err());
        let (finding, outcome) = judge_promise(Err("check says FAILED"), None, &[("full", Use::Fails("exit code 1"))]);
        assert_eq!((finding, outcome.judged), (None, Judged::No("check says FAILED".to_owned())));
    }
}
