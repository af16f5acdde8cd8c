use crate::protocol::{Kind, Message, TraceBody};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// A read succeeded and put out a TRACE/ERROR.
    ///
    /// # What it checks
    /// Where `read` ends with exit code 0 and the last status of every stream is COMPLETE, no TRACE of type ERROR may
    /// have come. A TRACE/ERROR in a read that does not say COMPLETE for every stream tells of a failure, and that its
    /// exit code is 0 is CLI-007's. On `check` a TRACE/ERROR beside a FAILED status is normal.
    ///
    /// # Why it matters
    /// The platform records a reason of failure from any TRACE/ERROR, whatever the exit code: the user is told of a
    /// failure although all data arrived, and the next real one is taken less seriously.
    ///
    /// # Example
    /// In a read that goes on and completes:
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"Page 7 failed, trying again."}}}
    /// good: {"type":"LOG","log":{"level":"WARN","message":"Page 7 failed, trying again."}}
    /// ```
    ///
    /// # How to mend it
    /// Log at WARN what the connector gets over by itself. If it did not get over it, the stream is INCOMPLETE and the
    /// exit code not 0. Python CDK: do not call `emit_message` of a traced exception that you handle.
    ///
    /// # What Airbyte's tests see
    /// Neither Airbyte's acceptance tests nor the CDK's standard tests look at this.
    ErrorTraceInSuccessfulRead {
        code: "TRACE-006",
        name: "error-trace-in-successful-read",
        level: Must,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "platform: errorTraceMessageFailure",
        watches: [Watch::Message(Kind::Trace)],
        about: Launch,
    }
}

#[derive(Default)]
struct ErrorTraceInSuccessfulRead {
    first: Option<Violation>,
}

impl Observer for ErrorTraceInSuccessfulRead {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        let Some(Message::Trace(trace)) = look.message() else { return };
        if matches!(trace.body, TraceBody::Error(_)) && self.first.is_none() {
            self.first = Some(Violation::new("a TRACE/ERROR in a read that succeeds", "").on(look.line));
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        if !ending.exit.succeeded() || !ending.summary.all_complete() {
            return;
        }
        let Some(first) = self.first.take() else { return };
        findings.report("error", || {
            let errors = text::plural(ending.summary.error_traces, "TRACE/ERROR message");
            let told = ending.summary.describe_error().unwrap_or_default();
            let message = format!("the exit code is 0, every stream is COMPLETE, and there is {errors}; {told}");
            first.told("a TRACE/ERROR in a read that succeeds", message).pointer("/trace/type")
        });
    }
}
