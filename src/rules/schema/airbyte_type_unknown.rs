use crate::protocol::Kind;
use crate::protocol::schema::vocabulary::{
    AIRBYTE_TYPES, AirbyteType, airbyte_type, instead_of_airbyte_type, is_json_column, named_types,
};
use crate::rules::{Described, Findings, Level, Look, Observer, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// A field has an `airbyte_type` that does not exist.
    ///
    /// # What it checks
    /// Each `airbyte_type` in a stream's schema is one of `timestamp_with_timezone`, `timestamp_without_timezone`,
    /// `time_with_timezone`, `time_without_timezone`, `integer`. Words that Airbyte itself used once (`big_integer`,
    /// `big_number`, `json`, `binary_data`), and others where no word could say anything, beside `object` for instance,
    /// are reported at SHOULD. The columns that database sources make for JSON are left out. Where the word may
    /// stand is SCHEMA-009's.
    ///
    /// # Why it matters
    /// A word that nobody knows is ignored without a sign. A local time with a misspelt `timestamp_without_timezone` is
    /// taken for UTC, and every value is off by hours.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"string","format":"date-time","airbyte_type":"timestamp_ntz"}
    /// good: {"type":"string","format":"date-time","airbyte_type":"timestamp_without_timezone"}
    /// ```
    ///
    /// # How to mend it
    /// Write the word that is meant. Instead of `big_integer` say `"type": "integer"`, instead of `big_number`
    /// `"type": "number"`, both of which have no bounds, and emit numbers; instead of `binary_data`
    /// `"contentEncoding": "base64"`. Where there is nothing more to say than `type` and `format` do, leave it out.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests have a list of these words, in a test that is always skipped.
    AirbyteTypeUnknown {
        code: "SCHEMA-008",
        name: "airbyte-type-unknown",
        level: Must,
        commands: [Discover],
        authority: ProtocolText,
        source: "supported data types: The types",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct AirbyteTypeUnknown;

impl Observer for AirbyteTypeUnknown {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.described() {
            // What stands beside a reference is SCHEMA-002's.
            let Some(value) = place.keyword("airbyte_type").filter(|value| !value.is_null()) else { continue };
            if place.keyword("$ref").is_some() || is_json_column(place.schema) {
                continue;
            }
            let word = value.as_str().unwrap_or_default();
            if airbyte_type(word).is_some() {
                continue;
            }
            let retired = instead_of_airbyte_type(word);
            let found = text::json(value, 80);
            let named = format!("the `airbyte_type` {found}");
            let (cause, title, level) = match (retired, says_nothing(&place)) {
                _ if !value.is_string() => ("no text", "an `airbyte_type` is no text".to_owned(), Level::Must),
                (Some(_), _) => (word, format!("{named} is not in use any more"), Level::Should),
                (None, true) => ("idle", "an `airbyte_type` stands where none has a meaning".to_owned(), Level::Should),
                (None, false) => (word, format!("{named} does not exist"), Level::Must),
            };
            findings.report_stream(&text::shorten(cause, 80), place.descriptor(), || {
                let message = format!("{} has {named}, which Airbyte's types do not have", place.owner());
                let expected = retired.map_or_else(|| meant(word, &place), str::to_owned);
                place.violation(look, "airbyte_type", title, message).expected(expected, found).level(level)
            });
        }
    }
}

/// Whether there is a type, and none that an `airbyte_type` could make more precise.
fn says_nothing(place: &Described<'_, '_>) -> bool {
    let types = named_types(place.schema);
    !types.is_empty() && !AIRBYTE_TYPES.iter().any(|known| known.types.iter().any(|refined| types.contains(refined)))
}

/// The words that can be meant: the one it looks like, else those that go with the type and the format.
fn meant(word: &str, place: &Described<'_, '_>) -> String {
    if let Some(near) = text::nearest(word, AIRBYTE_TYPES.iter().map(|known| known.word)) {
        return format!("\"{near}\"");
    }
    let (types, format) = (named_types(place.schema), place.keyword("format").and_then(Value::as_str));
    let fits =
        |known: &&AirbyteType| known.format == format && known.types.iter().any(|refined| types.contains(refined));
    let words: Vec<String> = AIRBYTE_TYPES.iter().filter(fits).map(|known| format!("\"{}\"", known.word)).collect();
    if words.is_empty() { "no `airbyte_type`".to_owned() } else { words.join(" or ") }
}
