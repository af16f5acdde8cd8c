use crate::protocol::{RecordChange, changes, pick};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;

/// How many entries of one record are looked at.
const MOST: usize = 50;

/// What can have happened to a field.
const CHANGES: [&str; 2] = ["NULLED", "TRUNCATED"];

rule! {
    /// A record's `meta.changes` is malformed, or says what the data contradict.
    ///
    /// # What it checks
    /// `meta.changes` is a list, and each entry has `field`, `change` and `reason`, all strings; `change` is `NULLED`
    /// or `TRUNCATED`, and `reason` one of the protocol's. A field that is NULLED is null or absent in `data`, and one
    /// that is TRUNCATED is there. Its name is one that the record or the schema has (SHOULD). Reasons that are not a
    /// source's to give are READ-027's.
    ///
    /// # Why it matters
    /// Destinations store the changes in `_airbyte_meta`, and users look there why a value is missing. An entry that
    /// the platform cannot read fails the record.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"note":"…"},"emitted_at":1700000000000,"meta":{"changes":[{"field":"note","change":"NULLED","reason":"SOURCE_SERIALIZATION_ERROR"}]}}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"note":null},"emitted_at":1700000000000,"meta":{"changes":[{"field":"note","change":"NULLED","reason":"SOURCE_SERIALIZATION_ERROR"}]}}}
    /// ```
    ///
    /// # How to mend it
    /// Build entries with the models of the CDK (Python: `AirbyteRecordMessageMetaChange`; Java: the class of the same
    /// name), whose enums have the legal values, and where the value itself is replaced. Low-code connectors emit none.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests parse messages with the protocol's models, so that an unknown enum is refused there;
    /// whether an entry agrees with the data is not looked at.
    ChangesWrong {
        code: "READ-026",
        name: "record-changes-wrong",
        level: Must,
        commands: [Read],
        authority: ProtocolSchema,
        source: "AirbyteRecordMessageMetaChange",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
    }
}

#[derive(Default)]
struct ChangesWrong;

impl Observer for ChangesWrong {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(record) = look.record().filter(|record| record.meta.is_some()) else { return };
        let entries = match changes(record) {
            Ok(entries) => entries,
            Err(why) => return report(look, "", (why.to_owned(), Level::Must), findings),
        };
        for (at, entry) in entries.iter().enumerate().take(MOST) {
            if let Some(wrong) = wrong(entry, look) {
                report(look, &format!("/{at}"), wrong, findings);
            }
        }
    }
}

fn report(look: &Look<'_>, entry: &str, (title, level): (String, Level), findings: &mut Findings<'_>) {
    let describe = || {
        let at = memchr::memmem::rfind(look.line.bytes, b"\"meta\"").unwrap_or(0);
        let found = look.record().and_then(|record| record.meta).map_or("", |meta| meta.get());
        Violation::new(title.clone(), format!("`meta.changes`: {title}"))
            .around(look.line, at)
            .pointer(format!("/record/meta/changes{entry}"))
            .expected("entries with `field`, `change` and `reason` that agree with the data", text::shorten(found, 160))
            .level(level)
    };
    match look.stream() {
        Some(stream) => findings.report_stream(&title, &stream.descriptor, describe),
        None => findings.report(&title, describe),
    }
}

/// What is wrong with an entry.
fn wrong(entry: &RecordChange, look: &Look<'_>) -> Option<(String, Level)> {
    let must = |what: String| Some((what, Level::Must));
    let (Some(field), Some(change), Some(reason)) = (&entry.field, &entry.change, &entry.reason) else {
        return must("an entry lacks `field`, `change` or `reason`, or one of them is no string".to_owned());
    };
    if !CHANGES.contains(&change.as_str()) {
        return must(format!("`{}` is no change: NULLED and TRUNCATED are", text::shorten(change, 40)));
    }
    if !RecordChange::REASONS.contains(&reason.as_str()) {
        return must(format!("`{}` is no reason that the protocol knows", text::shorten(reason, 60)));
    }
    let (value, shown) = (pick(look.record()?.data.get(), std::slice::from_ref(field)), text::shorten(field, 60));
    let is_there = value.is_some_and(|value| value != "null");
    match change.as_str() {
        "NULLED" if is_there => must(format!("`{shown}` is said to be NULLED, and has a value")),
        "TRUNCATED" if value.is_some() && !is_there => must(format!("`{shown}` is said to be TRUNCATED, and is null")),
        _ if value.is_some() || is_known(field, look) => None,
        _ => Some((format!("`{shown}` is neither in the record nor in the schema"), Level::Should)),
    }
}

/// Whether the schema may have the field, at any level.
fn is_known(field: &str, look: &Look<'_>) -> bool {
    let declared = look.json_schema().and_then(|schema| schema.get("properties")?.as_object());
    declared.is_none_or(|declared| declared.contains_key(field) || field.contains(['.', '/', '[']))
}
