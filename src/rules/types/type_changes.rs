use crate::protocol::{Kind, members};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use std::collections::BTreeMap;

/// The kinds of JSON that a field can hold, null left out.
const KINDS: [&str; 5] = ["a string", "a number", "a boolean", "an object", "an array"];

rule! {
    /// A field without a declared type holds values of several types.
    ///
    /// # What it checks
    /// For each top-level field that the schema declares without a type (`{}`, or a description only): all values of a
    /// run that are not null are of one JSON type. A union that is declared is fine, and fields with a type are
    /// validated.
    ///
    /// # Why it matters
    /// A destination gives the field one column. It takes it for text, or guesses from the first rows, and the others
    /// fail.
    ///
    /// # Example
    /// With `"value": {}` in the schema:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"value":"5"},"emitted_at":1700000000000}}
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"value":5},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"value":"5"},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"value":"6"},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Declare the type, and convert what differs. Where values really are of several types, declare a union, `{"type":
    /// ["null", "string", "number"]}`, or emit text (Low-code: `AddFields` with `value_type: string`; Java:
    /// `JsonNode.toString()`).
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests take any value where no type is declared.
    TypeChanges {
        code: "TYPE-014",
        name: "field-type-changes",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "supported data types: Unions",
        watches: [Watch::Message(Kind::Record)],
        about: Stream,
    }
}

#[derive(Default)]
struct TypeChanges {
    /// By the stream's place and the field's among the open ones: the first line of each kind.
    fields: BTreeMap<(usize, usize), [u64; 5]>,
}

impl Observer for TypeChanges {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        let types = look.stream().and_then(|stream| stream.types.as_ref());
        let (Some(record), Some(place), Some(types)) = (look.record(), look.line.stream, types) else { return };
        if types.open_fields().is_empty() {
            return;
        }
        for (name, value) in members(record.data.get()).into_iter().flatten() {
            let Some(field) = types.open_fields().iter().position(|field| *field == name) else { continue };
            let kind = match value.as_bytes().first() {
                Some(b'"') => 0,
                Some(b't' | b'f') => 2,
                Some(b'{') => 3,
                Some(b'[') => 4,
                Some(b'n') | None => continue,
                Some(_) => 1,
            };
            let first = &mut self.fields.entry((place, field)).or_default()[kind];
            *first = if *first == 0 { look.line.number } else { *first };
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        for ((place, field), firsts) in &self.fields {
            let mut seen: Vec<(u64, &str)> =
                firsts.iter().copied().zip(KINDS).filter(|(first, _)| *first > 0).collect();
            seen.sort_unstable();
            let stream = &ending.scene.streams[*place];
            let open = stream.types.as_ref().map_or(&[][..], |types| types.open_fields());
            let (Some(field), [(_, usual), (first, other), ..]) = (open.get(*field), seen.as_slice()) else { continue };
            let field = text::shorten(field, 80);
            findings.report_stream(&field, &stream.descriptor, || {
                let all: Vec<String> = seen.iter().map(|(first, kind)| format!("{kind} in message {first}")).collect();
                Violation::new(
                    format!("`{field}` is of several types"),
                    format!("`{field}` of `{}`, declared without a type, is {}", stream.descriptor, all.join(", ")),
                )
                .at_message(*first)
                .pointer(format!("/record/data/{field}"))
                .expected(format!("{usual}, as in the first record"), *other)
            });
        }
    }
}
