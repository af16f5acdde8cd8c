use crate::capture::Decoded;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// Something stands behind the message on its line.
    ///
    /// # What it checks
    /// A line of stdout holds one JSON value. What follows a message on the same line, white space apart, is a
    /// violation, be it a second message or text.
    ///
    /// # Why it matters
    /// The platform reads the first value of a line and ignores the rest without a word. A second record on the line
    /// is lost, and the sync is green.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"LOG","log":{"level":"INFO","message":"a"}} {"type":"LOG","log":{"level":"INFO","message":"b"}}
    /// good: {"type":"LOG","log":{"level":"INFO","message":"a"}}
    ///       {"type":"LOG","log":{"level":"INFO","message":"b"}}
    /// ```
    ///
    /// # How to mend it
    /// Write each message and its line feed in one call, from one place: two threads that print, or a print that
    /// writes the text and the line feed apart, produce this now and then. Flush before the process ends.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests and the CDK's standard tests do not look at this: a line with more than one value fails
    /// to parse, is logged, and is left out.
    TrailingData {
        code: "LINE-002",
        name: "trailing-data-on-line",
        level: Must,
        commands: [Spec, Check, Discover, Read, Write],
        authority: PlatformBehaviour,
        source: "platform: VersionedAirbyteStreamFactory reads one value a line",
        watches: [Watch::Oddity],
        about: Launch,
    }
}

#[derive(Default)]
struct TrailingData;

impl Observer for TrailingData {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let (Some(at), Decoded::Message(_) | Decoded::Broken(_)) = (look.line.trailing, &look.line.decoded) else {
            return;
        };
        let rest = String::from_utf8_lossy(&look.line.bytes[at..]);
        let is_message = rest.trim_start().starts_with("{\"type\"");
        let what = if is_message { "a second message" } else { "text" };
        findings.report(what, || {
            Violation::new(
                format!("{what} behind a message on the same line"),
                format!("{what} begins at byte {at} of the line; the platform drops it"),
            )
            .around(look.line, at)
        });
    }
}
