use crate::protocol::{RecordChange, changes};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// A source gives a reason for a change that only a destination or the platform has.
    ///
    /// # What it checks
    /// A `reason` among `meta.changes` begins with `SOURCE_`. A source that cannot read or serialise a value sets it to
    /// null and says `SOURCE_RETRIEVAL_ERROR`, `SOURCE_SERIALIZATION_ERROR` or one of its size limits, rather than
    /// leave the record out. That a record was left out cannot be seen from one read, and is not judged. Malformed
    /// entries are READ-026's.
    ///
    /// # Why it matters
    /// The reason tells users where to look. With another's, they look for the value in the destination's logs.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"note":null},"emitted_at":1700000000000,"meta":{"changes":[{"field":"note","change":"NULLED","reason":"DESTINATION_TYPECAST_ERROR"}]}}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"note":null},"emitted_at":1700000000000,"meta":{"changes":[{"field":"note","change":"NULLED","reason":"SOURCE_SERIALIZATION_ERROR"}]}}}
    /// ```
    ///
    /// # How to mend it
    /// Take one of the reasons that begin with `SOURCE_` from the enum of the CDK's models (Python, Java and Kotlin
    /// have the same). Low-code connectors emit no changes.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests do not look at this.
    ChangeOfAnother {
        code: "READ-027",
        name: "change-reason-of-another",
        level: Should,
        commands: [Read],
        authority: ProtocolSchema,
        source: "AirbyteRecordMessageMetaChange.reason; documentation: metadata fields",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
    }
}

#[derive(Default)]
struct ChangeOfAnother;

impl Observer for ChangeOfAnother {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(record) = look.record().filter(|record| record.meta.is_some()) else { return };
        let (Ok(entries), Some(stream)) = (changes(record), look.stream()) else { return };
        for (at, entry) in entries.iter().enumerate() {
            let Some(reason) = entry.reason.as_deref().filter(|reason| RecordChange::REASONS.contains(reason)) else {
                continue;
            };
            if reason.starts_with("SOURCE_") {
                continue;
            }
            findings.report_stream(reason, &stream.descriptor, || {
                let at_meta = memchr::memmem::rfind(look.line.bytes, b"\"meta\"").unwrap_or(0);
                let field = text::shorten(entry.field.as_deref().unwrap_or_default(), 60);
                Violation::new(
                    "a source gives a reason that is not its own",
                    format!("`{field}` of `{}` was changed for {reason}", stream.descriptor),
                )
                .around(look.line, at_meta)
                .pointer(format!("/record/meta/changes/{at}/reason"))
                .expected("a reason that begins with SOURCE_", reason)
            });
        }
    }
}
