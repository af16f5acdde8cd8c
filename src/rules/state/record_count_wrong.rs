use crate::protocol::{Kind, Message, StateMessage, StateScope};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// A state's `sourceStats.recordCount` is not the number of records that it covers.
    ///
    /// # What it checks
    /// Where a STATE carries `sourceStats.recordCount`: for a STREAM state it must equal the number of records of that
    /// stream since its previous state, for a GLOBAL or LEGACY state the number of all records since the previous
    /// one. It is a number, not text. Only records that the platform counts are counted: of configured streams, with data that is not empty.
    ///
    /// # Why it matters
    /// The platform compares the figure with its own count. Where they differ it reports that the source dropped
    /// records, and with checksums enforced it fails the sync.
    ///
    /// # Example
    /// After two records of `orders`:
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"at":2}},"sourceStats":{"recordCount":1.0}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"at":2}},"sourceStats":{"recordCount":2.0}}}
    /// ```
    ///
    /// # How to mend it
    /// Count where records are emitted, by name and namespace, and reset the count when the stream's state is emitted.
    /// With the Python CDK, records without the namespace of their stream are not counted: set it on both.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests ask that `sourceStats` is there, and never compare the figure with the records. The standard
    /// tests of the Python CDK do not look at it.
    RecordCountWrong {
        code: "STATE-015",
        name: "state-record-count-wrong",
        level: Must,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "AirbyteStateStats.recordCount; platform: StateCheckSumCountEventHandler",
        watches: [Watch::Message(Kind::Record), Watch::Message(Kind::State)],
        about: Launch,
    }
}

#[derive(Default)]
struct RecordCountWrong {
    /// Records since the stream's last state, by place in the catalog.
    by_stream: Vec<u64>,
    /// Records since the last state that covers all streams.
    all: u64,
}

impl Observer for RecordCountWrong {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        if self.by_stream.is_empty() {
            self.by_stream.resize(look.scene.streams.len(), 0);
        }
        match (look.message(), look.line.stream) {
            (Some(Message::Record(record)), Some(stream)) if record.is_counted() => {
                self.by_stream[stream] += 1;
                self.all += 1;
            }
            (Some(Message::State(state)), stream) => self.compare(state, stream, look, findings),
            _ => {}
        }
    }
}

impl RecordCountWrong {
    fn compare(&mut self, state: &StateMessage, stream: Option<usize>, look: &Look<'_>, findings: &mut Findings<'_>) {
        let counted = match (&state.scope, stream) {
            (StateScope::Stream { .. }, Some(stream)) => std::mem::take(&mut self.by_stream[stream]),
            (StateScope::Global { .. } | StateScope::Legacy { .. }, _) => std::mem::take(&mut self.all),
            _ => return,
        };
        let Some(stated) = &state.record_count else { return };
        if stated.as_f64().is_some_and(|stated| stated == counted as f64) {
            return;
        }
        let describe = || {
            Violation::new(
                "sourceStats.recordCount is not the number of records since the last state",
                format!("the state says {stated}, and {counted} came since the previous state of its scope"),
            )
            .on(look.line)
            .pointer("/state/sourceStats/recordCount")
            .expected(counted.to_string(), stated.to_string())
        };
        match look.stream() {
            Some(stream) => findings.report_stream("count", &stream.descriptor, describe),
            None => findings.report("count", describe),
        }
    }
}
