use crate::protocol::{Kind, StateMessage, StateScope};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// A state is not shaped as its type says.
    ///
    /// # What it checks
    /// A state of type STREAM carries `stream` with a `stream_descriptor`, one of type GLOBAL carries `global` with an
    /// array `stream_states`, one of type LEGACY, or of no type, carries `data`. Only the member of its type is filled
    /// in; the copy in `data` that older CDKs put beside STREAM and GLOBAL is let through.
    ///
    /// # Why it matters
    /// The platform chooses by `type` what it reads. What stands elsewhere is not stored: the next sync starts from an
    /// older state, or from the beginning, and the user sees the same rows again.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STATE","state":{"stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}}}}
    /// ```
    ///
    /// # How to mend it
    /// Emit one STREAM state for each stream, with `type`, `stream.stream_descriptor` and `stream.stream_state`; use
    /// GLOBAL only where all streams share one position, such as a replication log's. Python CDK, Low-code and the Java
    /// and Kotlin CDKs build the message by themselves: look for one that is built by hand.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests refuse LEGACY states in their basic read, and look at nothing else of a state's shape. The
    /// standard tests of the Python CDK do not look at states.
    StateMisshapen {
        code: "STATE-001",
        name: "state-misshapen",
        level: Must,
        commands: [Read],
        authority: ProtocolSchema,
        source: "AirbyteStateMessage; protocol: State",
        watches: [Watch::Message(Kind::State)],
        about: Launch,
    }
}

#[derive(Default)]
struct StateMisshapen;

impl Observer for StateMisshapen {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(state) = look.state() else { return };
        let Some(why) = wrong(state) else { return };
        findings.report(&why, || {
            let kind = state.payload.get("type").map_or("no type".to_owned(), ToString::to_string);
            let has = |key: &&str| state.payload.get(*key).is_some_and(|member| !member.is_null());
            let members: Vec<&str> = ["stream", "global", "data"].into_iter().filter(has).collect();
            let members = if members.is_empty() { "no payload".to_owned() } else { members.join(", ") };
            Violation::new("a state is not shaped as its type says", format!("the state's shape is wrong: {why}"))
                .on(look.line)
                .pointer("/state")
                .expected(
                    "STREAM with `stream`, GLOBAL with `global`, or LEGACY with `data`",
                    format!("{} with {members}", text::shorten(&kind, 40)),
                )
        });
    }
}

/// What is wrong with a state's shape.
fn wrong(state: &StateMessage) -> Option<String> {
    let others: &[&str] = match &state.scope {
        StateScope::Misshapen { why } => return Some(text::shorten(why, 200)),
        StateScope::Stream { .. } => &["global"],
        StateScope::Global { .. } => &["stream"],
        StateScope::Legacy { .. } => &["stream", "global"],
    };
    let filled = |key: &&&str| state.payload.get(**key).is_some_and(|member| !member.is_null());
    let other = others.iter().find(filled)?;
    Some(match (&state.scope, state.payload.get("type").and_then(serde_json::Value::as_str)) {
        (StateScope::Legacy { .. }, None) => format!("it has no `type`, so that `data` is read and `{other}` is not"),
        (_, kind) => format!("its type is {}, and `{other}` is filled in, too", kind.unwrap_or("LEGACY")),
    })
}
