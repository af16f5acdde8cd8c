use crate::protocol::Metadata;
use crate::rules::metadata::in_metadata;
use crate::rules::{Ending, Findings, Observer, rule};
use serde_json::Value;

rule! {
    /// A certified source suggests no stream.
    ///
    /// # What it checks
    /// Of a certified source (`ab_internal.ql` of at least 400, or `supportLevel: certified`), `suggestedStreams.streams` is a
    /// list with at least one name. The streams of databases, files and data lakes are the
    /// user's, so of such sources none is asked.
    ///
    /// # Why it matters
    /// The platform shows suggested streams first to who makes a connection. Without any, users choose among all by their
    /// names, and the first sync takes what nobody needs.
    ///
    /// # Example
    /// ```yaml
    /// bad:  suggestedStreams: {streams: []}
    /// good: suggestedStreams: {streams: [orders, customers]}
    /// ```
    ///
    /// # How to mend it
    /// Name the streams that most users want. Where all streams depend on the user's data, there are none to suggest: waive
    /// the rule with that reason.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests fail, unless the suite gives a reason (`suggested_streams.bypass_reason`). They look at certified
    /// connectors only.
    SuggestedStreamsMissing {
        code: "META-009",
        name: "suggested-streams-missing",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_certified_connector_has_suggested_streams",
        watches: [],
        about: Launch,
        applies: |scene| {
            scene.is_certified()?;
            let suggests = scene.metadata.as_ref().is_some_and(may_suggest);
            if suggests { Ok(()) } else { Err("the connector is no source with streams of its own") }
        },
    }
}

#[derive(Default)]
struct SuggestedStreamsMissing;

impl Observer for SuggestedStreamsMissing {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(metadata) = &ending.scene.metadata else { return };
        let streams = metadata.get("/suggestedStreams/streams");
        if streams.and_then(Value::as_array).is_some_and(|streams| !streams.is_empty()) {
            return;
        }
        findings.report("missing", || {
            let (title, message) = ("a certified source suggests no stream", "names no stream");
            in_metadata("suggestedStreams.streams", title, message, "at least one stream", streams)
        });
    }
}

/// Whether its streams are the connector's own; those of databases and files are the user's.
fn may_suggest(metadata: &Metadata) -> bool {
    let subtype = metadata.text("/connectorSubtype");
    metadata.is_source() && !subtype.is_some_and(|subtype| ["database", "file", "datalake"].contains(&subtype))
}
