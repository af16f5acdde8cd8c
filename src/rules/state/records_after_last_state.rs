use crate::protocol::{Kind, StateScope};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// Records of a stream come after its last state.
    ///
    /// # What it checks
    /// In a read that ends well, the last state of each stream stands behind its last record. A STREAM state covers its
    /// stream, a GLOBAL or LEGACY one all streams. Streams that have no state at all are not judged here, nor are full
    /// refresh streams that only a GLOBAL or LEGACY state could be meant for.
    ///
    /// # Why it matters
    /// A state says that everything before it has arrived. The records behind the last one belong to no checkpoint: the
    /// next sync reads them again, each time, or leaves them out if the state was ahead of them.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}}}}
    ///       {"type":"RECORD","record":{"stream":"orders","data":{"id":2},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":2},"emitted_at":1700000000000}}
    ///       {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}}}}
    /// ```
    ///
    /// # How to mend it
    /// Emit a state when the stream ends, also where states are emitted every so many records or minutes. The CDKs do
    /// so when a slice or a stream ends: look for records that are emitted past them, by hand or from another thread.
    /// With several threads, one of them must write both and keep the order.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests count states; where they stand among the records they do not look. The standard tests of
    /// the Python CDK do not look at states.
    RecordsAfterLastState {
        code: "STATE-010",
        name: "records-after-last-state",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "protocol: State & the Whole Sync",
        watches: [Watch::Message(Kind::State), Watch::Oddity],
        about: Stream,
        applies: |scene| scene.must_work().then_some(()).ok_or("the scenario is expected to fail"),
    }
}

#[derive(Default)]
struct RecordsAfterLastState {
    /// By place in the catalog.
    streams: Vec<Covered>,
}

#[derive(Clone, Default)]
struct Covered {
    /// Whether there are states that are surely meant for the stream.
    has_states: bool,
    /// The line of the last that covers it, or may do so.
    last: u64,
}

impl Observer for RecordsAfterLastState {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        self.streams.resize(look.scene.streams.len(), Covered::default());
        let line = look.line.number;
        if look.line.loses("\"STATE\"") {
            self.streams.iter_mut().for_each(|stream| stream.last = line);
        }
        match look.state().map(|state| &state.scope) {
            Some(StateScope::Stream { descriptor, .. }) => match look.line.stream {
                Some(stream) => self.streams[stream] = Covered { has_states: true, last: line },
                // The namespace is wrong, which STATE-004 says.
                None => look.scene.namesakes(&descriptor.name).iter().for_each(|at| self.streams[*at].last = line),
            },
            Some(StateScope::Misshapen { .. }) => self.streams.iter_mut().for_each(|stream| stream.last = line),
            Some(StateScope::Global { streams, .. }) => {
                let named = streams.iter().filter_map(|(descriptor, _)| look.scene.place_of(descriptor)).collect();
                self.cover(named, look);
            }
            Some(StateScope::Legacy { data }) => {
                let names = data.as_object().into_iter().flat_map(serde_json::Map::keys);
                self.cover(names.flat_map(|name| look.scene.namesakes(name)).copied().collect(), look);
            }
            None => {}
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        if !ending.exit.succeeded() {
            return;
        }
        for ((stream, covered), tally) in ending.scene.streams.iter().zip(&self.streams).zip(&ending.summary.streams) {
            if !covered.has_states || tally.last_record <= covered.last {
                continue;
            }
            findings.report_stream("after", &stream.descriptor, || {
                let (record, state) = (text::count(tally.last_record), text::count(covered.last));
                Violation::new(
                    "records come after the last state of their stream",
                    format!(
                        "the last record of `{}` is on line {record}, and its last state on line {state}",
                        stream.descriptor
                    ),
                )
                .at_message(tally.last_record)
                .expected("a state behind the last record", format!("the last state on line {state}"))
            });
        }
    }
}

impl RecordsAfterLastState {
    /// A state of all streams. It is surely meant for the incremental ones among those that it names; for each
    /// incremental one where it names none.
    fn cover(&mut self, named: Vec<usize>, look: &Look<'_>) {
        self.streams.iter_mut().for_each(|stream| stream.last = look.line.number);
        let all = if named.is_empty() { 0..self.streams.len() } else { 0..0 };
        for place in named.into_iter().chain(all).filter(|place| look.scene.is_incremental(*place)) {
            self.streams[place].has_states = true;
        }
    }
}
