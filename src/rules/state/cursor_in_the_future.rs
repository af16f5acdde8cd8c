use crate::protocol::{Cursor, FieldDates, Kind, StateScope, cursor_in_state, pick};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};
use std::collections::HashMap;
use std::time::Duration;

/// Days past now that are let through: clocks, time zones, slices that end with the day.
const SLACK: i64 = 2;

rule! {
    /// A state's cursor lies in the future.
    ///
    /// # What it checks
    /// The cursor of an incremental stream's state, where it is one date or timestamp, lies at most two days after now,
    /// or is not greater than the greatest cursor among the stream's records, or stood in the state that the read was
    /// given. Cursors that are numbers or text, and those of several partitions, are left alone.
    ///
    /// # Why it matters
    /// The next sync asks for what is newer than the state. Whatever changes until that day comes is never delivered.
    ///
    /// # Example
    /// In 2024:
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"updated_at":"2099-01-01T00:00:00Z"}}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"updated_at":"2024-06-01T00:00:00Z"}}}}
    /// ```
    ///
    /// # How to mend it
    /// Take the cursor from the records, not from the end of the slice, or end the last slice at the time of the read.
    /// Low-code: leave `end_datetime` out, or set it to `now_utc()`; Python CDK: cut what `get_updated_state` or
    /// `stream_slices` make at now.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests feed a state from the future that the author wrote, and look whether records come; they
    /// never compare what the connector writes by itself. The standard tests of the Python CDK do not look at states.
    CursorInTheFuture {
        code: "STATE-030",
        name: "state-cursor-in-the-future",
        level: Should,
        commands: [Read],
        authority: CdkConvention,
        source: "Airbyte's acceptance tests: future_state",
        watches: [Watch::Message(Kind::Record), Watch::Message(Kind::State)],
        about: Stream,
        applies: |scene| scene.started_at.map(drop).ok_or("nothing says when the launch began"),
    }
}

#[derive(Default)]
struct CursorInTheFuture {
    /// Where a date stands in a stream's records, by place in the catalog.
    fields: HashMap<usize, FieldDates>,
    /// The greatest cursor from the future among a stream's records.
    greatest: HashMap<usize, Cursor>,
    /// The first state from the future of each stream.
    found: HashMap<usize, (Cursor, Violation)>,
}

impl Observer for CursorInTheFuture {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        let Some(place) = look.line.stream.filter(|place| look.scene.is_incremental(*place)) else { return };
        let Some(entry) = look.scene.catalog.as_ref().and_then(|catalog| catalog.streams.get(place)) else { return };
        let Some(name) = entry.cursor_field.last() else { return };
        let horizon = |so_far| Cursor::days_after(look.scene.started_at.unwrap_or_default(), so_far, SLACK);
        if let Some(record) = look.record() {
            // Nearly no record is from the future, and telling so takes no parsing.
            let beginning = || horizon(Duration::ZERO);
            let dates = self.fields.entry(place).or_insert_with(|| FieldDates::from(beginning(), name));
            if dates.any_in(record.data.get()) {
                let cursor = pick(record.data.get(), &entry.cursor_field).and_then(Cursor::read);
                let greatest =
                    self.greatest.remove(&place).filter(|known| !cursor.as_ref().is_some_and(|new| new > known));
                self.greatest.extend(greatest.or(cursor).map(|greatest| (place, greatest)));
            }
        } else if let Some(StateScope::Stream { state, .. }) = look.state().map(|state| &state.scope) {
            let Some(horizon) = horizon(look.line.at) else { return };
            let cursor = cursor_in_state(state, &entry.cursor_field).filter(|cursor| *cursor > horizon);
            let Some(cursor) = cursor else { return };
            let violation = Violation::new("", "").on(look.line).pointer("/state/stream/stream_state");
            self.found.entry(place).or_insert((cursor, violation));
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        for (place, stream) in ending.scene.streams.iter().enumerate() {
            let Some((cursor, violation)) = self.found.remove(&place) else { continue };
            let given = ending.scene.given_cursor(place);
            let known = [self.greatest.get(&place), given.as_ref()];
            if known.into_iter().flatten().any(|known| cursor <= *known) {
                continue;
            }
            findings.report_stream("future", &stream.descriptor, || {
                let shown = cursor.describe();
                let message = format!("the state of `{}` stands at {shown}, and no record does", stream.descriptor);
                violation.told("a state's cursor lies in the future", message).expected("not after the read", shown)
            });
        }
    }
}
