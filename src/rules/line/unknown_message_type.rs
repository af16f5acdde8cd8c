use crate::capture::{Broken, Decoded};
use crate::protocol::Kind;
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

rule! {
    /// A message's `type` is none of the protocol's.
    ///
    /// # What it checks
    /// `type` is one of RECORD, STATE, LOG, SPEC, CONNECTION_STATUS, CATALOG, TRACE, CONTROL and DESTINATION_CATALOG,
    /// in upper case. An object that carries one of their payloads under a missing or another `type` is a violation.
    /// Without a payload it is no message: reported at SHOULD where its `type` is one of them but for letter case, else
    /// at INFO.
    ///
    /// # Why it matters
    /// To the platform such an object is no message: it is logged as text. A record with `"type": "record"` never
    /// arrives, and the sync is green.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"record","record":{"stream":"orders","data":{"id":17},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":17},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Take the constants of the CDK's protocol models (Python: `airbyte_cdk.models.Type`, Java:
    /// `AirbyteMessage.Type`) instead of strings of your own. The Python CDK's `--debug` prints objects of type DEBUG:
    /// set `LOG_LEVEL=debug` instead. Other structured output belongs into a LOG, or on stderr.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests and the CDK's standard tests log an object of another type as text and go on. That a
    /// record was meant, they do not see.
    UnknownMessageType {
        code: "LINE-013",
        name: "unknown-message-type",
        level: Must,
        commands: [Spec, Check, Discover, Read, Write],
        authority: ProtocolSchema,
        source: "AirbyteMessage.type",
        watches: [Watch::Oddity],
        about: Launch,
    }
}

#[derive(Default)]
struct UnknownMessageType;

impl Observer for UnknownMessageType {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Decoded::Broken(Broken::UnknownType { written, meant }) = &look.line.decoded else { return };
        let (cause, level) = match meant {
            None => ("unknown", Level::Info),
            Some(kind) if carries(look.line.bytes, *kind) => (kind.as_str(), Level::Must),
            Some(_) => ("near", Level::Should),
        };
        findings.report(cause, || {
            let found = match written {
                Some(word) => format!("`type` is `{word}`"),
                None => "`type` is missing or no string".to_owned(),
            };
            let (title, message) = match (meant, level) {
                (Some(kind), Level::Must) => (
                    format!("a {} without its `type`", kind.as_str()),
                    format!("`{}` is there, and the platform drops the message: {found}", kind.payload_key()),
                ),
                (Some(kind), _) => (
                    "an object whose `type` is that of a message but for letter case".to_owned(),
                    format!("a {} would also need an object `{}`; {found}", kind.as_str(), kind.payload_key()),
                ),
                _ => ("an object of a type that the protocol does not have".to_owned(), format!("ignored: {found}")),
            };
            let violation = Violation::new(title, message).level(level).on(look.line).pointer("/type");
            let actual = written.clone().unwrap_or_else(|| "nothing".to_owned());
            meant.map_or(violation.clone(), |kind| violation.expected(kind.as_str(), actual))
        });
    }
}

/// Whether the first object of the line has the payload of that kind.
fn carries(line: &[u8], kind: Kind) -> bool {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_start_matches('\u{feff}');
    let first = serde_json::Deserializer::from_str(text).into_iter::<Value>().next();
    first.is_some_and(|object| object.is_ok_and(|object| object[kind.payload_key()].is_object()))
}
