use crate::protocol::{Kind, Message, TraceBody};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

/// The types of failure that there are.
const TYPES: [&str; 3] = ["system_error", "config_error", "transient_error"];

rule! {
    /// A TRACE/ERROR does not say what sort of failure it is.
    ///
    /// # What it checks
    /// `error.failure_type` of a TRACE of type ERROR is `system_error`, `config_error` or `transient_error`. Whether it is
    /// the right one of them is not looked at.
    ///
    /// # Why it matters
    /// It decides who is told and whether the platform tries again: a `config_error` asks the user to act, a
    /// `transient_error` is tried again soon, and a `system_error` is the connector's own. Without it a wrong password
    /// looks like a bug.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"The key was refused."}}}
    /// good: {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"The key was refused.","failure_type":"config_error"}}}
    /// ```
    ///
    /// # How to mend it
    /// Python CDK: raise `AirbyteTracedException` with `failure_type=FailureType.config_error` and so on. Java and Kotlin:
    /// `ConfigErrorException`, `TransientErrorException`, `SystemErrorException`. Else write the member.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests look for a TRACE/ERROR and not for the type of its failure.
    FailureTypeUnknown {
        code: "TRACE-003",
        name: "failure-type-unknown",
        level: Should,
        commands: [Spec, Check, Discover, Read, Write],
        authority: ProtocolText,
        source: "AirbyteErrorTraceMessage.failure_type; protocol: Check",
        watches: [Watch::Message(Kind::Trace)],
        about: Launch,
    }
}

#[derive(Default)]
struct FailureTypeUnknown;

impl Observer for FailureTypeUnknown {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(Message::Trace(trace)) = look.message() else { return };
        let TraceBody::Error(error) = &trace.body else { return };
        let written = error.failure_type.as_deref();
        let (cause, title, message) = match written {
            Some(known) if TYPES.contains(&known) => return,
            None => (
                "missing",
                "a TRACE/ERROR without `failure_type`",
                "`error.failure_type` is missing: nobody can tell a wrong setting from a bug".to_owned(),
            ),
            Some(other) => (
                "unknown",
                "a TRACE/ERROR of a type of failure that the protocol does not have",
                format!("`{}` is no type of failure", text::shorten(other, 60)),
            ),
        };
        findings.report(cause, || {
            let actual = written.map_or("nothing".to_owned(), |written| text::shorten(written, 60));
            Violation::new(title, message)
                .on(look.line)
                .pointer("/trace/error/failure_type")
                .expected(TYPES.join(", "), actual)
        });
    }
}
