use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// A log is written to stdout as plain text.
    ///
    /// # What it checks
    /// What a connector has to log comes as LOG messages. A line of text on stdout, without a message in it, is a
    /// violation; stderr is free. Text that holds a message, and JSON that is none, are LINE-003's.
    ///
    /// # Why it matters
    /// The platform logs such a line at INFO: nobody who filters by level sees the warning, and a user can't tell an
    /// error from chatter. Whatever prints text may one day print it in the middle of a message.
    ///
    /// # Example
    /// ```json
    /// bad:  Fetching page 2
    /// good: {"type":"LOG","log":{"level":"INFO","message":"Fetching page 2"}}
    /// ```
    ///
    /// # How to mend it
    /// Log in LOG messages, and send what libraries print to stderr. Python CDK: `logging.getLogger("airbyte")`, no
    /// `print`. Java and Kotlin: use the CDK's log configuration; a few lines from before it is loaded are known of all
    /// images of the JVM, and harmless.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests log what is no message and go on, and so do the CDK's standard tests.
    LogAsPlainText {
        code: "LOG-002",
        name: "log-as-plain-text",
        level: Should,
        commands: [Spec, Check, Discover, Read, Write],
        authority: ProtocolText,
        source: "airbyte-protocol: AirbyteLogMessage",
        watches: [Watch::Oddity],
        about: Launch,
    }
}

#[derive(Default)]
struct LogAsPlainText;

impl Observer for LogAsPlainText {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        if !look.is_plain_log() {
            return;
        }
        findings.report("text", || {
            let message = "the line is text: the platform logs it at INFO, whatever it says";
            Violation::new("plain text on stdout", message).on(look.line)
        });
    }
}
