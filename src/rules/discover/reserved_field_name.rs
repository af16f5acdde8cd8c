use crate::protocol::schema::escaped;
use crate::protocol::{Kind, Stream};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

/// Names that begin so are the connectors' own, by agreement: change data capture, files, what did not fit.
const AGREED: [&str; 4] = ["_ab_cdc_", "_ab_source_file_", "_ab_additional_properties", "_ab_record_"];

rule! {
    /// A field has a name that Airbyte keeps for itself.
    ///
    /// # What it checks
    /// No top-level field of a stream is named `_airbyte_…`, and none `_ab_…` but for the meta columns that connectors
    /// agree on: `_ab_cdc_…`, `_ab_source_file_…`, `_ab_additional_properties`. Letter case does not count.
    ///
    /// # Why it matters
    /// Destinations add `_airbyte_raw_id`, `_airbyte_extracted_at` and others to each table. A field of that name
    /// collides with them: the sync fails, or one of the two overwrites the other. Names that begin with `_ab_` are kept for
    /// what connectors say of a record, and may get a meaning of their own one day: they are reported at INFO.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"object","properties":{"_airbyte_extracted_at":{"type":"string"}}}
    /// good: {"type":"object","properties":{"extracted_at":{"type":"string"}}}
    /// ```
    ///
    /// # How to mend it
    /// Rename the field, or leave it out (Low-code: `RemoveFields` or `KeysReplace`). A database source that reads
    /// tables which Airbyte wrote finds these columns there: leave them out of the catalog.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look at this.
    ReservedFieldName {
        code: "DISC-027",
        name: "reserved-field-name",
        level: Should,
        commands: [Discover],
        authority: ProtocolText,
        source: "Airbyte metadata fields; change data capture: meta columns",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct ReservedFieldName;

impl Observer for ReservedFieldName {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for (at, stream) in look.discovered().iter().enumerate() {
            for (name, schema) in fields(stream) {
                let Some(prefix) = reserved(name) else { continue };
                findings.report_stream(prefix, &stream.descriptor, || {
                    Violation::new(
                        format!("a field's name begins with `{prefix}`"),
                        format!("`{}` has a field `{name}`; `{prefix}…` is Airbyte's own", stream.descriptor),
                    )
                    .part(look.line, format!("/catalog/streams/{at}/json_schema/properties/{}", escaped(name)), schema)
                    .level(if prefix == "_ab_" { Level::Info } else { Level::Should })
                });
            }
        }
    }
}

fn fields(stream: &Stream) -> impl Iterator<Item = (&String, &Value)> {
    stream.json_schema().get("properties").and_then(Value::as_object).into_iter().flatten()
}

/// The beginning of a name that is kept for Airbyte.
fn reserved(name: &str) -> Option<&'static str> {
    if !name.starts_with('_') {
        return None;
    }
    let lower = name.to_lowercase();
    let is_agreed = AGREED.iter().any(|agreed| lower.starts_with(agreed));
    ["_airbyte_", "_ab_"].into_iter().find(|prefix| lower.starts_with(prefix) && !is_agreed)
}
