use crate::protocol::schema::vocabulary::is_schemaless;
use crate::rules::read::undeclared_field;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

/// How many fields are told, and how much of their names.
const TOLD: usize = 8;
const SHOWN: usize = 60;

rule! {
    /// A stream without a schema has records with more fields than `data`.
    ///
    /// # What it checks
    /// A stream whose schema is nothing but an object `data` without members (and perhaps `_id` and columns with the prefix
    /// `_ab_`) follows the convention for sources without a schema: each record holds its whole document under `data`, and
    /// no other field. That such a field is undeclared is READ-007's; here it is told what that means.
    ///
    /// # Why it matters
    /// Users of such a stream look for everything under `data`. What stands beside it is lost on its way.
    ///
    /// # Example
    /// With `{"type": "object", "properties": {"data": {"type": "object"}}}`:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"events","data":{"data":{"id":1},"coupon":"MAY"},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"events","data":{"data":{"id":1,"coupon":"MAY"}},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Put the field into the document, or declare it. The file-based sources of the Python CDK and the source for
    /// MongoDB do the former when their option for sources without a schema is on; in Low-code `AddFields` with the path
    /// `[data, coupon]` does.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not know the convention.
    FieldBesideDocument {
        code: "SCHEMA-017",
        name: "field-beside-document",
        level: Info,
        commands: [Read],
        authority: ProtocolText,
        source: "schemaless sources",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
        applies: |scene| scene.catalog.as_ref().map(drop).ok_or("no configured catalog was given"),
    }
}

#[derive(Default)]
struct FieldBesideDocument;

impl Observer for FieldBesideDocument {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(schema) = look.json_schema().filter(|schema| is_schemaless(schema)) else { return };
        let (Some(stream), Some(data)) = (look.stream(), look.data().and_then(Value::as_object)) else { return };
        // A record without `data` is of another level, and READ-009's.
        if undeclared_field::is_foreign(look) {
            return;
        }
        let is_declared = |field: &str| schema.get("properties").is_some_and(|all| all.get(field).is_some());
        let beside: Vec<&String> = data.keys().filter(|field| !is_declared(field)).collect();
        if beside.is_empty() {
            return;
        }
        findings.report_stream("beside data", &stream.descriptor, || {
            let shown = beside.iter().take(TOLD).map(|field| format!("`{}`", text::shorten(field, SHOWN)));
            let more = beside.len().saturating_sub(TOLD);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let shown = format!("{}{more}", shown.collect::<Vec<_>>().join(", "));
            Violation::new(
                "fields stand beside `data` in a stream without a schema",
                format!("`{}` has no schema but `data`, and a record with {shown}", stream.descriptor),
            )
            .on(look.line)
            .pointer("/record/data")
            .expected("all of the document under `data`", shown)
        });
    }
}
