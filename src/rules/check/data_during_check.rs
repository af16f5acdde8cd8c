use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// `check` puts out a RECORD, a STATE, a CATALOG or a SPEC.
    ///
    /// # What it checks
    /// A `check` has no RECORD, STATE, CATALOG or SPEC in its output. What else is out of place is LINE-018's.
    ///
    /// # Why it matters
    /// The platform warns of each such message and drops it. A `check` that reads data is also slow, and the user waits in
    /// front of the form.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":17},"emitted_at":1700000000000}}
    /// good: {"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}
    /// ```
    ///
    /// # How to mend it
    /// Where `check` tries the API by reading a first record, take the record and do not print it. Python CDK: consume
    /// the generator of `read_records`, and do not emit through the message repository.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests pick the CONNECTION_STATUS out of the output and do not look at the rest.
    DataDuringCheck {
        code: "CHECK-012",
        name: "data-during-check",
        level: Must,
        commands: [Check],
        authority: PlatformBehaviour,
        source: "protocol: Check; AirbyteMessage, which message comes from which command",
        watches: [
            Watch::Message(Kind::Record),
            Watch::Message(Kind::State),
            Watch::Message(Kind::Catalog),
            Watch::Message(Kind::Spec),
        ],
        about: Launch,
    }
}

#[derive(Default)]
struct DataDuringCheck;

impl Observer for DataDuringCheck {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(message) = look.message() else { return };
        let kind = message.kind().as_str();
        findings.report(kind, || {
            Violation::new(
                format!("{kind} in the output of `check`"),
                format!("a {kind} has no place in `check`; the platform drops it"),
            )
            .on(look.line)
            .pointer("/type")
        });
    }
}
