use crate::protocol::Kind;
use crate::protocol::schema::{field_at, kinds};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// A field of a stream's primary key is an object or an array.
    ///
    /// # What it checks
    /// By the stream's schema, no field of `source_defined_primary_key` holds objects or arrays. A field that may be one
    /// and may be a plain value too is reported at SHOULD. A key that is misshapen or in no schema is DISC-013's; a field
    /// whose type the schema leaves open is not judged.
    ///
    /// # Why it matters
    /// Destinations compare keys for equality and make indexes of them, which no warehouse does with objects and
    /// arrays. The sync fails, or duplicates stay because the same key was written in two ways.
    ///
    /// # Example
    /// ```json
    /// bad:  {"source_defined_primary_key":[["customer"]],"json_schema":{"type":"object","properties":{"customer":{"type":"object","properties":{"id":{"type":"integer"}}}}}}
    /// good: {"source_defined_primary_key":[["customer","id"]],"json_schema":{"type":"object","properties":{"customer":{"type":"object","properties":{"id":{"type":"integer"}}}}}}
    /// ```
    ///
    /// # How to mend it
    /// Name the value within, by its path, or lift it to a field of its own (Low-code: an `AddFields` transformation).
    /// Where a plain field was declared as `["object","string"]` by mistake, mend the schema.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests check this, but notice only types that are written as a list: `"type": "object"` passes.
    PrimaryKeyNotScalar {
        code: "DISC-014",
        name: "primary-key-not-scalar",
        level: Must,
        commands: [Discover],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_primary_keys_data_type",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct PrimaryKeyNotScalar;

impl Observer for PrimaryKeyNotScalar {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for (at, stream) in look.discovered().iter().enumerate() {
            let schema = stream.json_schema();
            for path in stream.primary_key() {
                let Some(field) = field_at(schema, &path) else { continue };
                let Some(kinds) = kinds(schema, field) else { continue };
                let is_nested = |kind: &&str| ["array", "object"].contains(kind);
                if !kinds.iter().any(is_nested) {
                    continue;
                }
                let is_always = kinds.iter().all(|kind| is_nested(kind) || *kind == "null");
                let name = text::shorten(&path.join("."), 120);
                findings.report_stream(&format!("{name}: {}", kinds.join(" ")), &stream.descriptor, || {
                    let kinds = kinds.join(" or ");
                    Violation::new(
                        "a field of the primary key is an object or an array",
                        format!("`{name}`, of the primary key of `{}`, is {kinds} by its schema", stream.descriptor),
                    )
                    .part(look.line, format!("/catalog/streams/{at}/source_defined_primary_key"), field)
                    .expected("a field of plain values", kinds)
                    .level(if is_always { Level::Must } else { Level::Should })
                });
            }
        }
    }
}
