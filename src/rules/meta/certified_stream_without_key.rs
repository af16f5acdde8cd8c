use crate::protocol::schema::vocabulary::is_schemaless;
use crate::protocol::{Kind, Stream, SyncMode};
use crate::rules::{Findings, Look, Observer, Scene, Violation, Watch, rule};
use serde_json::Value;

rule! {
    /// A certified connector has a stream without primary key that can only be read in full refresh.
    ///
    /// # What it checks
    /// Of a certified connector (`ab_internal.ql` of at least 400, or `supportLevel: certified`), streams that are only read in
    /// full refresh have a `source_defined_primary_key`, too. All others are DISC-015's, of every connector. Streams
    /// without a schema have no field to name.
    ///
    /// # Why it matters
    /// Users of certified connectors expect that each stream can be synced with duplicates removed. Without a key the
    /// platform does not offer that, and the day on which the stream becomes incremental is a breaking change.
    ///
    /// # Example
    /// ```json
    /// bad:  {"name":"regions","supported_sync_modes":["full_refresh"]}
    /// good: {"name":"regions","supported_sync_modes":["full_refresh"],"source_defined_primary_key":[["id"]]}
    /// ```
    ///
    /// # How to mend it
    /// Python CDK and Low-code: set the stream's `primary_key`; Java: `withSourceDefinedPrimaryKey`. Where there really is
    /// none, waive the rule for that stream, with the reason.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests fail for each stream without a key that `streams_without_primary_key` does not list. They look
    /// at certified connectors only.
    CertifiedStreamWithoutKey {
        code: "META-011",
        name: "certified-stream-without-key",
        level: Should,
        commands: [Discover],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_streams_define_primary_key",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
        applies: Scene::is_certified,
    }
}

#[derive(Default)]
struct CertifiedStreamWithoutKey;

impl Observer for CertifiedStreamWithoutKey {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for (at, stream) in look.discovered().iter().enumerate().filter(|(_, stream)| lacks_a_key(stream)) {
            findings.report_stream("full refresh", &stream.descriptor, || {
                Violation::new(
                    "a stream of a certified connector has no primary key",
                    format!("`{}` does not say which fields tell its records apart", stream.descriptor),
                )
                .part(look.line, format!("/catalog/streams/{at}"), &stream.raw)
                .expected("paths in `source_defined_primary_key`", "none")
            });
        }
    }
}

fn lacks_a_key(stream: &Stream) -> bool {
    let key = stream.raw.get("source_defined_primary_key").unwrap_or(&Value::Null);
    let is_missing = key.is_null() || key.as_array().is_some_and(Vec::is_empty);
    let schema = stream.json_schema();
    let has_fields = schema.get("properties").and_then(Value::as_object).is_some_and(|fields| !fields.is_empty());
    is_missing && has_fields && !is_schemaless(schema) && !stream.supports(SyncMode::Incremental)
}
