use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// Records of a stream come before its status says so.
    ///
    /// # What it checks
    /// Where a stream has statuses, no record of it comes before STARTED, at most one before RUNNING, and a stream that has
    /// records has RUNNING before COMPLETE. A status without STARTED before it is STATUS-002's.
    ///
    /// # Why it matters
    /// RUNNING tells the user that the first data of a stream has arrived. Without it, a stream of hours shows as starting
    /// or queued all the time, and looks as if it hung.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1700000000000}}
    ///       {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"STARTED"}}}
    /// good: {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"STARTED"}}}
    ///       {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"RUNNING"}}}
    ///       {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Emit STARTED before the first request and RUNNING right before the first record. The Python and Low-code CDKs do so
    /// by themselves: look for statuses or records that are emitted by hand, and for a buffer that lets one overtake the
    /// other. The Kotlin CDK emits no RUNNING at all: where none comes, this is told as its behaviour.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests, for certified connectors, ask for STARTED, RUNNING and COMPLETE in that order, and do not
    /// look where the records stand between them.
    RunningComesLate {
        code: "STATUS-003",
        name: "records-before-running",
        level: Should,
        commands: [Read],
        authority: ProtocolSchema,
        source: "AirbyteStreamStatus: STARTED, RUNNING",
        watches: [Watch::Message(Kind::Trace), Watch::Oddity],
        about: Stream,
    }
}

#[derive(Default)]
struct RunningComesLate {
    /// By place in the catalog: whether STARTED and RUNNING came.
    streams: Vec<(bool, bool)>,
    /// A status may have been lost, which a LINE rule says.
    unsure: bool,
}

impl Observer for RunningComesLate {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        self.unsure |= look.line.loses("\"STREAM_STATUS\"");
        let (Some(status), Some(place), false) = (look.status(), look.line.stream, self.unsure) else { return };
        self.streams.resize(look.scene.streams.len(), (false, false));
        let (started, running) = &mut self.streams[place];
        let records = look.summary.streams[place].records;
        let (cause, allowed) = match (status.status.as_str(), *started, *running) {
            ("STARTED", false, false) => ("STARTED", 0),
            ("RUNNING", true, false) => ("RUNNING", 1),
            ("COMPLETE", true, false) => ("COMPLETE", 0),
            _ => ("", u64::MAX),
        };
        match status.status.as_str() {
            "STARTED" => *started = true,
            // Told once; after COMPLETE nothing is expected any more.
            "RUNNING" | "COMPLETE" => *running = true,
            _ => {}
        }
        if records <= allowed {
            return;
        }
        // One that was late with STARTED is told of that alone.
        *running |= cause == "STARTED";
        let stream = &look.scene.streams[place].descriptor;
        findings.report_stream(cause, stream, || {
            let came = text::plural(records, "record");
            let (title, message) = match cause {
                "COMPLETE" => {
                    ("a stream with records is never RUNNING", format!("`{stream}` had {came}, and no RUNNING"))
                }
                word => ("records come before the status says so", format!("{came} of `{stream}` came before {word}")),
            };
            let expected =
                if cause == "STARTED" { "STARTED before the first record" } else { "RUNNING with the first record" };
            let violation = Violation::new(title, message)
                .on(look.line)
                .pointer("/trace/stream_status/status")
                .expected(expected, format!("{cause} after {came}"));
            if cause == "COMPLETE" { violation.known_of("the Kotlin CDK") } else { violation }
        });
    }
}
