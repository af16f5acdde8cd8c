use crate::protocol::Kind;
use crate::protocol::schema::canonical;
use crate::rules::{Findings, Look, Observer, Watch, rule};
use crate::text;
use serde_json::Value;
use std::collections::HashSet;

rule! {
    /// An `enum` of the specification has a value twice.
    ///
    /// # What it checks
    /// Within `connectionSpecification`, the values of each `enum` differ. They are compared as JSON values: 1 and 1.0
    /// are the same, `"a"` and `"A"` are not. An `enum` that is no array, or is empty, is SPEC-003's.
    ///
    /// # Why it matters
    /// The user sees the same choice twice. Some drafts of JSON Schema refuse a schema with such an `enum` as a whole, so
    /// Airbyte wants distinct values in every draft.
    ///
    /// # Example
    /// ```json
    /// bad:  {"region":{"type":"string","enum":["eu","us","eu"]}}
    /// good: {"region":{"type":"string","enum":["eu","us"]}}
    /// ```
    ///
    /// # How to mend it
    /// Drop the repetition. If another value was meant, mend it. An `enum` that is made of a Python or Kotlin enumeration
    /// repeats a value where two of its names have the same one.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests check this too, with Python's equality, to which `true` is 1. They look into a property that
    /// is named `enum` as well.
    EnumValueRepeated {
        code: "SPEC-007",
        name: "enum-value-repeated",
        level: Must,
        commands: [Spec],
        authority: ProtocolText,
        source: "connector specification reference: Using enum; Airbyte acceptance tests: test_enum_usage",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct EnumValueRepeated;

impl Observer for EnumValueRepeated {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.form() {
            let Some(values) = place.keyword("enum").and_then(Value::as_array) else { continue };
            let mut seen = HashSet::new();
            let Some(repeated) = values.iter().find(|value| !seen.insert(canonical(value))) else { continue };
            findings.report("repeated", || {
                let value = text::json(repeated, 80);
                let message = format!("the `enum` of {} has {value} more than once", place.describe());
                place
                    .violation(look, "enum", "an `enum` has a value twice", message)
                    .expected("distinct values", format!("{value} again"))
            });
        }
    }
}
