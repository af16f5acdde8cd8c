//! READ-015.

use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::same_records::{Demand, Variation, Words, with_each_entry};
use crate::experiments::{Conclusion, Launches};
use crate::rules::Level;
use serde_json::{Value, json};

experiment! {
    /// A read fails or lacks records because a configured field does not exist in the source.
    ///
    /// # What it checks
    /// The full refresh read is made with one more property, `airproof_missing`, in the `json_schema` of each stream. It must end with
    /// exit code 0 and deliver the same records. What it breaks counts only if it does so in a second attempt too, and the read
    /// without the property still works. Of streams without a primary key, records are counted only.
    ///
    /// # Why it matters
    /// A column that is dropped upstream stays in the user's catalog until the schema is refreshed. A source that asks for all
    /// configured columns by name then fails with each sync until somebody notices.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1717200000000,"error":{"message":"column \"airproof_missing\" does not exist"}}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1717200000000}}
    /// ```
    ///
    /// # How to mend it
    /// Ask for those configured fields that the source has, and leave the others out of the record, or null; a LOG at WARN may
    /// name them.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests and the CDK's standard tests read with the schema as it was discovered.
    run {
        code: "READ-015",
        name: "missing-field-stops-read",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: schema mismatches",
        depth: Certification,
        launches: [
            Launches::up_to(0, 1, "read.extra-property", "with one more property in each schema, which does not exist"),
            Launches::up_to(0, 1, "read.extra-property-again", "the same once more").on_doubt(),
            Launches::up_to(0, 1, "read.afterwards", "full refresh, to see what is still there").on_doubt(),
        ],
    }
}

const WORDS: Words = Words {
    with: "with one more property in each schema, which does not exist",
    fails: "a configured field that does not exist makes the read fail",
    lacks: "a configured field that does not exist costs records",
    levels: (Level::Should, Level::Should),
};

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let base = lab.full_refresh()?.complete()?;
    let catalog = with_each_entry(base.catalog()?, |entry| {
        let properties = entry.pointer_mut("/stream/json_schema/properties").and_then(Value::as_object_mut);
        if let Some(properties) = properties {
            properties.insert("airproof_missing".to_owned(), json!({"type": ["null", "string"]}));
        }
    });
    let ask = lab.read_like(base, "read.extra-property", "with a property in each schema that does not exist")?;
    let ask = ask.catalog(catalog).unjudged();
    let variation = Variation { base, base_state: None, ask, demand: Demand::Success, has_other_fields: true };
    let varied = variation.make(lab)?;
    let mut conclusion = Conclusion::of(STATEMENT, varied.read);
    varied.conclude(&mut conclusion, &WORDS, |_| None)?;
    Ok(conclusion)
}
