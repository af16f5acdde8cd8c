use crate::protocol::{Cursor, Kind, StateScope, cursor_in_state};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use std::collections::HashMap;

rule! {
    /// A state's cursor goes back.
    ///
    /// # What it checks
    /// The cursor of an incremental stream's state, where it is one number, date or timestamp, is not smaller than that of
    /// the stream's state before. Cursors of several partitions, and text of unknown order, are left alone.
    ///
    /// # Why it matters
    /// No record is lost by it. But what lies between the two cursors is read again by whoever goes on from the later
    /// state, and mostly the last record's cursor is taken for the greatest.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":9}}}}
    ///       {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":7}}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":9}}}}
    ///       {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":9}}}}
    /// ```
    ///
    /// # How to mend it
    /// Keep the greatest cursor seen, not the last one, and compare as the type demands: numbers as numbers, moments with
    /// their zones. Python CDK: `get_updated_state` must take the maximum of the two. Low-code does so by itself.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests dropped the comparison of cursors in version 2. The standard tests of the Python CDK do
    /// not look at states.
    CursorGoesBack {
        code: "STATE-031",
        name: "state-cursor-goes-back",
        level: Info,
        commands: [Read],
        authority: Inference,
        source: "follows from incremental reads: a state covers what came before it",
        watches: [Watch::Message(Kind::State)],
        about: Stream,
    }
}

#[derive(Default)]
struct CursorGoesBack {
    /// By place in the catalog: the cursor of the stream's last state, and its line.
    last: HashMap<usize, (Cursor, u64)>,
}

impl Observer for CursorGoesBack {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(place) = look.line.stream.filter(|place| look.scene.is_incremental(*place)) else { return };
        let Some(StateScope::Stream { state, .. }) = look.state().map(|state| &state.scope) else { return };
        let entry = look.scene.catalog.as_ref().and_then(|catalog| catalog.streams.get(place));
        let Some(cursor) = entry.and_then(|entry| cursor_in_state(state, &entry.cursor_field)) else { return };
        let before = self.last.insert(place, (cursor.clone(), look.line.number));
        let Some((before, line)) = before.filter(|(before, _)| cursor < *before) else { return };
        let stream = &look.scene.streams[place].descriptor;
        findings.report_stream("back", stream, || {
            let (now, then) = (cursor.describe(), before.describe());
            Violation::new("a state's cursor goes back", format!("the state before, on line {line}, stood at {then}"))
                .on(look.line)
                .pointer("/state/stream/stream_state")
                .expected(format!("{then} or more"), now)
        });
    }
}
