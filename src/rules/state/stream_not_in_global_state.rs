use crate::protocol::{Kind, StateScope};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// A GLOBAL state leaves out a stream that it covers.
    ///
    /// # What it checks
    /// A GLOBAL state lists each incremental stream that had records since the one before it, and the last GLOBAL state of
    /// a read that ends well lists every incremental stream. Each stream is told once. Full refresh streams need no entry,
    /// a read that mixes types of states is STATE-003's, and an entry with a wrong namespace STATE-004's.
    ///
    /// # Why it matters
    /// A GLOBAL state is the state of all streams: one that is not listed has none, and starts over. The platform also
    /// counts records by the list, so that the figures of a stream outside of it never agree.
    ///
    /// # Example
    /// After a record of `refunds`, which is incremental:
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":{"lsn":5},"stream_states":[{"stream_descriptor":{"name":"orders"},"stream_state":{}}]}}}
    /// good: {"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":{"lsn":5},"stream_states":[{"stream_descriptor":{"name":"orders"},"stream_state":{}},{"stream_descriptor":{"name":"refunds"},"stream_state":{}}]}}}
    /// ```
    ///
    /// # How to mend it
    /// Write all streams of the configured catalog into each GLOBAL state, those too that did not change since the last
    /// one. Java and Kotlin CDK: let the CDK's global state manager build the list, with the whole catalog.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests can't take GLOBAL states: the basic read crashes on one, and the incremental tests pass no
    /// state on. The standard tests of the Python CDK do not look at states.
    StreamNotInGlobalState {
        code: "STATE-006",
        name: "stream-missing-in-global-state",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "protocol: State Types; platform: ParallelStreamStatsTracker",
        watches: [Watch::Message(Kind::State), Watch::Oddity],
        about: Stream,
        applies: |scene| scene.must_work().then_some(()).ok_or("the scenario is expected to fail"),
    }
}

#[derive(Default)]
struct StreamNotInGlobalState {
    /// The line of the last GLOBAL state; 0 while there is none.
    last: u64,
    /// By place in the catalog: whether that state lists the stream.
    listed: Vec<bool>,
    /// By place in the catalog: the first state that leaves the stream out although it had records.
    left_out: Vec<Option<u64>>,
    /// Another type came, or a state may have been lost. Other rules say so.
    unsure: bool,
}

impl Observer for StreamNotInGlobalState {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        self.unsure |= look.line.loses("\"STATE\"");
        let streams = match look.state().map(|state| &state.scope) {
            Some(StateScope::Global { streams, .. }) => streams,
            Some(_) => return self.unsure = true,
            None => return,
        };
        let all = look.scene.streams.len();
        self.listed = vec![false; all];
        self.left_out.resize(all, None);
        for (descriptor, _) in streams {
            match look.scene.place_of(descriptor) {
                Some(place) => self.listed[place] = true,
                None => look.scene.namesakes(&descriptor.name).iter().for_each(|place| self.listed[*place] = true),
            }
        }
        for place in (0..all).filter(|place| look.scene.is_incremental(*place)) {
            if !self.listed[place] && look.summary.streams[place].last_record > self.last {
                self.left_out[place].get_or_insert(look.line.number);
            }
        }
        self.last = look.line.number;
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        if self.unsure || self.last == 0 {
            return;
        }
        for (place, tally) in ending.summary.streams.iter().enumerate() {
            let is_over = !ending.summary.uses_statuses() || tally.last_status.as_deref() == Some("COMPLETE");
            let in_last = ending.exit.succeeded() && is_over && ending.scene.is_incremental(place);
            let (cause, line, had) = match self.left_out[place] {
                Some(line) => ("records", line, "had records since the state before"),
                None if in_last && !self.listed[place] => {
                    ("last", self.last, "is incremental, and this is the last state")
                }
                None => continue,
            };
            let stream = &ending.scene.streams[place].descriptor;
            findings.report_stream(cause, stream, || {
                Violation::new("a GLOBAL state leaves out a stream", format!("`{stream}` is not listed; it {had}"))
                    .at_message(line)
                    .pointer("/state/global/stream_states")
                    .expected(format!("an entry for `{stream}`"), "none")
            });
        }
    }
}
