use crate::protocol::{Kind, SyncMode};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

rule! {
    /// A stream's cursor is defined by the source, and the catalog does not say which field it is.
    ///
    /// # What it checks
    /// A stream that supports `incremental` and says `"source_defined_cursor": true` names the field in
    /// `default_cursor_field`. Whether that field exists is DISC-011's.
    ///
    /// # Why it matters
    /// Destinations that remove duplicates keep the record with the highest cursor. Without the field's name they fall
    /// back on when a record was extracted, and after a backfill may keep the older version.
    ///
    /// # Example
    /// ```json
    /// bad:  {"name":"orders","supported_sync_modes":["full_refresh","incremental"],"source_defined_cursor":true}
    /// good: {"name":"orders","supported_sync_modes":["full_refresh","incremental"],"source_defined_cursor":true,"default_cursor_field":["updated_at"]}
    /// ```
    ///
    /// # How to mend it
    /// Python CDK: set `cursor_field` of the stream. Low-code: `cursor_field` of its `incremental_sync`, which the CDK
    /// copies. Java: `withDefaultCursorField`; for change data capture the meta column, `_ab_cdc_cursor` for instance.
    /// A source that orders by something that records do not have (a page token, a row version) can't name a field.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests look at `default_cursor_field` only where it is there. Reading incrementally, they refuse a
    /// stream without any cursor field.
    DefaultCursorMissing {
        code: "DISC-010",
        name: "default-cursor-missing",
        level: Should,
        commands: [Discover],
        authority: ProtocolText,
        source: "protocol: AirbyteStream, source_defined_cursor and default_cursor_field",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct DefaultCursorMissing;

impl Observer for DefaultCursorMissing {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for (at, stream) in look.discovered().iter().enumerate() {
            let cursor = stream.raw.get("default_cursor_field").unwrap_or(&Value::Null);
            let is_missing = cursor.is_null() || cursor.as_array().is_some_and(Vec::is_empty);
            if !is_missing || !stream.source_defined_cursor() || !stream.supports(SyncMode::Incremental) {
                continue;
            }
            findings.report_stream("missing", &stream.descriptor, || {
                Violation::new(
                    "the source defines the cursor and does not name it",
                    format!("`{}` has a source-defined cursor and no `default_cursor_field`", stream.descriptor),
                )
                .part(look.line, format!("/catalog/streams/{at}"), &stream.raw)
                .expected("the path of the cursor in `default_cursor_field`", "none")
            });
        }
    }
}
