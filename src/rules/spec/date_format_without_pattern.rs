use crate::protocol::Kind;
use crate::protocol::schema::Pattern;
use crate::rules::{Findings, Look, Observer, Watch, rule};
use crate::text;
use serde_json::Value;

/// How many patterns of one specification are compiled.
const PATTERNS: usize = 200;

/// What the date picker writes, depending on the pattern.
const DAYS: [&str; 2] = ["2024-01-31", "2024-01"];
const MOMENTS: [&str; 3] = ["2024-01-31T00:00:00Z", "2024-01-31T00:00:00.000Z", "2024-01-31T00:00:00.000000Z"];

rule! {
    /// `format` and `pattern` of a date do not go together.
    ///
    /// # What it checks
    /// A property of text with `"format": "date"` or `"date-time"` has a `pattern`, and that takes what the form's date
    /// picker writes: `2024-01-31`, `2024-01-31T00:00:00Z`, or the latter with three or six digits of a second. The
    /// other way round, a property whose pattern is `^[0-9]{4}-[0-9]{2}-[0-9]{2}…` has one of the two formats. Hidden
    /// properties are left out, and so are patterns that not every engine reads alike.
    ///
    /// # Why it matters
    /// With the format, users get a calendar; without it, they type. With a pattern that refuses what the calendar
    /// writes they can't save; with none, whatever is typed into the field is saved and fails in the sync.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"string","format":"date-time","pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
    /// good: {"type":"string","format":"date","pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
    /// ```
    ///
    /// # How to mend it
    /// A day: `date` with `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`. A moment: `date-time` with
    /// `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$`. An API that wants another form is best served by
    /// converting in the connector.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests compare the texts of the patterns and only write a warning. What they hold up as the
    /// pattern of a date has day, month and year the wrong way round.
    DateFormatWithoutPattern {
        code: "SPEC-022",
        name: "date-format-without-pattern",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_date_pattern, test_date_format; the form's date picker",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct DateFormatWithoutPattern;

impl Observer for DateFormatWithoutPattern {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let mut patterns = PATTERNS;
        for place in look.shown().filter(|place| place.property().is_some()) {
            let is_text = |word: &Value| word == "string";
            let types = place
                .keyword("type")
                .map_or(&[][..], |word| word.as_array().map_or(std::slice::from_ref(word), Vec::as_slice));
            if !types.iter().any(is_text) || ["enum", "const"].iter().any(|chosen| place.keyword(chosen).is_some()) {
                continue;
            }
            let (format, pattern) = (place.keyword("format"), place.keyword("pattern"));
            let text = pattern.and_then(Value::as_str);
            let written = match format.and_then(Value::as_str) {
                Some("date") => &DAYS[..],
                Some("date-time") => &MOMENTS[..],
                Some(_) => continue,
                None => {
                    let Some(format) = text.and_then(meant) else { continue };
                    findings.report("no format", || {
                        let message = format!("{} has the pattern of a date, and no `format`", place.describe());
                        let title = "the pattern of a date stands without `format`";
                        place
                            .violation(look, "pattern", title, message)
                            .expected(format!("\"format\": \"{format}\""), "none")
                    });
                    continue;
                }
            };
            let Some(text) = text else {
                if pattern.is_none_or(Value::is_null) {
                    findings.report("no pattern", || {
                        let message = format!("{} is a date, and anything can be typed into it", place.describe());
                        place.violation(look, "format", "`format` of a date stands without `pattern`", message)
                    });
                }
                continue;
            };
            let Some(left) = patterns.checked_sub(1) else { return };
            patterns = left;
            if Pattern::compile(text).is_some_and(|pattern| !written.iter().any(|value| pattern.takes(value))) {
                findings.report("refused", || {
                    let (text, written) = (text::shorten(text, 80), written.first().copied().unwrap_or_default());
                    let message =
                        format!("{}: the date picker writes `{written}`, which `{text}` refuses", place.describe());
                    place.violation(
                        look,
                        "pattern",
                        "the pattern of a date refuses what the date picker writes",
                        message,
                    )
                });
            }
        }
    }
}

/// The format that a pattern without one is of.
fn meant(pattern: &str) -> Option<&'static str> {
    let rest =
        pattern.strip_prefix("^[0-9]{4}-[0-9]{2}-[0-9]{2}").or_else(|| pattern.strip_prefix(r"^\d{4}-\d{2}-\d{2}"))?;
    let is_moment = ["T", "(T", "(?:T"].iter().any(|time| rest.starts_with(time));
    if rest == "$" { Some("date") } else { is_moment.then_some("date-time") }
}
