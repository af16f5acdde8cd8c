use crate::protocol::Kind;
use crate::rules::echo::Echoes;
use crate::rules::{Findings, Look, Observer, Scene, Violation, Watch, rule};
use serde::Deserialize;
use std::collections::HashMap;

rule! {
    /// A state comes back without the number of records that the destination took for it, or with a wrong one.
    ///
    /// # What it checks
    /// Each STATE that comes back has `destinationStats.recordCount`, and that, with `rejectedRecordCount` where there is one, is the
    /// number of records that were sent for it: those of its stream (or of all, for GLOBAL) since the state before it that came
    /// back. What is sent while a write is disturbed is not counted.
    ///
    /// # Why it matters
    /// The platform compares this count with the source's. It is the only check of a whole sync that notices a record that was lost
    /// on the way, and without it nothing does.
    ///
    /// # Example
    /// Two records were sent before the state:
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"n":2}},"destinationStats":{"recordCount":1.0}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"n":2}},"destinationStats":{"recordCount":2.0}}}
    /// ```
    ///
    /// # How to mend it
    /// Count the records of each stream as they are read, before anything drops or merges them, and give the count back with the
    /// stream's next state, then begin at zero. For GLOBAL add up the counts of all streams. The Python CDK's `Destination`
    /// adds no count: set it on the message before you yield that.
    ///
    /// # What Airbyte's tests see
    /// The suite of the bulk CDK compares the count of its own destinations. For other languages nothing does.
    DestinationCountWrong {
        code: "DEST-006",
        name: "destination-count-wrong",
        level: Should,
        commands: [Write],
        authority: PlatformBehaviour,
        source: "partner destination requirements; platform: StateCheckSumCountEventHandler",
        watches: [Watch::Message(Kind::State)],
        about: Launch,
        applies: is_usual,
    }
}

#[derive(Default)]
struct DestinationCountWrong {
    echoes: Echoes,
    /// How far counting got, by scope: the place of the last state that came back.
    counted: HashMap<String, usize>,
}

fn is_usual(scene: &Scene) -> Result<(), &'static str> {
    match &scene.sent {
        None => Err("nothing is known of what was sent"),
        Some(sent) if sent.unusual => Err("what was sent is not what a source sends"),
        Some(_) => Ok(()),
    }
}

#[derive(Deserialize)]
struct Counted {
    state: Stats,
}

#[derive(Deserialize)]
struct Stats {
    #[serde(rename = "destinationStats")]
    stats: Option<Counts>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    record_count: Option<f64>,
    rejected_record_count: Option<f64>,
}

impl Observer for DestinationCountWrong {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(place) = self.echoes.of(look).filter(|echo| !echo.is_again).and_then(|echo| echo.place) else {
            return;
        };
        let Some(sent) = &look.scene.sent else { return };
        let scope = self.echoes.scope(place).to_owned();
        let from = self.counted.insert(scope.clone(), place).map_or(0, |last| last + 1);
        let since = (from..=place).filter(|at| self.echoes.scope(*at) == scope);
        let expected: u64 = since.map(|at| sent.states[at].records).sum();
        let read = serde_json::from_slice::<Counted>(look.line.bytes).ok();
        let counts = read.and_then(|read| read.state.stats);
        let Some(count) = counts.as_ref().and_then(|counts| counts.record_count) else {
            findings.report("none", || {
                let message = "it says nothing of how many records the destination took for it";
                Violation::new("states come back without `destinationStats.recordCount`", message)
                    .on(look.line)
                    .expected(format!("`destinationStats.recordCount` of {expected}"), "none")
            });
            return;
        };
        let told = count + counts.and_then(|counts| counts.rejected_record_count).unwrap_or(0.0);
        if told != expected as f64 {
            findings.report("wrong", || {
                let message = format!("it tells of {told} records, and {expected} were sent for it");
                Violation::new("`destinationStats.recordCount` is wrong", message)
                    .on(look.line)
                    .pointer("/state/destinationStats")
                    .expected(expected.to_string(), told.to_string())
            });
        }
    }
}
