use crate::protocol::types::Fault;
use crate::rules::{Findings, Look, Observer, Watch, rule, typed};

rule! {
    /// A field of numbers holds something that is no JSON number.
    ///
    /// # What it checks
    /// Where the schema declares `integer` or `number`, the value is a JSON number: no string of digits, no boolean, no
    /// object. A number that is no integer is TYPE-007's, null is TYPE-011's, and fields of several types are
    /// TYPE-016's. `NaN` without quotes is no JSON at all, which LINE-013 says.
    ///
    /// # Why it matters
    /// The destination makes a numeric column. Some convert `"17"`, others null it; nobody converts `"1,234"` or
    /// `"n/a"`.
    ///
    /// # Example
    /// With `"id": {"type": "integer"}` in the schema:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":"17"},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":17},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// If the API sends strings, declare `string`, or convert (Low-code: `schema_normalization: Default`, or
    /// `AddFields` with `value_type`; Python CDK: a `TypeTransformer`). In Java, serialize `BigDecimal` as a number and
    /// not by `toString()`, and leave NaN out.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests validate records with the schema and find this, as long as `validate_schema` is on.
    /// They take `true` for an integer, because Python does.
    NotANumber {
        code: "TYPE-010",
        name: "number-field-holds-no-number",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "supported data types: Integer, Number",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
    }
}

#[derive(Default)]
struct NotANumber;

impl Observer for NotANumber {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        typed::report(Fault::NoNumber, "holds no number", look, findings);
    }
}
