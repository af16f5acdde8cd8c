use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// A record's `emitted_at` is not the time of reading in epoch milliseconds.
    ///
    /// # What it checks
    /// `emitted_at` is there, and is a whole number of milliseconds since 1970. Ten digits are seconds, sixteen
    /// microseconds, nineteen nanoseconds. Milliseconds of another time than that of the run are READ-005's.
    ///
    /// # Why it matters
    /// It becomes `_airbyte_extracted_at`, and where two versions of a row have the same cursor the later one wins. In
    /// the wrong unit every row is of 1970 or of the far future, and whoever deduplicates by it keeps the wrong one.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1700000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Stamp the record when it is emitted, as a JSON integer: `int(time.time() * 1000)` in Python, `Date.now()` in
    /// TypeScript, `Instant.now().toEpochMilli()` in Java. The source's own time of the row belongs into `data`. The
    /// CDKs stamp records themselves: look for a record message that is built by hand.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests need `emitted_at` to parse as an integer, and compare it between two reads; seconds pass
    /// as well as milliseconds.
    EmittedAtWrong {
        code: "READ-004",
        name: "emitted-at-not-epoch-milliseconds",
        level: Must,
        commands: [Read],
        authority: ProtocolSchema,
        source: "AirbyteRecordMessage.emitted_at; documentation: metadata fields",
        watches: [Watch::Message(Kind::Record)],
        about: Stream,
    }
}

/// How many digits milliseconds have from 2001 to 2286.
const MILLISECONDS: usize = 13;

#[derive(Default)]
struct EmittedAtWrong;

impl Observer for EmittedAtWrong {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(record) = look.record() else { return };
        let written = record.emitted_at.map(|raw| raw.get());
        let Some(title) = wrong(written) else { return };
        let describe = || {
            let found = text::shorten(written.unwrap_or("nothing"), 60);
            let at = memchr::memmem::rfind(look.line.bytes, b"\"emitted_at\"").unwrap_or(0);
            let expected = match look.scene.started_at {
                Some(start) => format!("epoch milliseconds, about {start}"),
                None => "an integer, epoch milliseconds".to_owned(),
            };
            let message = written.map_or(title.to_owned(), |_| format!("{title}: {found}"));
            Violation::new(title, message).around(look.line, at).pointer("/record/emitted_at").expected(expected, found)
        };
        match look.stream() {
            Some(stream) => findings.report_stream(title, &stream.descriptor, describe),
            None => findings.report(title, describe),
        }
    }
}

/// What is wrong with a value as written.
fn wrong(written: Option<&str>) -> Option<&'static str> {
    let Some(written) = written else { return Some("`emitted_at` is missing or null") };
    // Milliseconds of our times: nearly all are.
    if written.len() == MILLISECONDS && written.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let Some(value) = integer(written) else {
        let is_number = written.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        return Some(if is_number { "`emitted_at` is no whole number" } else { "`emitted_at` is no number" });
    };
    match value {
        1_000_000_000..=9_999_999_999 => Some("`emitted_at` is in seconds, not milliseconds"),
        100_000_000_000_000..100_000_000_000_000_000 => Some("`emitted_at` is in microseconds, not milliseconds"),
        100_000_000_000_000_000.. => Some("`emitted_at` is in nanoseconds, not milliseconds"),
        _ => None,
    }
}

/// The value of a whole number, which JSON Schema lets be written as `1.0` too; bounded by what 64 bits hold.
pub(super) fn integer(written: &str) -> Option<i64> {
    let (digits, sign) = written.strip_prefix('-').map_or((written, 1), |digits| (digits, -1));
    let add = |value: i64, digit: u8| {
        let digit = digit.wrapping_sub(b'0');
        (digit < 10).then(|| value.saturating_mul(10).saturating_add(i64::from(digit)))
    };
    if let Some(value) = digits.bytes().try_fold(0, add).filter(|_| !digits.is_empty()) {
        return Some(sign * value);
    }
    let value: f64 = written.parse().ok().filter(|value: &f64| value.fract() == 0.0)?;
    Some(value as i64)
}
