use crate::protocol::Kind;
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;
use std::collections::HashSet;

/// What the protocol knows. The last two came with data activation.
const KNOWN: [&str; 5] = ["append", "overwrite", "append_dedup", "update", "soft_delete"];

rule! {
    /// A destination's `supported_destination_sync_modes` is no array, or names an unknown mode.
    ///
    /// # What it checks
    /// Where `supported_destination_sync_modes` is there, it is an array of `append`, `overwrite`, `append_dedup`,
    /// `update` and `soft_delete`. A mode that stands there twice is reported at INFO. An empty array and null mean that
    /// the connector is a source, and so does a SPEC without the member.
    ///
    /// # Why it matters
    /// The platform offers users these modes and no others. A word that it does not know keeps it from reading the SPEC
    /// at all, so that the destination can't be set up.
    ///
    /// # Example
    /// ```json
    /// bad:  {"supported_destination_sync_modes":["append","upsert"]}
    /// good: {"supported_destination_sync_modes":["append","append_dedup"]}
    /// ```
    ///
    /// # How to mend it
    /// Write the modes in lower case, with underscores. Python CDK: `supported_destination_sync_modes` in `spec.json`;
    /// Java and Kotlin: the list in the specification's class, or `spec.json`.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests' parser refuses a SPEC with an unknown mode, and they count it as missing.
    DestinationSyncModesInvalid {
        code: "SPEC-032",
        name: "destination-sync-modes-invalid",
        level: Must,
        commands: [Spec],
        authority: ProtocolSchema,
        source: "ConnectorSpecification.supported_destination_sync_modes; DestinationSyncMode",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct DestinationSyncModesInvalid;

impl Observer for DestinationSyncModesInvalid {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        const AT: &str = "/spec/supported_destination_sync_modes";
        let modes =
            look.specification().and_then(|specification| specification.get("supported_destination_sync_modes"));
        let Some(modes) = modes.filter(|modes| !modes.is_null()) else { return };
        let Some(words) = modes.as_array() else {
            findings.report("no array", || {
                let found = text::json(modes, 80);
                Violation::new(
                    "`supported_destination_sync_modes` is no array",
                    format!("`supported_destination_sync_modes` is {found}, not an array of modes"),
                )
                .part(look.line, AT, modes)
                .expected("an array of modes", found)
            });
            return;
        };
        let mut seen = HashSet::new();
        for (at, word) in words.iter().enumerate() {
            let known = word.as_str().filter(|word| KNOWN.contains(word));
            match known {
                None => findings.report("unknown", || unknown(word).part(look.line, format!("{AT}/{at}"), modes)),
                Some(word) if !seen.insert(word) => findings.report("twice", || {
                    Violation::new("a sync mode is named twice", format!("`{word}` is named twice"))
                        .part(look.line, format!("{AT}/{at}"), modes)
                        .expected("each mode once", text::json(modes, 120))
                        .level(Level::Info)
                }),
                Some(_) => {}
            }
        }
    }
}

fn unknown(word: &Value) -> Violation {
    let found = text::json(word, 60);
    let near = word.as_str().and_then(|word| text::nearest(word, KNOWN));
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Violation::new(
        "`supported_destination_sync_modes` names a mode that the protocol does not have",
        format!("`supported_destination_sync_modes` names {found}, which is no sync mode of destinations{hint}"),
    )
    .expected(KNOWN.join(", "), found)
}
