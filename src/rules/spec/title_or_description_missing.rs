use crate::protocol::Kind;
use crate::protocol::schema::Place;
use crate::rules::{Findings, FormPlace, Look, Observer, Watch, rule};
use serde_json::Value;

rule! {
    /// A property of the form has no title or no description.
    ///
    /// # What it checks
    /// Each property in `connectionSpecification`, at any depth, has a `title` and a `description` that are not empty,
    /// and each branch of a `oneOf` has a `title`. The root needs neither, nor do properties that nobody sees: hidden
    /// ones, and those with one value only (`const`), which tell branches apart.
    ///
    /// # Why it matters
    /// Without a title the form shows the name in the code, `acct_id`; without a description, users have nothing that
    /// tells them what to write there and where to find it. A branch without title is an empty line in the menu.
    ///
    /// # Example
    /// ```json
    /// bad:  {"acct_id":{"type":"string"}}
    /// good: {"acct_id":{"type":"string","title":"Account ID","description":"Settings > Account, at the top."}}
    /// ```
    ///
    /// # How to mend it
    /// Write a title of a few words, and a description that says what the value does and where users find it. Python
    /// models: `Field(title=…, description=…)`. Kotlin: `@JsonSchemaTitle` and `@JsonPropertyDescription`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look at this; reviewers of connectors do.
    TitleOrDescriptionMissing {
        code: "SPEC-023",
        name: "title-or-description-missing",
        level: Should,
        commands: [Spec],
        authority: ProtocolText,
        source: "UX handbook: title and description for every input parameter",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct TitleOrDescriptionMissing;

impl Observer for TitleOrDescriptionMissing {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.shown() {
            let (needed, what): (&[&str], _) = match place.place {
                Place::Property { .. } if is_filled_in(&place) => (&["title", "description"], "property"),
                Place::Branch { keyword: "oneOf", .. } if place.keyword("properties").is_some() => {
                    (&["title"], "branch")
                }
                _ => continue,
            };
            for keyword in needed.iter().filter(|keyword| is_empty(place.keyword(keyword))) {
                findings.report(&format!("{what} {keyword}"), || {
                    let title = match what {
                        "property" => format!("a property has no `{keyword}`"),
                        _ => format!("a branch of `oneOf` has no `{keyword}`"),
                    };
                    let whose = if what == "property" { "" } else { "a branch of " };
                    place.violation(look, "", title, format!("{whose}{} has no `{keyword}`", place.describe()))
                });
            }
        }
    }
}

/// Whether a property is one that users fill in or choose. One that is made of a reference is not told apart here.
fn is_filled_in(place: &FormPlace<'_, '_>) -> bool {
    let is_single = place.keyword("enum").and_then(Value::as_array).is_some_and(|values| values.len() == 1);
    let is_apart = ["const", "$ref"].iter().any(|keyword| place.keyword(keyword).is_some());
    place.members().is_some() && !is_single && !is_apart
}

/// A title that is no text is SPEC-003's.
fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(_) => false,
    }
}
