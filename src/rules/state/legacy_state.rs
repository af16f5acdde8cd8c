use crate::protocol::{Kind, StateScope};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// The connector still emits states of type LEGACY.
    ///
    /// # What it checks
    /// No state of the read has the type LEGACY, or no type and `data`, which means the same. The read is told once. A
    /// state without type that has `stream` or `global` is STATE-001's, and LEGACY beside other types is STATE-003's.
    ///
    /// # Why it matters
    /// The type is deprecated: one blob for the whole source can't be reset for a single stream, the platform can't count
    /// records by it, and destinations of the newer CDKs do not hand it back, so that it is never stored.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STATE","state":{"data":{"orders":{"id":2}}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}}}}
    /// ```
    ///
    /// # How to mend it
    /// Emit a STREAM state for each stream; GLOBAL where all streams share one position. Python CDK and Low-code:
    /// upgrade, the current versions do so. Java: call `withType(STREAM).withStream(…)` in place of `withData`. The Faros
    /// CDK for TypeScript emits LEGACY by itself: build the message by hand.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests refuse a state whose `type` is LEGACY in their basic read, unless that check is turned
    /// off. The standard tests of the Python CDK do not look at it.
    LegacyState {
        code: "STATE-002",
        name: "state-is-legacy",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "protocol: State, principles; AirbyteStateMessage.data is deprecated",
        watches: [Watch::Message(Kind::State)],
        about: Launch,
    }
}

#[derive(Default)]
struct LegacyState {
    first: Option<Violation>,
    count: u64,
    has_others: bool,
}

impl Observer for LegacyState {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        let Some(state) = look.state() else { return };
        let has = |member: &str| state.payload.get(member).is_some_and(|value| !value.is_null());
        match &state.scope {
            StateScope::Legacy { .. } if has("stream") || has("global") => {}
            StateScope::Legacy { .. } => {
                self.count += 1;
                self.first.get_or_insert_with(|| Violation::new("", "").on(look.line).pointer("/state"));
            }
            StateScope::Stream { .. } | StateScope::Global { .. } => self.has_others = true,
            StateScope::Misshapen { .. } => {}
        }
    }

    fn conclude(&mut self, _: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(first) = self.first.take().filter(|_| !self.has_others) else { return };
        let message = format!("the read has {} of the deprecated type LEGACY", text::plural(self.count, "state"));
        findings.report("legacy", || {
            first.told("states are of type LEGACY", message).expected("type STREAM or GLOBAL", "LEGACY, one `data`")
        });
    }
}
