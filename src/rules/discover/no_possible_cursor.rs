use crate::protocol::schema::{Place, kinds, positions, vocabulary::is_open_object};
use crate::protocol::{Kind, Stream, SyncMode};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

rule! {
    /// A stream offers incremental reads, and nothing can be its cursor.
    ///
    /// # What it checks
    /// A stream that supports `incremental` has a cursor: the source defines it (`source_defined_cursor`), or proposes
    /// one (`default_cursor_field`), or the schema has a field that the user can choose, one that may hold a text or a
    /// number. A schema that can't be judged, and one with a field that may hold anything, count as having one.
    ///
    /// # Why it matters
    /// A configured catalog for incremental needs a cursor from one of the three. Without any, the mode is offered and
    /// the user can't save the connection.
    ///
    /// # Example
    /// ```json
    /// bad:  {"name":"tags","json_schema":{"type":"object","properties":{"tags":{"type":"array","items":{"type":"string"}}}},"supported_sync_modes":["full_refresh","incremental"]}
    /// good: {"name":"tags","json_schema":{"type":"object","properties":{"tags":{"type":"array","items":{"type":"string"}}}},"supported_sync_modes":["full_refresh"]}
    /// ```
    ///
    /// # How to mend it
    /// Set `source_defined_cursor` where the source keeps track by itself, or declare the cursor's field, or offer full
    /// refresh only. The Python and Low-code CDKs offer incremental where the stream has a `cursor_field`; a Java
    /// source decides in its catalog.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests notice when they read such a stream incrementally, and say that a cursor has to exist; a
    /// stream that this suite leaves out is not looked at.
    NoPossibleCursor {
        code: "DISC-009",
        name: "no-possible-cursor",
        level: Must,
        commands: [Discover],
        authority: ProtocolText,
        source: "protocol: logic for resolving the cursor field",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct NoPossibleCursor;

impl Observer for NoPossibleCursor {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for (at, stream) in look.discovered().iter().enumerate() {
            if !stream.supports(SyncMode::Incremental) || has_cursor(stream) {
                continue;
            }
            findings.report_stream("none", &stream.descriptor, || {
                Violation::new(
                    "incremental is offered, and nothing can be the cursor",
                    format!(
                        "`{}` offers incremental, defines no cursor, and its schema has no field that could be one",
                        stream.descriptor
                    ),
                )
                .part(look.line, format!("/catalog/streams/{at}"), &stream.raw)
                .expected("a source-defined cursor, a default one, or a field of text or numbers", "none")
            });
        }
    }
}

/// Whether a stream has a cursor, or may have one.
fn has_cursor(stream: &Stream) -> bool {
    let default = stream.raw.get("default_cursor_field").unwrap_or(&Value::Null);
    // A cursor that is misshapen or in no schema is DISC-011's.
    let has_default = !default.is_null() && default.as_array().is_none_or(|path| !path.is_empty());
    if stream.source_defined_cursor() || has_default {
        return true;
    }
    let schema = stream.json_schema();
    let unclear = ["$ref", "oneOf", "anyOf", "allOf", "patternProperties"];
    // No `properties` is DISC-006's.
    let Some(fields) = schema.get("properties").and_then(Value::as_object) else { return true };
    unclear.iter().any(|keyword| schema.get(keyword).is_some())
        || fields.values().any(|field| may_order(schema, field))
        || positions(schema)
            .iter()
            .any(|found| matches!(found.place, Place::Property { .. }) && may_order(schema, found.schema))
}

/// Whether a field's values, or some within it, may have an order.
fn may_order(root: &Value, field: &Value) -> bool {
    let holds_none = |kind: &&str| ["object", "array", "boolean", "null"].contains(kind);
    is_open_object(field) || kinds(root, field).is_none_or(|kinds| !kinds.iter().all(holds_none))
}
