use crate::protocol::{Kind, pick};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// A record of a change stream lacks the fields that say when it changed, or marks a row as deleted by mistake.
    ///
    /// # What it checks
    /// In incremental reads of streams that declare `_ab_cdc_deleted_at`: that field holds a moment or null, nothing
    /// else, and `_ab_cdc_updated_at`, where it is declared, is neither missing nor null. Keys of deleted rows are
    /// READ-011's. Positions in the log are not compared: within transactions they may rightly fall.
    ///
    /// # Why it matters
    /// Destinations take any value of `_ab_cdc_deleted_at` that is not null for a deletion, an empty text as well as
    /// `false`, and drop the row. Of two versions of a row, `_ab_cdc_updated_at` tells which is the later.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"_ab_cdc_updated_at":"2024-01-01T00:00:00Z","_ab_cdc_deleted_at":""},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"_ab_cdc_updated_at":"2024-01-01T00:00:00Z","_ab_cdc_deleted_at":null},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Put null into `_ab_cdc_deleted_at` for inserts and updates, the time of the transaction for deletions, and the
    /// time of each change into `_ab_cdc_updated_at`. The Java and Kotlin CDKs do so for whatever comes from Debezium;
    /// records of the first snapshot need both as well. Python and Low-code have no CDC of their own.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests treat these as any other fields.
    CdcFieldsWrong {
        code: "READ-030",
        name: "change-fields-wrong",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "documentation: CDC",
        watches: [Watch::Message(Kind::Record)],
        about: Stream,
        applies: |scene| scene.catalog.as_ref().map(drop).ok_or("no configured catalog was given"),
    }
}

#[derive(Default)]
struct CdcFieldsWrong {
    /// By place in the catalog: whether it is a change stream, and whether it declares when rows changed.
    streams: Vec<(bool, bool)>,
}

impl Observer for CdcFieldsWrong {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        if self.streams.is_empty() {
            let entries = look.scene.catalog.iter().flat_map(|catalog| &catalog.streams).enumerate();
            self.streams = entries
                .map(|(place, entry)| {
                    let properties = entry.stream.json_schema().get("properties");
                    let declares = |field: &str| properties.is_some_and(|properties| properties.get(field).is_some());
                    let is_changes = look.scene.is_incremental(place) && declares("_ab_cdc_deleted_at");
                    (is_changes, declares("_ab_cdc_updated_at"))
                })
                .collect();
        }
        let (Some(record), Some(place)) = (look.record(), look.line.stream) else { return };
        let (true, has_updates) = self.streams[place] else { return };
        let value = |field: &str| pick(record.data.get(), &[field.to_owned()]);
        let deleted = value("_ab_cdc_deleted_at");
        if let Some(deleted) = deleted.filter(|deleted| marks_by_mistake(deleted)) {
            report("_ab_cdc_deleted_at", "is neither null nor a moment", deleted, look, findings);
        }
        if has_updates && value("_ab_cdc_updated_at").is_none_or(|value| value == "null") {
            report("_ab_cdc_updated_at", "is missing or null", "nothing", look, findings);
        }
    }
}

/// Whether a value says nothing of a moment and is not null all the same.
fn marks_by_mistake(written: &str) -> bool {
    matches!(written, "false" | "true" | "0" | "\"\"" | "\"null\"" | "\"None\"" | "\"false\"" | "{}" | "[]")
}

fn report(field: &str, what: &str, found: &str, look: &Look<'_>, findings: &mut Findings<'_>) {
    let Some(stream) = look.stream() else { return };
    findings.report_stream(field, &stream.descriptor, || {
        let expected = match field {
            "_ab_cdc_deleted_at" => "null, or when the row was deleted",
            _ => "when the row changed",
        };
        Violation::new(format!("`{field}` {what}"), format!("`{field}` of `{}` {what}", stream.descriptor))
            .on(look.line)
            .pointer(format!("/record/data/{field}"))
            .expected(expected, text::shorten(found, 40))
    });
}
