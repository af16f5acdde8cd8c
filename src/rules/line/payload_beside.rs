use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// A message carries the payload of another kind, too.
    ///
    /// # What it checks
    /// Of the members `record`, `state`, `log`, `spec`, `connectionStatus`, `catalog`, `trace`, `control` and
    /// `destination_catalog`, a message has the one that its `type` names. Others are left out or null.
    ///
    /// # Why it matters
    /// The platform looks at the payload that `type` names and at no other. What stands beside it is lost, and nobody is
    /// told.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":17},"emitted_at":1700000000000},"log":{"level":"INFO","message":"one more"}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":17},"emitted_at":1700000000000}}
    ///       {"type":"LOG","log":{"level":"INFO","message":"one more"}}
    /// ```
    ///
    /// # How to mend it
    /// Make a new message for each payload, on its own line; do not use one object again and fill in another member.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests read the payload that they look for, and do not mind what stands beside it.
    PayloadBeside {
        code: "LINE-015",
        name: "payload-of-another-kind",
        level: Should,
        commands: [Spec, Check, Discover, Read, Write],
        authority: ProtocolText,
        source: "airbyte-protocol: AirbyteMessage",
        watches: [Watch::Oddity],
        about: Launch,
    }
}

#[derive(Default)]
struct PayloadBeside;

impl Observer for PayloadBeside {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let (Some(message), Some(beside)) = (look.message(), look.line.beside) else { return };
        let (kind, member) = (message.kind(), beside.payload_key());
        findings.report(&format!("{} {member}", kind.as_str()), || {
            Violation::new(
                format!("a {} has `{member}`, too", kind.as_str()),
                format!(
                    "`type` is {}, so the platform reads `{}` and nothing of `{member}`",
                    kind.as_str(),
                    kind.payload_key()
                ),
            )
            .on(look.line)
            .pointer(format!("/{member}"))
            .expected("null, or left out", "a payload")
        });
    }
}
