use crate::protocol::{Kind, Message, StateScope};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// The record counts of all states are fewer than the records.
    ///
    /// # What it checks
    /// In a read that ends well, the `recordCount`s of the GLOBAL states add up to the records that came. Only what the
    /// other rules can't see is told: each count was right, and full refresh streams have records behind the last state.
    /// A count that is wrong is STATE-015's, one that is missing STATE-014's, incremental records behind the last state are STATE-010's.
    ///
    /// # Why it matters
    /// No state tells of the last records, so nobody compares their number: when some of them get lost on the way, the
    /// sync is green all the same.
    ///
    /// # Example
    /// At the end of a read with GLOBAL states:
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":{"lsn":5},"stream_states":[]},"sourceStats":{"recordCount":0.0}}}
    ///       {"type":"RECORD","record":{"stream":"customers","data":{"id":1},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"customers","data":{"id":1},"emitted_at":1700000000000}}
    ///       {"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":{"lsn":5},"stream_states":[]},"sourceStats":{"recordCount":1.0}}}
    /// ```
    ///
    /// # How to mend it
    /// Emit one more GLOBAL state when all streams have ended, full refresh streams included, or read these before the
    /// streams that the last state comes from.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests never compare a record count with records, and crash on GLOBAL states. The standard tests
    /// of the Python CDK do not look at them.
    RecordCountsDoNotAddUp {
        code: "STATE-017",
        name: "state-record-counts-do-not-add-up",
        level: Info,
        commands: [Read],
        authority: Inference,
        source: "follows from AirbyteStateStats.recordCount",
        watches: [Watch::Message(Kind::Record), Watch::Message(Kind::State), Watch::Oddity],
        about: Launch,
        applies: |scene| scene.must_work().then_some(()).ok_or("the scenario is expected to fail"),
    }
}

#[derive(Default)]
struct RecordCountsDoNotAddUp {
    /// What the states say in all, and the line of the last.
    stated: u64,
    last: u64,
    /// Records since the last state.
    since: u64,
    /// Another rule has said what is wrong.
    told: bool,
}

impl Observer for RecordCountsDoNotAddUp {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        self.told |= look.line.loses("\"STATE\"") || look.line.loses("\"RECORD\"");
        match look.message() {
            Some(Message::Record(record)) if record.is_counted() => match look.line.stream {
                Some(_) => self.since += 1,
                None => self.told = true,
            },
            Some(Message::State(state)) => {
                let stated = state.record_count.as_ref().and_then(serde_json::Value::as_f64);
                let is_global = matches!(state.scope, StateScope::Global { .. });
                self.told |= !is_global || stated != Some(self.since as f64);
                self.stated += self.since;
                (self.since, self.last) = (0, look.line.number);
            }
            _ => {}
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let mut tallies = ending.summary.streams.iter().enumerate();
        let incremental =
            tallies.any(|(place, tally)| ending.scene.is_incremental(place) && tally.last_record > self.last);
        if self.told || self.last == 0 || self.since == 0 || incremental || !ending.exit.succeeded() {
            return;
        }
        findings.report("sum", || {
            let (stated, came) = (self.stated, self.stated + self.since);
            let [counted, expected] =
                [stated, came].map(|number| format!("{number} record{}", if number == 1 { "" } else { "s" }));
            let message = format!("the states count {counted} in all, and {came} came");
            Violation::new("the record counts of the states do not add up", message)
                .at_message(self.last)
                .pointer("/state/sourceStats/recordCount")
                .expected(format!("{expected} counted"), stated.to_string())
        });
    }
}
