use crate::capture::Decoded;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// Lines are blank, or end in CR and LF.
    ///
    /// # What it checks
    /// Lines of stdout that hold only white space, and lines with a carriage return before their line feed, are told: once
    /// each, with their number.
    ///
    /// # Why it matters
    /// Readers that are built like the platform's skip the one and strip the other. Others do not, and it shows that
    /// something besides the serializer writes to stdout.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"LOG","log":{"level":"INFO","message":"a"}}<CR><LF>
    /// good: {"type":"LOG","log":{"level":"INFO","message":"a"}}<LF>
    /// ```
    ///
    /// # How to mend it
    /// Write each message with one `\n` behind it, whatever the system's own line end is. C#: set `Console.Out.NewLine` to
    /// `"\n"`. Python: no bare `print()`, and no message that brings a line feed of its own.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests and the CDK's standard tests do not look at this: they skip what is blank.
    LineEndUnusual {
        code: "LINE-017",
        name: "unusual-line-end",
        level: Info,
        commands: [Spec, Check, Discover, Read, Write],
        authority: Inference,
        source: "not written; readers of lines differ here",
        watches: [Watch::EveryLine],
        about: Launch,
    }
}

#[derive(Default)]
struct LineEndUnusual;

impl Observer for LineEndUnusual {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let is_blank = matches!(look.line.decoded, Decoded::Blank) && look.line.terminated;
        let (cause, message) = match look.line.bytes {
            _ if is_blank => ("a blank line", "the line holds nothing but white space"),
            [.., b'\r'] if look.line.terminated => ("CR before the line feed", "the line ends in CR and LF"),
            _ => return,
        };
        findings.report(cause, || Violation::new(cause, message).on(look.line));
    }
}
