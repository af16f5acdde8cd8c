use crate::protocol::Kind;
use crate::rules::echo::Echoes;
use crate::rules::{Ending, Findings, Level, Look, Observer, Scene, Violation, Watch, rule};
use crate::text;
use std::collections::BTreeMap;

rule! {
    /// A destination keeps states back, or gives them back in another order than they were sent in.
    ///
    /// # What it checks
    /// Of a `write` that succeeds, the last state of each stream (or of all, for GLOBAL) must have come back, and states of one
    /// scope must come back in the order in which they were sent. One that is left out in between is reported at SHOULD: an
    /// earlier contract let a destination answer with the last state of what it had stored, and the platform still bears that.
    ///
    /// # Why it matters
    /// What does not come back was not stored, as far as the platform knows: the next sync reads it again, each time.
    /// A state that comes back late moves the connection to an earlier point than it had reached. Each one that is left out makes the span
    /// longer that a failure repeats, and the platform's count of records can't be checked.
    ///
    /// # Example
    /// Three states were sent, with `n` 1 to 3:
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"n":2}}}}   (and no other)
    /// good: each of the three, in this order
    /// ```
    ///
    /// # How to mend it
    /// Keep states in a queue for each stream, and give back those whose records are stored, from the front. Flush at the end of
    /// stdin before the queue is looked at for the last time.
    ///
    /// # What Airbyte's tests see
    /// The suites of the JVM destinations compare the last state only.
    StateKeptBack {
        code: "DEST-003",
        name: "state-kept-back",
        level: Must,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: state, principle 6",
        watches: [Watch::Message(Kind::State)],
        about: Launch,
        applies: is_usual,
    }
}

#[derive(Default)]
struct StateKeptBack {
    echoes: Echoes,
}

fn is_usual(scene: &Scene) -> Result<(), &'static str> {
    match &scene.sent {
        None => Err("nothing is known of what was sent"),
        Some(sent) if sent.states.is_empty() => Err("no state was sent"),
        Some(sent) if sent.unusual => Err("what was sent is not what a source sends"),
        Some(_) => Ok(()),
    }
}

impl Observer for StateKeptBack {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(echo) = self.echoes.of(look) else { return };
        if let (Some(place), Some(after)) = (echo.place, echo.after) {
            findings.report("order", || {
                let (place, after) = (place + 1, after + 1);
                let message =
                    format!("the state that was sent as number {place} comes back after number {after} of its stream");
                Violation::new("states come back out of order", message)
                    .on(look.line)
                    .expected("the order in which they were sent", format!("number {place} after number {after}"))
            });
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let is_closed = ending.scene.sent.as_ref().is_some_and(|sent| sent.closed);
        if !is_closed || !ending.exit.succeeded() {
            return;
        }
        let missing = self.echoes.missing(ending.scene);
        let all = ending.scene.sent.as_ref().map_or(0, |sent| sent.states.len());
        let mut last: BTreeMap<&str, usize> = BTreeMap::new();
        for place in 0..all {
            last.insert(self.echoes.scope(place), place);
        }
        let (final_ones, between): (Vec<usize>, Vec<usize>) =
            missing.iter().partition(|place| last.get(self.echoes.scope(**place)) == Some(place));
        let told = |places: &[usize]| {
            format!("{} of {all}, the first is number {}", text::plural(places.len() as u64, "state"), places[0] + 1)
        };
        if !final_ones.is_empty() {
            findings.report("last", || {
                let message = format!("{} never came back, though the write ended with exit code 0", told(&final_ones));
                Violation::new("the last state of a stream does not come back", message)
                    .expected("each state that was sent", "not the last one")
            });
        }
        if !between.is_empty() {
            findings.report("between", || {
                let message = format!("{} never came back, though later ones of the same stream did", told(&between));
                Violation::new("states are left out", message)
                    .level(Level::Should)
                    .expected("each state that was sent", format!("{} left out", between.len()))
            });
        }
    }
}
