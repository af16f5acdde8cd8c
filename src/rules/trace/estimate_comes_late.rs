use crate::protocol::{Kind, Message, TraceBody};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};
use std::collections::HashMap;

rule! {
    /// The estimate of a stream comes after its records, or is of no stream that is read.
    ///
    /// # What it checks
    /// A TRACE of type ESTIMATE for a STREAM names a configured stream, and the first one of a stream with records comes
    /// before the last of them.
    ///
    /// # Why it matters
    /// An estimate is for showing how far a sync is. Afterwards it is of no use, and of a stream that is not read it
    /// promises rows that never come.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ESTIMATE","emitted_at":1700000000000,"estimate":{"name":"refunds","type":"STREAM","row_estimate":3,"byte_estimate":300}}}    with `orders` alone in the catalog
    /// good: {"type":"TRACE","trace":{"type":"ESTIMATE","emitted_at":1700000000000,"estimate":{"name":"orders","type":"STREAM","row_estimate":24,"byte_estimate":4800}}}    before the first record
    /// ```
    ///
    /// # How to mend it
    /// Count before the first row is read, for the streams of the configured catalog, with their namespaces.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look at estimates.
    EstimateComesLate {
        code: "TRACE-010",
        name: "estimate-out-of-place",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "airbyte-protocol: AirbyteEstimateTraceMessage",
        watches: [Watch::Message(Kind::Trace)],
        about: Launch,
    }
}

#[derive(Default)]
struct EstimateComesLate {
    /// By the stream's place, of its first estimate: how many records had come.
    first: HashMap<usize, (u64, Violation)>,
}

impl Observer for EstimateComesLate {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(Message::Trace(trace)) = look.message() else { return };
        let TraceBody::Estimate(estimate) = &trace.body else { return };
        let Some(named) = estimate.descriptor().filter(|_| estimate.scope() == Some("STREAM")) else { return };
        let violation = || Violation::new("", "").on(look.line).pointer("/trace/estimate/name");
        let Some(place) = look.scene.place_meant(&named) else {
            findings.report("unknown", || {
                let message = format!("the estimate is of `{named}`, which is no configured stream");
                violation().told("an estimate of a stream that is not configured", message)
            });
            return;
        };
        let came = look.summary.streams[place].records;
        self.first.entry(place).or_insert_with(|| (came, violation()));
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let mut first: Vec<_> = std::mem::take(&mut self.first).into_iter().collect();
        first.sort_by_key(|(place, _)| *place);
        for (place, (came, violation)) in first {
            let stream = &ending.scene.streams[place].descriptor;
            let is_late = came > 0 && came == ending.summary.streams[place].records && ending.exit.succeeded();
            if is_late {
                findings.report_stream("late", stream, || {
                    let message = format!("the first estimate of `{stream}` comes after the last of its records");
                    violation.told("an estimate comes after the records", message)
                });
            }
        }
    }
}
