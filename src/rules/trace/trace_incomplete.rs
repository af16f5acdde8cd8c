use crate::protocol::{Kind, Message, TraceBody};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use serde_json::value::RawValue;

rule! {
    /// A TRACE lacks its time, or an error its message.
    ///
    /// # What it checks
    /// Every TRACE carries `emitted_at`, a number of milliseconds since 1970 (a fraction is fine), and every TRACE of
    /// type ERROR an `error.message` that is not blank. A time of ten digits is taken for seconds and reported
    /// at SHOULD.
    ///
    /// # Why it matters
    /// The platform drops a TRACE without `emitted_at`: an error is not heard, a stream's status not seen. An error
    /// without a message is a red sync that tells its user nothing. With seconds, errors are sorted into January 1970.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","error":{"message":""}}}
    /// good: {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"The API refused the token. Sign in again."}}}
    /// ```
    ///
    /// # How to mend it
    /// Set both where traces are made. Python CDK: raise `AirbyteTracedException` with a `message`; without one the
    /// user gets a sentence that fits every failure. Java: `AirbyteTraceMessageUtility`, or `ConfigErrorException` with
    /// a text for the user.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests want a message in the trace of a `check` that is to end with an exception, and look
    /// at no other trace.
    TraceIncomplete {
        code: "TRACE-002",
        name: "trace-incomplete",
        level: Must,
        commands: [Spec, Check, Discover, Read, Write],
        authority: PlatformBehaviour,
        source: "platform: BasicAirbyteMessageValidator; AirbyteTraceMessage, AirbyteErrorTraceMessage",
        watches: [Watch::Message(Kind::Trace)],
        about: Launch,
    }
}

#[derive(Default)]
struct TraceIncomplete;

impl Observer for TraceIncomplete {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(Message::Trace(trace)) = look.message() else { return };
        if let TraceBody::Error(error) = &trace.body
            && error.message.as_ref().is_none_or(|message| message.trim().is_empty())
        {
            findings.report("message", || {
                let message = "`error.message` is missing or blank, so the user is told nothing";
                Violation::new("a TRACE/ERROR without a message", message).on(look.line).pointer("/trace/error/message")
            });
        }
        let Some((cause, level, title, message)) = fault(trace.emitted_at) else { return };
        findings.report(cause, || {
            let actual = trace.emitted_at.map_or("nothing", RawValue::get);
            Violation::new(title, message)
                .level(level)
                .on(look.line)
                .pointer("/trace/emitted_at")
                .expected("milliseconds since 1970", actual)
        });
    }
}

/// What is wrong with a trace's time: cause, level, title and message.
fn fault(emitted_at: Option<&RawValue>) -> Option<(&'static str, Level, &'static str, &'static str)> {
    let Some(raw) = emitted_at else {
        let message = "`emitted_at` is missing or null: the platform drops the message";
        return Some(("missing", Level::Must, "a TRACE without `emitted_at`", message));
    };
    // JSON has no other values that begin so.
    let is_number = raw.get().starts_with(|first: char| first == '-' || first.is_ascii_digit());
    let number = raw.get().parse::<f64>().ok().filter(|_| is_number);
    let Some(number) = number else {
        let message = "`emitted_at` is no number: the platform can't read the message";
        return Some(("type", Level::Must, "a TRACE whose `emitted_at` is no number", message));
    };
    let is_seconds = (1e9..1e10).contains(&number);
    let message = "`emitted_at` has ten digits before the point, as seconds have; milliseconds have thirteen";
    is_seconds.then_some(("seconds", Level::Should, "a TRACE whose `emitted_at` is in seconds", message))
}
