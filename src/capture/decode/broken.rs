//! Finding out what is wrong with an object that is no clean message.

use super::{Decoded, Found, envelope, torn};
use crate::protocol::Kind;
use crate::protocol::scan::with_pairs_only;
use crate::text;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::fmt;

/// Why the platform can't take an object as the message that it means to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// Its `type` is none of the protocol's, missing, or no string.
    UnknownType {
        /// As written, None where it is missing or no string.
        written: Option<String>,
        /// The type that was most likely meant: by its spelling, or by the payload that is there.
        meant: Option<Kind>,
    },
    /// The payload that its type asks for is missing, null or no object.
    NoPayload {
        /// The type.
        kind: Kind,
    },
    /// A required member of the payload is missing or of a wrong type.
    Member {
        /// The type.
        kind: Kind,
        /// JSON pointer to the member.
        pointer: String,
        /// What it should be.
        expected: &'static str,
    },
}

impl Broken {
    /// The kind of message that was meant, where that can be told.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Broken::UnknownType { meant, .. } => *meant,
            Broken::NoPayload { kind } | Broken::Member { kind, .. } => Some(*kind),
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Broken::UnknownType { written: None, .. } => f.write_str("`type` is missing or no string"),
            Broken::UnknownType { written: Some(word), .. } => write!(f, "`type` is `{}`", text::shorten(word, 60)),
            Broken::NoPayload { kind } => write!(f, "{} without an object `{}`", kind.as_str(), kind.payload_key()),
            Broken::Member { pointer, expected, .. } => write!(f, "`{pointer}` is not {expected}"),
        }
    }
}

/// Looks closer at a text that begins as an object does.
pub(super) fn diagnose(body: &str, skipped: usize) -> Found<'_> {
    let plain = Found::plain;
    let mut values = serde_json::Deserializer::from_str(body).into_iter::<Value>();
    let first = values.next();
    let end = values.byte_offset();
    match first {
        Some(Ok(value)) => {
            let trailing = (!body[end..].trim_ascii().is_empty()).then_some(skipped + end);
            match find(&value) {
                Some(broken) => Found { decoded: Decoded::Broken(broken), trailing, beside: None },
                None if trailing.is_some() => plain(Decoded::Text { lost: holds_a_message(body) }),
                None => plain(Decoded::Json),
            }
        }
        Some(Err(error)) if error.is_eof() => plain(Decoded::Fragment { opening: true }),
        _ => plain(unreadable(body, skipped)),
    }
}

/// What begins as an object does and is none that we can read.
fn unreadable(body: &str, skipped: usize) -> Decoded<'_> {
    if let Some((token, at)) = non_finite(body) {
        return Decoded::NonFinite { token, at: skipped + at };
    }
    if let Some(kind) = halved(body) {
        let pointer = format!("/{}", kind.payload_key());
        return Decoded::Broken(Broken::Member {
            kind,
            pointer,
            expected: "free of half surrogate pairs in its names",
        });
    }
    let lost = holds_a_message(body) || is_disguised(body);
    if lost && serde_json::from_str::<IgnoredAny>(body).is_ok() {
        // Only a tree has a limit to its depth.
        return Decoded::Deep;
    }
    match torn::place(body).filter(|_| lost) {
        Some(at) => Decoded::Torn { opening: true, at: skipped + at },
        None => Decoded::Text { lost },
    }
}

/// The kind of a message that can be read but for halves of surrogate pairs where no text of people stands: those are
/// read all the same.
fn halved(body: &str) -> Option<Kind> {
    let repaired = with_pairs_only(body)?;
    envelope::read(&repaired).ok().map(|(message, ..)| message.kind())
}

/// Whether a line is a message and nothing else, but written as JSON twice or as Python prints an object: it is lost. One
/// that is quoted within a text is not meant.
pub(super) fn is_disguised(body: &str) -> bool {
    if body.starts_with("{'") {
        return holds_a_message(&body.replace('\'', "\""));
    }
    let within = || serde_json::from_str::<String>(body).ok();
    body.starts_with('"') && within().is_some_and(|text| text.trim_start().starts_with('{') && holds_a_message(&text))
}

/// Whether a text that can't be read holds a message that is lost with it.
pub fn holds_a_message(text: &str) -> bool {
    let squeezed: String = text.chars().filter(|letter| !letter.is_whitespace()).take(1_000_000).collect();
    Kind::ALL.iter().any(|kind| squeezed.contains(&format!("\"type\":\"{}\"", kind.as_str())))
}

