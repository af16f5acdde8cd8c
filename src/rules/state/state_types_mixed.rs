use crate::protocol::{Kind, StateScope};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// One read has states of different types.
    ///
    /// # What it checks
    /// All states of a read are STREAM, or all are GLOBAL, or all are LEGACY; one without type that has `data` is LEGACY.
    /// States whose shape can't be told are STATE-001's.
    ///
    /// # Why it matters
    /// The platform keeps the states of a sync in one form. It takes the first state's type for all that follow and
    /// throws when another comes: the sync fails, and destinations of the Kotlin CDK fail by themselves.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}}}}
    ///       {"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":{"lsn":5},"stream_states":[]}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}}}}
    ///       {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"refunds"},"stream_state":{"id":7}}}}
    /// ```
    ///
    /// # How to mend it
    /// Choose one type for the whole source. A source with a replication log and some streams outside of it lists these in
    /// `global.stream_states`, too. Python CDK and Low-code emit STREAM only: look for a state that is built by hand.
    /// Java: the state manager that `StateManagerFactory` makes is of one type; do not use two of them.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests look at each state by itself, so that a mixture of STREAM and GLOBAL goes unnoticed
    /// (and a GLOBAL state makes them crash); the standard tests of the Python CDK do not look at states.
    StateTypesMixed {
        code: "STATE-003",
        name: "state-types-mixed",
        level: Must,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "platform: state aggregator; Kotlin CDK (destinations): CheckpointManager",
        watches: [Watch::Message(Kind::State)],
        about: Launch,
    }
}

#[derive(Default)]
struct StateTypesMixed {
    /// The type of the first state, and its line.
    first: Option<(&'static str, u64)>,
}

impl Observer for StateTypesMixed {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let kind = match look.state().map(|state| &state.scope) {
            Some(StateScope::Stream { .. }) => "STREAM",
            Some(StateScope::Global { .. }) => "GLOBAL",
            Some(StateScope::Legacy { .. }) => "LEGACY",
            Some(StateScope::Misshapen { .. }) | None => return,
        };
        let (first, line) = *self.first.get_or_insert((kind, look.line.number));
        if kind == first {
            return;
        }
        findings.report(&format!("{kind} after {first}"), || {
            let message = format!("the read began with {first} states (line {line}), and this one is {kind}");
            Violation::new("states of different types in one read", message)
                .on(look.line)
                .pointer("/state/type")
                .expected(first, kind)
        });
    }
}
