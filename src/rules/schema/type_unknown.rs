use crate::protocol::Kind;
use crate::protocol::schema::foreign_types;
use crate::protocol::schema::vocabulary::{TYPES, instead_of_type};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

/// How many places of one stream's schema are told.
const PLACES: usize = 1_000;

rule! {
    /// A stream's schema names a type that does not exist.
    ///
    /// # What it checks
    /// Each `type` in a stream's `json_schema`, alone or in a list, is one of `array`, `boolean`, `integer`, `null`,
    /// `number`, `object`, `string`, in this spelling. A `type` of another form (a number, an empty list) is SCHEMA-001's,
    /// and none at all SCHEMA-005's.
    ///
    /// # Why it matters
    /// Destinations make column types from these words. One that they do not know becomes a column of text, or of
    /// nothing, or fails the sync; and strict validators refuse the whole schema.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"object","properties":{"id":{"type":"int"},"born":{"type":"date"}}}
    /// good: {"type":"object","properties":{"id":{"type":"integer"},"born":{"type":"string","format":"date"}}}
    /// ```
    ///
    /// # How to mend it
    /// Most of these words come from another type system: a database's, Python's, the API's own. Map them: `int` is
    /// `integer`, `float` and `decimal` are `number`, `str`, `text` and `uuid` are `string`, a date or a timestamp is a
    /// `string` with a `format`. Low-code's `DynamicSchemaLoader` maps the API's words by its `types_mapping`.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests validate each stream's schema with draft-07's meta-schema, and so refuse other words.
    TypeUnknown {
        code: "SCHEMA-006",
        name: "type-unknown",
        level: Must,
        commands: [Discover],
        authority: ProtocolText,
        source: "supported data types: The types",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct TypeUnknown;

impl Observer for TypeUnknown {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for (at, stream) in look.discovered().iter().enumerate() {
            let schema = stream.json_schema();
            for defect in foreign_types(schema, PLACES) {
                let Some(word) = &defect.foreign_type else { continue };
                let shown = text::shorten(word, 80);
                findings.report_stream(&shown, &stream.descriptor, || {
                    let meant = instead_of_type(word).or_else(|| text::nearest(word, TYPES));
                    let expected = meant.map_or(format!("one of {}", TYPES.join(", ")), |meant| format!("\"{meant}\""));
                    let owner = defect.pointer.rfind("/type").and_then(|end| defect.pointer.get(..end)).unwrap_or("");
                    Violation::new(
                        format!("`{shown}` is no type"),
                        format!("`{}` in `{}` is \"{shown}\", which is no type", defect.pointer, stream.descriptor),
                    )
                    .part(
                        look.line,
                        format!("/catalog/streams/{at}/json_schema{}", defect.pointer),
                        schema.pointer(owner).unwrap_or(schema),
                    )
                    .expected(expected, format!("\"{shown}\""))
                });
            }
        }
    }
}
