use crate::protocol::{Kind, Message};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// A LOG has a level that the protocol does not have.
    ///
    /// # What it checks
    /// The `level` of a LOG is one of FATAL, ERROR, WARN, INFO, DEBUG and TRACE, in upper case. A level that is missing or no
    /// string is LINE-014's.
    ///
    /// # Why it matters
    /// The platform can't take the message. It logs the whole line as text, so that the user reads JSON and can't tell an
    /// error from chatter.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"LOG","log":{"level":"warning","message":"Page 7 failed, trying again."}}
    /// good: {"type":"LOG","log":{"level":"WARN","message":"Page 7 failed, trying again."}}
    /// ```
    ///
    /// # How to mend it
    /// Map the levels of the logging library: Python's WARNING is WARN, and CRITICAL is FATAL. The Python CDK's `airbyte`
    /// logger and the Java CDK's log configuration do so; take `AirbyteLogMessage.Level` instead of strings of your own.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests can't build a model from such a line: they log it as text and go on, and so do the CDK's
    /// standard tests.
    LogLevelUnknown {
        code: "LOG-001",
        name: "log-level-unknown",
        level: Must,
        commands: [Spec, Check, Discover, Read, Write],
        authority: ProtocolSchema,
        source: "AirbyteLogMessage.level",
        watches: [Watch::Message(Kind::Log)],
        about: Launch,
    }
}

/// The levels that there are.
const LEVELS: [&str; 6] = ["FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"];

#[derive(Default)]
struct LogLevelUnknown;

impl Observer for LogLevelUnknown {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(Message::Log(log)) = look.message() else { return };
        if LEVELS.contains(&log.level.as_ref()) {
            return;
        }
        findings.report("level", || {
            let level = text::shorten(&log.level, 60);
            Violation::new(
                "a LOG of a level that the protocol does not have",
                format!("`{level}` is no level: the platform logs the line as text"),
            )
            .on(look.line)
            .pointer("/log/level")
            .expected(LEVELS.join(", "), level.to_string())
        });
    }
}
