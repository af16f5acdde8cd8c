use crate::protocol::Kind;
use crate::protocol::schema::Place;
use crate::protocol::schema::vocabulary::{is_open_object, is_schemaless};
use crate::rules::{Described, Findings, Look, Observer, Watch, rule};

rule! {
    /// An object's members are not declared.
    ///
    /// # What it checks
    /// Below the root of a stream's schema, `"type": "object"` comes with `properties` that are not empty, with branches,
    /// with `patternProperties`, or with `additionalProperties`, which says that the names are not known beforehand. The
    /// root is DISC-006's. The field `data` of a stream without a schema and JSON columns of databases are as they have
    /// to be.
    ///
    /// # Why it matters
    /// A typed destination makes text of such an object. That is right for a real map; for an object whose members
    /// are known, users lose columns that they could have had.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":["null","object"]}
    /// good: {"type":["null","object"],"properties":{"city":{"type":["null","string"]}}}
    /// good: {"type":["null","object"],"additionalProperties":true}
    /// ```
    ///
    /// # How to mend it
    /// Declare the members that the API documents. Where they differ from record to record, say
    /// `"additionalProperties": true`. In Python and Low-code that is in the stream's schema; one that was inferred from an
    /// empty object has no members.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look at this.
    ObjectWithoutProperties {
        code: "SCHEMA-014",
        name: "object-without-properties",
        level: Info,
        commands: [Discover],
        authority: ProtocolText,
        source: "supported data types: Objects; Avro conversion: untyped object",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct ObjectWithoutProperties;

impl Observer for ObjectWithoutProperties {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.described().filter(is_undescribed) {
            findings.report_stream("no properties", place.descriptor(), || {
                let message = format!("{} is an object, and nothing says of what", place.owner());
                place
                    .violation(look, "", "an object's members are not declared", message)
                    .expected("`properties`, or `additionalProperties` for a map", "neither")
            });
        }
    }
}

fn is_undescribed(place: &Described<'_, '_>) -> bool {
    let is_described = match place.place {
        Place::Root => true,
        // The object around it describes it, or it describes no column.
        Place::Branch { keyword, .. } => keyword != "oneOf" && keyword != "anyOf",
        Place::Property { name, .. } => name == "data" && place.depth == 1 && is_schemaless(place.root()),
        _ => false,
    };
    !is_described
        && is_open_object(place.schema)
        && place.keyword("additionalProperties").is_none()
        && place.keyword("airbyte_type").is_none_or(|word| word != "json")
}
