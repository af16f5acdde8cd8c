use crate::protocol::Kind;
use crate::protocol::schema::vocabulary::airbyte_type;
use crate::rules::{Findings, Look, Observer, Watch, rule};
use serde_json::Value;

rule! {
    /// A date has an `airbyte_type` of moments or times.
    ///
    /// # What it checks
    /// Where a stream's schema says `"format": "date"`, no `airbyte_type` beside it says `timestamp_…` or `time_…`.
    /// Other things that do not go together are SCHEMA-009's.
    ///
    /// # Why it matters
    /// Destinations go by the `format` and make a date of the field. If its values are moments, they do not fit
    /// into the column: they become null, or lose their time.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"string","format":"date","airbyte_type":"timestamp_without_timezone"}
    /// good: {"type":"string","format":"date"}
    /// good: {"type":"string","format":"date-time","airbyte_type":"timestamp_without_timezone"}
    /// ```
    ///
    /// # How to mend it
    /// Look at a value. A day alone, `2024-01-31`, has no `airbyte_type`; with hours, the format is `date-time`.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests have a table of what goes together, in a test that is always skipped.
    DateWithTime {
        code: "SCHEMA-011",
        name: "date-with-time",
        level: Must,
        commands: [Discover],
        authority: ProtocolText,
        source: "supported data types: The types; Dates and timestamps",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct DateWithTime;

impl Observer for DateWithTime {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.described() {
            let is_date = place.keyword("format").is_some_and(|format| format == "date");
            // What stands beside a reference is SCHEMA-002's.
            if !is_date || place.keyword("$ref").is_some() {
                continue;
            }
            let known = place.keyword("airbyte_type").and_then(Value::as_str).and_then(airbyte_type);
            let Some(known) = known.filter(|known| known.format.is_some()) else { continue };
            findings.report_stream(known.word, place.descriptor(), || {
                let title = format!("a date has the `airbyte_type` `{}`", known.word);
                let message = format!("{} is a date, and has the `airbyte_type` `{}`", place.owner(), known.word);
                place
                    .violation(look, "airbyte_type", title, message)
                    .expected("no `airbyte_type`, or \"format\": \"date-time\"", format!("\"{}\"", known.word))
            });
        }
    }
}
