use crate::protocol::{Kind, Message, TraceBody};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use std::collections::HashMap;

/// An estimate may be so many times too large or too small.
const FACTOR: u64 = 10;

/// Fewer rows than these are not compared.
const FEW: u64 = 100;

rule! {
    /// An estimate is far off what came.
    ///
    /// # What it checks
    /// In a full refresh that succeeds, the last `row_estimate` of a stream, or of the sync, is at most ten times the number
    /// of records that came, and at least a tenth. Fewer than a hundred rows are not compared, nor are bytes.
    ///
    /// # Why it matters
    /// The user is shown how far the sync is by it: at 1 % when it ends, or beyond 100 %.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ESTIMATE","emitted_at":1700000000000,"estimate":{"name":"orders","type":"STREAM","row_estimate":100000,"byte_estimate":0}}}    and 24 records
    /// good: {"type":"TRACE","trace":{"type":"ESTIMATE","emitted_at":1700000000000,"estimate":{"name":"orders","type":"STREAM","row_estimate":25,"byte_estimate":4800}}}
    /// ```
    ///
    /// # How to mend it
    /// Count what is read: with the same filters, and for this stream alone. Statistics of a database's catalog can be
    /// out of date by orders of magnitude; where they are, count, or send no estimate.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look at estimates.
    EstimateFarOff {
        code: "TRACE-011",
        name: "estimate-far-off",
        level: Info,
        commands: [Read],
        authority: Inference,
        source: "not written; follows from what estimates are for",
        watches: [Watch::Message(Kind::Trace)],
        about: Launch,
    }
}

#[derive(Default)]
struct EstimateFarOff {
    /// By the stream's place, none for the sync as a whole: the last estimate.
    last: HashMap<Option<usize>, (u64, Violation)>,
}

impl Observer for EstimateFarOff {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        let Some(Message::Trace(trace)) = look.message() else { return };
        let TraceBody::Estimate(estimate) = &trace.body else { return };
        let Some(rows) = estimate.rows() else { return };
        let named = || look.scene.place_meant(&estimate.descriptor()?).map(Some);
        let of = if estimate.scope() == Some("SYNC") { Some(None) } else { named() };
        if let Some(of) = of {
            let violation = Violation::new("", "").on(look.line).pointer("/trace/estimate/row_estimate");
            self.last.insert(of, (rows, violation));
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        if !ending.exit.succeeded() {
            return;
        }
        let mut last: Vec<_> = std::mem::take(&mut self.last).into_iter().collect();
        last.sort_by_key(|(of, _)| *of);
        for (of, (rows, violation)) in last {
            let all = || (0..ending.scene.streams.len()).collect();
            let read: Vec<usize> = of.map_or_else(all, |place| vec![place]);
            let came = read.iter().map(|place| ending.summary.streams[*place].records).sum::<u64>();
            let (least, most) = (came.min(rows), came.max(rows));
            let is_far_off = most >= FEW && most > FACTOR.saturating_mul(least);
            if !is_far_off || read.iter().any(|place| ending.scene.is_incremental(*place)) {
                continue;
            }
            findings.report("far off", || {
                let message = format!("{} were estimated, and {} came", text::plural(rows, "row"), text::count(came));
                violation.told("an estimate is far off", message).expected(text::count(came), text::count(rows))
            });
        }
    }
}
