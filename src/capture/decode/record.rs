//! The way of nearly all messages: a record written as the kits write it, without a space between its parts.
//!
//! Whatever is written otherwise is left to the way of all messages, which finds the same and takes twice as long.

use crate::protocol::Record;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// How such a message begins.
const BEGINNING: &str = r#"{"type":"RECORD","record":{"#;

/// Reads a record at the beginning of the text, and where it ends. None says nothing about the text.
pub(super) fn read(text: &str) -> Option<(Record<'_>, usize)> {
    let mut rest = text.strip_prefix(BEGINNING)?;
    let (mut stream, mut namespace, mut data, mut emitted_at) = (None, None, None, None);
    loop {
        let text = rest.strip_prefix('"')?;
        let (name, value) = text.split_at(memchr::memchr(b'"', text.as_bytes())?);
        let value = value.strip_prefix("\":")?;
        let after = match name {
            "stream" => put(&mut stream, string(value)?)?,
            "namespace" => put(&mut namespace, string(value)?)?,
            "data" => put(&mut data, raw(value)?)?,
            "emitted_at" => put(&mut emitted_at, raw(value)?)?,
            _ => return None,
        };
        if let Some(more) = after.strip_prefix(',') {
            rest = more;
        } else {
            rest = after.strip_prefix("}}")?;
            break;
        }
    }
    let record = Record {
        stream: Cow::Borrowed(stream?),
        namespace: namespace.map(Cow::Borrowed),
        data: data?,
        emitted_at: emitted_at.filter(is_there),
        meta: None,
        file_reference: None,
    };
    Some((record, text.len() - rest.len()))
}

/// Puts a value into its place and gives back what stands behind it. None where the member stands twice.
fn put<'t, T>(place: &mut Option<T>, (value, after): (T, &'t str)) -> Option<&'t str> {
    place.replace(value).is_none().then_some(after)
}

/// A string that says what is written, and what stands behind it.
fn string(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('"')?;
    let end = text.bytes().position(|byte| byte == b'"' || byte == b'\\' || byte < b' ')?;
    let after = text[end..].strip_prefix('"')?;
    Some((&text[..end], after))
}

/// A value as it is written, and what stands behind it.
fn raw(text: &str) -> Option<(&RawValue, &str)> {
    // White space before a value would stand in it as written.
    text.as_bytes().first().filter(|byte| !byte.is_ascii_whitespace())?;
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let value = values.next()?.ok()?;
    Some((value, &text[values.byte_offset()..]))
}

fn is_there(value: &&RawValue) -> bool {
    value.get() != "null"
}

#[cfg(test)]
mod tests {
    use super::super::envelope;
    use super::*;
    use crate::protocol::Message;

    fn slow(text: &str) -> Option<String> {
        let (message, end, _) = envelope::read_any(text).ok()?;
        match message {
            Message::Record(record) => Some(format!("{record:?} {end}")),
            _ => None,
        }
    }

    #[test]
    fn both_ways_find_the_same() {
        let quick = [
            r#"{"type":"RECORD","record":{"stream":"a","data":{"x":[1,"}"]},"emitted_at":1700000000000}}"#,
            r#"{"type":"RECORD","record":{"data":{},"namespace":"ä","emitted_at":null,"stream":"a"}} tail"#,
            r#"{"type":"RECORD","record":{"stream":"a","data":null}}{"type":"RECORD"}"#,
        ];
        for text in quick {
            let found = read(text).map(|(record, end)| format!("{record:?} {end}"));
            assert!(found.is_some(), "{text}");
            assert_eq!(found, slow(text));
        }
    }

    #[test]
    fn what_is_in_doubt_is_left_alone() {
        for text in [
            r#"{"type":"RECORD","record":{"stream":"a\n","data":{}}}"#,
            r#"{"type":"RECORD","record":{"stream":"a","stream":"b","data":{}}}"#,
            r#"{"type":"RECORD","record":{"stream":"a","data":{},"meta":{}}}"#,
            r#"{"type":"RECORD","record":{"stream":"a","data":{}},"log":{}}"#,
            r#"{"type":"RECORD","record":{"stream":"a","data":{"x":NaN}}}"#,
            r#"{"type":"RECORD","record":{"stream": "a", "data": {}}}"#,
            r#"{"type":"RECORD","record":{"stream":null,"data":{}}}"#,
            r#"{"type":"RECORD","record":{"stream":"a"}}"#,
            r#"{"type":"RECORD","record":{"stream":"a","data":{}"#,
            r#"{"type":"RECORD","record":{}}"#,
            r#"{"type":"RECORD","record":{"stream":"a"ü"#,
            "{\"type\":\"RECORD\",\"record\":{\"stream\":\"a\u{1}\",\"data\":{}}}",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
