use crate::protocol::{Kind, StateScope};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

/// The member by which the kits say that a full refresh is through.
const THROUGH: &str = "__ab_full_refresh_sync_complete";

rule! {
    /// The last state of a stream that failed says that its full refresh is through.
    ///
    /// # What it checks
    /// Where a stream ends INCOMPLETE, its last STATE has no `"__ab_full_refresh_sync_complete": true`. Whether other states
    /// run ahead of their records does not show here.
    ///
    /// # Why it matters
    /// The next attempt starts from that state and reads nothing of the stream: what was not read before the failure never
    /// comes, and the second attempt is green.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"__ab_full_refresh_sync_complete":true}}}}
    ///       {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"INCOMPLETE"}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"next_page":7}}}}
    ///       {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"INCOMPLETE"}}}
    /// ```
    ///
    /// # How to mend it
    /// Emit that state behind the last record only, and not in a `finally` or in a destructor that runs after an error, too.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests let no read fail half-way, and so never see such a state.
    FailedStreamSaidComplete {
        code: "STATE-028",
        name: "failed-stream-said-complete",
        level: Must,
        commands: [Read],
        authority: CdkConvention,
        source: "Python and Kotlin CDKs: resumable full refresh; protocol: State",
        watches: [Watch::Message(Kind::State)],
        about: Stream,
    }
}

#[derive(Default)]
struct FailedStreamSaidComplete {
    /// By place in the catalog: the last state, where it says that all is through.
    through: Vec<Option<Violation>>,
}

impl Observer for FailedStreamSaidComplete {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        let (Some(state), Some(place)) = (look.state(), look.line.stream) else { return };
        let StateScope::Stream { state, .. } = &state.scope else { return };
        self.through.resize(look.scene.streams.len(), None);
        let is_through = state.get(THROUGH) == Some(&Value::Bool(true));
        self.through[place] =
            is_through.then(|| Violation::new("", "").on(look.line).pointer("/state/stream/stream_state"));
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let told = self.through.iter().zip(&ending.summary.streams).zip(&ending.scene.streams);
        for ((through, tally), stream) in told {
            let has_failed = tally.last_status.as_deref() == Some("INCOMPLETE");
            let Some(violation) = through.as_ref().filter(|_| has_failed) else { continue };
            findings.report_stream("complete", &stream.descriptor, || {
                let message =
                    format!("`{}` ended INCOMPLETE, and its last state says that all is read", stream.descriptor);
                violation
                    .clone()
                    .told("a stream that failed says in its state that it is complete", message)
                    .expected("the last safe checkpoint", "a state of the end")
            });
        }
    }
}
