use crate::protocol::{Kind, Message, TraceBody};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// Estimates of streams and of the whole sync come in one read.
    ///
    /// # What it checks
    /// All TRACE messages of type ESTIMATE in one read are of type STREAM, or all are of type SYNC.
    ///
    /// # Why it matters
    /// The platform can't add them up. It discards every estimate of the sync, and the user sees no progress.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ESTIMATE","emitted_at":1700000000000,"estimate":{"name":"all","type":"SYNC","row_estimate":9}}}  after one of type STREAM
    /// good: {"type":"TRACE","trace":{"type":"ESTIMATE","emitted_at":1700000000000,"estimate":{"name":"orders","type":"STREAM","row_estimate":9}}}
    /// ```
    ///
    /// # How to mend it
    /// Estimate per stream where the source can count its rows, and leave the estimate of the sync out: the platform
    /// adds the streams up. Java: take the CDK's estimates, and emit none of your own beside them.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests do not look at estimates.
    EstimatesMixed {
        code: "TRACE-008",
        name: "estimates-of-both-types",
        level: Should,
        commands: [Read],
        authority: ProtocolSchema,
        source: "AirbyteEstimateTraceMessage.type; platform: ParallelStreamStatsTracker",
        watches: [Watch::Message(Kind::Trace)],
        about: Launch,
    }
}

#[derive(Default)]
struct EstimatesMixed {
    first: Option<&'static str>,
    told: bool,
}

impl Observer for EstimatesMixed {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(Message::Trace(trace)) = look.message() else { return };
        let TraceBody::Estimate(estimate) = &trace.body else { return };
        let Some(word) = estimate.scope().filter(|_| !self.told) else { return };
        let first = *self.first.get_or_insert(word);
        if first == word {
            return;
        }
        self.told = true;
        findings.report("mixed", || {
            Violation::new(
                "estimates of streams and of the whole sync in one read",
                format!("an estimate of type {word} comes after one of type {first}; the platform discards all"),
            )
            .on(look.line)
            .pointer("/trace/estimate/type")
            .expected(first, word)
        });
    }
}
