use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Watch, rule};
use crate::text;

rule! {
    /// A stream's schema has `allOf` or `not`.
    ///
    /// # What it checks
    /// No schema within a stream's `json_schema` has the keywords `allOf` and `not`. A field of that name is no keyword.
    /// `anyOf` is SCHEMA-004's.
    ///
    /// # Why it matters
    /// Airbyte's types are made of `type`, `format`, `items`, `properties` and `oneOf`. Destinations that come upon `allOf`
    /// take it for a choice, as if it were `oneOf`, or do not see it; `not` they do not see. The column is then not of
    /// the type that the schema means, or of none.
    ///
    /// # Example
    /// ```json
    /// bad:  {"allOf":[{"type":"object","properties":{"id":{"type":"integer"}}},{"properties":{"name":{"type":"string"}}}]}
    /// good: {"type":"object","properties":{"id":{"type":"integer"},"name":{"type":"string"}}}
    /// ```
    ///
    /// # How to mend it
    /// `allOf`: merge the parts into one schema. With a single part, as pydantic writes it round a `$ref`, put that part
    /// in its place. `not`: leave it out; a schema says what a field is.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests refuse both keywords at any depth. They may take a field named `not` or `allOf` for the keyword
    /// where the object's `type` is a list.
    KeywordUnsupported {
        code: "SCHEMA-003",
        name: "keyword-unsupported",
        level: Must,
        commands: [Discover],
        authority: ProtocolText,
        source: "supported data types; Airbyte acceptance tests: test_defined_keyword_exist_in_schema",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct KeywordUnsupported;

impl Observer for KeywordUnsupported {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.described() {
            for keyword in ["allOf", "not"] {
                // What stands beside a reference is SCHEMA-002's.
                let Some(value) = place.keyword(keyword).filter(|_| place.keyword("$ref").is_none()) else { continue };
                findings.report_stream(keyword, place.descriptor(), || {
                    let title = format!("a schema has `{keyword}`");
                    let message = format!("{} is described with `{keyword}`", place.owner());
                    let expected = if keyword == "not" { "no `not`" } else { "one schema instead of `allOf`" };
                    place.violation(look, keyword, title, message).expected(expected, text::json(value, 120))
                });
            }
        }
    }
}
