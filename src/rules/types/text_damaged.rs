use crate::protocol::{Kind, members};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;
use memchr::memmem::find;

const REPLACED: &str = "U+FFFD, which stands for what could not be read";
const MISREAD: &str = "UTF-8 that was read as Latin-1 or Windows-1252";

rule! {
    /// A record's text was decoded wrongly before it was emitted.
    ///
    /// # What it checks
    /// The strings of a record hold neither U+FFFD, which a decoder puts where it could not read, nor what UTF-8 looks
    /// like when it is read as Latin-1 or Windows-1252: `MÃ¼ller` for Müller, `â€™` for an apostrophe. Only sequences
    /// that no language has count; a single `Ã` is fine. U+FFFD is told at INFO, since the source may have it so. Bytes
    /// that are no UTF-8 are LINE-005's.
    ///
    /// # Why it matters
    /// What was there is lost, or has to be repaired in every query. Names no longer match those of other sources.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"customers","data":{"name":"MÃ¼ller"},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"customers","data":{"name":"Müller"},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// See whether the source has it so: then there is nothing to mend. If not, look at where bytes become text, and
    /// name the encoding there: `response.encoding` or `open(..., encoding="utf-8")` in Python, never
    /// `errors="replace"`; `StandardCharsets.UTF_8` in Java; `decoder` and `encoding` in a Low-code manifest.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests do not look at this.
    TextDamaged {
        code: "TYPE-013",
        name: "text-decoded-wrongly",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "UX handbook: data integrity",
        watches: [Watch::Message(Kind::Record)],
        about: Stream,
    }
}

#[derive(Default)]
struct TextDamaged;

impl Observer for TextDamaged {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let (Some(record), Some(stream), None) = (look.record(), look.stream(), look.line.invalid_utf8) else { return };
        let data = record.data.get();
        let Some((what, _)) = damage(data, look.glimpse().may_have_escapes) else { return };
        let mut fields = members(data).into_iter().flatten();
        let Some((field, value)) = fields.find(|(_, value)| damage(value, true).is_some()) else { return };
        let (field, at) = (text::shorten(&field, 80), damage(value, true).map_or(0, |(_, at)| at));
        findings.report_stream(&format!("{field} {what}"), &stream.descriptor, || {
            let begin = (at.saturating_sub(40)..=at).find(|at| value.is_char_boundary(*at)).unwrap_or(at);
            let end = value.len().min(at + 40);
            let end = (end..=value.len()).find(|at| value.is_char_boundary(*at)).unwrap_or(value.len());
            let shown = value[begin..end].to_owned();
            Violation::new(
                format!("`{field}` holds {what}"),
                format!("`{field}` of `{}` holds {what}", stream.descriptor),
            )
            .around(look.line, find(look.line.bytes, shown.as_bytes()).unwrap_or(0))
            .pointer(format!("/record/data/{field}"))
            .expected("the text as the source has it", shown)
            .level(if what == REPLACED { Level::Info } else { Level::Should })
        });
    }
}

/// What is damaged in JSON text, and where.
fn damage(json: &str, may_have_escapes: bool) -> Option<(&'static str, usize)> {
    let bytes = json.as_bytes();
    if !json.is_ascii() {
        let found = |needle: &str| find(bytes, needle.as_bytes());
        if let Some(at) = found("\u{fffd}") {
            return Some((REPLACED, at));
        }
        let misread = found("â€").or_else(|| {
            memchr::memmem::find_iter(bytes, "Ã".as_bytes())
                .find(|at| matches!(bytes.get(at + 2..at + 4), Some([0xC2, next]) if is_misread(*next)))
        });
        if let Some(at) = misread {
            return Some((MISREAD, at));
        }
    }
    if !may_have_escapes {
        return None;
    }
    let escapes = [("\\ufffd", REPLACED), ("\\uFFFD", REPLACED), ("\\u00e2\\u20ac", MISREAD)];
    let is_escape = |at: &usize| bytes[..*at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0;
    escapes.into_iter().find_map(|(escape, what)| {
        let at = find(bytes, escape.as_bytes()).filter(is_escape)?;
        Some((what, at))
    })
}

/// Whether `Ã` with this behind it is half of a letter. A space, `«` and `»` may stand there in Portuguese.
fn is_misread(second: u8) -> bool {
    (0x80..=0xBF).contains(&second) && !matches!(second, 0xA0 | 0xAB | 0xBB)
}
