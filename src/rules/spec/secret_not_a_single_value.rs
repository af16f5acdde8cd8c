use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// `airbyte_secret` is said of something that can't be a secret.
    ///
    /// # What it checks
    /// A property with `"airbyte_secret": true` can be a string, a number or an integer, and has no `const`. Its `type` may
    /// have null beside that. Properties without `type` are left out; a mark that is not true or false is SPEC-026's.
    ///
    /// # Why it matters
    /// The form hides single texts and numbers. The parts of an object and the items of a list stay readable in spite of
    /// the mark, and a boolean or a constant has nothing to hide.
    ///
    /// # Example
    /// ```json
    /// bad:  {"tokens":{"type":"array","items":{"type":"string"},"airbyte_secret":true}}
    /// good: {"tokens":{"type":"array","items":{"type":"string","airbyte_secret":true}}}
    /// ```
    ///
    /// # How to mend it
    /// Mark the properties within the object, or the `items` of the list. Take the mark away from booleans and
    /// discriminators.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests refuse it where the property has a known secret's name, `credentials` for instance.
    SecretNotASingleValue {
        code: "SPEC-028",
        name: "secret-not-a-single-value",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_secret_is_properly_marked",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

/// Types whose values are no secret by themselves.
const OTHERS: [&str; 4] = ["object", "array", "boolean", "null"];

#[derive(Default)]
struct SecretNotASingleValue;

impl Observer for SecretNotASingleValue {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let is_marked = |secret: &Value| *secret == Value::Bool(true);
        for place in look.form().filter(|place| place.keyword("airbyte_secret").is_some_and(is_marked)) {
            let kind = place.keyword("type");
            let words = kind.map_or(&[][..], |kind| kind.as_array().map_or(std::slice::from_ref(kind), Vec::as_slice));
            let found =
                words.iter().find_map(|word| OTHERS.into_iter().find(|other| word == other && *other != "null"));
            let is_other = |word: &Value| OTHERS.iter().any(|other| word == other);
            let what = match found.filter(|_| words.iter().all(is_other)) {
                Some(kind) => kind,
                None if place.keyword("const").is_some() => "constant",
                None => continue,
            };
            findings.report(what, || {
                let article = if matches!(what, "object" | "array") { "an" } else { "a" };
                let shown = kind.map_or("none".to_owned(), |kind| text::json(kind, 60));
                let message = format!("{} is {article} {what}, and `airbyte_secret`", place.describe());
                let title = format!("`airbyte_secret` is said of {article} {what}");
                place.violation(look, "airbyte_secret", title, message).expected("string, number or integer", shown)
            });
        }
    }
}
