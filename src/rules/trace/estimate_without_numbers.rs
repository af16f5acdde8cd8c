use crate::protocol::{Estimate, Kind, Message, TraceBody};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::value::RawValue;

rule! {
    /// An estimate has no numbers, or what stands there is none.
    ///
    /// # What it checks
    /// In a TRACE of type ESTIMATE, `row_estimate` and `byte_estimate` are whole numbers that are not negative. One that
    /// is left out or null is reported at SHOULD: the protocol's schema lets both be missing.
    ///
    /// # Why it matters
    /// The platform copies both numbers without looking. One that it can't read, or that is missing, fails where nobody
    /// expects it; at best the user sees no progress.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ESTIMATE","emitted_at":1700000000000,"estimate":{"name":"orders","type":"STREAM","row_estimate":"24"}}}
    /// good: {"type":"TRACE","trace":{"type":"ESTIMATE","emitted_at":1700000000000,"estimate":{"name":"orders","type":"STREAM","row_estimate":24,"byte_estimate":4800}}}
    /// ```
    ///
    /// # How to mend it
    /// Write both, as integers. Where only one can be known, work the other out from the mean size of a row, or send no
    /// estimate.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look at estimates.
    EstimateWithoutNumbers {
        code: "TRACE-009",
        name: "estimate-without-numbers",
        level: Must,
        commands: [Read],
        authority: ProtocolSchema,
        source: "AirbyteEstimateTraceMessage; platform: StatsTracker.trackEstimates",
        watches: [Watch::Message(Kind::Trace)],
        about: Launch,
    }
}

#[derive(Default)]
struct EstimateWithoutNumbers;

impl Observer for EstimateWithoutNumbers {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(Message::Trace(trace)) = look.message() else { return };
        let TraceBody::Estimate(estimate) = &trace.body else { return };
        for (member, written) in numbers(estimate) {
            let (cause, level) = match written.map(RawValue::get) {
                None => ("missing", Level::Should),
                Some(number) if number.parse::<u64>().is_ok() => continue,
                Some(_) => ("wrong", Level::Must),
            };
            findings.report(&format!("{member} {cause}"), || {
                let actual = written.map_or("nothing".to_owned(), |raw| text::shorten(raw.get(), 60));
                let what = if cause == "missing" { "is missing" } else { "is no whole number from 0 on" };
                Violation::new(format!("the `{member}` of an estimate {what}"), format!("`{member}` {what}: {actual}"))
                    .on(look.line)
                    .pointer(format!("/trace/estimate/{member}"))
                    .level(level)
                    .expected("a whole number, not negative", actual)
            });
        }
    }
}

fn numbers<'e>(estimate: &'e Estimate<'_>) -> [(&'static str, Option<&'e RawValue>); 2] {
    [("row_estimate", estimate.row_estimate), ("byte_estimate", estimate.byte_estimate)]
}
