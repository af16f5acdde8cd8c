use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// A destination puts out records.
    ///
    /// # What it checks
    /// The output of `write` has no RECORD: only STATE, LOG, TRACE and CONTROL have a place there.
    ///
    /// # Why it matters
    /// The platform drops records that a destination puts out and warns of each, and all of a sync's data comes to stand in its
    /// logs. The same bytes go over the pipe twice, which halves the speed.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1700000000000}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"n":1}}}}
    /// ```
    ///
    /// # How to mend it
    /// Give back messages of type STATE alone. Python CDK: `yield` only those; a helper that passes all messages on is for sources.
    ///
    /// # What Airbyte's tests see
    /// Nothing looks at it.
    RecordComesBack {
        code: "DEST-034",
        name: "record-comes-back",
        level: Must,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: write",
        watches: [Watch::EveryLine],
        about: Launch,
    }
}

#[derive(Default)]
struct RecordComesBack;

impl Observer for RecordComesBack {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        if look.record().is_none() {
            return;
        }
        findings.report("record", || {
            Violation::new("a RECORD in the output of `write`", "a destination stores records and does not repeat them")
                .on(look.line)
                .pointer("/type")
                .expected("STATE, LOG, TRACE or CONTROL", "RECORD")
        });
    }
}
