use crate::protocol::{Kind, SyncMode};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

rule! {
    /// A stream says that it can be resumed, and not who defines its cursor.
    ///
    /// # What it checks
    /// A stream with `"is_resumable": true` has `source_defined_cursor`, be it true or false.
    ///
    /// # Why it matters
    /// Every resumable stream has a cursor of some kind, if only a page number. Whether the user is to choose it is what
    /// `source_defined_cursor` says; left out, it reads as "the user".
    ///
    /// # Example
    /// ```json
    /// bad:  {"name":"orders","supported_sync_modes":["full_refresh"],"is_resumable":true}
    /// good: {"name":"orders","supported_sync_modes":["full_refresh"],"is_resumable":true,"source_defined_cursor":true}
    /// ```
    ///
    /// # How to mend it
    /// Set `source_defined_cursor` beside `is_resumable`: true where the source keeps the position by itself, as it
    /// nearly always does. The Python CDK leaves it out for streams that can be resumed in full refresh only; there is
    /// no option for it.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests do not look at this.
    ResumableWithoutCursorFlag {
        code: "DISC-016",
        name: "resumable-without-cursor-flag",
        level: Should,
        commands: [Discover],
        authority: ProtocolSchema,
        source: "AirbyteStream.is_resumable",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct ResumableWithoutCursorFlag;

impl Observer for ResumableWithoutCursorFlag {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for (at, stream) in look.discovered().iter().enumerate() {
            let member = |name: &str| stream.raw.get(name).unwrap_or(&Value::Null);
            if *member("is_resumable") != Value::Bool(true) || !member("source_defined_cursor").is_null() {
                continue;
            }
            let is_incremental = stream.supports(SyncMode::Incremental);
            let cause = if is_incremental { "incremental" } else { "full refresh" };
            findings.report_stream(cause, &stream.descriptor, || {
                let described = Violation::new(
                    format!("resumable, and `source_defined_cursor` is not set ({cause})"),
                    format!("`{}` has `is_resumable` without `source_defined_cursor`", stream.descriptor),
                )
                .part(look.line, format!("/catalog/streams/{at}"), &stream.raw)
                .expected("`source_defined_cursor` true or false", "none");
                if is_incremental { described } else { described.known_of("the Python CDK") }
            });
        }
    }
}
