use crate::protocol::{Kind, StateScope};
use crate::rules::{Ending, Findings, Look, Observer, Scene, Violation, Watch, rule};
use crate::text;

rule! {
    /// A read has fewer states, all together, than it has streams that need one.
    ///
    /// # What it checks
    /// In a read from the beginning that ends well, the states of all streams are counted together. Where a stream is read
    /// incrementally, there is one at least; in a full refresh there are as many as the catalog has resumable streams. A
    /// stream that statuses say was not read asks for none. Silent where one state is of all streams (GLOBAL, LEGACY), or
    /// a line may hold a state that can't be read. Which streams lack theirs is told by STATE-009.
    ///
    /// # Why it matters
    /// A read that leaves too few states behind can't be gone on from: the next one begins where it began, and append mode
    /// writes every row once more.
    ///
    /// # Example
    /// All that an incremental read of `orders` puts out:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":2},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":2},"emitted_at":1700000000000}}
    ///       {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}}}}
    /// ```
    ///
    /// # How to mend it
    /// Emit a state of each stream when it ends, with records or without, as STATE-009 says.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests fail on both: as many states as streams in `basic_read`, one in `incremental`. They count every
    /// stream of the catalog, resumable or not.
    TooFewStates {
        code: "STATE-034",
        name: "too-few-states",
        level: Info,
        commands: [Read],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: validate_state_messages, test_two_sequential_reads",
        watches: [Watch::Message(Kind::State), Watch::Oddity],
        about: Launch,
        applies: |scene| {
            scene.must_work().then_some(()).ok_or("the scenario is expected to fail")?;
            begins_anew(scene).then_some(()).ok_or("the read goes on from a state")
        },
    }
}

#[derive(Default)]
struct TooFewStates {
    came: u64,
    /// One state may be of all streams, or be hidden in a line.
    unsure: bool,
}

impl Observer for TooFewStates {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        self.unsure |= look.line.loses("\"STATE\"");
        if let Some(state) = look.state() {
            self.came += 1;
            self.unsure |= !matches!(state.scope, StateScope::Stream { .. });
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let (scene, summary) = (ending.scene, ending.summary);
        if self.unsure || !ending.exit.succeeded() {
            return;
        }
        let is_over = |place: &usize| {
            let tally = &summary.streams[*place];
            !summary.uses_statuses() || tally.last_status.as_deref() == Some("COMPLETE")
        };
        let over: Vec<usize> = (0..summary.streams.len()).filter(is_over).collect();
        let wanted = match over.iter().any(|place| scene.is_incremental(*place)) {
            true => 1,
            false => over.iter().filter(|place| is_resumable(scene, **place)).count() as u64,
        };
        if self.came >= wanted {
            return;
        }
        findings.report("few", || {
            let states = match self.came {
                0 => "no state".to_owned(),
                came => text::plural(came, "state"),
            };
            let message = format!("{states} came of {}", text::plural(over.len() as u64, "stream"));
            let wanted = format!("at least {}", text::plural(wanted, "state"));
            Violation::new("a read has fewer states than streams that need one", message).expected(wanted, states)
        });
    }
}

fn is_resumable(scene: &Scene, place: usize) -> bool {
    let entry = scene.catalog.as_ref().and_then(|catalog| catalog.streams.get(place));
    entry.is_some_and(|entry| entry.stream.is_resumable())
}

/// Whether no state is given, or one that says nothing.
fn begins_anew(scene: &Scene) -> bool {
    scene.state.as_ref().is_none_or(|state| state.as_array().is_some_and(Vec::is_empty) || state.is_null())
}
