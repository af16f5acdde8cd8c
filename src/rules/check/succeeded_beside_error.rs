use crate::protocol::{Kind, Message, TraceBody};
use crate::rules::{Ending, Findings, Look, Observer, Scene, Violation, Watch, rule};

rule! {
    /// `check` says SUCCEEDED and puts out a TRACE/ERROR.
    ///
    /// # What it checks
    /// A `check` that says SUCCEEDED and ends with exit code 0 has no TRACE of type ERROR, before its status or after.
    /// One that fails after it said SUCCEEDED is CHECK-001's, a wrong configuration that is accepted CHECK-002's.
    ///
    /// # Why it matters
    /// The platform records both: a status that lets the user go on, and a reason of failure. What the user sees
    /// depends on which of them is looked at.
    ///
    /// # Example
    /// The whole output of `check`:
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"No access to refunds."}}}
    ///       {"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}
    /// good: {"type":"LOG","log":{"level":"WARN","message":"No access to refunds."}}
    ///       {"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}
    /// ```
    ///
    /// # How to mend it
    /// Decide which it is: FAILED with that message, or SUCCEEDED and a LOG at WARN. Python CDK: do not call
    /// `emit_message` of a traced exception that `check_connection` gets over. Java: no `AirbyteTraceMessageUtility`
    /// in a branch that goes on to return `Status.SUCCEEDED`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests count the CONNECTION_STATUS and compare its word; they do not look at what stands
    /// beside it.
    SucceededBesideError {
        code: "CHECK-006",
        name: "succeeded-beside-error-trace",
        level: Must,
        commands: [Check],
        authority: PlatformBehaviour,
        source: "platform: ConnectorMessageProcessor records the status and the failure reason",
        watches: [Watch::Message(Kind::Trace)],
        about: Launch,
        applies: applies,
    }
}

fn applies(scene: &Scene) -> Result<(), &'static str> {
    if scene.must_work() { Ok(()) } else { Err("the scenario is expected to fail") }
}

#[derive(Default)]
struct SucceededBesideError {
    first: Option<Violation>,
}

impl Observer for SucceededBesideError {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        let Some(Message::Trace(trace)) = look.message() else { return };
        if matches!(trace.body, TraceBody::Error(_)) && self.first.is_none() {
            self.first = Some(Violation::new("", "").on(look.line).pointer("/trace/type"));
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let status = ending.summary.connection_status.as_ref().map(|(status, _)| status.as_str());
        if !ending.exit.succeeded() || status != Some("SUCCEEDED") {
            return;
        }
        let Some(first) = self.first.take() else { return };
        findings.report("error", || {
            let told = ending.summary.describe_error().unwrap_or_default();
            first.told("check says SUCCEEDED and puts out a TRACE/ERROR", format!("the status is SUCCEEDED; {told}"))
        });
    }
}
