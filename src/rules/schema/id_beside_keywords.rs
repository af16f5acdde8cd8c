use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Watch, rule};
use crate::text;

rule! {
    /// A schema has `id` among its keywords.
    ///
    /// # What it checks
    /// No schema within a stream's `json_schema` has a member `id` beside `type` and `properties`. A property of that
    /// name, under `properties`, is fine.
    ///
    /// # Why it matters
    /// In draft-04 `id` gave a schema its address; draft-07 calls that `$id`. The platform turns every such `id` into
    /// `$id` before it validates records, so that an address appears which nobody tested: references start from
    /// there. Often it is a column that was put a level too high: no destination makes it.
    ///
    /// # Example
    /// ```json
    /// bad:  {"id":"orders.json","type":"object","properties":{"total":{"type":"number"}}}
    /// bad:  {"id":{"type":"integer"},"type":"object","properties":{"total":{"type":"number"}}}
    /// good: {"type":"object","properties":{"id":{"type":"integer"},"total":{"type":"number"}}}
    /// ```
    ///
    /// # How to mend it
    /// Take the address out: nobody needs it. If it was meant as a column, put it under `properties`. Generators of
    /// schemas from samples write an `id` into each level. In Python and Low-code it stands in the stream's schema.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests validate schemas with draft-07's meta-schema, to which `id` is an unknown word.
    IdBesideKeywords {
        code: "SCHEMA-015",
        name: "id-beside-keywords",
        level: Should,
        commands: [Discover],
        authority: PlatformBehaviour,
        source: "platform: RecordSchemaValidator.updateIdNodePropertyName",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct IdBesideKeywords;

impl Observer for IdBesideKeywords {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.described() {
            let Some(id) = place.keyword("id").filter(|id| !id.is_null()) else { continue };
            let (cause, expected) = match id.is_object() {
                true => ("a schema", "the column `id` under `properties`"),
                false => ("an address", "no `id`"),
            };
            findings.report_stream(cause, place.descriptor(), || {
                let message = format!("{} has `id` among its keywords", place.owner());
                place
                    .violation(look, "id", "`id` stands among a schema's keywords", message)
                    .expected(expected, text::json(id, 80))
            });
        }
    }
}
