use crate::protocol::{Kind, StateScope};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use std::collections::HashSet;

rule! {
    /// A GLOBAL state lists a stream twice.
    ///
    /// # What it checks
    /// No two entries of `global.stream_states` have the same name and namespace. A namespace that is null and one that is
    /// left out are the same.
    ///
    /// # Why it matters
    /// Everybody who reads the list keeps it by stream. Which of the two entries is stored, and so where the next sync
    /// goes on, is left to chance.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"GLOBAL","global":{"stream_states":[{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}},{"stream_descriptor":{"name":"orders"},"stream_state":{"id":1}}]}}}
    /// good: {"type":"STATE","state":{"type":"GLOBAL","global":{"stream_states":[{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}}]}}}
    /// ```
    ///
    /// # How to mend it
    /// Build the list from a map by name and namespace, in which a stream's newer state replaces the older one; do not
    /// append to the list that came in as `--state`.
    ///
    /// # What Airbyte's tests see
    /// Neither Airbyte's acceptance tests nor the standard tests of the Python CDK look into GLOBAL states.
    StreamListedTwice {
        code: "STATE-005",
        name: "stream-twice-in-global-state",
        level: Info,
        commands: [Read],
        authority: Inference,
        source: "follows from AirbyteGlobalState.stream_states, which everybody keys by descriptor",
        watches: [Watch::Message(Kind::State)],
        about: Launch,
    }
}

#[derive(Default)]
struct StreamListedTwice;

impl Observer for StreamListedTwice {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(StateScope::Global { streams, .. }) = look.state().map(|state| &state.scope) else { return };
        let mut seen = HashSet::with_capacity(streams.len());
        let again = streams.iter().enumerate().find(|(_, (descriptor, _))| !seen.insert(descriptor));
        // One stream for each state is enough: where one is there twice, mostly all are.
        let Some((at, (descriptor, _))) = again else { return };
        findings.report_stream("twice", descriptor, || {
            let message = format!("`{descriptor}` has more than one entry among the state's {}", streams.len());
            Violation::new("a GLOBAL state lists a stream twice", message)
                .on(look.line)
                .pointer(format!("/state/global/stream_states/{at}/stream_descriptor"))
                .expected("one entry for each stream", "a second one")
        });
    }
}
