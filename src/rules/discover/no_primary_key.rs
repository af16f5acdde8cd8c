use crate::protocol::schema::vocabulary::is_schemaless;
use crate::protocol::{Kind, Stream, SyncMode};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

rule! {
    /// A stream has no primary key.
    ///
    /// # What it checks
    /// Each stream names the fields that tell its records apart in `source_defined_primary_key`. Streams that can only
    /// be read in full refresh are reported at INFO: each read replaces the last. Streams without a schema, which have
    /// no field to name, are not judged; nor is a key that is there and wrong (DISC-013).
    ///
    /// # Why it matters
    /// Without a key a destination can't remove duplicates, and an incremental sync brings some by design: the records
    /// at the cursor's bound come again. The user has to find the key out, or lives with duplicates.
    ///
    /// # Example
    /// ```json
    /// bad:  {"name":"orders","supported_sync_modes":["full_refresh","incremental"]}
    /// good: {"name":"orders","supported_sync_modes":["full_refresh","incremental"],"source_defined_primary_key":[["id"]]}
    /// ```
    ///
    /// # How to mend it
    /// Python CDK and Low-code: set the stream's `primary_key`; Java: `withSourceDefinedPrimaryKey`. Reports and
    /// statistics often have one made of several fields: `[["day"],["campaign_id"]]`. Where there really is none, waive
    /// the rule for that stream, with the reason.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests ask it of certified connectors, of every stream that `streams_without_primary_key` does not
    /// list. For others they do not look.
    NoPrimaryKey {
        code: "DISC-015",
        name: "no-primary-key",
        level: Should,
        commands: [Discover],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_streams_define_primary_key",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct NoPrimaryKey;

impl Observer for NoPrimaryKey {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for (at, stream) in look.discovered().iter().enumerate().filter(|(_, stream)| needs_a_key(stream)) {
            let (cause, level) = match stream.supports(SyncMode::Incremental) {
                true => ("incremental", Level::Should),
                false => ("full refresh", Level::Info),
            };
            findings.report_stream(cause, &stream.descriptor, || {
                Violation::new(
                    format!("no primary key ({cause})"),
                    format!("`{}` does not say which fields tell its records apart", stream.descriptor),
                )
                .part(look.line, format!("/catalog/streams/{at}"), &stream.raw)
                .expected("paths in `source_defined_primary_key`", "none")
                .level(level)
            });
        }
    }
}

fn needs_a_key(stream: &Stream) -> bool {
    let key = stream.raw.get("source_defined_primary_key").unwrap_or(&Value::Null);
    let is_missing = key.is_null() || key.as_array().is_some_and(Vec::is_empty);
    let schema = stream.json_schema();
    let has_fields = schema.get("properties").and_then(Value::as_object).is_some_and(|fields| !fields.is_empty());
    is_missing && has_fields && !is_schemaless(schema)
}
