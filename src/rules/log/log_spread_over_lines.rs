use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// A log of several lines is not escaped, so that its message is spread over lines.
    ///
    /// # What it checks
    /// The text of a LOG has its line feeds as `\n` within one line of output. A LOG that begins on a line and breaks off
    /// within its text is a violation; any other message in pieces is LINE-001's.
    ///
    /// # Why it matters
    /// The platform takes each line by itself. A stack trace, which is what has several lines most often, arrives in
    /// pieces without level, among those of other threads, and searching for errors does not find it.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"LOG","log":{"level":"ERROR","message":"Traceback:
    ///         KeyError"}}
    /// good: {"type":"LOG","log":{"level":"ERROR","message":"Traceback:\n  KeyError"}}
    /// ```
    ///
    /// # How to mend it
    /// Let a JSON library write the message; it escapes line feeds. Never put a message together from pieces of text. Java:
    /// the pattern of the log configuration needs the CDK's JSON layout, not `%m%n` between quotes.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests parse each line by itself and log those that are no message.
    LogSpreadOverLines {
        code: "LOG-006",
        name: "log-spread-over-lines",
        level: Should,
        commands: [Spec, Check, Discover, Read, Write],
        authority: ProtocolText,
        source: "airbyte-protocol: AirbyteLogMessage, interface invariants",
        watches: [Watch::Oddity],
        about: Launch,
    }
}

#[derive(Default)]
struct LogSpreadOverLines;

impl Observer for LogSpreadOverLines {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        // LINE-005 speaks of a last line that is cut off.
        if !look.line.terminated || !look.tears_a_log() {
            return;
        }
        findings.report("spread", || {
            Violation::new(
                "a LOG is spread over lines",
                "the line breaks off within the text of a LOG: its line feeds are not escaped",
            )
            .around(look.line, look.line.bytes.len())
            .expected("`\\n` within the text", "a line feed as it is")
        });
    }
}
