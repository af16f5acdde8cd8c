use crate::protocol::types::Fault;
use crate::rules::{Findings, Look, Observer, Watch, rule, typed};

rule! {
    /// A timestamp field that is declared with a zone holds something else.
    ///
    /// # What it checks
    /// Where the schema declares `format: date-time`, the value is a string like `2022-11-22T01:23:45.123Z`: a `T`,
    /// seconds, any number of decimals, `Z` or an offset `+05:00`, perhaps ` BC`. Epoch numbers are none. A missing
    /// zone counts where `airbyte_type` is `timestamp_with_timezone`; without `airbyte_type` it is TYPE-006's. Forms
    /// that Airbyte's own tests take are reported at SHOULD: a missing zone, a space for the `T`, `+0500`, lower case,
    /// `UTC`, single digits, a leap second, a mere day.
    ///
    /// # Why it matters
    /// What a destination cannot read as a timestamp becomes null. What it can read without a zone is taken for UTC,
    /// and is hours off.
    ///
    /// # Example
    /// With `"at": {"type": "string", "format": "date-time", "airbyte_type": "timestamp_with_timezone"}`:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"at":1669080225},"emitted_at":1700000000000}}
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"at":"2022-11-22T01:23:45"},"emitted_at":1700000000000}}    (SHOULD)
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"at":"2022-11-22T01:23:45+00:00"},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Write RFC 3339: `value.isoformat()` of an aware datetime in Python, `OffsetDateTime.toString()` in Java,
    /// `format_datetime(value, '%Y-%m-%dT%H:%M:%SZ')` in a Low-code template. If the source knows no zone, declare
    /// `timestamp_without_timezone`. For an epoch number, convert it or declare `integer`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests take whatever a lenient parser takes: a missing zone, a space, single digits and
    /// anything behind the seconds pass. They never look at `airbyte_type`.
    TimestampLacksZoneOrForm {
        code: "TYPE-003",
        name: "timestamp-with-zone-malformed",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "well-known types: TimestampWithTimezone",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
    }
}

#[derive(Default)]
struct TimestampLacksZoneOrForm;

impl Observer for TimestampLacksZoneOrForm {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        typed::report(Fault::Zoned, "holds no timestamp with a zone", look, findings);
    }
}
