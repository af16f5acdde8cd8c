use crate::capture::Decoded;
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// A line of stdout is no message.
    ///
    /// # What it checks
    /// Every line of stdout that is not blank must be a message. JSON that means to be no message, what is neither JSON
    /// nor text, and lines too long or too deep to be looked at are reported at SHOULD. Text that holds a message which
    /// can't be read, because something stands before it, is reported at MUST. Logs in plain text are LOG-002's, and
    /// messages that tore each other LINE-006's.
    ///
    /// # Why it matters
    /// The platform logs such a line as text: it loses its level, and a reader of the log can't tell an error from
    /// chatter. A record within such a line never arrives, and the sync is green.
    ///
    /// # Example
    /// ```json
    /// bad:  {"level":"info","msg":"Fetching page 2"}
    /// bad:  DEBUG {"type":"RECORD","record":{"stream":"orders","data":{"id":17},"emitted_at":1700000000000}}
    /// good: {"type":"LOG","log":{"level":"INFO","message":"Fetching page 2"}}
    /// ```
    ///
    /// # How to mend it
    /// Log in LOG messages, and send what libraries print to stderr. Python CDK: `logging.getLogger("airbyte")`, no
    /// `print`. Java: use the CDK's log configuration; lines from before it is loaded are harmless. Where messages are
    /// mixed up, let one writer at a time write a message with its line feed, in one call.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests log what is no message and go on, and so do the CDK's standard tests. They do not tell
    /// chatter from a record that is lost in it.
    LineIsNoMessage {
        code: "LINE-003",
        name: "line-is-no-message",
        level: Should,
        commands: [Spec, Check, Discover, Read, Write],
        authority: ProtocolText,
        source: "airbyte-protocol: AirbyteLogMessage; platform: VersionedAirbyteStreamFactory",
        watches: [Watch::Oddity],
        about: Launch,
    }
}

#[derive(Default)]
struct LineIsNoMessage;

impl Observer for LineIsNoMessage {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let (cause, level, title, message) = match look.line.decoded {
            Decoded::Text { lost: true } => (
                "lost",
                Level::Must,
                "a message is lost in a line that can't be read",
                "the line is no JSON object from its first byte, and a message stands in it: the platform logs the \
                 whole line as text",
            ),
            Decoded::Text { lost: false } if look.is_plain_log() => return,
            Decoded::Text { lost: false } => (
                "text",
                Level::Should,
                "a line that is neither a message nor a log",
                "the line can't be read as JSON, and it is no text for people: the platform logs it as it is",
            ),
            Decoded::Json => (
                "json",
                Level::Should,
                "JSON on stdout that is no message",
                "the line is JSON without a message's `type`: the platform logs it as text",
            ),
            Decoded::Overlong => {
                ("long", Level::Should, "a line too long to be a message", "the platform refuses 20,000,000 characters")
            }
            Decoded::Deep => (
                "deep",
                Level::Should,
                "a message nested deeper than 128 levels",
                "the line is JSON and a message, but nested too deep to be judged; the platform gives up at 1,000 levels",
            ),
            _ => return,
        };
        findings.report(cause, || {
            let violation = Violation::new(title, message).level(level).on(look.line);
            match look.line.decoded {
                Decoded::Overlong => {
                    violation.expected("less than 20,000,000 characters", text::bytes(look.line.length))
                }
                _ => violation,
            }
        });
    }
}
