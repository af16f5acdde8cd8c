use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// `discover` puts out records or states.
    ///
    /// # What it checks
    /// No RECORD and no STATE comes during `discover`. Other messages that are out of place are LINE-018's. Whether
    /// `discover` writes anything upstream can't be seen from its output.
    ///
    /// # Why it matters
    /// The platform drops them, so nothing breaks; but a `discover` that reads data takes long, costs requests of the
    /// user's quota, and shows data before anybody chose to sync it.
    ///
    /// # Example
    /// On `discover`:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":17},"emitted_at":1700000000000}}
    /// good: {"type":"CATALOG","catalog":{"streams":[{"name":"orders","json_schema":{"type":"object","properties":{}},"supported_sync_modes":["full_refresh"]}]}}
    /// ```
    ///
    /// # How to mend it
    /// Where a schema is made from sample records, take the records from the client and not through the function that
    /// emits them. Python CDK: consume `read_records` without printing what it yields.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests look for the CATALOG among the messages of `discover`, and let everything else pass.
    DataDuringDiscover {
        code: "DISC-022",
        name: "data-during-discover",
        level: Should,
        commands: [Discover],
        authority: ProtocolText,
        source: "protocol: Discover; AirbyteMessage, which message comes from which command",
        watches: [Watch::Message(Kind::Record), Watch::Message(Kind::State)],
        about: Launch,
    }
}

#[derive(Default)]
struct DataDuringDiscover;

impl Observer for DataDuringDiscover {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(message) = look.message() else { return };
        let kind = message.kind().as_str();
        findings.report(kind, || {
            Violation::new(
                format!("{kind} in the output of `discover`"),
                format!("a {kind} belongs to `read`; the platform drops it here"),
            )
            .on(look.line)
            .pointer("/type")
        });
    }
}
