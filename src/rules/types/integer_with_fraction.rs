use crate::protocol::types::Fault;
use crate::rules::{Findings, Look, Observer, Watch, rule, typed};

rule! {
    /// An integer field holds a number that is none.
    ///
    /// # What it checks
    /// Where the schema declares `integer`, or `number` with `airbyte_type: integer`, a number has neither fraction nor
    /// exponent. A whole number that is written with one, `1.0` or `1e3`, is reported at SHOULD: JSON Schema takes it
    /// for an integer, Airbyte's acceptance tests and some destinations do not. So is a string of the retired type
    /// `big_integer` that holds something else than digits. Values that are no numbers are TYPE-010's.
    ///
    /// # Why it matters
    /// The destination makes an integer column; a fraction is cut off or nulled there. Amounts lose their cents.
    ///
    /// # Example
    /// With `"quantity": {"type": "integer"}` in the schema:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"quantity":1.5},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"quantity":1},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Declare `number` where fractions occur. Where they do not, keep floats out: pandas makes floats of a column with
    /// gaps, JavaScript of large numbers, and a database driver of NUMERIC columns. In Python `int(value)`, in Java
    /// `BigDecimal.toBigIntegerExact()`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests refuse both `1.5` and `1.0` as long as `validate_schema` is on.
    IntegerWithFraction {
        code: "TYPE-007",
        name: "integer-field-holds-a-fraction",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "supported data types: Integer; acceptance tests: strict integers",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
    }
}

#[derive(Default)]
struct IntegerWithFraction;

impl Observer for IntegerWithFraction {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        typed::report(Fault::Fraction, "holds no integer", look, findings);
    }
}
