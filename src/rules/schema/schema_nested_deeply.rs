use crate::protocol::schema::Place;
use crate::protocol::{Kind, Stream};
use crate::rules::{Findings, Look, Observer, Watch, rule};

/// How deep objects and arrays may nest before it is worth a word.
const DEEP: usize = 20;

rule! {
    /// A stream's schema nests deeper than destinations like.
    ///
    /// # What it checks
    /// Objects and arrays of a stream's schema nest at most 20 levels deep. Branches of `oneOf` are no level of their own. A
    /// schema that refers to itself is SCHEMA-002's.
    ///
    /// # Why it matters
    /// Destinations that make structures have limits (15 levels in BigQuery), others flatten names until they are too
    /// long. What is below becomes text, or the table can't be made.
    ///
    /// # Example
    /// A comment with its answers, each with its answers, as properties:
    /// ```json
    /// bad:  {"answers":{"items":{"properties":{"answers":{"items":{"properties":{"answers":"… and so on, 20 levels"}}}}}}}
    /// good: {"id":{"type":"integer"},"answer_to":{"type":["null","integer"]},"text":{"type":"string"}}
    /// ```
    ///
    /// # How to mend it
    /// Declare the first levels and say `"type": "object"` of what is below, or make a stream of what repeats itself,
    /// with the key of its parent. In Python and Low-code that is in the stream's schema, where resolved references
    /// make such depths.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look at this.
    SchemaNestedDeeply {
        code: "SCHEMA-018",
        name: "schema-nested-deeply",
        level: Info,
        commands: [Discover],
        authority: Inference,
        source: "follows from destinations that make structures of nested objects",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct SchemaNestedDeeply;

impl Observer for SchemaNestedDeeply {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        // The levels of the places around the one at hand, from the root on: a place comes after the one around it.
        let mut levels: Vec<usize> = Vec::new();
        let mut told: Option<&Stream> = None;
        for place in look.described() {
            levels.truncate(place.depth);
            let is_level = matches!(place.place, Place::Property { .. } | Place::Items | Place::OtherProperties);
            let level = levels.last().map_or(0, |around| around + usize::from(is_level));
            levels.push(level);
            // Once for each stream: what is deep has much beside and below it.
            if level != DEEP + 1 || told.is_some_and(|told| std::ptr::eq(told, place.stream)) {
                continue;
            }
            told = Some(place.stream);
            findings.report_stream("deep", place.descriptor(), || {
                let message = format!("{} is {level} levels below the root", place.owner());
                place
                    .violation(look, "", format!("a schema nests deeper than {DEEP} levels"), message)
                    .expected(format!("at most {DEEP} levels"), format!("{level} and more"))
            });
        }
    }
}
