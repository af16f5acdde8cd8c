use crate::protocol::{Kind, Repeats};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// A state comes twice, with nothing in between.
    ///
    /// # What it checks
    /// A state differs from the one before it of its stream. It is told at INFO where no record of the stream came in
    /// between; where one did, it is STATE-012's.
    ///
    /// # Why it matters
    /// It does no harm but to cost a message: the platform tells equal states apart by a number that it gives them. It is
    /// worth a look where it happens often, for every state is written to a database.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":1}}}}
    ///       {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":1}}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":1}}}}
    /// ```
    ///
    /// # How to mend it
    /// Nothing, with Low-code and Python CDK, whose concurrent streams repeat the last state when they end. Elsewhere:
    /// remember what was emitted last, and leave a state out that says the same.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests let equal states pass. The standard tests of the Python CDK do not look at states.
    StateRepeated {
        code: "STATE-013",
        name: "state-repeated",
        level: Info,
        commands: [Read],
        authority: CdkConvention,
        source: "protocol: State, principles; Python CDK: ensure_at_least_one_state_emitted",
        watches: [Watch::Message(Kind::State)],
        about: Launch,
    }
}

#[derive(Default)]
struct StateRepeated {
    repeats: Repeats,
}

impl Observer for StateRepeated {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some((before, false)) = look.repeat(&mut self.repeats) else { return };
        let count = look.state().and_then(|state| state.record_count.as_ref());
        // The form in which the Python CDK writes it: a count of 0.0.
        let is_pythons = count.is_some_and(|count| count.is_f64() && count.as_f64() == Some(0.0));
        let describe = || {
            let message = format!("the state equals the one on line {before}, and no record came in between");
            let violation = Violation::new("a state is repeated", message).on(look.line).pointer("/state");
            if is_pythons { violation.known_of("the Python CDK") } else { violation }
        };
        let cause = if is_pythons { "the CDK's" } else { "same" };
        match look.stream() {
            Some(stream) => findings.report_stream(cause, &stream.descriptor, describe),
            None => findings.report(cause, describe),
        }
    }
}
