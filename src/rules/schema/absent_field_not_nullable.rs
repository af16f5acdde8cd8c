use crate::protocol::schema::kinds;
use crate::protocol::{Command, Kind};
use crate::rules::absent::{Absence, Absences};
use crate::rules::{Described, Ending, Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;
use std::collections::HashSet;

/// How many fields are told of a stream.
const TOLD: usize = 12;

rule! {
    /// A field that some records leave out is declared without null.
    ///
    /// # What it checks
    /// In reads: a top-level field whose type does not name `null` is in every record of its stream, or in none (which
    /// READ-010 tells). Deletions of change data capture may be without. In the catalog, at INFO: `required` names no field
    /// whose type admits null, which is how a schema says that it may be missing. A record without a `required` field is
    /// READ-006's, one without its primary key READ-011's, and a null that is not declared TYPE-011's. Of more than 64
    /// fields, those beyond are looked at in the first 10,000 records, 1,000 fields at most.
    ///
    /// # Why it matters
    /// Whoever trusts the schema counts on a value in each row: generated code, tests in the warehouse, a destination that
    /// makes columns without null. A gap breaks them, perhaps long after the first sync.
    ///
    /// # Example
    /// With `"note": {"type": "string"}`, which other records have:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":2},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":2,"note":""},"emitted_at":1700000000000}}
    /// ```
    /// Or leave the record as it is, and declare `"note": {"type": ["null", "string"]}`.
    ///
    /// # How to mend it
    /// Declare `["null", …]` for each field that may be missing, and take it out of `required`. In Python and Low-code
    /// that is the stream's schema; one that was inferred from a few records does not know of gaps. The CDKs for databases
    /// in Java and Kotlin declare every column without null: this is told as theirs.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests validate records, and take a missing field for valid unless it is `required`.
    AbsentFieldNotNullable {
        code: "SCHEMA-012",
        name: "absent-field-not-nullable",
        level: Should,
        commands: [Discover, Read],
        authority: ProtocolText,
        source: "supported data types: Nulls",
        watches: [Watch::Message(Kind::Catalog), Watch::Message(Kind::Record)],
        about: Launch,
    }
}

#[derive(Default)]
struct AbsentFieldNotNullable {
    /// By place in the configured catalog.
    streams: Vec<Option<Absences>>,
}

impl Observer for AbsentFieldNotNullable {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        if look.scene.command == Some(Command::Discover) {
            return look.described().for_each(|place| required_and_nullable(&place, look, findings));
        }
        let Some(place) = look.line.stream else { return };
        if self.streams.is_empty() {
            self.streams.resize_with(look.scene.streams.len(), || None);
        }
        self.streams[place].get_or_insert_with(|| Absences::of(look.scene, place)).note(look);
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let entries = ending.scene.catalog.iter().flat_map(|catalog| &catalog.streams);
        for (absences, entry) in self.streams.iter().zip(entries) {
            let (Some(absences), stream) = (absences, &entry.stream) else { continue };
            let found = absences.found();
            let Some(first) = found.first() else { continue };
            let kit = stream.is_of_a_database().then_some("the Java and Kotlin CDKs");
            findings.report_stream(kit.unwrap_or("absent"), &stream.descriptor, || {
                let records = text::plural(absences.records, "record");
                let message = format!("of {records} of `{}`, some lack {}", stream.descriptor, listed(&found));
                let violation = Violation::new("fields that records leave out are declared without null", message)
                    .at_message(first.first)
                    .pointer(first.pointer())
                    .expected("`null` among the types of a field that may be missing", "no such field");
                match kit {
                    Some(kit) => violation.known_of(kit),
                    None => violation,
                }
            });
        }
    }
}

fn required_and_nullable(place: &Described<'_, '_>, look: &Look<'_>, findings: &mut Findings<'_>) {
    let names = place.keyword("required").and_then(Value::as_array).into_iter().flatten();
    let names: HashSet<&str> = names.filter_map(Value::as_str).collect();
    let fields = place.keyword("properties").and_then(Value::as_object).into_iter().flatten();
    let is_nullable = |field: &Value| kinds(place.root(), field).is_some_and(|kinds| kinds.contains(&"null"));
    let mut found = fields.filter(|(name, field)| names.contains(name.as_str()) && is_nullable(field));
    let Some((name, _)) = found.next() else { return };
    findings.report_stream("required", place.descriptor(), || {
        let name = text::shorten(name, 60);
        let message = format!("`{name}` is `required` in {}, and its type admits null", place.owner());
        place
            .violation(look, "required", "a field that may be missing is `required`", message)
            .expected("fields that are in every record", format!("`{name}`"))
            .level(Level::Info)
    });
}

fn listed(found: &[&Absence]) -> String {
    let one = |field: &&Absence| format!("`{}` ({})", text::shorten(&field.name, 60), text::count(field.count));
    let more = found.len().saturating_sub(TOLD);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", found.iter().take(TOLD).map(one).collect::<Vec<_>>().join(", "))
}
