use crate::protocol::{Kind, Message, TraceBody};
use crate::rules::user_text::unfit;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

/// How many characters of a message users read.
const MOST: usize = 2_000;

rule! {
    /// A TRACE/ERROR tells the user what only a programmer understands.
    ///
    /// # What it checks
    /// `error.message` of a TRACE of type ERROR is not a stack trace, an exception's class (`KeyError('x')`,
    /// `java.lang.IllegalStateException: null`), a page of HTML or a dump of JSON, and has at most 2,000 characters.
    /// `internal_message` and `stack_trace` may hold all of that. A message that is missing or blank is TRACE-002's.
    ///
    /// # Why it matters
    /// This message is what the platform shows, in the browser and in mails. A user who reads a stack trace does not know
    /// what to do, and asks the connector's maintainers.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"KeyError('expires_in')","failure_type":"system_error"}}}
    /// good: {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"The API's answer to the sign-in is incomplete.","internal_message":"KeyError('expires_in')","failure_type":"system_error"}}}
    /// ```
    ///
    /// # How to mend it
    /// Say in a sentence what failed and what the user can do; put the rest into `internal_message` and `stack_trace`.
    /// Python CDK: `AirbyteTracedException(message=…, internal_message=…)`; `from_exception` fills in both.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests look for a TRACE/ERROR and not at what it says.
    ErrorMessageUnclear {
        code: "TRACE-004",
        name: "error-message-not-for-users",
        level: Should,
        commands: [Spec, Check, Discover, Read, Write],
        authority: ProtocolText,
        source: "AirbyteErrorTraceMessage.message",
        watches: [Watch::Message(Kind::Trace)],
        about: Launch,
    }
}

#[derive(Default)]
struct ErrorMessageUnclear;

impl Observer for ErrorMessageUnclear {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(Message::Trace(trace)) = look.message() else { return };
        let TraceBody::Error(error) = &trace.body else { return };
        let Some(message) = error.message.as_deref() else { return };
        let Some(unfit) = unfit(message, MOST) else { return };
        findings.report(unfit.cause, || {
            Violation::new(
                format!("the message of a TRACE/ERROR is {}", unfit.what),
                format!("`error.message`, which the platform shows to the user, is {}", unfit.what),
            )
            .on(look.line)
            .pointer("/trace/error/message")
            .expected("a sentence for the user", text::shorten(message, 160))
        });
    }
}
