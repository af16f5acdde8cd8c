use crate::protocol::{Descriptor, Kind, StateScope};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;
use std::collections::HashSet;

rule! {
    /// A state names a stream that the configured catalog does not have.
    ///
    /// # What it checks
    /// The name and namespace of a STREAM state, and of each entry of a GLOBAL one, are those of a configured stream.
    /// An entry that was in the state that the read was given may be carried over. A stream that has records outside
    /// the catalog, too, is reported once, by READ-001 or READ-002. No namespace against `""` is STATE-033's.
    ///
    /// # Why it matters
    /// States are stored and looked up by name and namespace. Under another key the state is not found again: the
    /// stream starts from the beginning on each sync, and its record counts never agree with the platform's.
    ///
    /// # Example
    /// With `customers` in the namespace `shop`:
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"customers"},"stream_state":{"id":7}}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"customers","namespace":"shop"},"stream_state":{"id":7}}}}
    /// ```
    ///
    /// # How to mend it
    /// Copy the descriptor from the configured stream, namespace included, and emit no state for a stream that was not
    /// asked for. Python CDK and Low-code copy it by themselves: look for a state that is built by hand, or a stream
    /// that is renamed between `discover` and `read`. Java: `StreamDescriptor` takes the namespace apart from the name.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests do not compare the descriptors of states with the catalog, and drop the namespace when they
    /// resume. The standard tests of the Python CDK do not look at states.
    StateOfUnknownStream {
        code: "STATE-004",
        name: "state-of-unconfigured-stream",
        level: Must,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "protocol: State; platform: states are stored by stream descriptor",
        watches: [Watch::Message(Kind::State)],
        about: Stream,
        applies: |scene| scene.catalog.as_ref().map(drop).ok_or("no configured catalog was given"),
    }
}

#[derive(Default)]
struct StateOfUnknownStream {
    /// The streams that the given state names, once a stream is in doubt.
    given: Option<HashSet<Descriptor>>,
}

impl Observer for StateOfUnknownStream {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        match look.state().map(|state| &state.scope) {
            Some(StateScope::Stream { descriptor, .. }) => {
                self.judge(descriptor, || "/state/stream/stream_descriptor".to_owned(), look, findings);
            }
            Some(StateScope::Global { streams, .. }) => {
                for (at, (descriptor, _)) in streams.iter().enumerate() {
                    let pointer = || format!("/state/global/stream_states/{at}/stream_descriptor");
                    self.judge(descriptor, pointer, look, findings);
                }
            }
            _ => {}
        }
    }
}

impl StateOfUnknownStream {
    fn judge(
        &mut self,
        descriptor: &Descriptor,
        pointer: impl FnOnce() -> String,
        look: &Look<'_>,
        findings: &mut Findings<'_>,
    ) {
        if look.scene.place_of(descriptor).is_some() || look.scene.place_but_for_emptiness(descriptor).is_some() {
            return;
        }
        let given = self.given.get_or_insert_with(|| named_in(look.scene.state.as_ref()));
        if given.contains(descriptor) || look.summary.unknown_streams.contains(descriptor) {
            return;
        }
        let configured = look.scene.namesakes(&descriptor.name).first().map(|at| &look.scene.streams[*at].descriptor);
        let (cause, title) = match configured {
            Some(_) => ("namespace", "states have another namespace than their stream"),
            None => ("unconfigured", "states of a stream that the configured catalog does not have"),
        };
        findings.report_stream(cause, configured.unwrap_or(descriptor), || {
            let found = told(descriptor);
            let (expected, but) = match configured.map(told) {
                Some(configured) => (configured.clone(), format!("and the catalog has {configured}")),
                None => ("a configured stream".to_owned(), "which the configured catalog does not have".to_owned()),
            };
            let message = format!("the state is of {found}, {but}");
            Violation::new(title, message).on(look.line).pointer(pointer()).expected(expected, found)
        });
    }
}

/// A stream in words.
fn told(stream: &Descriptor) -> String {
    let name = text::shorten(&stream.name, 80);
    match &stream.namespace {
        Some(namespace) => format!("`{name}` in the namespace \"{}\"", text::shorten(namespace, 80)),
        None => format!("`{name}` without namespace"),
    }
}

/// The streams that a state file names.
fn named_in(state: Option<&Value>) -> HashSet<Descriptor> {
    let states = state.map_or(&[][..], |state| state.as_array().map_or(std::slice::from_ref(state), Vec::as_slice));
    let entries = states.iter().flat_map(|state| {
        let global = state.pointer("/global/stream_states").and_then(Value::as_array);
        state.get("stream").into_iter().chain(global.into_iter().flatten())
    });
    let descriptor = |entry: &Value| serde_json::from_value(entry.get("stream_descriptor")?.clone()).ok();
    entries.filter_map(descriptor).collect()
}
