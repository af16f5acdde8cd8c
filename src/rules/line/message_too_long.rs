use crate::protocol::Kind;
use crate::rules::discover::catalog_very_large;
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;

/// From this length on it is worth a word.
const LONG: u64 = 1024 * 1024;

/// The most that common destinations take.
pub(in crate::rules) const TOO_LONG: u64 = 16 * 1024 * 1024;

rule! {
    /// A message is very long.
    ///
    /// # What it checks
    /// A message is at most 16 MiB long; from 1 MiB on it is told at INFO. States are STATE-026's, a CATALOG of 4 to 16 MiB
    /// is DISC-024's, and lines too long to be held are LINE-003's.
    ///
    /// # Why it matters
    /// The platform holds a message in memory several times over, and marks lines of 20,000,000 characters. Destinations have
    /// limits of their own: some null a value beyond 16 MiB, some refuse the record.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"scan":"JVBERi0x…30 MB of Base64"},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"scan_url":"https://…"},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Emit one record for each entity, not one for a page or a file. Leave binary content out, or give its address. Python
    /// CDK and Low-code: `record_selector.extractor.field_path` should point to the list, not above it.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests and the CDK's standard tests do not look at the length of messages.
    MessageTooLong {
        code: "LINE-011",
        name: "message-too-long",
        level: Should,
        commands: [Spec, Check, Discover, Read, Write],
        authority: PlatformBehaviour,
        source: "platform: MAXIMUM_CHARACTERS_ALLOWED; airbyte issue 38763",
        watches: [Watch::EveryLine],
        about: Launch,
    }
}

#[derive(Default)]
struct MessageTooLong;

impl Observer for MessageTooLong {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let length = look.line.length;
        let (cause, level, most) = match length {
            length if length <= LONG => return,
            length if length <= TOO_LONG => ("long", Level::Info, LONG),
            _ => ("too long", Level::Should, TOO_LONG),
        };
        let Some(message) = look.message().filter(|message| message.kind() != Kind::State) else { return };
        if catalog_very_large::says(look) {
            return;
        }
        let describe = || {
            let what = message.kind().as_str();
            Violation::new(format!("a message is {cause}"), format!("a {what} is {} long", text::bytes(length)))
                .level(level)
                .on(look.line)
                .expected(format!("at most {}", text::bytes(most)), text::bytes(length))
        };
        match look.stream() {
            Some(stream) => findings.report_stream(cause, &stream.descriptor, describe),
            None => findings.report(cause, describe),
        }
    }
}
