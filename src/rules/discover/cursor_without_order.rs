use crate::protocol::Kind;
use crate::protocol::schema::{field_at, kinds};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// The field that a stream proposes as cursor has no order.
    ///
    /// # What it checks
    /// The field of `default_cursor_field` may hold a text or a number. Objects, arrays and booleans can't be ordered in
    /// a way that says which record is newer. A field that the schema does not declare is DISC-011's; one whose type the
    /// schema leaves open is not judged.
    ///
    /// # Why it matters
    /// Destinations that remove duplicates sort by the cursor's column. Sorting objects or booleans fails in some
    /// warehouses and means nothing in the others.
    ///
    /// # Example
    /// ```json
    /// bad:  {"default_cursor_field":["changed"],"json_schema":{"type":"object","properties":{"changed":{"type":"boolean"}}}}
    /// good: {"default_cursor_field":["changed_at"],"json_schema":{"type":"object","properties":{"changed_at":{"type":"string","format":"date-time","airbyte_type":"timestamp_with_timezone"}}}}
    /// ```
    ///
    /// # How to mend it
    /// Choose the field that grows with each change: a moment, a version, a sequence number. A value within an object
    /// is named by its path: `["meta","updated_at"]`.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests check that the cursor's field is in the schema, not what type it has.
    CursorWithoutOrder {
        code: "DISC-012",
        name: "cursor-without-order",
        level: Info,
        commands: [Discover],
        authority: Inference,
        source: "follows from what destinations do with AirbyteStream.default_cursor_field",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct CursorWithoutOrder;

impl Observer for CursorWithoutOrder {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for (at, stream) in look.discovered().iter().enumerate() {
            let (schema, path) = (stream.json_schema(), stream.default_cursor());
            let Some(field) = field_at(schema, &path) else { continue };
            let Some(kinds) = kinds(schema, field) else { continue };
            if !kinds.iter().all(|kind| ["array", "boolean", "null", "object"].contains(kind)) {
                continue;
            }
            let name = text::shorten(&path.join("."), 120);
            findings.report_stream(&format!("{name}: {}", kinds.join(" ")), &stream.descriptor, || {
                let kinds = kinds.join(" or ");
                Violation::new(
                    "the cursor's field has no order",
                    format!("`{name}`, the default cursor of `{}`, is {kinds} by its schema", stream.descriptor),
                )
                .part(look.line, format!("/catalog/streams/{at}/default_cursor_field"), field)
                .expected("a field of text or numbers", kinds)
            });
        }
    }
}
