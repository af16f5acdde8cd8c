use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// An empty stream is COMPLETE without having been RUNNING.
    ///
    /// # What it checks
    /// Of a stream without records, RUNNING stands between STARTED and COMPLETE. That it does not is legal, and told at INFO
    /// for those whom Airbyte certifies. A read that was given a state is not judged, since it may well find nothing
    /// new. A stream with records and without RUNNING is STATUS-003's.
    ///
    /// # Why it matters
    /// The platform does not mind. Airbyte's acceptance tests do, for certified connectors: a stream of the test account that
    /// is empty then fails them, and has to be listed as empty or filled.
    ///
    /// # Example
    /// All statuses of a stream without records:
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"STARTED"}}}
    ///       {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"COMPLETE"}}}
    /// good: {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"RUNNING"}}}
    /// ```
    ///
    /// # How to mend it
    /// Nothing has to be done. Python CDK and Low-code emit RUNNING with the first record, and there is none: put a record
    /// into the test account where certification asks for one. Elsewhere, RUNNING may be emitted with the first response.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests ask for at least three statuses of each stream, for certified connectors only, so that
    /// empty streams fail. The standard tests of the Python CDK do not look at statuses.
    EmptyStreamNotRunning {
        code: "STATUS-011",
        name: "empty-stream-not-running",
        level: Info,
        commands: [Read],
        authority: CdkConvention,
        source: "Airbyte's acceptance tests: validate_stream_statuses",
        watches: [Watch::Message(Kind::Trace), Watch::Oddity],
        about: Stream,
        applies: |scene| scene.state.is_none().then_some(()).ok_or("a read from a state may well find nothing new"),
    }
}

#[derive(Default)]
struct EmptyStreamNotRunning {
    /// By place in the catalog: the stream's status before.
    last: Vec<&'static str>,
    /// A status or a record may have been lost, which a LINE rule says.
    unsure: bool,
}

impl Observer for EmptyStreamNotRunning {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        self.unsure |= look.line.loses("\"STREAM_STATUS\"") || look.line.loses("\"RECORD\"");
        let (Some(status), Some(place), false) = (look.status(), look.line.stream, self.unsure) else { return };
        self.last.resize(look.scene.streams.len(), "");
        let before = std::mem::replace(&mut self.last[place], if status.status == "STARTED" { "STARTED" } else { "" });
        let is_empty = look.summary.streams[place].records == 0;
        if status.status != "COMPLETE" || before != "STARTED" || !is_empty {
            return;
        }
        let stream = &look.scene.streams[place].descriptor;
        findings.report_stream("empty", stream, || {
            let message = format!("`{stream}` had no record, and went from STARTED to COMPLETE");
            Violation::new("an empty stream is never RUNNING", message)
                .on(look.line)
                .pointer("/trace/stream_status/status")
                .known_of("the Python CDK")
        });
    }
}
