use super::undeclared_field::{is_foreign, weight};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::{Map, Value};

/// How many fields are told of each side.
const TOLD: usize = 6;

rule! {
    /// A record has no field in common with the schema of its stream.
    ///
    /// # What it checks
    /// At least one top-level field of each record is among the `properties` of its stream. If none is, the record is
    /// told here once, rather than each of its fields by READ-007 and READ-006. MUST, as there; SHOULD where the schema
    /// says `"additionalProperties": true`.
    ///
    /// # Why it matters
    /// This is what a row looks like that was taken one level too high, as `{"result": {…}}`, or too low. Destinations
    /// make a row of nulls of it, and the platform drops it when columns are selected.
    ///
    /// # Example
    /// With the properties `id` and `total`:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"order":{"id":1,"total":9.5}},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"total":9.5},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Look at where rows are taken from the response (Low-code: `record_selector.extractor.field_path`; Python CDK:
    /// `parse_response`; Java: the mapping from the response to rows), or at whether the stream has the schema of
    /// another one.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests look for the same: the paths of a record and of its schema must overlap. They count
    /// intermediate nodes of the record, but only leaves of the schema.
    RecordOfAnotherLevel {
        code: "READ-009",
        name: "record-shares-no-field-with-schema",
        level: Should,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "acceptance tests: records structure; platform: FieldSelector",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
        applies: |scene| scene.catalog.as_ref().map(drop).ok_or("no configured catalog was given"),
    }
}

#[derive(Default)]
struct RecordOfAnotherLevel;

impl Observer for RecordOfAnotherLevel {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        if !is_foreign(look) {
            return;
        }
        let (Some(stream), Some(schema)) = (look.stream(), look.json_schema()) else { return };
        let level = weight(schema);
        findings.report_stream(level.as_str(), &stream.descriptor, || {
            let declared = listed(schema.get("properties").and_then(Value::as_object));
            let found = listed(look.data().and_then(Value::as_object));
            Violation::new(
                "records share no field with the schema",
                format!("a record of `{}` has {found}; its schema declares {declared}", stream.descriptor),
            )
            .on(look.line)
            .pointer("/record/data")
            .expected(declared, found)
            .level(level)
        });
    }
}

fn listed(members: Option<&Map<String, Value>>) -> String {
    let names = members.into_iter().flat_map(Map::keys);
    let shown: Vec<String> = names.take(TOLD).map(|name| format!("`{}`", text::shorten(name, 60))).collect();
    let more = members.map_or(0, Map::len).saturating_sub(TOLD);
    format!("{}{}", shown.join(", "), if more > 0 { format!(" and {more} more") } else { String::new() })
}
