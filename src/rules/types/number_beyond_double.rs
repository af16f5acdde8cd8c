use crate::protocol::types::Fault;
use crate::rules::{Findings, Look, Observer, Watch, rule, typed};

rule! {
    /// A number is more precise, larger or smaller than a double can hold.
    ///
    /// # What it checks
    /// Numbers of fields that are declared as `number` are looked at as written. More than 17 significant digits, or a
    /// value too close to zero for a double's full precision, are worth knowing (INFO). A value beyond ±1.797e308 is a
    /// SHOULD.
    ///
    /// # Why it matters
    /// Most consumers read numbers as doubles: the digits behind the seventeenth are lost without a word, and what is
    /// larger becomes infinity or null. A DECIMAL column may rightly have more digits, and some destinations keep them.
    ///
    /// # Example
    /// With `"total": {"type": "number"}` in the schema:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"total":1e400},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"total":1234567.89},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Round to what the source means: floats that were computed have digits that nobody asked for. Where all digits
    /// matter, declare and emit a string.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests read numbers as Python floats, so that they cannot see this.
    NumberBeyondDouble {
        code: "TYPE-009",
        name: "number-beyond-a-double",
        level: Should,
        commands: [Read],
        authority: CdkConvention,
        source: "supported data types: Number; bulk CDK: data coercion",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
    }
}

#[derive(Default)]
struct NumberBeyondDouble;

impl Observer for NumberBeyondDouble {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        typed::report(Fault::Precision, "holds numbers that a double does not", look, findings);
    }
}
