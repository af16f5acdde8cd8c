use crate::protocol::{Kind, Repeats};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

rule! {
    /// A state is the same as the one before, and records came in between.
    ///
    /// # What it checks
    /// Of two states of a stream that follow one another, with records of the stream between them, the later one says
    /// something else. GLOBAL states are compared as a whole, LEGACY ones not at all. The order of members makes no
    /// difference. Where no record came in between it is STATE-013's. A state that the read was given may come again: the
    /// records at its cursor do, too.
    ///
    /// # Why it matters
    /// A state that does not move saves nothing: whoever goes on from it reads the same records once more. Mostly the
    /// cursor is not taken from the records, or is compared the wrong way around, and then no sync ever gets further.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":1}}}}
    ///       {"type":"RECORD","record":{"stream":"orders","data":{"id":2},"emitted_at":1700000000000}}
    ///       {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":1}}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}}}}
    /// ```
    ///
    /// # How to mend it
    /// Move the cursor with each record that is emitted, and emit a state only when it has moved. Low-code and Python CDK
    /// with several slices at once hold the state back until the earliest slice has ended and repeat it meanwhile: that
    /// loses nothing, and nothing in the connector can change it but longer slices; waive it there.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests fold equal states that follow one another into one before they choose where to resume, so
    /// they never see them. The standard tests of the Python CDK do not look at states.
    StateDoesNotMove {
        code: "STATE-012",
        name: "state-does-not-move",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "protocol: State, principles: duplicate states",
        watches: [Watch::Message(Kind::State)],
        about: Launch,
    }
}

#[derive(Default)]
struct StateDoesNotMove {
    repeats: Repeats,
}

impl Observer for StateDoesNotMove {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some((before, true)) = look.repeat(&mut self.repeats) else { return };
        if is_given(look) {
            return;
        }
        let describe = || {
            let message = format!("the state equals the one on line {before}, and records came in between");
            Violation::new("a state does not move although records came", message)
                .on(look.line)
                .pointer("/state")
                .expected("a state that tells of them", "the same as before")
        };
        match look.stream() {
            Some(stream) => findings.report_stream("same", &stream.descriptor, describe),
            None => findings.report("same GLOBAL", describe),
        }
    }
}

/// Whether the read went on from this very state.
fn is_given(look: &Look<'_>) -> bool {
    let Some(payload) = look.state().map(|state| &state.payload) else { return false };
    let Some(given) = look.scene.state.as_ref().and_then(Value::as_array) else { return false };
    let is_same = |given: &Value| {
        let part = |name: &str| payload.get(name).is_some_and(|own| given.get(name) == Some(own));
        part("stream") || part("global")
    };
    given.iter().any(is_same)
}
