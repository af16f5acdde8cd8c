use crate::protocol::{Kind, SyncMode};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

rule! {
    /// A stream supports incremental reads, and does not say that it can be resumed.
    ///
    /// # What it checks
    /// A stream with `incremental` among its `supported_sync_modes` has `"is_resumable": true`.
    ///
    /// # Why it matters
    /// A stream that takes up from a state can be resumed when a sync breaks off. The platform only does so in full
    /// refresh where `is_resumable` says that it may; else each attempt begins from the start, and for a large stream
    /// may never come to the end.
    ///
    /// # Example
    /// ```json
    /// bad:  {"name":"orders","supported_sync_modes":["full_refresh","incremental"],"source_defined_cursor":true,"default_cursor_field":["updated_at"]}
    /// good: {"name":"orders","supported_sync_modes":["full_refresh","incremental"],"source_defined_cursor":true,"default_cursor_field":["updated_at"],"is_resumable":true}
    /// ```
    ///
    /// # How to mend it
    /// Set `is_resumable`. The Python CDK does so for streams with a `state` property or a cursor object, and not for
    /// those that only have `get_updated_state`: give them a `state` property. Low-code does it for streams with an
    /// `incremental_sync`. Java: `withIsResumable(true)`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests do not look at this.
    IncrementalNotResumable {
        code: "DISC-017",
        name: "incremental-not-resumable",
        level: Should,
        commands: [Discover],
        authority: ProtocolSchema,
        source: "AirbyteStream.is_resumable; platform: MissingStateInjector",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct IncrementalNotResumable;

impl Observer for IncrementalNotResumable {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for (at, stream) in look.discovered().iter().enumerate() {
            let is_resumable = stream.raw.get("is_resumable").unwrap_or(&Value::Null);
            if *is_resumable == Value::Bool(true) || !stream.supports(SyncMode::Incremental) {
                continue;
            }
            findings.report_stream("not resumable", &stream.descriptor, || {
                Violation::new(
                    "incremental, and not `is_resumable`",
                    format!("`{}` supports incremental reads, and does not say `is_resumable`", stream.descriptor),
                )
                .part(look.line, format!("/catalog/streams/{at}"), &stream.raw)
                .expected("`\"is_resumable\": true`", is_resumable.to_string())
            });
        }
    }
}
