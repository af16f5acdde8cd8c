use crate::protocol::{Kind, Message};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// A command that worked logs errors.
    ///
    /// # What it checks
    /// Where a command ends with exit code 0, and a `check` says SUCCEEDED, no LOG of level ERROR or FATAL has come.
    ///
    /// # Why it matters
    /// Whoever searches the log of a failed sync for the reason finds errors that are none first, and learns to overlook
    /// them.
    ///
    /// # Example
    /// In a read that goes on and completes:
    /// ```json
    /// bad:  {"type":"LOG","log":{"level":"ERROR","message":"Page 7 failed, trying again."}}
    /// good: {"type":"LOG","log":{"level":"WARN","message":"Page 7 failed, trying again."}}
    /// ```
    ///
    /// # How to mend it
    /// Log at WARN what the connector gets over by itself, and at INFO what is to be expected. If it did not get over it, the
    /// command should fail and say why in a TRACE of type ERROR.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests and the CDK's standard tests do not look at the level of LOG messages.
    ErrorLogInSuccess {
        code: "LOG-005",
        name: "error-log-in-success",
        level: Info,
        commands: [Spec, Check, Discover, Read, Write],
        authority: Inference,
        source: "not written; follows from what the levels mean",
        watches: [Watch::Message(Kind::Log)],
        about: Launch,
    }
}

#[derive(Default)]
struct ErrorLogInSuccess {
    first: Option<Violation>,
    count: u64,
}

impl Observer for ErrorLogInSuccess {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        let Some(Message::Log(log)) = look.message() else { return };
        if !matches!(log.level.as_ref(), "ERROR" | "FATAL") {
            return;
        }
        self.count += 1;
        self.first.get_or_insert_with(|| Violation::new("", "").on(look.line).pointer("/log/level"));
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let refused = ending.summary.connection_status.as_ref().is_some_and(|(status, _)| status != "SUCCEEDED");
        let worked = ending.exit.succeeded() && !refused && ending.summary.error_traces == 0;
        let Some(first) = self.first.take().filter(|_| worked) else { return };
        let message =
            format!("the exit code is 0, and {} of level ERROR or FATAL came", text::plural(self.count, "LOG"));
        findings.report("errors", || first.told("errors are logged by a command that worked", message));
    }
}
