use crate::protocol::{Kind, Stream, json_path};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// A stream's `default_cursor_field` leads to no field of its schema.
    ///
    /// # What it checks
    /// Where `default_cursor_field` is there and not empty, it is an array of strings: the path of one field, level by
    /// level, and `json_schema` declares that field. Nested properties, `oneOf`, `anyOf`, `allOf` and local references
    /// are followed; below a field whose schema says nothing, anything may be.
    ///
    /// # Why it matters
    /// Destinations that remove duplicates order records by the cursor's column. Where the schema does not declare it,
    /// there is no such column, and the sync fails or keeps the wrong version of a record.
    ///
    /// # Example
    /// With `updated_at` in the schema's `properties`:
    /// ```json
    /// bad:  {"name":"orders","default_cursor_field":["updatedAt"]}
    /// good: {"name":"orders","default_cursor_field":["updated_at"]}
    /// ```
    ///
    /// # How to mend it
    /// Declare the field in the stream's schema, spelled as in its records, or mend the path. Python CDK:
    /// `cursor_field` of the stream; Low-code: `cursor_field` of its `incremental_sync`. CDC sources declare their meta
    /// columns (`_ab_cdc_cursor`) too.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests look for the cursor with a path in which `/` and `*` mean something, and see no
    /// `oneOf`.
    CursorNotInSchema {
        code: "DISC-011",
        name: "cursor-not-in-schema",
        level: Must,
        commands: [Discover],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_defined_cursors_exist_in_schema; AirbyteStream.default_cursor_field",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct CursorNotInSchema;

impl Observer for CursorNotInSchema {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for (at, stream) in look.discovered().iter().enumerate() {
            let Some(cursor) = stream.raw.get("default_cursor_field").filter(|cursor| !cursor.is_null()) else {
                continue;
            };
            let Some((title, message)) = defect(stream, cursor) else { continue };
            findings.report_stream(title, &stream.descriptor, || {
                Violation::new(title, message)
                    .part(look.line, format!("/catalog/streams/{at}/default_cursor_field"), cursor)
                    .expected("the path of a field in `json_schema`", text::json(cursor, 120))
            });
        }
    }
}

fn defect(stream: &Stream, cursor: &Value) -> Option<(&'static str, String)> {
    let name = &stream.descriptor;
    let Some(path) = json_path(cursor) else {
        let message = format!(
            "`default_cursor_field` of `{name}` is {}; it is to be an array of strings",
            text::json(cursor, 80)
        );
        return Some(("`default_cursor_field` is no array of strings", message));
    };
    if stream.declares(&path) {
        return None;
    }
    let declared = stream.json_schema()["properties"].as_object().into_iter().flat_map(|properties| properties.keys());
    let near = path.first().and_then(|first| text::nearest(first, declared.map(String::as_str)));
    let hint = near
        .filter(|near| path.first().is_some_and(|first| first != near))
        .map(|near| format!("; did you mean `{near}`?"));
    let message = format!(
        "the schema of `{name}` declares no field `{}`{}",
        text::shorten(&path.join("."), 120),
        hint.unwrap_or_default()
    );
    Some(("`default_cursor_field` is not in the stream's schema", message))
}
