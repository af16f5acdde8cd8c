use crate::protocol::{Kind, members};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Map;
use std::collections::HashSet;

/// How many records of a stream are looked at, and how few say nothing.
const SAMPLE: u64 = 10_000;
const LEAST: u64 = 10;

/// How many fields are told of a stream.
const TOLD: usize = 12;

rule! {
    /// A declared field is empty in every record.
    ///
    /// # What it checks
    /// Each top-level property of a stream's schema has a value other than null in one of the stream's records, of
    /// which the first 10,000 are looked at, and ten at least there must be. One finding names all streams, and the
    /// fields of the first of them. Nothing is wrong with such a field: the account may have no data for it.
    ///
    /// # Why it matters
    /// A column that is never filled is often a property with a misspelt name, one that an endpoint has ceased to
    /// deliver, or one that the request does not ask for. Nobody finds out from a green sync.
    ///
    /// # Example
    /// With the properties `id` and `customerId`, in all records:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"customer_id":7},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"customerId":7},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Compare the names with a response. Ask for the field, rename it (Low-code: `AddFields`; Python CDK:
    /// `parse_response`; Java: the row mapper), take it out of the schema, or put a row that has it into the sandbox.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests have this as `validate_data_points`, which is off unless somebody turns it on; a
    /// field that is null counts as seen there.
    FieldNeverFilled {
        code: "READ-010",
        name: "field-never-filled",
        level: Info,
        commands: [Read],
        authority: CdkConvention,
        source: "acceptance tests: validate_data_points",
        watches: [Watch::Message(Kind::Record)],
        about: Stream,
        applies: |scene| scene.catalog.as_ref().map(drop).ok_or("no configured catalog was given"),
    }
}

#[derive(Default)]
struct FieldNeverFilled {
    /// By place in the catalog.
    streams: Vec<Option<Stream>>,
}

struct Stream {
    /// Declared fields that were empty so far.
    empty: HashSet<String>,
    seen: u64,
}

impl Observer for FieldNeverFilled {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        let (Some(record), Some(place)) = (look.record(), look.line.stream) else { return };
        self.streams.resize_with(look.scene.streams.len(), || None);
        let stream = self.streams[place].get_or_insert_with(|| {
            let declared = look.json_schema().and_then(|schema| schema.get("properties")?.as_object());
            Stream { empty: declared.into_iter().flat_map(Map::keys).cloned().collect(), seen: 0 }
        });
        stream.seen += 1;
        if stream.empty.is_empty() || stream.seen > SAMPLE {
            return;
        }
        for (name, _) in members(record.data.get()).into_iter().flatten().filter(|(_, value)| *value != "null") {
            stream.empty.remove(name.as_ref());
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        for (stream, place) in self.streams.iter().zip(&ending.scene.streams) {
            let Some(stream) = stream.as_ref().filter(|stream| stream.seen >= LEAST && !stream.empty.is_empty()) else {
                continue;
            };
            findings.report_stream("never filled", &place.descriptor, || {
                let looked = text::plural(stream.seen.min(SAMPLE), "record");
                let mut fields: Vec<&String> = stream.empty.iter().collect();
                fields.sort_unstable();
                let fields: Vec<String> = fields.into_iter().take(TOLD).map(|name| text::shorten(name, 60)).collect();
                let more = stream.empty.len().saturating_sub(TOLD);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                let fields = format!("`{}`{more}", fields.join("`, `"));
                Violation::new(
                    "declared fields are empty in every record",
                    format!("in {looked} of `{}` these are never filled: {fields}", place.descriptor),
                )
                .expected("a value in one record at least", format!("none, `{}`: {fields}", place.descriptor))
            });
        }
    }
}
