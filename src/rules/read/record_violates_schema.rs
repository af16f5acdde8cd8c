use super::undeclared_field;
use crate::protocol::schema::SchemaViolation;
use crate::protocol::types::AirbyteType;
use crate::rules::violated::{describe, is_of_constraint};
use crate::rules::{Findings, Look, Observer, Watch, rule};

rule! {
    /// A record does not have the structure that the schema of its stream describes.
    ///
    /// # What it checks
    /// Each record's `data` is validated with the stream's `json_schema` from the configured catalog, as draft-07: no
    /// string, object or array where one is declared, a member of `required` missing, an undeclared member of a nested
    /// object that is closed. Other rules say what the values of fields are not: TYPE-001 to TYPE-012 and TYPE-016 own
    /// booleans, numbers, moments, null, base64 and unions; READ-007 and READ-009 own fields that are not declared; and
    /// keywords that are tighter than types (`enum`, `pattern`, `maximum`) are SCHEMA-016's. A part of a schema that can't be
    /// compiled, which SCHEMA-001 tells of, is left out, and the rest is judged.
    ///
    /// # Why it matters
    /// Destinations make their tables from the schema. A value that breaks it is nulled, stringified or refused,
    /// depending on the destination, and whoever queries the table finds out last.
    ///
    /// # Example
    /// With `"note": {"type": ["null", "string"]}` in the schema:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"note":17},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"note":"17"},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Decide which of the two is wrong. If the API is right, widen the schema: `object` for what is one, no `required`
    /// for what may be missing. If the schema is right, convert the value before it is emitted (Low-code: a
    /// `transformations` entry or `schema_normalization: Default`; Python CDK: a `TypeTransformer`; Java: in the mapping
    /// from column to JSON).
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests validate records the same way, keep one error for each place of the schema, and tell
    /// only the names of the streams; `validate_schema: false` turns it off. The CDK's standard tests do not validate.
    RecordViolatesSchema {
        code: "READ-006",
        name: "record-violates-schema",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "supported data types: record structure; AirbyteStream.json_schema",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
    }
}

#[derive(Default)]
struct RecordViolatesSchema;

impl Observer for RecordViolatesSchema {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let (Some(stream), false) = (look.stream(), look.violations().is_empty()) else { return };
        if undeclared_field::is_foreign(look) {
            return;
        }
        for violation in look.violations().iter().filter(|found| !others_say(found, look)) {
            let descriptor = &stream.descriptor;
            findings.report_stream(&violation.schema_pointer, descriptor, || describe(violation, look));
        }
    }
}

/// Whether another rule says this, or nobody should.
fn others_say(violation: &SchemaViolation, look: &Look<'_>) -> bool {
    let types = look.stream().and_then(|stream| stream.types.as_ref());
    let along = types.map_or(Vec::new(), |types| types.along(&violation.pointer));
    let is_branch = matches!(violation.keyword.as_str(), "oneOf" | "anyOf");
    // A root of another type than object is DISC-006's: `data` is right to be one.
    let is_root = violation.pointer.is_empty() && violation.keyword == "type";
    is_root
        || is_of_constraint(violation, look)
        || undeclared_field::says(&violation.schema_pointer, look)
        || look.typed().is_some_and(|typed| match is_branch {
            true => typed.tells_of(&violation.pointer),
            false => typed.misfits.iter().any(|misfit| misfit.pointer == violation.pointer),
        })
        // The schema that a JSON column has contradicts itself.
        || along.contains(&AirbyteType::Jsonb)
        || (is_branch && along.last() == Some(&AirbyteType::Union))
}
