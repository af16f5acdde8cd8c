use crate::protocol::Record;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// What the platform drops; of other values it makes an error sooner or later.
const EMPTY: [&str; 2] = ["an empty object", "null"];

rule! {
    /// A record's `data` holds no row: it is empty, null or no object.
    ///
    /// # What it checks
    /// `data` is an object with at least one member. A file transfer of the older kind, whose `file` member stands
    /// beside an empty `data`, is let through.
    ///
    /// # Why it matters
    /// The platform drops an empty record without a word, and does not count it: the row is missing in the destination,
    /// the record count of the next state is off by one, and the sync is green. Of a list or a plain value no
    /// destination can make a row.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{},"emitted_at":1700000000000}}
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":[{"id":1},{"id":2}],"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Look at where rows are taken from the response: a path that leads one level too high or too low yields lists
    /// and empty objects (Low-code: `record_selector.extractor.field_path`; Python CDK: `parse_response`). Emit one
    /// record for each element of a list, and none for an element that is empty once its fields were picked.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests ask for records that share a field with the schema, which an empty one does not; they
    /// know neither that the platform drops it nor the count that is off then.
    RecordDataEmpty {
        code: "READ-003",
        name: "record-data-empty-or-no-object",
        level: Must,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "AirbyteRecordMessage.data; platform: BasicAirbyteMessageValidator",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
    }
}

#[derive(Default)]
struct RecordDataEmpty;

impl Observer for RecordDataEmpty {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(record) = look.record() else { return };
        let Some(what) = wrong(record).filter(|_| !transfers_a_file(look)) else { return };
        let describe = || {
            let lost = if EMPTY.contains(&what) { "the platform drops the record" } else { "no row can be made of it" };
            Violation::new(format!("`data` is {what}"), format!("`data` is {what}; {lost}"))
                .on(look.line)
                .pointer("/record/data")
                .expected("an object with at least one member", what)
        };
        match look.stream() {
            Some(stream) => findings.report_stream(what, &stream.descriptor, describe),
            None => findings.report(what, describe),
        }
    }
}

/// What `data` is instead of a row, told by its first bytes.
fn wrong(record: &Record<'_>) -> Option<&'static str> {
    match record.data.get().as_bytes() {
        [b'{', inside @ ..] => (inside.trim_ascii_start() == b"}").then_some(EMPTY[0]),
        [b'[', ..] => Some("an array"),
        [b'"', ..] => Some("a string"),
        [b'n', ..] => Some(EMPTY[1]),
        [b't' | b'f', ..] => Some("a boolean"),
        _ => Some("a number"),
    }
}

/// Whether the record stands for a file, in the way that came before `file_reference`.
fn transfers_a_file(look: &Look<'_>) -> bool {
    #[derive(Deserialize)]
    struct Envelope {
        record: Member,
    }
    #[derive(Deserialize)]
    struct Member {
        file: Option<IgnoredAny>,
    }
    let read = serde_json::Deserializer::from_slice(look.line.bytes).into_iter::<Envelope>().next();
    read.is_some_and(|read| read.is_ok_and(|envelope| envelope.record.file.is_some()))
}
