use crate::protocol::{Kind, StateScope};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use std::time::Duration;

/// The protocol's own figure.
const LONGEST: Duration = Duration::from_secs(15 * 60);

rule! {
    /// Records come for a long time without a state.
    ///
    /// # What it checks
    /// Not more than 15 minutes pass between a record of an incremental stream and the next state that covers it; in a read
    /// that fails, nor between that record and the last message. Time without records does not count. A stream
    /// without any state in a read that ends well is STATE-009's, records behind the last state are STATE-010's.
    ///
    /// # Why it matters
    /// What came since the last state is read again after a failure. Long syncs do fail, and one that loses hours of work
    /// each time may never get to its end.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1700000000000}}
    ///       {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":1}}}}, an hour later
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1700000000000}}
    ///       {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":1}}}}, a minute later
    /// ```
    ///
    /// # How to mend it
    /// Emit a state after each page or slice, wherever the cursor is sure. Python CDK: set `state_checkpoint_interval` for
    /// streams whose records are sorted; Low-code: choose a shorter `step` for `incremental_sync`; Java: set the
    /// checkpoint's duration and number of records.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests and the standard tests of the Python CDK read a few minutes at most, and do not look at
    /// times.
    CheckpointsFarApart {
        code: "STATE-027",
        name: "checkpoints-far-apart",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "protocol: State, principles: frequent checkpoints",
        watches: [Watch::Message(Kind::Record), Watch::Message(Kind::State), Watch::Oddity],
        about: Stream,
    }
}

#[derive(Default)]
struct CheckpointsFarApart {
    /// By place in the catalog: the first record since the last state.
    open: Vec<Option<Duration>>,
}

impl Observer for CheckpointsFarApart {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        if self.open.is_empty() {
            self.open.resize(look.scene.streams.len(), None);
        }
        if look.line.loses("\"STATE\"") {
            self.open.fill(None);
        }
        let (Some(message), place) = (look.message(), look.line.stream) else { return };
        match (look.state().map(|state| &state.scope), place) {
            (Some(StateScope::Stream { .. }), Some(place)) => self.close(place..place + 1, look, findings),
            // Whatever is wrong with the state, it may cover any stream.
            (Some(_), _) => self.close(0..self.open.len(), look, findings),
            (None, Some(place)) if message.kind() == Kind::Record => {
                self.open[place].get_or_insert(look.line.at);
            }
            (None, _) => {}
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let end = ending.summary.last_message_at.filter(|_| !ending.exit.succeeded() && !ending.is_cut_short());
        for (place, since) in self.open.iter().enumerate().filter(|(place, _)| ending.scene.is_incremental(*place)) {
            let (Some(since), Some(end)) = (since, end) else { continue };
            let (stream, line) = (&ending.scene.streams[place].descriptor, ending.summary.streams[place].last_record);
            let told = |violation: Violation| violation.at_message(line);
            report(end.saturating_sub(*since), "the end of the read", stream, told, findings);
        }
    }
}

impl CheckpointsFarApart {
    fn close(&mut self, places: std::ops::Range<usize>, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in places {
            let Some(since) = self.open[place].take().filter(|_| look.scene.is_incremental(place)) else { continue };
            let stream = &look.scene.streams[place].descriptor;
            let told = |violation: Violation| violation.on(look.line);
            report(look.line.at.saturating_sub(since), "its next state", stream, told, findings);
        }
    }
}

fn report(
    gap: Duration,
    until: &str,
    stream: &crate::protocol::Descriptor,
    told: impl FnOnce(Violation) -> Violation,
    findings: &mut Findings<'_>,
) {
    if gap <= LONGEST {
        return;
    }
    findings.report_stream(until, stream, || {
        let (most, gap) = (text::duration(LONGEST), text::duration(gap));
        let message = format!("from a record of `{stream}` to {until}, {gap} passed");
        told(Violation::new("checkpoints are far apart", message)).expected(format!("a state within {most}"), gap)
    });
}
