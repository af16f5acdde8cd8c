use crate::protocol::Kind;
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// The read emits no stream status at all.
    ///
    /// # What it checks
    /// A read that ends well, and delivers something or says nothing at all, emits a TRACE of type STREAM_STATUS. It is told once for the whole
    /// read. Where some streams have statuses, the ones without are STATUS-007's.
    ///
    /// # Why it matters
    /// Without statuses the platform guesses from records how far a stream is, and users can't see which streams are
    /// waiting, which are running and which are done.
    ///
    /// # Example
    /// All that a read says of `orders`:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1700000000000}}
    /// good: {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"STARTED"}}}
    ///       {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1700000000000}}
    ///       {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"COMPLETE"}}}
    /// ```
    ///
    /// # How to mend it
    /// Upgrade the CDK: the current Python, Low-code, Java and Kotlin CDKs emit statuses by themselves. Elsewhere emit
    /// STARTED, RUNNING with the first record, and COMPLETE or INCOMPLETE for each stream.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests ask for statuses of certified connectors only, unless told otherwise. The standard tests
    /// of the Python CDK do not look at them.
    NoStreamStatus {
        code: "STATUS-001",
        name: "no-stream-status",
        level: Should,
        commands: [Read],
        authority: CdkConvention,
        source: "Airbyte's acceptance tests: validate_stream_statuses; AirbyteStreamStatusTraceMessage",
        watches: [Watch::Message(Kind::Trace), Watch::Oddity],
        about: Launch,
        applies: |scene| scene.must_work().then_some(()).ok_or("the scenario is expected to fail"),
    }
}

#[derive(Default)]
struct NoStreamStatus {
    /// A status came, of whatever stream, or one may have been lost.
    has_any: bool,
}

impl Observer for NoStreamStatus {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        self.has_any |= look.status().is_some() || look.line.loses("\"STREAM_STATUS\"");
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let delivered = ending.summary.count(Kind::Record) + ending.summary.count(Kind::State);
        // One that says nothing whatever has not read, either; other rules see to what else it may have said.
        let has_said_else = delivered == 0 && ending.summary.lines > 0;
        if self.has_any || has_said_else || ending.scene.streams.is_empty() || !ending.exit.succeeded() {
            return;
        }
        findings.report("none", || {
            let message = format!("no stream has a status; {}", ending.summary.account());
            Violation::new("no stream status", message).expected("STARTED, RUNNING and COMPLETE of each stream", "none")
        });
    }
}
