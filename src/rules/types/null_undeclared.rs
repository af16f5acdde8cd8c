use crate::protocol::Stream;
use crate::protocol::types::Fault;
use crate::rules::{Findings, Look, Observer, Watch, rule, typed};

rule! {
    /// A field is null, and its schema does not allow null.
    ///
    /// # What it checks
    /// Null is the value of a field only where its schema's `type` names `null`, one branch of its `oneOf` does, or no
    /// type is declared. A field that is left out is not null: SCHEMA-012 speaks of those.
    ///
    /// # Why it matters
    /// Validation downstream flags each such record, and a destination that takes the schema at its word makes a column
    /// that refuses the row.
    ///
    /// # Example
    /// With `"note": {"type": "string"}` in the schema:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"note":null},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"note":""},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Declare `["null", "string"]` for each field that can be empty; that is nearly every one but keys and cursors. In
    /// Python and Low-code that is the stream's schema. To leave empty fields out is no cure: their columns are empty all
    /// the same. The database CDKs in Java and Kotlin declare every column without null: where a stream has
    /// `_ab_cdc_deleted_at`, or writes its integers as they do and null nowhere, this is told as theirs.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests validate records with the schema and find this, as long as `validate_schema` is on.
    NullUndeclared {
        code: "TYPE-011",
        name: "null-undeclared",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "supported data types: Nulls",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
    }
}

#[derive(Default)]
struct NullUndeclared;

impl Observer for NullUndeclared {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        if look.typed().is_some() {
            let is_of_database = look.configured().is_some_and(Stream::is_of_a_database);
            let kit = is_of_database.then_some("the Java and Kotlin CDKs");
            typed::report_known(Fault::Null, "is null", kit, look, findings);
        }
    }
}
