use super::emitted_at_wrong::integer;
use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

/// How far two clocks may be apart, in milliseconds.
const SKEW: i64 = 5 * 60 * 1000;

rule! {
    /// A record's `emitted_at` is not of the time when the connector ran.
    ///
    /// # What it checks
    /// `emitted_at` lies between the beginning of the launch and the arrival of the record, give or take five minutes
    /// for clocks that differ. It need not grow, and all records of a run may bear the same instant, as they do with
    /// the Kotlin CDK. Where it is not known when the launch began, nothing is judged. A value that is no number of
    /// milliseconds is READ-004's.
    ///
    /// # Why it matters
    /// It becomes `_airbyte_extracted_at`, and of two versions of a row with the same cursor the later one wins. A
    /// stamp that is taken from the row, from a cache or from a clock in another time zone lets the wrong one win.
    ///
    /// # Example
    /// In a launch that began at 1700000000000:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1699992800000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1700000000250}}
    /// ```
    ///
    /// # How to mend it
    /// Stamp the record when it is emitted, from the clock in UTC: `int(time.time() * 1000)` in Python (not
    /// `datetime.utcnow().timestamp()`, which is off by the machine's zone), `Instant.now().toEpochMilli()` in Java.
    /// The source's own time of the row belongs into `data`. The CDKs, Low-code too, stamp records themselves.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests only compare two reads: all stamps of the second lie behind all of the first. That a
    /// stamp is of the run's time is not looked at.
    EmittedAtOffTheClock {
        code: "READ-005",
        name: "emitted-at-off-the-clock",
        level: Should,
        commands: [Read],
        authority: CdkConvention,
        source: "CDKs: records are stamped when they are emitted; documentation: metadata fields",
        watches: [Watch::Message(Kind::Record)],
        about: Stream,
        applies: |scene| scene.started_at.map(drop).ok_or("it is not known when the launch began"),
    }
}

#[derive(Default)]
struct EmittedAtOffTheClock;

impl Observer for EmittedAtOffTheClock {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(written) = look.record().and_then(|record| record.emitted_at).map(|raw| raw.get()) else { return };
        let (Some(start), Some(value)) = (look.scene.started_at, integer(written)) else { return };
        // Of so many digits are seconds, microseconds and nanoseconds.
        if matches!(value, 1_000_000_000..=9_999_999_999 | 100_000_000_000_000..) {
            return;
        }
        let arrival = start.saturating_add(i64::try_from(look.line.at.as_millis()).unwrap_or(i64::MAX));
        let title = if value < start.saturating_sub(SKEW) {
            "`emitted_at` lies before the launch"
        } else if value > arrival.saturating_add(SKEW) {
            "`emitted_at` lies in the future"
        } else {
            return;
        };
        let describe = || {
            let at = memchr::memmem::rfind(look.line.bytes, b"\"emitted_at\"").unwrap_or(0);
            Violation::new(title, format!("{title}: {}", text::shorten(written, 60)))
                .around(look.line, at)
                .pointer("/record/emitted_at")
                .expected(format!("{start} to {arrival}"), text::shorten(written, 60))
        };
        match look.stream() {
            Some(stream) => findings.report_stream(title, &stream.descriptor, describe),
            None => findings.report(title, describe),
        }
    }
}
