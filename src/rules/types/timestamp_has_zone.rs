use crate::protocol::types::Fault;
use crate::rules::{Findings, Look, Observer, Watch, rule, typed};

rule! {
    /// A timestamp field that is declared without zone holds something else.
    ///
    /// # What it checks
    /// Where the schema declares `format: date-time` with `airbyte_type: timestamp_without_timezone`, the value is a
    /// string like `2022-11-22T01:23:45`: nothing behind the seconds and their decimals but ` BC`. A zone is a
    /// violation, an epoch number too. A space for the `T` and a leap second are reported at SHOULD.
    ///
    /// # Why it matters
    /// The destination makes a column without zone. It drops the offset, and with it the hours that it stood for, or
    /// stores null.
    ///
    /// # Example
    /// With `"at": {"type": "string", "format": "date-time", "airbyte_type": "timestamp_without_timezone"}`:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"at":"2022-11-22T01:23:45Z"},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"at":"2022-11-22T01:23:45"},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// If the source knows the zone, declare `timestamp_with_timezone`. If not, do not add one: emit a naive datetime's
    /// `isoformat()` in Python, `LocalDateTime.toString()` in Java.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests take a timestamp with and without zone alike: they never look at `airbyte_type`.
    TimestampHasZone {
        code: "TYPE-004",
        name: "timestamp-without-zone-malformed",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "well-known types: TimestampWithoutTimezone",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
    }
}

#[derive(Default)]
struct TimestampHasZone;

impl Observer for TimestampHasZone {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        typed::report(Fault::Unzoned, "holds no timestamp without zone", look, findings);
    }
}
