use crate::protocol::{Kind, StateScope};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// A stream is COMPLETE in a read that fails, and its last records have no state.
    ///
    /// # What it checks
    /// In a read that ends by itself with a code other than 0: where a stream is COMPLETE and has states, no record of it
    /// stands behind the last state that covers it. In a read that ends well that is STATE-010's, and a state that comes
    /// after COMPLETE is STATUS-004's.
    ///
    /// # Why it matters
    /// COMPLETE says that the stream was read to its end. When another stream fails, the platform keeps what is complete and
    /// stored; here it has the word and not the state, and the next sync reads those records again or leaves them out.
    ///
    /// # Example
    /// Before exit code 1:
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":1}}}}
    ///       {"type":"RECORD","record":{"stream":"orders","data":{"id":2},"emitted_at":1700000000000}}
    ///       {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"COMPLETE"}}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":2},"emitted_at":1700000000000}}
    ///       {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}}}}
    ///       {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"COMPLETE"}}}
    /// ```
    ///
    /// # How to mend it
    /// Emit the stream's last state before its COMPLETE, and COMPLETE only from where the stream has really ended. If it
    /// broke off, say INCOMPLETE.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests do not look at the order of states and statuses, nor at reads that fail half-way.
    CompleteBeforeLastState {
        code: "STATUS-005",
        name: "complete-without-last-state",
        level: Must,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "platform: StreamStatusTracker.trackStreamState",
        watches: [Watch::Message(Kind::State), Watch::Oddity],
        about: Stream,
    }
}

#[derive(Default)]
struct CompleteBeforeLastState {
    /// By place in the catalog: the line of the stream's last own state; 0 while there is none.
    states: Vec<u64>,
    /// States of other kinds came, or of a stream that is told by another rule, or one may have been lost.
    unsure: bool,
}

impl Observer for CompleteBeforeLastState {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        self.states.resize(look.scene.streams.len(), 0);
        self.unsure |= look.line.loses("\"STATE\"");
        match (look.state().map(|state| &state.scope), look.line.stream) {
            (Some(StateScope::Stream { .. }), Some(place)) => self.states[place] = look.line.number,
            (Some(_), _) => self.unsure = true,
            (None, _) => {}
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let exit = ending.exit;
        let failed = exit.code.is_some_and(|code| code != 0)
            && exit.signal.is_none()
            && exit.ended.is_none()
            && !exit.is_cut_short();
        if !failed || self.unsure {
            return;
        }
        for ((stream, state), tally) in ending.scene.streams.iter().zip(&self.states).zip(&ending.summary.streams) {
            let is_complete = tally.last_status.as_deref() == Some("COMPLETE");
            if !is_complete || *state == 0 || tally.last_record <= *state {
                continue;
            }
            findings.report_stream("behind", &stream.descriptor, || {
                let (record, state) = (text::count(tally.last_record), text::count(*state));
                let stream = &stream.descriptor;
                let message = format!(
                    "`{stream}` is COMPLETE; its last record is on line {record}, its last state on line {state}"
                );
                Violation::new("a stream is COMPLETE, and its last records have no state", message)
                    .at_message(tally.last_record)
                    .expected("a state behind the last record", format!("the last state on line {state}"))
            });
        }
    }
}
