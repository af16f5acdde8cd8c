use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

/// The statuses that the protocol knows.
const WORDS: [&str; 4] = ["STARTED", "RUNNING", "COMPLETE", "INCOMPLETE"];

rule! {
    /// The statuses of a stream come in an order that the protocol does not have.
    ///
    /// # What it checks
    /// The statuses of each stream are STARTED, then RUNNING as often as it likes, then COMPLETE or INCOMPLETE, and
    /// nothing after that. STARTED and COMPLETE alone are fine for an empty stream, and so is INCOMPLETE alone for one
    /// that could not be started. A stream that does not end is STATUS-007's.
    ///
    /// # Why it matters
    /// The platform keeps the first terminal status and drops what does not fit, so that it shows users another state
    /// of the stream than the connector means. A status that it does not know makes it drop the whole message.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"COMPLETE"}}}
    ///       {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"RUNNING"}}}
    /// good: {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"STARTED"}}}
    ///       {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"COMPLETE"}}}
    /// ```
    ///
    /// # How to mend it
    /// Emit STARTED once, before anything is fetched, RUNNING with the first record, and the terminal status once,
    /// after the last retry, from the place that knows that the stream has ended. The CDKs do so by themselves: look
    /// for statuses that are emitted by hand beside theirs, and for a stream that is read in several parts of which
    /// each says COMPLETE.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests check the order for certified connectors only, on a read with records in every stream: there
    /// STARTED, RUNNING and COMPLETE must come, and empty streams fail. The Python CDK's standard tests do not look.
    StatusOrderWrong {
        code: "STATUS-002",
        name: "stream-status-out-of-order",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "AirbyteStreamStatusTraceMessage; AirbyteStreamStatus",
        watches: [Watch::Message(Kind::Trace), Watch::Oddity],
        about: Stream,
    }
}

#[derive(Default)]
struct StatusOrderWrong {
    /// By place in the catalog.
    phases: Vec<Phase>,
    /// A status may have been lost, which a LINE rule says: from there on nothing is certain.
    unsure: bool,
}

/// How far a stream is, as told by its statuses.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Phase {
    #[default]
    Fresh,
    Started,
    Ended,
}

impl Observer for StatusOrderWrong {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        self.unsure |= look.line.loses("\"STREAM_STATUS\"");
        let (Some(status), Some(place), false) = (look.status(), look.line.stream, self.unsure) else { return };
        self.phases.resize(look.scene.streams.len(), Phase::Fresh);
        let word = status.status.as_str();
        let (cause, title) = match (word, self.phases[place]) {
            (word, _) if !WORDS.contains(&word) => ("unknown", "a stream status that the protocol does not know"),
            (_, Phase::Ended) => ("after the end", "a stream status after the terminal one"),
            ("STARTED", Phase::Started) => ("started again", "a stream is STARTED twice"),
            ("RUNNING" | "COMPLETE", Phase::Fresh) => ("not started", "a stream status without STARTED before it"),
            _ => return self.advance(place, word),
        };
        self.advance(place, word);
        let stream = &look.scene.streams[place].descriptor;
        findings.report_stream(cause, stream, || {
            let shown = text::shorten(word, 40);
            let (expected, told) = match cause {
                "unknown" => {
                    let near = text::nearest(&shown, WORDS).map(|near| format!("; did you mean {near}?"));
                    (WORDS.join(", "), format!("`{stream}` has the status `{shown}`{}", near.unwrap_or_default()))
                }
                "after the end" => ("nothing more".into(), format!("`{stream}` has {shown} after its terminal status")),
                "started again" => ("RUNNING or a terminal status".into(), format!("`{stream}` is STARTED again")),
                _ => ("STARTED".into(), format!("the first status of `{stream}` is {shown}")),
            };
            Violation::new(title, told).on(look.line).pointer("/trace/stream_status/status").expected(expected, shown)
        });
    }
}

impl StatusOrderWrong {
    fn advance(&mut self, place: usize, word: &str) {
        self.phases[place] = match word {
            "STARTED" | "RUNNING" => Phase::Started,
            "COMPLETE" | "INCOMPLETE" => Phase::Ended,
            _ => self.phases[place],
        };
    }
}
