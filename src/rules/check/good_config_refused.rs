use crate::protocol::{Kind, Message};
use crate::rules::last_words::last_words;
use crate::rules::{Ending, Findings, Look, Observer, Scene, Violation, Watch, rule};
use crate::text;

rule! {
    /// `check` does not say SUCCEEDED to a configuration that works.
    ///
    /// # What it checks
    /// With a configuration that the suite says is good, `check` prints exactly one CONNECTION_STATUS, its status is
    /// SUCCEEDED, and the process ends with exit code 0. A `check` that is ended by the time limit before it says
    /// anything breaks the rule too. A CONNECTION_STATUS that is there but can't be read is a LINE rule's.
    ///
    /// # Why it matters
    /// A user with a good configuration can't save the connection. The platform takes the first CONNECTION_STATUS, and
    /// treats an exit code other than 0 as a failure whatever was printed before.
    ///
    /// # Example
    /// The whole output of `check`:
    /// ```json
    /// bad:  {"type":"CONNECTION_STATUS","connectionStatus":{"status":"FAILED","message":"401 Unauthorized"}}
    /// good: {"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}
    /// ```
    ///
    /// # How to mend it
    /// First make sure that the configuration is good today: tokens expire and sandboxes are reset. If it is, follow the
    /// message that is quoted. Python CDK: `check_connection` returns `(True, None)`;
    /// Low-code: the streams named in `check` must answer for every user; Java: return
    /// `new AirbyteConnectionStatus().withStatus(Status.SUCCEEDED)`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests want exactly one SUCCEEDED as well, and never look at the exit code.
    GoodConfigRefused {
        code: "CHECK-001",
        name: "good-config-refused",
        level: Must,
        commands: [Check],
        authority: ProtocolText,
        source: "protocol: Check; AirbyteConnectionStatus.status",
        watches: [Watch::Message(Kind::ConnectionStatus), Watch::Oddity],
        about: Launch,
        applies: applies,
    }
}

fn applies(scene: &Scene) -> Result<(), &'static str> {
    if scene.must_work() { Ok(()) } else { Err("the scenario is expected to fail") }
}

#[derive(Default)]
struct GoodConfigRefused {
    /// A status was meant and can't be read.
    lost: bool,
    /// The first two statuses, each with its line.
    statuses: Vec<(u64, String)>,
}

impl Observer for GoodConfigRefused {
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
        let count = ending.summary.count(Kind::ConnectionStatus);
        self.verdict(ending, findings);
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

impl GoodConfigRefused {
    fn verdict(&self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let (exit, account, words) = (ending.exit, ending.summary.account(), last_words(ending));
        let (how, status) = (exit.describe(), self.statuses.first().map(|(_, status)| status.as_str()));
        let (title, message) = match status {
            None if self.lost => return,
            None => ("check gives no verdict", format!("no CONNECTION_STATUS came ({how}); {account}{words}")),
            Some("SUCCEEDED") if exit.succeeded() || exit.ended.is_some() => return,
            Some("SUCCEEDED") => (
                "check fails after it said SUCCEEDED",
                format!("the status is SUCCEEDED, and then the process failed: {how}{words}"),
            ),
            Some("FAILED") => {
                let text = ending.summary.connection_status.as_ref().and_then(|(_, text)| text.as_ref());
                let says = text.map_or("it has no message".to_owned(), |text| {
                    format!("its message is `{}`", text::shorten(text, 300))
                });
                ("check says FAILED to a good configuration", format!("the status is FAILED, and {says}"))
            }
            Some(other) => (
                "the status is neither SUCCEEDED nor FAILED",
                format!("the status is `{other}`, which the platform does not know"),
            ),
        };
        findings.report(title, || {
            let violation = Violation::new(title, message)
                .expected("SUCCEEDED, exit code 0", format!("{}, {how}", status.unwrap_or("none")));
            match self.statuses.first() {
                Some((line, _)) => violation.at_message(*line).pointer("/connectionStatus/status"),
                None => violation,
            }
        });
    }
}
