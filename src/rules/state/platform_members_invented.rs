use crate::protocol::Kind;
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

rule! {
    /// A state carries members that belong to the platform or the destination.
    ///
    /// # What it checks
    /// A source's state has no `destinationStats`, and no `id` beside its `type`; null and empty ones are let through. `id`
    /// is told at SHOULD: it is right where source and destination talk over sockets, which airproof does not ask for. What
    /// stands inside `stream_state` is the connector's own.
    ///
    /// # Why it matters
    /// The platform puts an `id` of its own into each state, and the destination fills in `destinationStats` when the
    /// records are written. Figures that the source made up pass for confirmed ones: lost records go unnoticed.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"at":2}},"destinationStats":{"recordCount":2.0}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"at":2}},"sourceStats":{"recordCount":2.0}}}
    /// ```
    ///
    /// # How to mend it
    /// Put the count of records into `sourceStats`, and build each state anew. States that came as `--state` carry what
    /// platform and destination added: copy `stream_state` out of them, not the message. The CDKs do so.
    ///
    /// # What Airbyte's tests see
    /// Neither Airbyte's acceptance tests nor the standard tests of the Python CDK look for these members.
    PlatformMembersInvented {
        code: "STATE-018",
        name: "state-has-platform-members",
        level: Must,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "AirbyteStateMessage.destinationStats; platform: StateWithId",
        watches: [Watch::Message(Kind::State)],
        about: Launch,
    }
}

#[derive(Default)]
struct PlatformMembersInvented;

impl Observer for PlatformMembersInvented {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(state) = look.state() else { return };
        let members = [("destinationStats", "the destination", Level::Must), ("id", "the platform", Level::Should)];
        for (member, owner, level) in members {
            let Some(value) = state.payload.get(member).filter(|value| !is_empty(value)) else { continue };
            findings.report(member, || {
                let message = format!("`{member}` is filled in, which {owner} does");
                Violation::new(format!("a source's state has `{member}`"), message)
                    .part(look.line, format!("/state/{member}"), value)
                    .expected("none", format!("`{member}`"))
                    .level(level)
            });
        }
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty)
}
