use crate::protocol::Kind;
use crate::rules::leaks::{has_secrets, place_of};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// A secret of the configuration stands in a record.
    ///
    /// # What it checks
    /// Each value of the configuration that the specification marks `airbyte_secret` is looked for in every RECORD, as it
    /// is and encoded. It is told and fails nothing, for the source may hold the same value: an account's own settings
    /// may be a stream.
    ///
    /// # Why it matters
    /// If the connector puts it there, the secret lies in a table of the destination, where more people can read it than
    /// can read the configuration.
    ///
    /// # Example
    /// With `"api_key": "sk-9f8e7d6c5b4a"` in the configuration:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"_request":"/orders?key=sk-9f8e7d6c5b4a"},"emitted_at":1}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1}}
    /// ```
    ///
    /// # How to mend it
    /// See whether the source itself delivers the value. If not, look for request parameters, URLs of next pages or
    /// whole configurations that are copied into records (Low-code: `AddFields` that refers to `config`).
    ///
    /// # What Airbyte's tests see
    /// Nothing: no test of Airbyte's looks for secrets in records.
    SecretInRecord {
        code: "SEC-005",
        name: "secret-in-record",
        level: Info,
        commands: [Read],
        authority: Inference,
        source: "follows from airbyte-protocol: AirbyteRecordMessage.data is the source's content",
        watches: [Watch::Leak],
        about: Launch,
        applies: has_secrets,
    }
}

#[derive(Default)]
struct SecretInRecord;

impl Observer for SecretInRecord {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(leak) = look.line.leaks.first().filter(|_| place_of(look).kind == Some(Kind::Record)) else { return };
        let describe = || {
            let message = format!("a value that is marked `airbyte_secret` stands at byte {} of the line", leak.at);
            Violation::new("a secret of the configuration in a RECORD", message).around(look.line, leak.at)
        };
        match look.stream() {
            Some(stream) => findings.report_stream("record", &stream.descriptor, describe),
            None => findings.report("record", describe),
        }
    }
}
