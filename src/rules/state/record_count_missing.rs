use crate::protocol::{Kind, StateScope};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// A state does not say how many records it covers.
    ///
    /// # What it checks
    /// Each STREAM and GLOBAL state has `sourceStats.recordCount`. LEGACY states are STATE-002's, misshapen ones STATE-001's,
    /// and a figure that is wrong or no number is STATE-015's.
    ///
    /// # Why it matters
    /// The platform compares the figure with its own count and with the destination's. Without it nobody notices when
    /// records get lost between the source and the table.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}},"sourceStats":{"recordCount":2.0}}}
    /// ```
    ///
    /// # How to mend it
    /// Upgrade the CDK: the current Python, Low-code, Java and Kotlin CDKs count by themselves, and old ones do not. Where
    /// messages are built by hand, count the records of a stream since its last state.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests ask for `sourceStats` on each STREAM state of their basic read; they never compare the
    /// figure. The standard tests of the Python CDK do not look at it.
    RecordCountMissing {
        code: "STATE-014",
        name: "state-record-count-missing",
        level: Should,
        commands: [Read],
        authority: ProtocolSchema,
        source: "AirbyteStateMessage.sourceStats; Airbyte's acceptance tests",
        watches: [Watch::Message(Kind::State)],
        about: Launch,
    }
}

#[derive(Default)]
struct RecordCountMissing;

impl Observer for RecordCountMissing {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(state) = look.state().filter(|state| state.record_count.is_none()) else { return };
        if !matches!(state.scope, StateScope::Stream { .. } | StateScope::Global { .. }) {
            return;
        }
        let describe = || {
            Violation::new(
                "states do not say how many records they cover",
                "the state has no `sourceStats.recordCount`",
            )
            .on(look.line)
            .pointer("/state")
            .expected("`sourceStats.recordCount`", "none")
        };
        match look.stream() {
            Some(stream) => findings.report_stream("missing", &stream.descriptor, describe),
            None => findings.report("missing", describe),
        }
    }
}
