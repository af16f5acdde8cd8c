use crate::protocol::Kind;
use crate::protocol::schema::{RootDefect, root_defect};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// A stream's `json_schema` does not describe an object with properties.
    ///
    /// # What it checks
    /// Each stream's `json_schema` is an object whose `type` is `object` (or a list with it) and that has an object
    /// `properties`, which may be empty. A schema with `properties` and without any `type` is reported at SHOULD. That
    /// the schema is valid otherwise is SCHEMA-001's.
    ///
    /// # Why it matters
    /// The platform looks for `properties` to show the fields and to select columns, and fails the whole discovery
    /// without it: one such stream, and the user can choose none.
    ///
    /// # Example
    /// A stream's `json_schema`:
    /// ```json
    /// bad:  {"type":"array","items":{"type":"object"}}
    /// good: {"type":"object","properties":{"id":{"type":"integer"}}}
    /// ```
    ///
    /// # How to mend it
    /// Describe one record, not the API's response, and give the root `"type": "object"` and `properties`. Python CDK:
    /// `get_json_schema`, or the schema file of the stream's name; Low-code: a stream without schema file and without
    /// `schema_loader` has `{}`, so give it an `InlineSchemaLoader`. Where nothing is known of the fields, `"properties": {}` says so.
    ///
    /// # What Airbyte's tests see
    /// Neither Airbyte's acceptance tests nor the CDK's standard tests look at the root of a stream's schema.
    StreamSchemaNotAnObject {
        code: "DISC-006",
        name: "stream-schema-not-an-object",
        level: Must,
        commands: [Discover],
        authority: PlatformBehaviour,
        source: "supported data types: record structure; platform: FieldSelector",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct StreamSchemaNotAnObject;

impl Observer for StreamSchemaNotAnObject {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for (at, stream) in look.discovered().iter().enumerate() {
            let schema = stream.json_schema();
            let (what, expected) = match (schema.is_object(), root_defect(schema)) {
                (false, _) => ("is no object", "an object"),
                (true, Some(RootDefect::OtherType)) => ("has another type than object", "\"type\": \"object\""),
                (true, Some(RootDefect::NoProperties)) => ("has no `properties`", "an object `properties`"),
                (true, Some(RootDefect::NoType)) => ("has no `type`", "\"type\": \"object\""),
                (true, None) => continue,
            };
            findings.report_stream(what, &stream.descriptor, || {
                let found = match stream.raw.get("json_schema") {
                    None | Some(Value::Null) => "none".to_owned(),
                    Some(schema) => text::json(schema, 120),
                };
                let described = Violation::new(
                    format!("`json_schema` {what}"),
                    format!("`json_schema` of `{}` {what}", stream.descriptor),
                )
                .part(look.line, format!("/catalog/streams/{at}/json_schema"), schema)
                .expected(expected, found);
                if what == "has no `type`" { described.level(Level::Should) } else { described }
            });
        }
    }
}
