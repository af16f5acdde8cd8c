use crate::protocol::Kind;
use crate::rules::echo::Echoes;
use crate::rules::{Findings, Look, Observer, Scene, Violation, Watch, rule};

rule! {
    /// A destination gives back a state that it was not sent, or gives one back twice.
    ///
    /// # What it checks
    /// Each STATE of a `write` is one of those that were sent, and comes back once. One that says something else than any
    /// that was sent, of a stream of which none is open, is a violation, and so is one that has come back already.
    ///
    /// # Why it matters
    /// A state that comes back is where the next sync begins. One that nobody sent begins it somewhere the source never was:
    /// records are lost, or the source fails on a state that it can't read. The platform counts what came back, and one
    /// too many makes its count of records wrong.
    ///
    /// # Example
    /// Two states were sent, with `n` 1 and 2:
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"n":3}}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"n":2}}}}
    /// ```
    ///
    /// # How to mend it
    /// Keep each message of type STATE as it came, and give that back once its records are stored. Make no state of your own;
    /// forget one when it is given back. Python CDK: `yield` the message that `input_messages` gave, each once.
    ///
    /// # What Airbyte's tests see
    /// The suites of the JVM destinations compare the last state only.
    StateNeverSent {
        code: "DEST-002",
        name: "state-never-sent",
        level: Must,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: write (\"only if previously received\")",
        watches: [Watch::Message(Kind::State)],
        about: Launch,
        applies: knows_what_was_sent,
    }
}

#[derive(Default)]
struct StateNeverSent {
    echoes: Echoes,
}

fn knows_what_was_sent(scene: &Scene) -> Result<(), &'static str> {
    scene.sent.as_ref().map(drop).ok_or("nothing is known of what was sent")
}

impl Observer for StateNeverSent {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(echo) = self.echoes.of(look) else { return };
        match echo.place {
            None => findings.report("never", || {
                Violation::new("a state comes back that was never sent", "no state like it was sent, and none is open")
                    .on(look.line)
                    .expected("one of the states that were sent", "another one")
            }),
            Some(place) if echo.is_again => findings.report("again", || {
                let number = place + 1;
                Violation::new(
                    "a state comes back twice",
                    format!("the state that was sent as number {number} had come back before"),
                )
                .on(look.line)
                .expected("each state once", "once more")
            }),
            Some(_) => {}
        }
    }
}
