use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Watch, rule};
use serde_json::Value;
use std::collections::HashMap;

rule! {
    /// Two fields of an object have names that differ in letter case only.
    ///
    /// # What it checks
    /// At each level of a stream's schema, the names under `properties` stay different when letter case is ignored.
    ///
    /// # Why it matters
    /// Several warehouses take `Id` and `id` for the same column. Destinations then give one of them another name, in
    /// an order that may change, or the sync fails.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"object","properties":{"id":{"type":"integer"},"ID":{"type":"string"}}}
    /// good: {"type":"object","properties":{"id":{"type":"integer"},"legacy_id":{"type":"string"}}}
    /// ```
    ///
    /// # How to mend it
    /// Most often one of them was written by mistake, and no record has it: take it out. Where the API really has both,
    /// rename one (Low-code: `AddFields` and `RemoveFields`).
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look at this.
    FieldNamesDifferInCase {
        code: "DISC-028",
        name: "field-names-differ-in-case",
        level: Info,
        commands: [Discover],
        authority: Inference,
        source: "follows from warehouses whose names have no letter case",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct FieldNamesDifferInCase;

impl Observer for FieldNamesDifferInCase {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.described() {
            let Some(fields) = place.keyword("properties").and_then(Value::as_object) else { continue };
            let mut seen = HashMap::with_capacity(fields.len());
            for name in fields.keys() {
                let Some(first) = seen.insert(name.to_lowercase(), name) else { continue };
                findings.report_stream("letter case", place.descriptor(), || {
                    let message = format!("`{first}` and `{name}` are both fields of {}", place.owner());
                    place.violation(look, "properties", "fields differ in letter case only", message)
                });
            }
        }
    }
}
