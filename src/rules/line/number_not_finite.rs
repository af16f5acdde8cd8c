use crate::capture::{Decoded, holds_a_message};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};

rule! {
    /// A message has a number that JSON does not have: NaN or Infinity.
    ///
    /// # What it checks
    /// Numbers on stdout are JSON numbers. The tokens `NaN`, `Infinity` and `-Infinity`, outside of strings, are
    /// violations. In an object that is no message they are reported at SHOULD.
    ///
    /// # Why it matters
    /// A line with such a token is not JSON. A strict reader drops all of it: the record is lost, and the sync is
    /// green. Airbyte's types have no such values either, so no destination has a column for them.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"rate":NaN},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"rate":null},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Emit null, or the string that the schema declares, where a value is not finite; pandas and NumPy use NaN for
    /// whatever is absent. Python: `json.dumps(…, allow_nan=False)` refuses them. The Python CDK writes null, except in
    /// records that its fast serializer can't take, such as those with integers beyond 64 bits. Java:
    /// Jackson writes them as strings unless told otherwise, which READ-006 then reports: leave such values out.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests and the CDK's standard tests do not look at this: a line that can't be parsed is logged
    /// and left out, and where their parser takes NaN, the record passes.
    NumberNotFinite {
        code: "LINE-007",
        name: "number-not-finite",
        level: Must,
        commands: [Spec, Check, Discover, Read, Write],
        authority: ProtocolText,
        source: "supported data types: numeric values; RFC 8259, section 6",
        watches: [Watch::Oddity],
        about: Launch,
    }
}

#[derive(Default)]
struct NumberNotFinite;

impl Observer for NumberNotFinite {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Decoded::NonFinite { token, at } = look.line.decoded else { return };
        let is_message = holds_a_message(&String::from_utf8_lossy(look.line.bytes));
        let (cause, level) = if is_message { ("message", Level::Must) } else { ("json", Level::Should) };
        findings.report(cause, || {
            let title = match is_message {
                true => "a message has a number that JSON does not have",
                false => "a JSON object has a number that JSON does not have",
            };
            let place = member_before(&look.line.bytes[..at.min(look.line.bytes.len())])
                .map_or(format!("at byte {at} of the line"), |member| format!("as value of `{member}`"));
            Violation::new(title, format!("`{token}` stands {place}; a strict reader drops the whole line"))
                .level(level)
                .around(look.line, at)
                .expected("a JSON number, or null", token)
        });
    }
}

/// The name of the member whose value begins where the bytes end, unless it is an element of an array.
fn member_before(bytes: &[u8]) -> Option<String> {
    let named = bytes.trim_ascii_end().strip_suffix(b":")?.trim_ascii_end().strip_suffix(b"\"")?;
    let start = memchr::memrchr(b'"', named)? + 1;
    Some(String::from_utf8_lossy(&named[start..]).into_owned())
}
