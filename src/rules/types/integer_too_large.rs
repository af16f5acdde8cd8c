use crate::protocol::types::Fault;
use crate::rules::{Findings, Look, Observer, Watch, rule, typed};

rule! {
    /// An integer is larger than some consumers can hold.
    ///
    /// # What it checks
    /// Integers of fields that are declared as integers are compared, digit by digit, with three limits: beyond ±(2^53
    /// − 1) it is worth knowing (INFO), beyond 64 bits or of more than 38 digits it is a SHOULD. The protocol itself
    /// has no bound.
    ///
    /// # Why it matters
    /// A double holds each integer up to 2^53, and JavaScript and many JSON parsers use doubles: `9007199254740993`
    /// becomes `…992`. BIGINT ends at 64 bits, and a warehouse's NUMERIC at 38 digits: what is beyond is nulled.
    ///
    /// # Example
    /// With `"id": {"type": "integer"}` in the schema:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":18446744073709551616},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":9223372036854775807},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// If it is an identifier that nobody counts with, declare and emit a string. If it is a quantity, `number` may do.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests do not look at this; Python's integers have no bound.
    IntegerTooLarge {
        code: "TYPE-008",
        name: "integer-beyond-what-all-hold",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "supported data types: Integer (unbounded); bulk CDK: data coercion",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
    }
}

#[derive(Default)]
struct IntegerTooLarge;

impl Observer for IntegerTooLarge {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        typed::report(Fault::Range, "holds integers that not every consumer holds", look, findings);
    }
}
