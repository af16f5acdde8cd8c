use crate::capture::Decoded;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// Another writer's message stands in the middle of a message.
    ///
    /// # What it checks
    /// No line of stdout begins as a message, breaks off, and goes on with another, whole message. Within a string the
    /// quotes of a message would be escaped, so that one was not meant to stand there. The rest of the torn message, on
    /// the next line, belongs to it. Two whole messages on a line are LINE-002's.
    ///
    /// # Why it matters
    /// Both messages are lost: the platform can read neither, logs the lines as text, and the sync is green. It happens
    /// under load only, in the largest syncs.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"ord{"type":"LOG","log":{"level":"INFO","message":"page 2"}}
    ///       ers","data":{"id":17},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":17},"emitted_at":1700000000000}}
    ///       {"type":"LOG","log":{"level":"INFO","message":"page 2"}}
    /// ```
    ///
    /// # How to mend it
    /// Let one thread write, fed by a queue, or hold a lock while a message is written together with its line feed, in
    /// one call, and flush before the lock is let go. Python: not `print` from several threads, which writes text and line
    /// feed apart; the concurrent CDK has a queue for it. Child processes must not inherit stdout.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests log lines that they can't parse and go on; they don't know what was lost in them.
    MessageTorn {
        code: "LINE-006",
        name: "message-torn-by-another",
        level: Must,
        commands: [Spec, Check, Discover, Read, Write],
        authority: ProtocolText,
        source: "airbyte-protocol: interface invariants; Python CDK: entrypoint.launch",
        watches: [Watch::Oddity],
        about: Launch,
    }
}

#[derive(Default)]
struct MessageTorn;

impl Observer for MessageTorn {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Decoded::Torn { opening: true, at } = look.line.decoded else { return };
        findings.report("torn", || {
            Violation::new(
                "a message is written into another",
                format!("a message begins at byte {at} of the line, within another one: the platform can read neither"),
            )
            .around(look.line, at)
            .expected("one message on a line", "a message within a message")
        });
    }
}
