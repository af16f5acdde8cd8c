use crate::protocol::{Cursor, Kind, StateScope, pick};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// After a checkpoint come records that a resume from it would leave out.
    ///
    /// # What it checks
    /// In incremental reads: once a state of a stream stands at a cursor value, the stream's later records are not
    /// before that value. Only states are judged that keep the stream's one cursor at their top, as `{"updated_at":
    /// …}`, and nothing of partitions or slices, and only those that another state follows: records behind the last one
    /// are STATE-010's.
    ///
    /// # Why it matters
    /// A sync that ends between the two resumes from that state, and asks for what is newer: the older records that
    /// were still to come are never read. A lookback window may catch them; a connector that keeps the greatest value
    /// so far as its state, while records come in no order, loses them.
    ///
    /// # Example
    /// With the cursor `id`, and more to come:
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"events"},"stream_state":{"id":9}}}}
    /// bad:  {"type":"RECORD","record":{"stream":"events","data":{"id":4},"emitted_at":1700000000000}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"events"},"stream_state":{"id":3}}}}
    /// good: {"type":"RECORD","record":{"stream":"events","data":{"id":4},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Ask for records in the order of the cursor, and only then emit states in between. If the API cannot sort, emit
    /// the state when a slice of the cursor's range is complete (Low-code: `DatetimeBasedCursor` with a `step`, and no
    /// `is_data_feed`; Python CDK: no `state_checkpoint_interval`; Java: order by the cursor).
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests compare the records after a state with it, each checkpoint in turn, but never whether
    /// all records were read.
    RecordsBehindCheckpoint {
        code: "READ-032",
        name: "records-behind-checkpoint",
        level: Should,
        commands: [Read],
        authority: CdkConvention,
        source: "Python CDK: checkpoints of sorted streams; known loss in published connectors",
        watches: [Watch::Message(Kind::Record), Watch::Message(Kind::State)],
        about: Stream,
        applies: |scene| scene.catalog.as_ref().map(drop).ok_or("no configured catalog was given"),
    }
}

#[derive(Default)]
struct RecordsBehindCheckpoint {
    /// By place in the catalog.
    streams: Vec<Checkpoint>,
}

/// Where a stream's last state stands, and what came behind it that is older.
#[derive(Clone, Default)]
struct Checkpoint {
    state: Option<(Cursor, String, u64)>,
    late: Vec<(u64, String)>,
    count: u64,
}

impl Observer for RecordsBehindCheckpoint {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        self.streams.resize(look.scene.streams.len(), Checkpoint::default());
        if let Some(state) = look.state() {
            match (&state.scope, look.line.stream) {
                (StateScope::Stream { state, .. }, Some(place)) => self.checkpoint(place, state, look, findings),
                (StateScope::Stream { .. }, None) => {}
                _ => self.streams.iter_mut().for_each(|stream| *stream = Checkpoint::default()),
            }
            return;
        }
        let (Some(record), Some(place)) = (look.record(), look.line.stream) else { return };
        let Some((state, written, _)) = &self.streams[place].state else { return };
        let path = look.scene.catalog.as_ref().map_or(&[][..], |catalog| &catalog.streams[place].cursor_field);
        let Some(value) = pick(record.data.get(), path).filter(|value| value != written) else { return };
        if Cursor::read(value).is_some_and(|cursor| cursor < *state) {
            let stream = &mut self.streams[place];
            stream.count += 1;
            if stream.late.len() < 3 {
                stream.late.push((look.line.number, text::shorten(value, 60)));
            }
        }
    }
}

impl RecordsBehindCheckpoint {
    /// Tells what came late behind the state before this one.
    fn checkpoint(&mut self, place: usize, state: &Value, look: &Look<'_>, findings: &mut Findings<'_>) {
        let known = look.scene.catalog.as_ref().filter(|_| look.scene.is_incremental(place));
        let path = known.map_or(&[][..], |catalog| &catalog.streams[place].cursor_field);
        let before = std::mem::take(&mut self.streams[place]);
        self.streams[place].state = stands_at(state, path).map(|(at, written)| (at, written, look.line.number));
        let Some((_, written, line)) = before.state else { return };
        for at in 0..before.count {
            findings.report_stream("behind", &look.scene.streams[place].descriptor, || {
                let at = usize::try_from(at).unwrap_or(usize::MAX).min(before.late.len() - 1);
                let (record, value) = &before.late[at];
                let stream = &look.scene.streams[place].descriptor;
                Violation::new(
                    "records come after a checkpoint that is past them",
                    format!("the state on line {line} of `{stream}` stands at {written}; {value} comes after it"),
                )
                .at_message(*record)
                .pointer(format!("/record/data/{}", path.join("/")))
                .expected(format!("nothing before {written}"), value.clone())
            });
        }
    }
}

/// Where a state stands that has the one cursor at its top, and nothing of partitions.
fn stands_at(state: &Value, path: &[String]) -> Option<(Cursor, String)> {
    let members =
        state.as_object().filter(|members| !members.values().any(|value| value.is_object() || value.is_array()))?;
    let written = members.get(path.last()?)?.to_string();
    Some((Cursor::read(&written).filter(Cursor::is_ordered)?, text::shorten(&written, 60)))
}
