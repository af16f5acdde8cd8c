//! A line's bytes to what they are: a message, a message gone wrong, or something else. Never fails.

mod broken;
mod envelope;
mod fragment;
mod record;
mod torn;

use broken::diagnose;
pub use broken::{Broken, holds_a_message};
use fragment::{Fragments, Joined};
use torn::Torn;

use crate::protocol::{Kind, Message};
use std::borrow::Cow;

/// What a line is.
#[derive(Debug)]
pub enum Decoded<'a> {
    /// Nothing but white space.
    Blank,
    /// A message.
    Message(Message<'a>),
    /// A JSON object that means to be a message and that the platform can't take as one.
    Broken(Broken),
    /// JSON, but no message and none meant.
    Json,
    /// Neither. `lost` says that a record or another message is in it, which is lost.
    Text {
        /// See above.
        lost: bool,
    },
    /// A JSON object but for a number that JSON does not have.
    NonFinite {
        /// `NaN`, `Infinity` or `-Infinity`.
        token: &'static str,
        /// Where it stands, in bytes.
        at: usize,
    },
    /// A part of a JSON object that is spread over several lines.
    Fragment {
        /// Whether the object begins here.
        opening: bool,
    },
    /// A message that another writer's message was written into: the platform can read neither.
    Torn {
        /// Whether the torn message begins here, with the other one within it. Else this is its rest.
        opening: bool,
        /// Where the other one begins, in bytes; 0 in the rest.
        at: usize,
    },
    /// Means to be a message, and is nested deeper than what is looked into.
    Deep,
    /// Longer than what is held of a line.
    Overlong,
}

/// What [`Decoder::decode`] finds.
#[derive(Debug)]
pub struct Found<'a> {
    /// What the line is.
    pub decoded: Decoded<'a>,
    /// Where something stands behind its first JSON value.
    pub trailing: Option<usize>,
    /// The kind of another message whose payload stands beside the message's own.
    pub beside: Option<Kind>,
}

impl Found<'_> {
    fn plain(decoded: Decoded<'_>) -> Found<'_> {
        Found { decoded, trailing: None, beside: None }
    }
}

/// Decodes the lines of one stdout, in order. Remembers only an object that is spread over several of them, or torn in two.
#[derive(Debug, Default)]
pub struct Decoder {
    fragments: Fragments,
    torn: Torn,
}

impl Decoder {
    /// Decodes a line. `whole` is false where the line is longer than its text.
    pub fn decode<'a>(&mut self, text: &'a str, whole: bool) -> Found<'a> {
        if !whole {
            self.fragments.give_up();
            return Found::plain(Decoded::Overlong);
        }
        if self.torn.is_rest(text) {
            return Found::plain(Decoded::Torn { opening: false, at: 0 });
        }
        let found = decode_alone(text);
        if let Decoded::Torn { at, .. } = found.decoded {
            self.torn.open(text, at);
        }
        let decoded = match found.decoded {
            Decoded::Message(_) | Decoded::Broken(_) => {
                self.fragments.give_up();
                found.decoded
            }
            other if self.fragments.is_open() => match self.fragments.join(text) {
                Joined::Open | Joined::Complete => Decoded::Fragment { opening: false },
                Joined::No => other,
            },
            Decoded::Fragment { opening: true } => {
                self.fragments.open(text);
                Decoded::Fragment { opening: true }
            }
            other => other,
        };
        Found { decoded, ..found }
    }
}

/// The text of a line: borrowed where it is UTF-8, else with U+FFFD in place of what is not, and where that began.
pub(super) fn text_of(bytes: &[u8]) -> (Cow<'_, str>, Option<usize>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), None),
        Err(error) => (String::from_utf8_lossy(bytes), Some(error.valid_up_to())),
    }
}

/// Where in the bytes a place of their text stands: U+FFFD is longer than what it stands for.
pub(super) fn place_in(bytes: &[u8], at: usize) -> usize {
    let (mut in_text, mut in_bytes) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid().len();
        if at <= in_text + valid {
            return in_bytes + at.saturating_sub(in_text);
        }
        in_text += valid + '\u{fffd}'.len_utf8();
        in_bytes += valid + chunk.invalid().len();
    }
    bytes.len()
}