/// What is wrong with an object, None where it does not mean to be a message.
fn find(value: &Value) -> Option<Broken> {
    let members = value.as_object()?;
    let payload = Kind::ALL.into_iter().find(|kind| members.get(kind.payload_key()).is_some_and(Value::is_object));
    let written = members.get("type").and_then(Value::as_str);
    let Some(kind) = written.and_then(Kind::parse) else {
        // `type` is a common word: without a payload, only a slip of letter case says that a message is meant.
        let same = |kind: &Kind| written.is_some_and(|word| word.eq_ignore_ascii_case(kind.as_str()));
        let meant = payload.or_else(|| Kind::ALL.into_iter().find(same));
        let means_a_message = payload.is_some() || (written.is_some() && meant.is_some());
        return (means_a_message || written.is_some()).then(|| Broken::UnknownType {
            written: written.map(str::to_owned),
            meant: meant.filter(|_| means_a_message),
        });
    };
    let Some(payload) = members.get(kind.payload_key()).filter(|payload| payload.is_object()) else {
        return Some(Broken::NoPayload { kind });
    };
    let (pointer, expected) =
        wrong_member(kind, payload).unwrap_or(("".into(), "free of members that stand twice or have a wrong type"));
    Some(Broken::Member { kind, pointer: format!("/{}{pointer}", kind.payload_key()), expected })
}

/// Where a member stands, what fits there, and that in words.
type Member = (&'static str, fn(&Value) -> bool, &'static str);

/// The first required member that is missing or of a wrong type.
fn wrong_member(kind: Kind, payload: &Value) -> Option<(String, &'static str)> {
    let is_string: fn(&Value) -> bool = Value::is_string;
    let text_or_null: fn(&Value) -> bool = |value| value.is_string() || value.is_null();
    let required: &[Member] = match kind {
        Kind::Record => &[("/stream", is_string, "a string"), ("/data", |_| true, "there")],
        Kind::Log => &[("/level", is_string, "a string"), ("/message", is_string, "a string")],
        Kind::ConnectionStatus => &[("/status", is_string, "a string")],
        Kind::Catalog => &[("/streams", Value::is_array, "an array")],
        Kind::Trace => return wrong_trace(payload),
        _ => &[],
    };
    let optional: &[Member] = match kind {
        Kind::Record => &[("/namespace", text_or_null, "a string or null")],
        Kind::ConnectionStatus => &[("/message", text_or_null, "a string or null")],
        _ => &[],
    };
    let required = required.iter().find(|(at, fits, _)| !payload.pointer(at).is_some_and(fits));
    let optional = optional.iter().find(|(at, fits, _)| payload.pointer(at).is_some_and(|value| !fits(value)));
    required.or(optional).map(|(at, _, expected)| ((*at).to_owned(), *expected))
}

fn wrong_trace(payload: &Value) -> Option<(String, &'static str)> {
    let (member, inside): (&str, &[&str]) = match payload.get("type").and_then(Value::as_str) {
        None => return Some(("/type".into(), "a string")),
        Some("ERROR") => ("error", &[]),
        Some("ESTIMATE") => ("estimate", &[]),
        Some("STREAM_STATUS") => ("stream_status", &["/stream_descriptor/name", "/status"]),
        Some("ANALYTICS") => ("analytics", &["/type"]),
        Some(_) => return None,
    };
    let Some(body) = payload.get(member).filter(|body| body.is_object()) else {
        return Some((format!("/{member}"), "an object"));
    };
    let message = body.get("message").filter(|message| member == "error" && !message.is_string() && !message.is_null());
    if message.is_some() {
        return Some(("/error/message".into(), "a string"));
    }
    let wrong = inside.iter().find(|at| !body.pointer(at).is_some_and(Value::is_string));
    wrong.map(|at| (format!("/{member}{at}"), "a string"))
}

/// The first token that JSON does not have, where replacing all of them makes the text JSON.
fn non_finite(body: &str) -> Option<(&'static str, usize)> {
    let mut first = None;
    let mut repaired = String::with_capacity(body.len());
    let (mut at, mut in_string) = (0, false);
    while at < body.len() {
        let rest = &body[at..];
        let token = ["NaN", "-Infinity", "Infinity"].into_iter().find(|token| !in_string && rest.starts_with(token));
        let taken = match (token, rest.as_bytes()[0]) {
            (Some(token), _) => {
                first.get_or_insert((token, at));
                repaired.push('0');
                at += token.len();
                continue;
            }
            (None, b'\\') if in_string => 2,
            (None, b'"') => {
                in_string = !in_string;
                1
            }
            (None, _) => 1,
        };
        let end = (at + taken..=body.len()).find(|end| body.is_char_boundary(*end)).unwrap_or(body.len());
        repaired.push_str(&body[at..end]);
        at = end;
    }
    first.filter(|_| serde_json::from_str::<IgnoredAny>(&repaired).is_ok())
}
