use crate::protocol::{Kind, StateScope};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// A state holds nothing to go on from.
    ///
    /// # What it checks
    /// The `stream_state` of a STREAM state is there and not null, and a GLOBAL state has a `shared_state` or at least one
    /// stream with a state. An object without members is let through. That each state differs from the one before is
    /// STATE-012's, that a stream has a state at all STATE-009's.
    ///
    /// # Why it matters
    /// A null state is a command: it resets the stream. The platform stores it, and the next sync reads everything again.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"customers"},"stream_state":null}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"customers"},"stream_state":{"read_at":"2024-01-01"}}}}
    /// ```
    ///
    /// # How to mend it
    /// Write where the stream is; for one that has no cursor, anything that differs from read to read, such as the time of
    /// the read. Python CDK and Low-code write a marker of their own there: look for a `state` property that returns None.
    /// Java: do not leave `withStreamState` out.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests count states and look at their type and `sourceStats`, not at what they hold. The standard
    /// tests of the Python CDK do not look at states.
    StateEmpty {
        code: "STATE-008",
        name: "state-holds-nothing",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "protocol: State, principles; AirbyteStreamState.stream_state",
        watches: [Watch::Message(Kind::State)],
        about: Launch,
    }
}

#[derive(Default)]
struct StateEmpty;

impl Observer for StateEmpty {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let (kind, pointer) = match look.state().map(|state| &state.scope) {
            Some(StateScope::Stream { state, .. }) if state.is_null() => ("STREAM", "/state/stream/stream_state"),
            Some(StateScope::Global { streams, shared: None }) if streams.iter().all(|(_, state)| state.is_null()) => {
                ("GLOBAL", "/state/global")
            }
            _ => return,
        };
        let describe = || {
            let message = match kind {
                "STREAM" => "`stream_state` is null or missing, which means: start over",
                _ => "there is no `shared_state`, and no stream of it has a state",
            };
            Violation::new(format!("a {kind} state holds nothing"), message)
                .on(look.line)
                .pointer(pointer)
                .expected("where to go on from", "nothing")
        };
        match look.stream() {
            Some(stream) => findings.report_stream(kind, &stream.descriptor, describe),
            None => findings.report(kind, describe),
        }
    }
}
