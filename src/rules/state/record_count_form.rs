use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// A state's record count is written without a decimal point.
    ///
    /// # What it checks
    /// `sourceStats.recordCount` is written as the protocol declares it, as a floating point number: `12.0`, not `12`. A
    /// figure that is negative, broken, no number or simply wrong is STATE-015's.
    ///
    /// # Why it matters
    /// The member is a double everywhere. Readers that choose a type by how a number is written take `12` for another
    /// type than `12.0`: strict ones refuse it, and states that are compared as text differ.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}},"sourceStats":{"recordCount":2}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}},"sourceStats":{"recordCount":2.0}}}
    /// ```
    ///
    /// # How to mend it
    /// Hand a float to the serializer: `float(count)` in Python, `count.toDouble()` in Kotlin, `(double) count` in Java and C#.
    /// JavaScript has one kind of number and writes `2`: there the text has to be written by hand, or this rule waived. The
    /// CDKs do it by themselves.
    ///
    /// # What Airbyte's tests see
    /// Neither Airbyte's acceptance tests nor the standard tests of the Python CDK look at how the figure is written.
    RecordCountForm {
        code: "STATE-016",
        name: "state-record-count-not-a-float",
        level: Should,
        commands: [Read],
        authority: ProtocolSchema,
        source: "AirbyteStateStats.recordCount",
        watches: [Watch::Message(Kind::State)],
        about: Launch,
    }
}

#[derive(Default)]
struct RecordCountForm;

impl Observer for RecordCountForm {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        // A negative count is wrong in itself, however it is written.
        let Some(count) = look.state().and_then(|state| state.record_count.as_ref()?.as_u64()) else { return };
        findings.report("integer", || {
            Violation::new("a record count is written as an integer", format!("`recordCount` is written as {count}"))
                .on(look.line)
                .pointer("/state/sourceStats/recordCount")
                .expected(format!("{count}.0"), count.to_string())
        });
    }
}
