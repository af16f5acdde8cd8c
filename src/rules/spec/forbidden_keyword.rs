use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Watch, rule};
use crate::text;

/// Keywords that Airbyte does not interpret, each with those that only make sense together.
const FORBIDDEN: [&[&str]; 8] = [
    &["anyOf"],
    &["allOf"],
    &["not"],
    &["if", "then", "else"],
    &["patternProperties"],
    &["prefixItems"],
    &["dependentSchemas"],
    &["dependentRequired"],
];

rule! {
    /// The specification uses a keyword of JSON Schema that Airbyte does not interpret.
    ///
    /// # What it checks
    /// No schema within `connectionSpecification` has `anyOf`, `allOf`, `not`, `if`, `then`, `else`, `patternProperties`,
    /// `prefixItems`, `dependentSchemas` or `dependentRequired`. A property of such a name is none. No rule looks
    /// at fields that are within `not`, `if`, `then` or `else`.
    ///
    /// # Why it matters
    /// Forms have nothing for these keywords. Fields that only stand there are not shown, and a condition that only stands
    /// there is not checked until the user saves, who then reads a validation error about nothing that is on the page.
    ///
    /// # Example
    /// ```json
    /// bad:  {"since":{"anyOf":[{"type":"string","format":"date"},{"type":"null"}]}}
    /// good: {"since":{"type":["string","null"],"format":"date"}}
    /// ```
    ///
    /// # How to mend it
    /// For alternatives between objects write `oneOf` with `"type": "object"` and a property with a `const` in each branch
    /// (SPEC-010). For an optional field leave its name out of `required`. For `allOf` put the members into one object;
    /// check conditions between fields in the connector's `check`. Pydantic writes `anyOf` for `Optional` and `Union`,
    /// and `allOf` for a model with a description of its own: use a discriminated union, and change the schema in
    /// `schema()` or `json_schema_extra`.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests refuse the same keywords, wherever they are a key and not directly below `properties`.
    ForbiddenKeyword {
        code: "SPEC-006",
        name: "forbidden-keyword",
        level: Must,
        commands: [Spec],
        authority: ProtocolText,
        source: "connector specification reference: Forbidden keys; Airbyte acceptance tests: test_forbidden_complex_types",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct ForbiddenKeyword;

impl Observer for ForbiddenKeyword {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.form() {
            for group in FORBIDDEN {
                let Some(keyword) = group.iter().copied().find(|keyword| place.has(keyword)) else { continue };
                findings.report(keyword, || {
                    let found = place.keyword(keyword).map_or(String::new(), |value| text::json(value, 80));
                    let title = format!("the specification uses `{keyword}`");
                    let message = format!("{} has `{keyword}`, which Airbyte does not interpret", place.describe());
                    place.violation(look, keyword, title, message).expected(format!("no `{keyword}`"), found)
                });
            }
        }
    }
}
