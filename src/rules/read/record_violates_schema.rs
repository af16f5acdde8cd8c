use super::undeclared_field;
use crate::protocol::Kind;
use crate::protocol::schema::{Grammar, SchemaViolation, grammar_of};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

/// How many violations of one record are told apart.
const PER_RECORD: usize = 20;

rule! {
    /// A record does not conform to the schema of its stream.
    ///
    /// # What it checks
    /// Each record's `data` is validated with the stream's `json_schema` from the configured catalog, as draft-07,
    /// with the protocol's grammar for `date`, `time` and `date-time`. A whole number written with a fraction, `1.0`,
    /// is an integer. A timestamp with a space for its `T`, or an offset without colon, is reported at SHOULD: most
    /// destinations take it. Fields that the schema does not declare are READ-007's.
    ///
    /// # Why it matters
    /// Destinations make their tables from the schema. A value that breaks it is nulled, stringified or refused,
    /// depending on the destination, and whoever queries the table finds out last.
    ///
    /// # Example
    /// With `"id": {"type": "integer"}` in the schema:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":"17"},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":17},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Decide which of the two is wrong. If the API is right, widen the schema: `["null", "string"]` where values may
    /// be absent, `number` where fractions occur. If the schema is right, convert the value before it is emitted
    /// (Low-code: a `transformations` entry or `schema_normalization: Default`; Python CDK: a `TypeTransformer`).
    RecordViolatesSchema {
        code: "READ-006",
        name: "record-violates-schema",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "supported data types: record structure; AirbyteStream.json_schema",
        watches: [Watch::Message(Kind::Record)],
        about: Stream,
    }
}

#[derive(Default)]
struct RecordViolatesSchema;

impl Observer for RecordViolatesSchema {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        if look.surely_conforms() {
            return;
        }
        let Some(stream) = look.stream() else { return };
        let Some(schema) = &stream.schema else { return };
        let Some(data) = look.data().filter(|data| data.is_object()) else { return };
        let violations = schema.violations(data, PER_RECORD).into_iter();
        for violation in violations.filter(|found| !undeclared_field::says(&found.schema_pointer, look)) {
            let cause = format!("{}{}", violation.schema_pointer, weight(&violation, data).map_or("", Level::as_str));
            findings.report_stream(&cause, &stream.descriptor, || describe(&violation, data, look));
        }
    }
}

fn describe(violation: &SchemaViolation, data: &Value, look: &Look<'_>) -> Violation {
    let field = field(&violation.pointer);
    let found = data.pointer(&violation.pointer).map(ToString::to_string).unwrap_or_default();
    let schema = look.json_schema().map(|schema| {
        let keyword = schema.pointer(&violation.schema_pointer).unwrap_or(&Value::Null);
        format!("{}: {keyword}", violation.keyword)
    });
    let at = found_at(look, &found);
    let described = Violation::new(
        format!("`{field}` does not conform to its schema ({})", violation.keyword),
        format!("`{field}`: {}", violation.message),
    )
    .around(look.line, at)
    .pointer(format!("/record/data{}", violation.pointer))
    .expected(schema.unwrap_or_default(), found);
    match weight(violation, data) {
        Some(level) => described.level(level),
        None => described,
    }
}

/// Less than MUST where the value only breaks the grammar in a way that most destinations take.
fn weight(violation: &SchemaViolation, data: &Value) -> Option<Level> {
    let text = data.pointer(&violation.pointer).filter(|_| violation.keyword == "format")?.as_str()?;
    let lenient = ["date", "time", "date-time"].into_iter().any(|format| {
        violation.message.contains(&format!("\"{format}\"")) && grammar_of(format, text) == Grammar::Lenient
    });
    lenient.then_some(Level::Should)
}

/// A field as people write it: `address.city`, `lines[].price`.
fn field(pointer: &str) -> String {
    let parts = pointer.split('/').skip(1).fold(String::new(), |field, part| {
        let part = part.replace("~1", "/").replace("~0", "~");
        match (part.parse::<usize>().is_ok(), field.is_empty()) {
            (true, _) => field + "[]",
            (false, true) => part,
            (false, false) => format!("{field}.{part}"),
        }
    });
    if parts.is_empty() { "the record".to_owned() } else { parts }
}

/// Where in the line the value stands, as far as a search can tell.
fn found_at(look: &Look<'_>, found: &str) -> usize {
    memchr::memmem::find(look.line.bytes, found.as_bytes()).unwrap_or(0)
}
