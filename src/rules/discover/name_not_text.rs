use crate::protocol::schema::Place;
use crate::protocol::{Kind, Message};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

/// What decoders put where a byte was no letter.
const REPLACEMENT: char = '\u{fffd}';

rule! {
    /// A name in the catalog is empty, or has something in it that is no text.
    ///
    /// # What it checks
    /// No field is named by the empty string, at any level of a stream's schema. The CATALOG has no half of a surrogate
    /// pair (`\ud800`), which strict parsers refuse. A name of a stream or field with U+FFFD in it, the mark of a letter
    /// that was lost before, is reported at SHOULD. Bytes that are no UTF-8 are LINE-004's; an empty name of a stream is
    /// DISC-005's.
    ///
    /// # Why it matters
    /// Names become names of tables and columns. No warehouse has a column without a name, and nobody can write half a
    /// letter; a lost letter makes one column of two.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"object","properties":{"":{"type":"string"}}}
    /// good: {"type":"object","properties":{"column_1":{"type":"string"}}}
    /// ```
    ///
    /// # How to mend it
    /// Where names come from the user's data (the head row of a sheet or a CSV), number columns without a name, and read
    /// the file in the encoding that it is written in. Half pairs come from cutting a text by UTF-16 units, or from
    /// Python strings decoded with `surrogateescape`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look at names; Python's parser takes half a surrogate pair as it is.
    NameNotText {
        code: "DISC-026",
        name: "name-not-text",
        level: Must,
        commands: [Discover],
        authority: ProtocolText,
        source: "protocol: naming of streams and fields",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct NameNotText;

impl Observer for NameNotText {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        if let Some(Message::Catalog(catalog)) = look.message()
            && look.summary.catalog.is_none()
            && has_half_letters(catalog.payload.get())
        {
            findings.report("half", || {
                Violation::new(
                    "the CATALOG has half a letter in it",
                    "the CATALOG has half of a surrogate pair in a text, and can't be judged further",
                )
                .on(look.line)
            });
        }
        // Where bytes were no UTF-8, the marks are ours.
        let is_intact = look.line.invalid_utf8.is_none();
        let is_torn = |name: &str| is_intact && name.contains(REPLACEMENT);
        for (at, stream) in look.discovered().iter().enumerate() {
            let descriptor = &stream.descriptor;
            if is_torn(&descriptor.name) || descriptor.namespace.as_deref().is_some_and(is_torn) {
                findings.report_stream("stream", descriptor, || {
                    Violation::new(
                        "a stream's name has lost a letter",
                        format!("`{descriptor}` has U+FFFD in its name"),
                    )
                    .part(look.line, format!("/catalog/streams/{at}/name"), &stream.raw["name"])
                    .level(Level::Should)
                });
            }
        }
        for place in look.described() {
            let Place::Property { name, .. } = place.place else { continue };
            let (cause, title, level) = match name {
                "" => ("empty", "a field is named by the empty string", Level::Must),
                name if is_torn(name) => ("field", "a field's name has lost a letter", Level::Should),
                _ => continue,
            };
            findings.report_stream(cause, place.descriptor(), || {
                let message = format!("`{}` has a field named `{name}`", place.descriptor());
                place.violation(look, "", title, message).level(level)
            });
        }
    }
}

/// Whether a text is kept from being JSON by half of a surrogate pair.
fn has_half_letters(json: &str) -> bool {
    serde_json::from_str::<Value>(json).is_err_and(|error| error.to_string().contains("surrogate"))
}
