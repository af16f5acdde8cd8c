use crate::protocol::Kind;
use crate::protocol::schema::vocabulary::AIRBYTE_TYPES;
use crate::rules::{Findings, Look, Observer, Watch, rule};
use serde_json::Value;

rule! {
    /// A field of moments or times does not say whether its values have a time zone.
    ///
    /// # What it checks
    /// Where a stream's schema says `"format": "date-time"` or `"format": "time"` of a string, it has an `airbyte_type`,
    /// too. Which words may stand there is SCHEMA-008's, which of them go with the format SCHEMA-009's. Whether the
    /// values of such a field agree with each other is TYPE-006's.
    ///
    /// # Why it matters
    /// JSON Schema has no word for zones. Destinations take such a field for one with a zone, and a local time for UTC:
    /// every value is off by hours, and nothing looks wrong.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":["null","string"],"format":"date-time"}
    /// good: {"type":["null","string"],"format":"date-time","airbyte_type":"timestamp_with_timezone"}
    /// good: {"type":["null","string"],"format":"date-time","airbyte_type":"timestamp_without_timezone"}
    /// ```
    ///
    /// # How to mend it
    /// Look at what the API sends. With `Z` or an offset it is `timestamp_with_timezone` or `time_with_timezone`, else
    /// `…_without_timezone`. Write it beside `format`: in Python and Low-code in the stream's schema, in Java with
    /// `JsonSchemaType.STRING_TIMESTAMP_WITH_TIMEZONE` and its like.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests have a table of types, formats and `airbyte_type`s that go together, in a test that is
    /// always skipped.
    ZoneNotDeclared {
        code: "SCHEMA-010",
        name: "zone-not-declared",
        level: Should,
        commands: [Discover],
        authority: ProtocolText,
        source: "supported data types: Dates and timestamps",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct ZoneNotDeclared;

impl Observer for ZoneNotDeclared {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.described() {
            let format = place.keyword("format").and_then(Value::as_str);
            let Some(format) = format.filter(|format| ["date-time", "time"].contains(format)) else { continue };
            if !is_string(place.schema) || place.keyword("airbyte_type").is_some_and(|word| !word.is_null()) {
                continue;
            }
            findings.report_stream("no airbyte_type", place.descriptor(), || {
                let known = AIRBYTE_TYPES.iter().filter(|known| known.format == Some(format));
                let words: Vec<String> = known.map(|known| format!("`{}`", known.word)).collect();
                let message = format!("{} has the format `{format}`, and no `airbyte_type`", place.owner());
                place
                    .violation(look, "", "a moment or time has no `airbyte_type`", message)
                    .expected(format!("`airbyte_type`: {}", words.join(" or ")), "none")
            });
        }
    }
}

/// Whether a string is among the types. What has a temporal format and another type is SCHEMA-009's.
fn is_string(schema: &Value) -> bool {
    match schema.get("type") {
        Some(Value::Array(words)) => words.iter().any(|word| word == "string"),
        word => word.is_some_and(|word| word == "string"),
    }
}
