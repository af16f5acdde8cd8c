use crate::protocol::{Kind, StateScope};
use crate::rules::{Ending, Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// A stream has no state at all.
    ///
    /// # What it checks
    /// In a read that ends well, each incremental stream, and each that the catalog calls resumable, has at least one
    /// state, also where it had no records. Any other full refresh stream without one is told at INFO, and only where
    /// streams of its kind have states: the platform makes one by itself, and older CDKs never emit any. Silent where
    /// GLOBAL or LEGACY states came, where states are of unknown streams (STATE-004), and of streams that statuses say were not read.
    ///
    /// # Why it matters
    /// Without a state nothing is remembered: each incremental sync reads everything, and append mode writes every row once
    /// more. An empty stream, too, needs one, or it is read from the beginning each time.
    ///
    /// # Example
    /// All that an incremental read says of `orders`:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":2},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":2},"emitted_at":1700000000000}}
    ///       {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}}}}
    /// ```
    ///
    /// # How to mend it
    /// Emit a state when a stream ends, with records or without. Python CDK: give the stream a cursor, by a `state`
    /// property or `get_cursor`; Low-code: `incremental_sync`; Java: wrap the iterator in a `SourceStateIterator`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests ask for as many states as there are streams, in total: two states of one stream make up
    /// for another's, which is STATE-034. The standard tests of the Python CDK do not look at states.
    StreamWithoutState {
        code: "STATE-009",
        name: "stream-without-state",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "protocol: State, principles; platform: MissingStateInjector",
        watches: [Watch::Message(Kind::State), Watch::Oddity],
        about: Stream,
        applies: |scene| scene.must_work().then_some(()).ok_or("the scenario is expected to fail"),
    }
}

#[derive(Default)]
struct StreamWithoutState {
    /// By place in the catalog: whether a state is of the stream, or means to be.
    covered: Vec<bool>,
    /// What came may cover anything, or another rule has said what is wrong with it.
    unsure: bool,
}

impl Observer for StreamWithoutState {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        self.covered.resize(look.scene.streams.len(), false);
        self.unsure |= look.line.loses("\"STATE\"");
        match (look.state().map(|state| &state.scope), look.line.stream) {
            (Some(StateScope::Stream { .. }), Some(place)) => self.covered[place] = true,
            (Some(StateScope::Stream { descriptor, .. }), None) => {
                let namesakes = look.scene.namesakes(&descriptor.name);
                namesakes.iter().for_each(|place| self.covered[*place] = true);
                self.unsure |= namesakes.is_empty();
            }
            (Some(_), _) => self.unsure = true,
            (None, _) => {}
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let (scene, summary) = (ending.scene, ending.summary);
        self.covered.resize(scene.streams.len(), false);
        if self.unsure || !ending.exit.succeeded() {
            return;
        }
        let resumable = |place: usize| {
            let entry = scene.catalog.as_ref().and_then(|catalog| catalog.streams.get(place));
            entry.is_some_and(|entry| entry.stream.is_resumable())
        };
        let needs = |place: usize| scene.is_incremental(place) || resumable(place);
        let others_have = (0..self.covered.len()).any(|place| self.covered[place] && !needs(place));
        for (place, tally) in summary.streams.iter().enumerate().filter(|(place, _)| !self.covered[*place]) {
            let is_over = !summary.uses_statuses() || tally.last_status.as_deref() == Some("COMPLETE");
            let (cause, level) = match needs(place) {
                true => ("needed", Level::Should),
                false if others_have => ("full refresh", Level::Info),
                false => continue,
            };
            let stream = &scene.streams[place].descriptor;
            let describe = || {
                let records = text::plural(tally.records, "record");
                let message = format!("no state of `{stream}` came, which had {records}");
                Violation::new("a stream has no state", message).level(level).expected("at least one state", "none")
            };
            if is_over {
                findings.report_stream(cause, stream, describe);
            }
        }
    }
}
