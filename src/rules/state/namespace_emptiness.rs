use crate::protocol::{Descriptor, Kind, StateScope};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// A state has an empty namespace where its stream has none, or none where it has an empty one.
    ///
    /// # What it checks
    /// The namespace of a STREAM state, and of each entry of a GLOBAL one, is left out or null where the configured stream
    /// has none, and `""` where that has `""`. Any other difference is STATE-004's; a stream whose records are wrong in the
    /// same way is READ-002's.
    ///
    /// # Why it matters
    /// For the platform, no namespace and an empty one are two streams. The state is stored under another key than it is
    /// looked up by, and the stream starts from the beginning on each sync.
    ///
    /// # Example
    /// For a stream without namespace:
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders","namespace":""},"stream_state":{"id":2}}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}}}}
    /// ```
    ///
    /// # How to mend it
    /// Copy the descriptor from the configured stream. Go and C# write `""` for a text that was never set: leave it out when
    /// empty (`omitempty`, a nullable string), and have `discover` do the same.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests drop namespaces from states before they resume from them, so that no difference shows. The
    /// standard tests of the Python CDK do not look at states.
    NamespaceEmptiness {
        code: "STATE-033",
        name: "state-namespace-empty-not-absent",
        level: Should,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "platform: StreamStatusMap keys by descriptor",
        watches: [Watch::Message(Kind::State)],
        about: Stream,
        applies: |scene| scene.catalog.as_ref().map(drop).ok_or("no configured catalog was given"),
    }
}

#[derive(Default)]
struct NamespaceEmptiness;

impl Observer for NamespaceEmptiness {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        match look.state().map(|state| &state.scope) {
            Some(StateScope::Stream { descriptor, .. }) => {
                judge(descriptor, || "/state/stream/stream_descriptor".to_owned(), look, findings);
            }
            Some(StateScope::Global { streams, .. }) => {
                for (at, (descriptor, _)) in streams.iter().enumerate() {
                    let pointer = || format!("/state/global/stream_states/{at}/stream_descriptor");
                    judge(descriptor, pointer, look, findings);
                }
            }
            _ => {}
        }
    }
}

fn judge(descriptor: &Descriptor, pointer: impl FnOnce() -> String, look: &Look<'_>, findings: &mut Findings<'_>) {
    let Some(place) = look.scene.place_but_for_emptiness(descriptor) else { return };
    if look.summary.unknown_streams.contains(descriptor) {
        return;
    }
    let (expected, found) = match descriptor.namespace {
        Some(_) => ("no namespace", "an empty namespace"),
        None => ("an empty namespace", "no namespace"),
    };
    findings.report_stream(found, &look.scene.streams[place].descriptor, || {
        let message = format!("the state of `{}` has {found}, and its stream has {expected}", descriptor.name);
        Violation::new("no namespace and an empty one are mixed up", message)
            .on(look.line)
            .pointer(pointer())
            .expected(expected, found)
    });
}
