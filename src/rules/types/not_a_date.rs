use crate::protocol::types::Fault;
use crate::rules::{Findings, Look, Observer, Watch, rule, typed};

rule! {
    /// A date field holds something that is no day of the calendar.
    ///
    /// # What it checks
    /// Where the schema declares `format: date`, the value is a string `YYYY-MM-DD`, ` BC` may follow, and the calendar
    /// has that day: no 30th of February, no year 0. A year of five digits is reported at SHOULD.
    ///
    /// # Why it matters
    /// Typed destinations cannot read it as a date and store null. `0000-00-00`, with which MySQL says "none", is the
    /// best known.
    ///
    /// # Example
    /// With `"day": {"type": "string", "format": "date"}` in the schema:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"day":"2023-02-29"},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"day":"2023-02-28"},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Emit the day alone, with leading zeros: `value.strftime("%Y-%m-%d")` in Python, `LocalDate.toString()` in Java,
    /// `format_datetime(value, '%Y-%m-%d')` in a Low-code template. Where the API sends a timestamp, declare `date-
    /// time`. Emit null where there is no day.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests check `format: date` as the Python library does: they find days that do not exist,
    /// and know neither ` BC` nor years of five digits.
    NotADate {
        code: "TYPE-002",
        name: "date-is-no-day",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "well-known types: Date",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
    }
}

#[derive(Default)]
struct NotADate;

impl Observer for NotADate {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        typed::report(Fault::Date, "holds no day", look, findings);
    }
}
