use crate::capture::Decoded;
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};

rule! {
    /// Bytes on stdout are not UTF-8, or a byte order mark stands before a line.
    ///
    /// # What it checks
    /// Every line of stdout is valid UTF-8 and begins without a byte order mark. In plain text, which is no message
    /// anyway, other bytes are reported at SHOULD. A letter that the end of a cut-off output tears is LINE-005's.
    ///
    /// # Why it matters
    /// The platform puts U+FFFD, the question mark in a black diamond, in the place of what is not UTF-8, without a
    /// word: names and addresses arrive spoiled, and cursors and keys no longer match. A message behind a byte order
    /// mark can't be read at all.
    ///
    /// # Example
    /// `é` in Latin-1 is the byte 0xE9; in UTF-8 it is 0xC3 0xA9.
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"name":"Ren<0xE9>"},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"name":"René"},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Write UTF-8 whatever the locale of the image says, and decode what the API sends with the charset that it
    /// states. Python: `PYTHONUTF8=1` in the image, and `utf-8`, not `utf-8-sig`. Java: `-Dfile.encoding=UTF-8` and
    /// `-Dstdout.encoding=UTF-8`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests and the CDK's standard tests do not look at this: they compare what was decoded, never
    /// the bytes.
    OutputNotUtf8 {
        code: "LINE-004",
        name: "output-not-utf8",
        level: Must,
        commands: [Spec, Check, Discover, Read, Write],
        authority: ProtocolText,
        source: "airbyte-protocol: serialized JSON; RFC 8259, section 8.1",
        watches: [Watch::Oddity],
        about: Launch,
    }
}

#[derive(Default)]
struct OutputNotUtf8;

impl Observer for OutputNotUtf8 {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let line = look.line;
        if line.byte_order_mark {
            findings.report("byte order mark", || {
                let message = "the line begins with U+FEFF (bytes EF BB BF): a message behind it can't be read";
                Violation::new("a byte order mark on stdout", message).on(line)
            });
        }
        let Some(at) = line.invalid_utf8 else { return };
        let is_torn = !line.terminated && at + 4 > line.bytes.len();
        if is_torn {
            return;
        }
        let is_text = matches!(line.decoded, Decoded::Text { lost: false } | Decoded::Json);
        let (cause, level) = if is_text { ("text", Level::Should) } else { ("message", Level::Must) };
        let describe = || {
            let byte = line.bytes.get(at).copied().unwrap_or_default();
            let what = if is_text { "plain text" } else { "a message" };
            Violation::new(
                format!("{what} that is not UTF-8"),
                format!("byte {at} of the line is <0x{byte:02X}>, which is not UTF-8; the platform reads U+FFFD there"),
            )
            .level(level)
            .around(line, at)
        };
        match look.stream() {
            Some(stream) => findings.report_stream(cause, &stream.descriptor, describe),
            None => findings.report(cause, describe),
        }
    }
}
