//! CLI-004.

use crate::experiments::beside::{check_that_works, doubt_of, status_of};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::{Conclusion, Launches};
use crate::launch::{Arguments, Handling};
use crate::plan::Ask;
use crate::protocol::{Command, Kind};
use crate::rules::Level;

/// A word that is no command of the protocol.
const NO_COMMAND: &str = "frobnicate";

experiment! {
    /// A command line that makes no sense looks like success.
    ///
    /// # What it checks
    /// Two launches: one with a command that does not exist (`frobnicate`) in place of `check`, and `check` without its
    /// `--config`. Neither may end with exit code 0 as though all was well, nor put out a SPEC, a CATALOG, a RECORD, a STATE or a
    /// CONNECTION_STATUS that says SUCCEEDED. A CONNECTION_STATUS that says FAILED is good enough, whatever the exit code. What has
    /// to be ended by us is inconclusive. Options that do not exist are not tried: some platforms add their own.
    ///
    /// # Why it matters
    /// Whoever starts connectors tells success by exit code and messages. A wrong call that looks like success goes unnoticed, and
    /// what was meant by it never happens; a `check` without a config that succeeds has connected to something that nobody named.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}     (to `check`, without `--config`)
    /// good: usage: source-orders check --config FILE                                   (on stderr, exit code 2)
    /// ```
    ///
    /// # How to mend it
    /// Parse the command line with a library that refuses what it does not know (the CDKs do), and let its exit code through.
    /// An entry point script must not end with another command than the connector. Give `--config` no default.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests make no wrong calls, and never look at an exit code.
    run {
        code: "CLI-004",
        name: "wrong-call-looks-like-success",
        level: Must,
        commands: [Check],
        authority: CdkConvention,
        source: "Python CDK: parse_args of the entrypoint",
        depth: Certification,
        launches: [
            Launches::one("check.unknown-command", "with a command that does not exist"),
            Launches::one("check.without-config", "without --config"),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    check_that_works(lab)?;
    let with = |id: &str, purpose: &str, arguments: Arguments| {
        let handling = Handling { arguments, ..Handling::default() };
        Ask::of(Command::Check, id, purpose).treated(handling)
    };
    let unknown = Arguments::Verb(NO_COMMAND.to_owned());
    let asks = [
        with("check.unknown-command", "with a command that does not exist", unknown),
        with("check.without-config", "without --config", Arguments::Without("config")),
    ];
    let calls = ["a command that does not exist", "`check` without `--config`"];
    let launches = lab.launches(asks)?;
    let mut conclusion = Conclusion::of(STATEMENT, launches[1]);
    for (ran, call) in launches.into_iter().zip(calls) {
        match (ran.exit()?, doubt_of(ran), as_success(ran)) {
            (_, _, Some(how)) => conclusion.found(None, fault(call, ran, how)),
            (_, Some(doubt), None) => conclusion.inconclusive(None, format!("inconclusive: {doubt}")),
            (_, None, None) => conclusion.judged(None),
        }
    }
    Ok(conclusion)
}

/// In what a launch looks like success, if it does.
fn as_success(ran: &Ran) -> Option<String> {
    let status = status_of(ran);
    let payload =
        [Kind::Spec, Kind::Catalog, Kind::Record, Kind::State].into_iter().find(|kind| ran.summary.count(*kind) > 0);
    match (payload, status) {
        (Some(kind), _) => Some(format!("it put out a {}", kind.as_str())),
        (None, Some("SUCCEEDED")) => Some("it said SUCCEEDED".to_owned()),
        (None, None) if ran.succeeded() => Some(format!("exit code 0; {}", ran.summary.account())),
        (None, _) => None,
    }
}

fn fault(call: &'static str, ran: &Ran, how: String) -> Fault {
    Fault {
        cause: call,
        level: Level::Must,
        title: format!("{call} looks like success"),
        message: format!("{call}, and it looks like success: {how}"),
        evidence: vec![evidence(
            &ran.id,
            None,
            "another exit code than 0, and no SPEC, CATALOG, RECORD, STATE or status",
            how,
        )],
        case: Some(ran.id.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiments::beside::tests::check;

    #[test]
    fn success_is_an_exit_code_or_a_payload_and_failed_is_none() {
        assert!(as_success(&check(0, None)).is_some());
        assert!(as_success(&check(2, Some("SUCCEEDED"))).is_some());
        assert!(as_success(&check(0, Some("FAILED"))).is_none() && as_success(&check(2, None)).is_none());
        let mut speaks = check(2, None);
        speaks.summary.messages[Kind::Spec as usize] = 1;
        assert_eq!(as_success(&speaks).as_deref(), Some("it put out a SPEC"));
    }
}
