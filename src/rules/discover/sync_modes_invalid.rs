use crate::protocol::{Kind, SyncMode};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// A stream's `supported_sync_modes` is missing, empty, repeats a mode or names an unknown one.
    ///
    /// # What it checks
    /// Each stream's `supported_sync_modes` is an array with at least one of `full_refresh` and `incremental`, each once
    /// and nothing else.
    ///
    /// # Why it matters
    /// The platform offers the modes that stand there. A stream without any can't be selected; an unknown word keeps it
    /// from reading the catalog at all.
    ///
    /// # Example
    /// ```json
    /// bad:  {"name":"orders","supported_sync_modes":["FULL_REFRESH"]}
    /// good: {"name":"orders","supported_sync_modes":["full_refresh","incremental"]}
    /// ```
    ///
    /// # How to mend it
    /// Write `["full_refresh"]`, and add `"incremental"` for streams with a cursor. The CDKs do so by themselves: Python
    /// adds `incremental` where the stream has a cursor, Java where `withSupportedSyncModes` says so.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests want at least one sync mode, and let their parser refuse other words.
    SyncModesInvalid {
        code: "DISC-007",
        name: "sync-modes-invalid",
        level: Must,
        commands: [Discover],
        authority: ProtocolSchema,
        source: "AirbyteStream.supported_sync_modes",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct SyncModesInvalid;

impl Observer for SyncModesInvalid {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for (at, stream) in look.discovered().iter().enumerate().filter(|(_, stream)| stream.raw.is_object()) {
            let modes = stream.raw.get("supported_sync_modes").unwrap_or(&Value::Null);
            let Some(what) = defect(modes) else { continue };
            findings.report_stream(what, &stream.descriptor, || {
                let found = if modes.is_null() { "none".to_owned() } else { text::json(modes, 120) };
                Violation::new(
                    format!("`supported_sync_modes` {what}"),
                    format!("`supported_sync_modes` of `{}` {what}", stream.descriptor),
                )
                .part(look.line, format!("/catalog/streams/{at}/supported_sync_modes"), modes)
                .expected("an array of \"full_refresh\" or \"incremental\" or both", found)
            });
        }
    }
}

fn defect(modes: &Value) -> Option<&'static str> {
    let Some(words) = modes.as_array() else {
        return Some(if modes.is_null() { "is missing" } else { "is no array" });
    };
    let count = |mode: SyncMode| words.iter().filter(|word| *word == mode.as_str()).count();
    let (full, incremental) = (count(SyncMode::FullRefresh), count(SyncMode::Incremental));
    if words.is_empty() {
        Some("is empty")
    } else if full + incremental < words.len() {
        Some("names a mode that the protocol does not have")
    } else {
        (full > 1 || incremental > 1).then_some("names a mode twice")
    }
}
