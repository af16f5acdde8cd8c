use crate::launch::Ended;
use crate::protocol::{Expect, Kind, Message};
use crate::rules::{Ending, Findings, Level, Look, Observer, Scene, Violation, Watch, rule};
use crate::text;

rule! {
    /// `check` does not say FAILED to a configuration that is wrong.
    ///
    /// # What it checks
    /// With a configuration that the suite says is wrong, `check` prints exactly one CONNECTION_STATUS, its status is
    /// FAILED, and the process ends with exit code 0. TRACE messages beside it are fine. A process that fails is
    /// reported at SHOULD where a TRACE/ERROR says why, or not at all where the suite expects an exception.
    ///
    /// # Why it matters
    /// Where wrong credentials pass, the user finds out at the first sync; where `check` crashes, never what is wrong.
    ///
    /// # Example
    /// The whole output of `check`, for a wrong key:
    /// ```json
    /// bad:  {"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}
    /// good: {"type":"CONNECTION_STATUS","connectionStatus":{"status":"FAILED","message":"The API key is not valid."}}
    /// ```
    ///
    /// # How to mend it
    /// Let `check` make one request that needs the credentials, and turn its failure into FAILED with a message for
    /// people. Python CDK: return `(False, "…")` from `check_connection`; Low-code: list a stream under `check` that
    /// every account can read; Java: catch, and return `Status.FAILED` with a message.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests want one FAILED, or one TRACE, as told; they never look at the exit code.
    WrongConfigNotRefused {
        code: "CHECK-002",
        name: "wrong-config-not-refused",
        level: Must,
        commands: [Check],
        authority: ProtocolText,
        source: "protocol: Check; platform: ConnectorMessageProcessor",
        watches: [Watch::Message(Kind::ConnectionStatus), Watch::Oddity],
        about: Launch,
        applies: applies,
    }
}

fn applies(scene: &Scene) -> Result<(), &'static str> {
    if scene.must_work() { Err("the scenario is expected to succeed") } else { Ok(()) }
}

#[derive(Default)]
struct WrongConfigNotRefused {
    /// A status was meant and can't be read.
    lost: bool,
    /// The first two statuses, each with its line.
    statuses: Vec<(u64, String)>,
}

impl Observer for WrongConfigNotRefused {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        self.lost |= look.loses(Kind::ConnectionStatus);
        let Some(Message::ConnectionStatus(status)) = look.message() else { return };
        if self.statuses.len() < 2 {
            self.statuses.push((look.line.number, text::shorten(&status.status, 100)));
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        if ending.is_cut_short() {
            return;
        }
        let (count, how) = (ending.summary.count(Kind::ConnectionStatus), ending.exit.describe());
        if let Some((title, message, level)) = self.verdict(ending) {
            findings.report(title, || {
                let status = self.statuses.first().map_or("none", |(_, status)| status);
                let found = format!("{status}, {how}");
                let told = Violation::new(title, message).level(level).expected("FAILED, exit code 0", found);
                self.statuses.iter().take(1).fold(told, |told, (line, _)| told.at_message(*line))
            });
        }
        if let [(_, first), (line, second)] = &self.statuses[..] {
            findings.report("several", || {
                Violation::new(
                    "more than one CONNECTION_STATUS",
                    format!("{second} came after {first}; the platform takes the first status and ignores the rest"),
                )
                .at_message(*line)
                .expected("one CONNECTION_STATUS", count.to_string())
            });
        }
    }
}

impl WrongConfigNotRefused {
    fn verdict(&self, ending: &Ending<'_>) -> Option<(&'static str, String, Level)> {
        let (summary, exit) = (ending.summary, ending.exit);
        let (how, told) = (exit.describe(), if summary.error_traces > 0 { Level::Should } else { Level::Must });
        match self.statuses.first().map(|(_, status)| status.as_str()) {
            Some("SUCCEEDED") => {
                let message = "the status is SUCCEEDED for a configuration that the suite says is wrong".to_owned();
                Some(("check accepts a wrong configuration", message, Level::Must))
            }
            Some("FAILED") if exit.succeeded() || exit.ended.is_some() => None,
            Some("FAILED") => {
                let message = format!(
                    "the status is FAILED, and then the process failed: {how}; the platform takes that for an error of its own"
                );
                Some(("check fails after it said FAILED", message, told))
            }
            Some(other) => {
                let message = format!("the status is `{other}`, which the platform does not know");
                Some(("the status is neither SUCCEEDED nor FAILED", message, Level::Must))
            }
            None if told == Level::Should && ending.scene.expect == Expect::Exception => None,
            None if self.lost || matches!(exit.ended, Some(Ended::TimedOut | Ended::Silent)) => None,
            None => {
                let titles = ["check fails instead of saying FAILED", "check gives no verdict"];
                let title = titles[usize::from(exit.succeeded())];
                Some((title, format!("no CONNECTION_STATUS came ({how}); {}", summary.account()), told))
            }
        }
    }
}
