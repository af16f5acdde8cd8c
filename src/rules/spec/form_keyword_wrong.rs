use crate::protocol::{Kind, is_secret_name};
use crate::rules::{Findings, FormPlace, Level, Look, Observer, Watch, rule};
use crate::text;
use serde_json::Value;

/// The keywords that only Airbyte's forms know.
const KEYWORDS: [&str; 7] =
    ["airbyte_hidden", "airbyte_secret", "always_show", "display_type", "multiline", "order", "pattern_descriptor"];

rule! {
    /// A keyword of Airbyte's forms is misspelled, or has a value that the form can't use.
    ///
    /// # What it checks
    /// `airbyte_secret`, `airbyte_hidden`, `always_show` and `multiline` are true or false, `order` is a number, and
    /// `display_type` is `dropdown` or `radio` and stands beside a `oneOf`. All but `airbyte_secret` and `display_type`
    /// are reported at SHOULD. Also at SHOULD: a keyword that is one of these but for its spelling (`airbyteSecret`,
    /// `always-show`), where the right one is missing. `"secret": true` and `"hidden": true` are told at INFO. That a
    /// property with a secret's name lacks `airbyte_secret` is SPEC-027's.
    ///
    /// # Why it matters
    /// Unknown keywords are ignored without a word. A misspelled `airbyte_secret` stores a password in the clear and shows
    /// it; an `order` in quotes leaves the field at the end of the form. Programs disagree about whether the text
    /// `"false"` is true.
    ///
    /// # Example
    /// ```json
    /// bad:  {"pin":{"type":"string","airbyteSecret":true,"order":"2"}}
    /// good: {"pin":{"type":"string","airbyte_secret":true,"order":2}}
    /// ```
    ///
    /// # How to mend it
    /// Write the keyword as it is here, with a boolean or number that is not in quotes. Python models need it in
    /// `json_schema_extra`: `Field(secret=True)` makes another keyword.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests look at `display_type` only.
    FormKeywordWrong {
        code: "SPEC-026",
        name: "form-keyword-wrong",
        level: Must,
        commands: [Spec],
        authority: ProtocolText,
        source: "connector specification reference; Airbyte acceptance tests: test_display_type",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct FormKeywordWrong;

impl Observer for FormKeywordWrong {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.form() {
            for (keyword, value) in place.members().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
                let wanted = match keyword.as_str() {
                    "airbyte_secret" | "airbyte_hidden" | "always_show" | "multiline" if !value.is_boolean() => {
                        "a boolean"
                    }
                    "order" if !value.is_number() => "a number",
                    "display_type" if value != "dropdown" && value != "radio" => "dropdown or radio",
                    "display_type" if place.keyword("oneOf").is_none() => "a `oneOf` beside it",
                    _ => {
                        misspelled(look, findings, &place, keyword, value);
                        continue;
                    }
                };
                let is_must = matches!(keyword.as_str(), "airbyte_secret" | "display_type");
                findings.report(&format!("{keyword} {wanted}"), || {
                    let found = text::json(value, 60);
                    let message = format!("{} has `{keyword}` {found}, and wants {wanted}", place.describe());
                    let title = format!("`{keyword}` needs {wanted}");
                    let violation = place.violation(look, keyword, title, message).expected(wanted, found);
                    violation.level(if is_must { Level::Must } else { Level::Should })
                });
            }
        }
    }
}

fn misspelled(look: &Look<'_>, findings: &mut Findings<'_>, place: &FormPlace<'_, '_>, keyword: &str, value: &Value) {
    let is_known_secret = place.property().is_some_and(|(name, _)| is_secret_name(name));
    let is_left = |known: &str| known == "airbyte_secret" && is_known_secret;
    let is_new = |(known, _): &(&str, Level)| place.keyword(known).is_none() && !is_left(known);
    let Some((known, level)) = meant(keyword, value).filter(is_new) else { return };
    findings.report(keyword, || {
        let title = format!("`{keyword}` is no keyword; did you mean `{known}`?");
        let message = format!("{} has `{keyword}`, which no form knows; `{known}` is one", place.describe());
        place.violation(look, keyword, title, message).expected(known, keyword).level(level)
    });
}

/// The keyword that a member was meant to be, where that is not its own name.
fn meant(keyword: &str, value: &Value) -> Option<(&'static str, Level)> {
    const LONGEST: usize = 24;
    let is_own = keyword.starts_with("x-") || keyword.starts_with("x_");
    if keyword.len() > LONGEST || is_own || KEYWORDS.contains(&keyword) {
        return None;
    }
    // Letter case and what parts words count for nothing.
    let spelled = keyword.replace(['_', '-', ' '], "").to_ascii_lowercase();
    let is_same = |known: &&&str| known.bytes().filter(|byte| *byte != b'_').eq(spelled.bytes());
    if let Some(known) = KEYWORDS.iter().find(is_same) {
        return Some((known, Level::Should));
    }
    let nearest =
        |known: &[&'static str]| text::nearest(keyword, known.iter().copied()).map(|known| (known, Level::Should));
    match (value, spelled.as_str()) {
        (Value::Bool(true), "secret" | "issecret") => Some(("airbyte_secret", Level::Info)),
        (Value::Bool(true), "hidden" | "ishidden") => Some(("airbyte_hidden", Level::Info)),
        (Value::Bool(_), _) if keyword.starts_with('a') => nearest(&["airbyte_hidden", "airbyte_secret"]),
        (Value::String(_), _) if keyword.starts_with("pattern_") => nearest(&["pattern_descriptor"]),
        _ => None,
    }
}
