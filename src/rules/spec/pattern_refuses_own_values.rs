use crate::capture::REDACTED;
use crate::protocol::Kind;
use crate::protocol::schema::Pattern;
use crate::rules::{Findings, Look, Observer, Watch, rule};
use crate::text;
use serde_json::Value;

/// How many patterns of one specification are compiled.
const PATTERNS: usize = 200;

rule! {
    /// A `pattern` refuses the default or an example of its own property.
    ///
    /// # What it checks
    /// The `default` and each of the `examples` beside a `pattern` match it, with or without blanks around them; so do
    /// those of a list, item by item, where `items` has the pattern. Patterns that not every engine reads alike
    /// (look-ahead, back-references, `\p`) are left out; those that no browser compiles are SPEC-020's.
    ///
    /// # Why it matters
    /// The form takes the default over and shows the example, and then refuses both: users see an error for what they
    /// were told to write. Most often the pattern was changed and the rest was forgotten.
    ///
    /// # Example
    /// ```json
    /// bad:  {"start_date":{"type":"string","pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}$","examples":["2024/01/31"]}}
    /// good: {"start_date":{"type":"string","pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}$","examples":["2024-01-31"]}}
    /// ```
    ///
    /// # How to mend it
    /// Make the two agree. For a default that stands for "nothing", take the default out, or let the pattern take the
    /// empty text: `^$|^[0-9]{4}…`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not compare them.
    PatternRefusesOwnValues {
        code: "SPEC-021",
        name: "pattern-refuses-own-values",
        level: Info,
        commands: [Spec],
        authority: Inference,
        source: "follows from forms that show default and examples and enforce the pattern",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct PatternRefusesOwnValues;

impl Observer for PatternRefusesOwnValues {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let mut patterns = PATTERNS;
        for place in look.form() {
            let items = place.keyword("items");
            for (schema, is_of_items) in [(Some(place.schema), false), (items, true)] {
                let pattern = schema.and_then(|schema| schema.get("pattern")).and_then(Value::as_str);
                let texts: Vec<_> = texts(place.schema, is_of_items).collect();
                let (Some(text), false) = (pattern, texts.is_empty()) else { continue };
                let Some(left) = patterns.checked_sub(1) else { return };
                patterns = left;
                let Some(pattern) = Pattern::compile(text) else { continue };
                for (keyword, value) in texts {
                    // What we cut out ourselves was another text.
                    if pattern.takes(value) || pattern.takes(value.trim()) || value.contains(REDACTED) {
                        continue;
                    }
                    findings.report(keyword, || {
                        let what = if keyword == "default" { "the default" } else { "an example" };
                        let title = format!("`pattern` refuses {what}");
                        let (value, text) = (text::shorten(value, 80), text::shorten(text, 80));
                        let message = format!("{}: {what} `{value}` does not match `{text}`", place.describe());
                        place.violation(look, keyword, title, message).expected(text, value)
                    });
                }
            }
        }
    }
}

/// The texts that a schema holds for users, each with the keyword that it stands under: whole values, or what is in lists.
fn texts(schema: &Value, is_of_items: bool) -> impl Iterator<Item = (&'static str, &str)> {
    let default = schema.get("default").into_iter().map(|value| ("default", value));
    let examples = schema.get("examples").and_then(Value::as_array).into_iter().flatten();
    let whole = default.chain(examples.map(|value| ("examples", value)));
    let parts = whole.flat_map(move |(keyword, value)| {
        let items = value.as_array().filter(|_| is_of_items).map_or(&[][..], Vec::as_slice);
        // One item may stand for a list among the examples.
        let is_meant = !is_of_items || keyword == "examples";
        let alone = Some(value).filter(|value| is_meant && !value.is_array());
        items.iter().chain(alone).map(move |value| (keyword, value))
    });
    parts.filter_map(|(keyword, value)| Some((keyword, value.as_str()?)))
}
