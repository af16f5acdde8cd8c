use crate::protocol::schema::defects;
use crate::protocol::{Kind, Message};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

/// How many places of one stream's schema are told.
const PLACES: usize = 20;

rule! {
    /// A stream's `json_schema` is no valid JSON Schema.
    ///
    /// # What it checks
    /// Draft-07's meta-schema accepts each stream's `json_schema`: `required` is an array of names, `properties` holds
    /// schemas, `enum` is an array. Keywords that only describe (`title`, `description`, `examples`) are reported at
    /// SHOULD. A `type` that does not exist is SCHEMA-006's. Where a `$ref` leads and what a `pattern` means is not
    /// looked at; nor is a catalog nested deeper than 128 levels, which is reported at SHOULD as a whole.
    ///
    /// # Why it matters
    /// The platform reads every schema as draft-07 and validates records with it; destinations make column types from
    /// it. A keyword that has another form is ignored, or whoever reads the schema fails on it.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"object","properties":{"tags":{"type":"array","items":"string"}}}
    /// good: {"type":"object","properties":{"tags":{"type":"array","items":{"type":"string"}}}}
    /// ```
    ///
    /// # How to mend it
    /// Mend the keyword at the pointer given. Common slips: `"required": true` on a property instead of a list beside
    /// `properties`; `items` with a word instead of a schema; a number written as text (`"maximum": "10"`).
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests validate each stream's schema with draft-07's meta-schema as well.
    StreamSchemaInvalid {
        code: "SCHEMA-001",
        name: "stream-schema-invalid",
        level: Must,
        commands: [Discover],
        authority: PlatformBehaviour,
        source: "AirbyteStream.json_schema; platform: RecordSchemaValidator",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct StreamSchemaInvalid;

impl Observer for StreamSchemaInvalid {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        if look.summary.catalog.is_none() {
            return unread(look, findings);
        }
        for (at, stream) in look.discovered().iter().enumerate().filter(|(_, stream)| stream.json_schema().is_object())
        {
            let schema = stream.json_schema();
            for defect in defects(schema, PLACES, |defect| defect.foreign_type.is_none()) {
                let what = defect.keyword.as_deref().map_or("a schema".to_owned(), |keyword| format!("`{keyword}`"));
                findings.report_stream(&format!("{what} {}", defect.expected), &stream.descriptor, || {
                    let found = text::json(schema.pointer(&defect.pointer).unwrap_or(&Value::Null), 80);
                    let owner = defect.pointer.rsplit_once('/').map_or("", |(owner, _)| owner);
                    let described = Violation::new(
                        format!("{what} in `json_schema` is not valid in draft-07"),
                        format!("`{}` in `{}` is {found}, not {}", defect.pointer, stream.descriptor, defect.expected),
                    )
                    .part(
                        look.line,
                        format!("/catalog/streams/{at}/json_schema{}", defect.pointer),
                        schema.pointer(owner).unwrap_or(schema),
                    )
                    .expected(&defect.expected, found);
                    if defect.is_annotation() { described.level(Level::Should) } else { described }
                });
            }
        }
    }
}

/// A first CATALOG that no tree can hold.
fn unread(look: &Look<'_>, findings: &mut Findings<'_>) {
    let Some(Message::Catalog(catalog)) = look.message() else { return };
    let Err(error) = serde_json::from_str::<Value>(catalog.payload.get()) else { return };
    findings.report("unread", || {
        Violation::new(
            "the CATALOG can't be judged",
            format!("the CATALOG is nested deeper than 128 levels, or holds too large a number or half a surrogate pair: {error}"),
        )
        .on(look.line)
        .level(Level::Should)
    });
}