fn decode_alone(text: &str) -> Found<'_> {
    let plain = Found::plain;
    let body = text.trim_ascii_start();
    let skipped = text.len() - body.len();
    if body.is_empty() {
        return plain(Decoded::Blank);
    }
    if !body.starts_with('{') {
        return plain(not_an_object(body));
    }
    match envelope::read(body) {
        Ok((message, end, beside)) => {
            let trailing = (!body[end..].trim_ascii().is_empty()).then_some(skipped + end);
            Found { decoded: Decoded::Message(message), trailing, beside }
        }
        Err(_) => diagnose(body, skipped),
    }
}

/// A line that does not begin as an object does: JSON all the same, or text, with a message inside or not.
fn not_an_object(body: &str) -> Decoded<'_> {
    if broken::is_disguised(body) {
        Decoded::Text { lost: true }
    } else if serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok() {
        Decoded::Json
    } else {
        Decoded::Text { lost: broken::holds_a_message(body) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(lines: &[&str]) -> Vec<String> {
        let mut decoder = Decoder::default();
        lines
            .iter()
            .map(|line| {
                let found = decoder.decode(line, true);
                let name = match found.decoded {
                    Decoded::Message(message) => message.kind().as_str().to_owned(),
                    Decoded::Broken(broken) => format!("broken: {broken}"),
                    other => format!("{other:?}"),
                };
                found.trailing.map_or(name.clone(), |at| format!("{name} +{at}"))
            })
            .collect()
    }

    #[test]
    fn lines_are_told_apart() {
        let log = r#"{"type":"LOG","log":{"level":"INFO","message":"x"}}"#;
        insta::assert_debug_snapshot!(kinds(&[
            log,
            &format!("  {log} {log}"),
            "",
            "plain text",
            "[2024-01-01] a log line",
            "17",
            "{}",
            r#"{"level":"info"}"#,
            r#"{"type":"DEBUG","message":"x"}"#,
            r#"{"type":"record","record":{"stream":"a","data":{},"emitted_at":1}}"#,
            r#"{"type":"RECORD"}"#,
            r#"{"type":"RECORD","record":{"stream":5,"data":{},"emitted_at":1}}"#,
            r#"{"type":"RECORD","record":{"stream":"a","emitted_at":1}}"#,
            r#"{"type":"RECORD","record":{"stream":"a","data":{"x":NaN},"emitted_at":1}}"#,
            r#"{"type":"RECORD","record":{"stream":"a","data":{"x":"NaN"},"emitted_at":1}}"#,
            r#"{"type":"REC{"type":"RECORD","record":{}}"#,
            r#"Exception: {"type":"RECORD","record":{"stream":"a"}}"#,
            r#"{"type":"TRACE","trace":{"type":"ERROR","emitted_at":1}}"#,
            r#"{"type":"STATE","state":{"type":"STREAM","stream":{}}}"#,
            r#"{"type":"STATE","state":{"data":{}}}"#,
        ]));
    }

    #[test]
    fn places_are_those_of_the_bytes() {
        let bytes = b"ab\xffcd\xff\xffe";
        let text = String::from_utf8_lossy(bytes);
        for letter in ["a", "b", "c", "d", "e"] {
            let at = text.find(letter).expect("it is there");
            assert_eq!(bytes[place_in(bytes, at)], letter.as_bytes()[0]);
        }
        assert_eq!(place_in(bytes, text.len()), bytes.len());
    }

    #[test]
    fn an_object_spread_over_lines_is_one_thing() {
        assert_eq!(
            kinds(&["{", r#"  "type": "LOG","#, r#"  "log": {"level": "INFO", "message": "x"}"#, "}", "text"]),
            [
                "Fragment { opening: true }",
                "Fragment { opening: false }",
                "Fragment { opening: false }",
                "Fragment { opening: false }",
                "Text { lost: false }"
            ]
        );
        assert_eq!(
            kinds(&[r#"{"type":"LOG","log":{"level":"INFO","message":"one"#, "two", r#"three"}}"#, "text"]),
            [
                "Fragment { opening: true }",
                "Fragment { opening: false }",
                "Fragment { opening: false }",
                "Text { lost: false }"
            ]
        );
        let log = r#"{"type":"LOG","log":{"level":"INFO","message":"x"}}"#;
        assert_eq!(kinds(&[r#"{"type":"RECORD","record":{"str"#, log, "text"])[1..], ["LOG", "Text { lost: false }"]);
    }
}
