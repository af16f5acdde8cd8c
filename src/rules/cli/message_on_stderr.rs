use crate::protocol::Kind;
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

rule! {
    /// A message of the protocol stands on stderr.
    ///
    /// # What it checks
    /// No line of stderr is a message: a JSON object whose `type` is one of the protocol's, with its payload. A LOG there is
    /// reported at INFO. What else stands on stderr is the connector's own business.
    ///
    /// # Why it matters
    /// Nobody reads stderr but for logging it as text. A record or a state that is printed there is lost, and the sync is
    /// green.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":17},"emitted_at":1700000000000}}    (on stderr)
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":17},"emitted_at":1700000000000}}    (on stdout)
    /// ```
    ///
    /// # How to mend it
    /// Write all messages to stdout, those of libraries and child processes to stderr. In shell scripts look for `>&2`, in
    /// Java for an appender on `System.err`, in Python for `logging.StreamHandler()`, whose default is stderr.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests read the logs of the container, stdout and stderr in one, and so take it for a message.
    MessageOnStderr {
        code: "CLI-014",
        name: "message-on-stderr",
        level: Should,
        commands: [Spec, Check, Discover, Read, Write],
        authority: ProtocolText,
        source: "airbyte-protocol: interface invariants",
        watches: [Watch::Stderr],
        about: Launch,
    }
}

#[derive(Default)]
struct MessageOnStderr;

impl Observer for MessageOnStderr {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(kind) = message(look.line.bytes) else { return };
        let level = if kind == Kind::Log { Level::Info } else { Level::Should };
        findings.report(kind.as_str(), || {
            Violation::new(
                format!("a {} on stderr", kind.as_str()),
                format!("a {} stands on stderr, where the platform takes it for text", kind.as_str()),
            )
            .level(level)
            .on(look.line)
        });
    }
}

/// The kind of message that the line is.
fn message(line: &[u8]) -> Option<Kind> {
    let line = line.trim_ascii();
    if !line.starts_with(b"{") {
        return None;
    }
    let message: Value = serde_json::from_slice(line).ok()?;
    let kind = Kind::parse(message.get("type")?.as_str()?)?;
    message.get(kind.payload_key()).filter(|payload| payload.is_object()).map(|_| kind)
}
