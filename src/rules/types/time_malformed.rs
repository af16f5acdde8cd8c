use crate::protocol::types::Fault;
use crate::rules::{Findings, Look, Observer, Watch, rule, typed};

rule! {
    /// A time field holds something that is no time of day, or has a zone against its declaration.
    ///
    /// # What it checks
    /// Where the schema declares `format: time`, the value is a string like `01:23:45.123`: two digits each, seconds,
    /// any number of decimals. With `airbyte_type: time_with_timezone` a `Z` or an offset follows, with
    /// `time_without_timezone` none does, and without `airbyte_type` either will do. `+0500`, lower case, a leap second
    /// and PostgreSQL's `24:00:00` are reported at SHOULD.
    ///
    /// # Why it matters
    /// What a destination cannot read as a time becomes null, and a zone too many or too few shifts it.
    ///
    /// # Example
    /// With `"opens": {"type": "string", "format": "time", "airbyte_type": "time_without_timezone"}`:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"shops","data":{"opens":"9:30"},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"shops","data":{"opens":"09:30:00"},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Emit `value.isoformat()` of a `time` in Python, with `tzinfo` only where one is declared; in Java `LocalTime`
    /// with `DateTimeFormatter.ISO_LOCAL_TIME` (`toString()` leaves seconds out), or `OffsetTime`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests check `format: time` only if the Python library has that check installed, and never
    /// look at `airbyte_type`.
    TimeMalformed {
        code: "TYPE-005",
        name: "time-of-day-malformed",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "well-known types: TimeWithTimezone, TimeWithoutTimezone",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
    }
}

#[derive(Default)]
struct TimeMalformed;

impl Observer for TimeMalformed {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        typed::report(Fault::Time, "holds no such time of day", look, findings);
    }
}
