use crate::protocol::Kind;
use crate::protocol::schema::types;
use crate::rules::{Findings, Look, Observer, Watch, rule};
use crate::text;

rule! {
    /// A property of the specification has several types.
    ///
    /// # What it checks
    /// The `type` of each property within `connectionSpecification` is one type, or a list of one, with or without
    /// `"null"` as the second. The root's `type` is SPEC-004's, that beside a `oneOf` is SPEC-008's, and a word that is no type
    /// is SPEC-003's.
    ///
    /// # Why it matters
    /// A field of a form has one type. Forms take the first of the list and do not check the rest: a field of
    /// `["string","integer"]` gives a text for every number, one of `["null","integer"]` has no type at all.
    ///
    /// # Example
    /// ```json
    /// bad:  {"properties":{"port":{"type":["string","integer"]},"limit":{"type":["null","integer"]}}}
    /// good: {"properties":{"port":{"type":"integer"},"limit":{"type":["integer","null"]}}}
    /// ```
    ///
    /// # How to mend it
    /// Choose one type: `string` where texts must be possible, and convert in the connector. Write `"null"` last, or leave it
    /// out: a field that may be empty is one that `required` does not list. For real alternatives use a `oneOf` between
    /// objects (SPEC-010).
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests check exactly this.
    PropertyOfSeveralTypes {
        code: "SPEC-013",
        name: "property-of-several-types",
        level: Must,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_property_type_is_not_array",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct PropertyOfSeveralTypes;

impl Observer for PropertyOfSeveralTypes {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.fields().filter(|place| place.property().is_some() && !place.has("oneOf")) {
            let Some(list) = place.keyword("type").filter(|list| list.is_array()) else { continue };
            let (cause, title) = match types(place.schema).unwrap_or_default().as_slice() {
                [] | [_] | [_, "null"] => continue,
                ["null", _] => ("null first", "a property has `null` as its first type"),
                _ => ("several", "a property has several types"),
            };
            findings.report(cause, || {
                let found = text::json(list, 120);
                let message = format!("{} is of the types {found}; forms take the first", place.describe());
                let expected = match cause {
                    "null first" => "`null` as the second type, or not at all",
                    _ => "one type, or one and `null`",
                };
                place.violation(look, "type", title, message).expected(expected, found)
            });
        }
    }
}
