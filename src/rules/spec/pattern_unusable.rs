use crate::protocol::Kind;
use crate::protocol::schema::{PatternDefect, pattern_defect};
use crate::rules::{Findings, FormPlace, Level, Look, Observer, Watch, rule};
use crate::text;
use serde_json::Value;

/// Patterns that the form has words for by itself, wherever they stand in a pattern: `YYYY-MM-DD` and the like.
const DATES: [&str; 2] = ["^[0-9]{4}-[0-9]{2}-[0-9]{2}", "^[0-9]{4}-[0-9]{2}$"];

rule! {
    /// A `pattern` does not compile in a browser, or is shown to users as it is.
    ///
    /// # What it checks
    /// No `pattern` in `connectionSpecification` has what every JavaScript engine refuses: unbalanced brackets, Python's
    /// `(?P<name>…)`, flags like `(?i)`, possessive quantifiers, atomic groups. Look-ahead, look-behind and
    /// back-references are JavaScript and pass. `\A`, `\Z` and `[[:alpha:]]` compile there to something else, which is
    /// told at INFO. A property with a `pattern` that users type has a `pattern_descriptor`; dates need none, for the
    /// form has words for them, and neither do hidden properties.
    ///
    /// # Why it matters
    /// The form compiles each pattern before it is shown. One that does not compile is not checked at best, and
    /// at worst keeps the form from being shown. Without descriptor, a user who mistypes is told the regular expression.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"string","pattern":"(?i)^[a-z]{2}$"}
    /// good: {"type":"string","pattern":"^[A-Za-z]{2}$","pattern_descriptor":"two letters"}
    /// ```
    ///
    /// # How to mend it
    /// Write the pattern as JavaScript has it: `(?<year>…)` for `(?P<year>…)`, both cases in brackets for `(?i)`, `^`
    /// and `$` for `\A` and `\Z`. Beside it, say in `pattern_descriptor` what a user is to type: `AB-1234`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests validate the configuration with the pattern in Python, where `(?P<name>…)` and `(?i)` work.
    PatternUnusable {
        code: "SPEC-020",
        name: "pattern-unusable",
        level: Should,
        commands: [Spec],
        authority: ProtocolText,
        source: "connector specification reference: pattern descriptors; JSON Schema: pattern is ECMA-262",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct PatternUnusable;

impl Observer for PatternUnusable {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.form() {
            let Some(pattern) = place.keyword("pattern").and_then(Value::as_str) else { continue };
            let (title, reason, level) = match pattern_defect(pattern) {
                Some(PatternDefect::Refused(reason)) => {
                    ("a `pattern` does not compile in JavaScript", reason, Level::Should)
                }
                Some(PatternDefect::Misread(reason)) => {
                    ("a `pattern` means something else in JavaScript", reason, Level::Info)
                }
                None => continue,
            };
            findings.report(reason, || {
                let message = format!("{}: `{}`: {reason}", place.describe(), text::shorten(pattern, 80));
                place.violation(look, "pattern", title, message).level(level)
            });
        }
        for place in look.shown().filter(|place| place.property().is_some()) {
            let Some(pattern) = undescribed(&place) else { continue };
            findings.report("undescribed", || {
                let title = "a `pattern` has no `pattern_descriptor`";
                let message = format!("{} is told to users as `{}`", place.describe(), text::shorten(pattern, 80));
                place.violation(look, "", title, message)
            });
        }
    }
}

/// The pattern that users are told for want of a descriptor, of the property or of its items.
fn undescribed<'l>(place: &FormPlace<'_, 'l>) -> Option<&'l str> {
    let schemas = [Some(place.schema), place.keyword("items").filter(|items| items.is_object())];
    let keyword = |name: &str| schemas.iter().flatten().find_map(|schema| schema.get(name));
    let pattern = keyword("pattern")?.as_str()?;
    let is_chosen = keyword("enum").is_some() || keyword("const").is_some();
    let is_date = keyword("format").is_some_and(|format| format == "date" || format == "date-time");
    let has_words = is_date || DATES.iter().any(|date| pattern.contains(date));
    let is_described =
        schemas.iter().flatten().filter_map(|schema| schema.get("pattern_descriptor")).any(says_something);
    let is_broken = matches!(pattern_defect(pattern), Some(PatternDefect::Refused(_)));
    (!is_chosen && !has_words && !is_described && !is_broken).then_some(pattern)
}

/// A descriptor that is no text is told as a wrong keyword, if at all.
fn says_something(value: &Value) -> bool {
    value.as_str().map_or(!value.is_null(), |text| !text.trim().is_empty())
}
