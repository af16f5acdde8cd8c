use crate::protocol::Kind;
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use std::collections::BTreeMap;

rule! {
    /// A timestamp field has a zone in some records and none in others.
    ///
    /// # What it checks
    /// For each top-level field with `format: date-time` and no `airbyte_type`: over a whole run, either all values
    /// have a zone or none has. Fields with an `airbyte_type` are TYPE-003's and TYPE-004's.
    ///
    /// # Why it matters
    /// Consumers take a date-time for zoned, and what has no zone for UTC. Where some values are local times, those
    /// rows are hours off, and no query can tell which.
    ///
    /// # Example
    /// With `"at": {"type": "string", "format": "date-time"}` in the schema:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"at":"2022-11-22T01:23:45Z"},"emitted_at":1700000000000}}
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"at":"2022-11-22T01:23:45"},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"at":"2022-11-22T01:23:45Z"},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"at":"2022-11-22T01:23:45+00:00"},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Find where the values without zone come from: a second endpoint, a default, a naive datetime in Python, a
    /// `LocalDateTime` in Java. Give them their zone, and declare `airbyte_type: timestamp_with_timezone`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests look at each value alone, and take both forms.
    ZonesMixed {
        code: "TYPE-006",
        name: "timestamp-zones-mixed",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "supported data types: Dates and times",
        watches: [Watch::Message(Kind::Record)],
        about: Stream,
    }
}

#[derive(Default)]
struct ZonesMixed {
    /// By the stream's place and the field's: values with a zone, and without.
    fields: BTreeMap<(usize, u32), [Seen; 2]>,
}

#[derive(Default)]
struct Seen {
    count: u64,
    first: u64,
}

impl Observer for ZonesMixed {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        let Some(place) = look.line.stream else { return };
        let (zoned, unzoned) = match (look.surely_conforms(), look.glimpse()) {
            (true, glimpse) => (glimpse.zoned, glimpse.unzoned),
            (false, _) => look.typed().map_or((0, 0), |typed| (typed.zoned, typed.unzoned)),
        };
        for (which, mut marks) in [zoned, unzoned].into_iter().enumerate() {
            while marks != 0 {
                let seen = &mut self.fields.entry((place, marks.trailing_zeros())).or_default()[which];
                seen.count += 1;
                seen.first = if seen.first == 0 { look.line.number } else { seen.first };
                marks &= marks - 1;
            }
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let mixed = self.fields.iter().filter(|(_, seen)| seen.iter().all(|seen| seen.count > 0));
        for ((place, mark), [zoned, unzoned]) in mixed {
            let stream = &ending.scene.streams[*place];
            let Some(field) = stream.types.as_ref().and_then(|types| types.field(*mark)) else { continue };
            let field = text::shorten(field, 80);
            findings.report_stream(&field, &stream.descriptor, || {
                let (with, without) = (text::plural(zoned.count, "record"), text::count(unzoned.count));
                Violation::new(
                    format!("`{field}` has a zone in some records only"),
                    format!("`{field}` of `{}` has a zone in {with} and none in {without}", stream.descriptor),
                )
                .at_message(if zoned.count < unzoned.count { zoned.first } else { unzoned.first })
                .pointer(format!("/record/data/{field}"))
                .expected(
                    "a zone in all records, or in none",
                    format!("one in message {}, none in message {}", zoned.first, unzoned.first),
                )
            });
        }
    }
}
