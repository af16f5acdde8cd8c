//! One record of many bytes, made while it is sent.

use super::record;
use crate::protocol::Descriptor;
use bytes::Bytes;

/// What the text of a long record repeats.
const PATTERN: &str = "airproof ";

/// A record with the fields `id` and `text`, which is so long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LongRecord {
    /// The stream.
    pub stream: Descriptor,
    /// The field `id`.
    pub id: u64,
    /// The length of the field `text`, in bytes.
    pub bytes: u64,
    /// When it was emitted, in epoch milliseconds.
    pub emitted_at: i64,
}

impl LongRecord {
    /// The line, piece by piece.
    pub fn pieces(&self) -> impl Iterator<Item = Bytes> + Send + use<> {
        /// How often a piece repeats the pattern.
        const TIMES: usize = 28 * 1024;
        const MARK: &str = "<text>";
        let line = record(&self.stream, format!(r#"{{"id":{},"text":"{MARK}"}}"#, self.id), self.emitted_at);
        let (before, after) = line.rsplit_once(MARK).unwrap_or((line.as_str(), ""));
        let (before, after) = (Bytes::from(before.to_owned()), Bytes::from(format!("{after}\n")));
        let piece = Bytes::from(PATTERN.repeat(TIMES));
        let mut left = self.bytes;
        let text = std::iter::from_fn(move || {
            let next = piece.slice(..(piece.len() as u64).min(left) as usize);
            left -= next.len() as u64;
            (!next.is_empty()).then_some(next)
        });
        std::iter::once(before).chain(text).chain(std::iter::once(after))
    }

    /// Whether that is its text, the whole of it.
    pub fn is_text(&self, text: &str) -> bool {
        text.len() as u64 == self.bytes && self.begins_with(text)
    }

    /// Whether its text begins so.
    pub fn begins_with(&self, text: &str) -> bool {
        text.len() as u64 <= self.bytes && text.bytes().eq(PATTERN.bytes().cycle().take(text.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_message_of_the_length_that_was_asked_for() {
        let stream = Descriptor { name: "a <text>".to_owned(), namespace: Some("n".to_owned()) };
        let long = LongRecord { stream, id: 2, bytes: 1_000_003, emitted_at: 7 };
        let bytes: Vec<u8> = long.pieces().flatten().collect();
        let message: serde_json::Value = serde_json::from_slice(&bytes).expect("a message");
        let data = &message["record"]["data"];
        let text = data["text"].as_str().expect("a text");
        assert_eq!((message["record"]["stream"].as_str(), data["id"].as_u64()), (Some("a <text>"), Some(2)));
        assert!(long.is_text(text) && !long.is_text(&text[1..]) && long.begins_with(&text[..500]));
        assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 1);
    }
}
