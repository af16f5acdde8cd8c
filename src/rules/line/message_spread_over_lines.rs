use crate::capture::{Decoded, holds_a_message};
use crate::rules::{Ending, Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// A message is spread over several lines, or incomplete on its line.
    ///
    /// # What it checks
    /// Every JSON object on stdout begins and ends on one line. An object that is pretty-printed, that has a raw line
    /// feed within a string, or that breaks off before its end is a violation. Where nothing in it looks like a message
    /// of the protocol it is reported at SHOULD. The last line, cut off by the end of the output, is LINE-005's, and a LOG
    /// whose text has line feeds LOG-006's.
    ///
    /// # Why it matters
    /// The platform reads line by line. None of the pieces is a message, so all of them end up in the log as text: the
    /// record or state is lost, and the sync is green.
    ///
    /// # Example
    /// ```json
    /// bad:  {
    ///         "type": "RECORD",
    ///         "record": {"stream": "orders", "data": {"id": 17}, "emitted_at": 1700000000000}
    ///       }
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":17},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Serialize without indentation, and let the JSON library escape line feeds in strings as `\n`: never build
    /// messages by putting text together. Python CDK: log through the `airbyte` logger, which escapes stack traces, not
    /// with `print`. Java: no `writerWithDefaultPrettyPrinter`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests parse each line by itself and log those that are no message. A message in pieces is
    /// missed only where nothing else of its kind comes; the CDK's standard tests do no more.
    MessageSpreadOverLines {
        code: "LINE-001",
        name: "message-spread-over-lines",
        level: Must,
        commands: [Spec, Check, Discover, Read, Write],
        authority: ProtocolText,
        source: "airbyte-protocol: interface invariants",
        watches: [Watch::Oddity],
        about: Launch,
    }
}

#[derive(Default)]
struct MessageSpreadOverLines {
    spread: Option<Spread>,
}

/// An object whose lines are still coming.
struct Spread {
    opening: Violation,
    lines: u64,
    holds_a_message: bool,
}

impl Observer for MessageSpreadOverLines {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Decoded::Fragment { opening } = look.line.decoded else { return self.report(findings) };
        if opening {
            self.report(findings);
            // LINE-005 speaks of it, where it is the connector's doing; or LOG-006.
            if !look.line.terminated || look.tears_a_log() {
                return;
            }
            let opening = Violation::new("a JSON object is not complete on its line", "").on(look.line);
            self.spread = Some(Spread { opening, lines: 0, holds_a_message: false });
        }
        if let Some(spread) = &mut self.spread {
            spread.lines += 1;
            spread.holds_a_message |= holds_a_message(&String::from_utf8_lossy(look.line.bytes));
        }
    }

    fn conclude(&mut self, _: &Ending<'_>, findings: &mut Findings<'_>) {
        self.report(findings);
    }
}

impl MessageSpreadOverLines {
    fn report(&mut self, findings: &mut Findings<'_>) {
        let Some(Spread { opening, lines, holds_a_message }) = self.spread.take() else { return };
        let (cause, level, title) = match holds_a_message {
            true => ("message", Level::Must, "a message is not complete on its line"),
            false => ("text", Level::Should, "a JSON object is not complete on its line"),
        };
        let how = match lines {
            1 => "it breaks off before its end, and what is there can't be read".to_owned(),
            _ => format!("it is spread over {}, and none of them is a message", text::plural(lines, "line")),
        };
        findings.report(cause, || {
            opening.told(title, format!("{how}: the platform takes each line by itself")).level(level)
        });
    }
}
