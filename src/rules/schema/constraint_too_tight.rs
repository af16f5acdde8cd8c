use crate::protocol::schema::SchemaViolation;
use crate::protocol::types::AirbyteType;
use crate::rules::read::undeclared_field;
use crate::rules::violated::{describe, has_other_type, is_of_constraint};
use crate::rules::{Findings, Look, Observer, Watch, rule};

rule! {
    /// A record has a value that its schema's `enum`, `pattern` or limit does not allow.
    ///
    /// # What it checks
    /// Values that are of their declared type also keep to the keywords that ask for more than a type: `enum`, `const`,
    /// `pattern`, `minimum`, `maxLength`, `maxItems`, `uniqueItems` and their like. A value of another type is a matter of
    /// the TYPE rules and READ-006. A schema may have such keywords as long as all records keep to them. A `pattern` with
    /// look-ahead or back-references can't be judged and is left out.
    ///
    /// # Why it matters
    /// Airbyte's types do not constrain values, and destinations have no use for such keywords. But the platform
    /// validates with them: the record is reported as invalid, in each sync, though its column takes it.
    ///
    /// # Example
    /// With `"status": {"type": ["null", "string"], "enum": ["open", "paid"]}` in the schema:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"status":"refunded"},"emitted_at":1700000000000}}
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"status":null},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"status":"paid"},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Take the keyword out of the schema: an API gets new values without notice. An `enum` that stays has to have null
    /// among its values where the field can be null. In Python and Low-code it stands in the stream's schema, often as
    /// it was in the API's own description.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests validate records with all of these keywords, as long as `validate_schema` is on.
    ConstraintTooTight {
        code: "SCHEMA-016",
        name: "constraint-too-tight",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "supported data types: the type system does not constrain values; platform: RecordSchemaValidator",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
    }
}

#[derive(Default)]
struct ConstraintTooTight;

impl Observer for ConstraintTooTight {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let (Some(stream), false) = (look.stream(), look.violations().is_empty()) else { return };
        if undeclared_field::is_foreign(look) {
            return;
        }
        let is_own = |violation: &&SchemaViolation| {
            let along = stream.types.as_ref().map_or(Vec::new(), |types| types.along(&violation.pointer));
            is_of_constraint(violation, look)
                && !has_other_type(violation, look)
                // The schema that a JSON column has contradicts itself.
                && !along.contains(&AirbyteType::Jsonb)
        };
        for violation in look.violations().iter().filter(is_own) {
            findings.report_stream(&violation.schema_pointer, &stream.descriptor, || describe(violation, look));
        }
    }
}
