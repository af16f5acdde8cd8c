use crate::protocol::Kind;
use crate::protocol::schema::vocabulary::{TEMPORAL_FORMATS, airbyte_type, instead_of_format, named_types};
use crate::rules::{Described, Findings, Level, Look, Observer, Watch, rule};
use crate::text;

rule! {
    /// A field's `type`, `format` and `airbyte_type` do not go together.
    ///
    /// # What it checks
    /// Where a stream's schema has an `airbyte_type`: `timestamp_…` stands beside `"type": "string"` and
    /// `"format": "date-time"`, `time_…` beside `string` and `"format": "time"`, `integer` beside `number` or `integer`.
    /// A temporal `format` beside other types than `string` is reported at SHOULD, one that is written otherwise than
    /// JSON Schema does (`datetime`) at INFO. `"format": "date"` with an `airbyte_type` is SCHEMA-011's, words that
    /// do not exist are SCHEMA-006's and SCHEMA-008's.
    ///
    /// # Why it matters
    /// Destinations read the three together. `timestamp_with_timezone` without its `format` is a column of text; beside
    /// `integer` it is a column of numbers. The schema promises a moment, and users get none.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"string","airbyte_type":"timestamp_with_timezone"}
    /// good: {"type":"string","format":"date-time","airbyte_type":"timestamp_with_timezone"}
    /// ```
    ///
    /// # How to mend it
    /// Add the `format` that goes with the word. Where the values are epoch numbers, either declare `integer` alone, or
    /// emit them as `2024-01-31T00:00:00Z`; in Low-code, `format_datetime` in `AddFields` does that.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests have a table of what goes together, in a test that is always skipped.
    AirbyteTypeMisplaced {
        code: "SCHEMA-009",
        name: "airbyte-type-misplaced",
        level: Must,
        commands: [Discover],
        authority: ProtocolText,
        source: "supported data types: The types; Dates and timestamps",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct AirbyteTypeMisplaced;

/// What does not go together.
struct Mismatch {
    keyword: &'static str,
    what: String,
    expected: String,
    found: String,
    level: Level,
}

impl Observer for AirbyteTypeMisplaced {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.described() {
            let Some(Mismatch { keyword, what, expected, found, level }) = mismatch(&place) else { continue };
            findings.report_stream(&what, place.descriptor(), || {
                let (title, message) = (format!("a field {what}"), format!("{} {what}", place.owner()));
                place.violation(look, keyword, title, message).expected(expected, found).level(level)
            });
        }
    }
}

fn mismatch(place: &Described<'_, '_>) -> Option<Mismatch> {
    let types = named_types(place.schema);
    // Without a type it is SCHEMA-005's, with one that does not exist SCHEMA-006's, beside a reference SCHEMA-002's.
    if types.is_empty() || place.keyword("$ref").is_some() {
        return None;
    }
    let format = match place.keyword("format") {
        Some(format) => Some(text::shorten(format.as_str()?, 40)),
        None => None,
    };
    let Some(word) = place.keyword("airbyte_type").filter(|word| !word.is_null()) else {
        return format_alone(&format?, &types);
    };
    let word =
        airbyte_type(word.as_str()?).filter(|word| word.format.is_none() || format.as_deref() != Some("date"))?;
    let (fits, types) = (word.types.iter().any(|refined| types.contains(refined)), types.join(" or "));
    let (beside, expected, found) = match (word.format, format) {
        _ if !fits => (format!("the type {types}"), format!("the type {}", word.types.join(" or ")), types),
        (Some(needed), None) => ("no `format`".to_owned(), format!("\"format\": \"{needed}\""), "none".to_owned()),
        (Some(needed), Some(format)) if needed != format => {
            (format!("the format `{format}`"), format!("\"format\": \"{needed}\""), format)
        }
        _ => return None,
    };
    let what = format!("has the `airbyte_type` `{}` and {beside}", word.word);
    Some(Mismatch { keyword: "airbyte_type", what, expected, found, level: Level::Must })
}

/// What is wrong with a format that no `airbyte_type` makes more precise.
fn format_alone(format: &str, types: &[&str]) -> Option<Mismatch> {
    let (beside, expected, level) = match instead_of_format(format) {
        Some(meant) if types.contains(&"string") => {
            (", which destinations do not know".to_owned(), format!("\"{meant}\", if that is meant"), Level::Info)
        }
        None if TEMPORAL_FORMATS.contains(&format) && !types.contains(&"string") => (
            format!(" and the type {}", types.join(" or ")),
            "the type string, or no `format`".to_owned(),
            Level::Should,
        ),
        _ => return None,
    };
    let what = format!("has the format `{format}`{beside}");
    Some(Mismatch { keyword: "format", what, expected, found: format!("\"{format}\""), level })
}
