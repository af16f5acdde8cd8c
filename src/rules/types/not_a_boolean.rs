use crate::protocol::types::Fault;
use crate::rules::{Findings, Look, Observer, Watch, rule, typed};

rule! {
    /// A boolean field holds something that is no JSON boolean.
    ///
    /// # What it checks
    /// Where the schema declares `boolean`, the value is `true` or `false`. Words and numbers that are true in some
    /// language, `"true"`, `"yes"`, `1`, are not. Null is TYPE-011's, and fields of several types are TYPE-016's.
    ///
    /// # Why it matters
    /// A destination makes a boolean column. What is no boolean is nulled there, and every row says "unknown" where the
    /// source said yes or no.
    ///
    /// # Example
    /// With `"vip": {"type": "boolean"}` in the schema:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"customers","data":{"vip":"true"},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"customers","data":{"vip":true},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Convert the value before the record is emitted (Low-code: `AddFields` with `value_type: boolean`; Python CDK: a
    /// `TypeTransformer` with `DefaultSchemaNormalization`; Java: read the column as a boolean, also where the database
    /// has a bit or a byte for it), or declare what really comes.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests validate records with the schema and find this, as long as `validate_schema` is on.
    /// They take `true` for a number, though, because Python does.
    NotABoolean {
        code: "TYPE-001",
        name: "boolean-field-holds-no-boolean",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "supported data types: Boolean",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
    }
}

#[derive(Default)]
struct NotABoolean;

impl Observer for NotABoolean {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        typed::report(Fault::Boolean, "holds no boolean", look, findings);
    }
}
