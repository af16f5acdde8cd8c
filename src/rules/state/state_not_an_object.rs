use crate::protocol::{Kind, StateScope};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// What a state holds is no JSON object.
    ///
    /// # What it checks
    /// `stream_state`, `shared_state` and `data` are JSON objects or null: no text, number, boolean or array. A
    /// `stream_state` that is null is STATE-008's.
    ///
    /// # Why it matters
    /// The protocol has an object there, and the platform and the CDKs read it as one. A number or a text can't be stored:
    /// the message is dropped or the sync fails, and the next read has no state.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":"2024-01-01"}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"updated_at":"2024-01-01"}}}}
    /// ```
    ///
    /// # How to mend it
    /// Put the value into an object, under the name of the cursor field. Do not encode the object as text, as
    /// `json.dumps` does in Python: `stream_state` is part of the message.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests look at a state's type and `sourceStats`, not at what it holds. The standard tests of the
    /// Python CDK do not look at states.
    StateNotAnObject {
        code: "STATE-007",
        name: "state-not-an-object",
        level: Must,
        commands: [Read],
        authority: ProtocolSchema,
        source: "AirbyteStateBlob; AirbyteStreamState, AirbyteGlobalState, AirbyteStateMessage.data",
        watches: [Watch::Message(Kind::State)],
        about: Launch,
    }
}

#[derive(Default)]
struct StateNotAnObject;

impl Observer for StateNotAnObject {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        match look.state().map(|state| &state.scope) {
            Some(StateScope::Stream { state, .. }) => {
                judge("stream_state", state, || "/state/stream/stream_state".to_owned(), look, findings);
            }
            Some(StateScope::Global { streams, shared }) => {
                if let Some(shared) = shared {
                    judge("shared_state", shared, || "/state/global/shared_state".to_owned(), look, findings);
                }
                for (at, (_, state)) in streams.iter().enumerate() {
                    let pointer = || format!("/state/global/stream_states/{at}/stream_state");
                    judge("stream_state", state, pointer, look, findings);
                }
            }
            Some(StateScope::Legacy { data }) => judge("data", data, || "/state/data".to_owned(), look, findings),
            Some(StateScope::Misshapen { .. }) | None => {}
        }
    }
}

fn judge(member: &str, value: &Value, pointer: impl FnOnce() -> String, look: &Look<'_>, findings: &mut Findings<'_>) {
    let kind = match value {
        Value::Object(_) | Value::Null => return,
        Value::Array(_) => "an array",
        Value::String(_) => "text",
        Value::Number(_) => "a number",
        Value::Bool(_) => "a boolean",
    };
    let describe = || {
        let message = format!("`{member}` is {kind}: {}", text::json(value, 80));
        Violation::new("what a state holds is no JSON object", message)
            .on(look.line)
            .pointer(pointer())
            .expected("an object", kind)
    };
    let cause = format!("{member} {kind}");
    match look.stream() {
        Some(stream) => findings.report_stream(&cause, &stream.descriptor, describe),
        None => findings.report(&cause, describe),
    }
}
