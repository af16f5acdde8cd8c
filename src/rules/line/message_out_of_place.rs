use crate::protocol::{Command, Kind, Message, TraceBody};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};

rule! {
    /// A message came that has no place in the output of its command.
    ///
    /// # What it checks
    /// SPEC belongs to `spec`, CONNECTION_STATUS to `check`, CATALOG and DESTINATION_CATALOG to `discover`, RECORD to `read`,
    /// STATE to `read` and, as an answer, to `write`. LOG, TRACE and CONTROL are at home in every command; a TRACE of type ESTIMATE or STREAM_STATUS
    /// outside `read` and `write` is reported at SHOULD. A RECORD during `write` is DEST-034's. RECORD and STATE during `discover` are DISC-022's, and what has no place in
    /// `check` is CHECK-012's.
    ///
    /// # Why it matters
    /// The platform warns of an invalid message type and drops the message. What it carried is lost: a CATALOG during
    /// a `read` changes no schema, a RECORD during a `check` reaches no destination.
    ///
    /// # Example
    /// On `spec`:
    /// ```json
    /// bad:  {"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}
    /// good: {"type":"SPEC","spec":{"connectionSpecification":{"type":"object","properties":{}}}}
    /// ```
    ///
    /// # How to mend it
    /// Where a command reuses the code of another (a `check` that reads the first record, a `read` that discovers
    /// first), take its result and do not print its messages. Python CDK: emit through the message repository, and
    /// consume generators of messages instead of printing them.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests pick the kinds that they look for out of the output: exactly one SPEC, CONNECTION_STATUS
    /// or CATALOG, and the records and states of a read. What else comes, in whatever command, they do not look at.
    MessageOutOfPlace {
        code: "LINE-018",
        name: "message-out-of-place",
        level: Must,
        commands: [Spec, Check, Discover, Read, Write],
        authority: PlatformBehaviour,
        source: "platform: AirbyteMessageTracker, LocalContainerConstants",
        watches: [Watch::EveryLine],
        about: Launch,
    }
}

#[derive(Default)]
struct MessageOutOfPlace;

impl Observer for MessageOutOfPlace {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let (Some(message), Some(command)) = (look.message(), look.scene.command) else { return };
        let (what, home, level) = match (home(message.kind()), message) {
            (Some(home), _) => (message.kind().as_str(), home, Level::Must),
            (None, Message::Trace(trace)) => match trace.body {
                TraceBody::Estimate(_) => ("TRACE/ESTIMATE", Command::Read, Level::Should),
                TraceBody::StreamStatus(_) => ("TRACE/STREAM_STATUS", Command::Read, Level::Should),
                _ => return,
            },
            _ => return,
        };
        // RECORD and STATE during `discover` are DISC-022's, and all of them during `check` CHECK-012's.
        let is_anothers = level == Level::Must
            && (command == Command::Check || (home == Command::Read && command == Command::Discover));
        // What a read says a write may answer; that it must not repeat records is DEST-034's.
        let is_anothers = is_anothers || (home == Command::Read && command == Command::Write);
        if home == command || is_anothers {
            return;
        }
        findings.report(what, || {
            Violation::new(
                format!("{what} in the output of `{command}`"),
                format!("a {what} belongs to `{home}`; the platform drops it here"),
            )
            .level(level)
            .on(look.line)
            .pointer("/type")
        });
    }
}

/// The one command that a message belongs to; none where it belongs to all.
fn home(kind: Kind) -> Option<Command> {
    match kind {
        Kind::Spec => Some(Command::Spec),
        Kind::ConnectionStatus => Some(Command::Check),
        Kind::Catalog | Kind::DestinationCatalog => Some(Command::Discover),
        Kind::Record | Kind::State => Some(Command::Read),
        Kind::Log | Kind::Trace | Kind::Control => None,
    }
}
