use crate::capture::{Broken, Decoded};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

rule! {
    /// A message lacks its payload, or a member that its payload must have.
    ///
    /// # What it checks
    /// Under the key that belongs to a message's `type` there is an object, and in it every member that the protocol
    /// requires, not null and of the right JSON type. What a member's value says is judged by the rules of its kind of
    /// message: records by READ, states by STATE, an error's text and the time of a trace by TRACE.
    ///
    /// # Why it matters
    /// The platform can't take such a message. It drops it, at best with a line in the log: a record is lost, a state
    /// is not saved, a verdict is not heard.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"data":{"id":17},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":17},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Build messages with the CDK's protocol models, which refuse to be incomplete. Mind the payload's key: it is
    /// `connectionStatus` in camel case, and all others are as the type in lower case. When null members are left out
    /// on serializing, take care that required ones are never null.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests build each line as a Pydantic model; one that can't be built is logged and left out, not
    /// flagged. It shows only where it was the one message that a test waits for.
    RequiredMemberMissing {
        code: "LINE-014",
        name: "required-member-missing",
        level: Must,
        commands: [Spec, Check, Discover, Read, Write],
        authority: PlatformBehaviour,
        source: "platform: BasicAirbyteMessageValidator; protocol schema: required members",
        watches: [Watch::Oddity],
        about: Launch,
    }
}

#[derive(Default)]
struct RequiredMemberMissing;

impl Observer for RequiredMemberMissing {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Decoded::Broken(broken) = &look.line.decoded else { return };
        let (kind, pointer, expected) = match broken {
            Broken::NoPayload { kind } => (kind, format!("/{}", kind.payload_key()), "an object"),
            Broken::Member { kind, pointer, expected } => (kind, pointer.clone(), *expected),
            Broken::UnknownType { .. } => return,
        };
        let cause = format!("{}{pointer}", kind.as_str());
        findings.report(&cause, || {
            Violation::new(
                format!("a {} whose `{pointer}` is not {expected}", kind.as_str()),
                format!("the platform drops a {} without a proper `{pointer}`", kind.as_str()),
            )
            .on(look.line)
            .pointer(&pointer)
            .expected(expected, found(look.line.bytes, &pointer))
        });
    }
}

/// What stands in the member's place.
fn found(line: &[u8], pointer: &str) -> String {
    let text = String::from_utf8_lossy(line);
    let first = serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}')).into_iter::<Value>().next();
    let message = first.and_then(Result::ok).unwrap_or_default();
    message.pointer(pointer).map_or("nothing".to_owned(), ToString::to_string)
}
