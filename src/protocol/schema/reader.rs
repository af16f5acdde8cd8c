//! Reading JSON that is known to be valid, from its bytes and without building anything: strings and numbers are only
//! passed over, and reading stops wherever the reader of it has seen enough.

use super::Glimpse;
use std::borrow::Cow;

/// How much of a string is looked at byte by byte.
const SHORT: usize = 32;

/// A place in valid JSON. Each step is None where nothing more stands there.
pub(in crate::protocol) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(in crate::protocol) seen: Glimpse,
}

impl<'t> Reader<'t> {
    /// Before a value.
    pub(in crate::protocol) fn new(text: &'t str) -> Self {
        Reader { text, at: 0, seen: Glimpse::default() }
    }

    /// Where it stands, in bytes.
    pub(in crate::protocol) fn place(&self) -> usize {
        self.at
    }

    /// Passes over a member's name and its colon: the name as text.
    pub(in crate::protocol) fn member(&mut self) -> Option<Cow<'t, str>> {
        let (written, is_plain) = self.string()?;
        self.peek().filter(|byte| *byte == b':')?;
        self.at += 1;
        Some(if is_plain { Cow::Borrowed(written) } else { Cow::Owned(unescaped(written)?) })
    }

    /// Passes over a value: its text.
    pub(in crate::protocol) fn taken(&mut self) -> Option<&'t str> {
        self.peek()?;
        let start = self.at;
        self.skip()?;
        self.text.get(start..self.at)
    }

    /// Passes over a value, whatever it is: it has no members that anybody counts.
    pub(in crate::protocol) fn skip(&mut self) -> Option<usize> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => drop(self.string()?),
                b'{' | b'[' => (depth, self.at) = (self.seen.extent(depth + 1), self.at + 1),
                b'}' | b']' => (depth, self.at) = (depth.checked_sub(1)?, self.at + 1),
                b',' | b':' => self.at += 1,
                _ => drop(self.scalar()?),
            }
            if depth == 0 {
                return Some(0);
            }
        }
    }

    /// Passes over white space, up to the next byte.
    pub(in crate::protocol) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at)?.is_ascii_whitespace() {
            self.at += 1;
        }
        Some(bytes[self.at])
    }

    /// Enters an array or an object that ends with `end`: whether anything is in it.
    pub(in crate::protocol) fn opens(&mut self, end: u8) -> Option<bool> {
        self.at += 1;
        let is_empty = self.peek()? == end;
        self.at += usize::from(is_empty);
        Some(!is_empty)
    }

    /// Passes over the comma or the end behind an item or a member: whether another follows.
    pub(in crate::protocol) fn goes_on(&mut self) -> Option<bool> {
        let goes_on = self.peek()? == b',';
        self.at += 1;
        if goes_on {
            self.peek()?;
        }
        Some(goes_on)
    }

    /// Passes over a string: what stands between its quotes, and whether that is the text itself, without escapes.
    pub(in crate::protocol) fn string(&mut self) -> Option<(&'t str, bool)> {
        let (bytes, start) = (self.text.as_bytes(), self.at + 1);
        let (mut end, mut is_plain) = (start, true);
        loop {
            match bytes.get(end)? {
                b'"' => break,
                b'\\' => (end, is_plain) = (end + self.seen.escape(bytes.get(end + 1)), false),
                // What searches a long text fast costs more than a short one takes.
                _ if end < start + SHORT => end += 1,
                _ => end += memchr::memchr2(b'"', b'\\', &bytes[end..])?,
            }
        }
        self.at = end + 1;
        Some((self.text.get(start..end)?, is_plain))
    }

    /// Passes over a number or a word.
    pub(in crate::protocol) fn scalar(&mut self) -> Option<&'t str> {
        let rest = self.text.get(self.at..)?;
        let ends = |byte: u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
        let length = rest.bytes().position(ends).unwrap_or(rest.len());
        self.at += self.seen.extent(length);
        rest.get(..length)
    }
}

/// What a string says that stands between these quotes.
pub(in crate::protocol) fn unescaped(written: &str) -> Option<String> {
    serde_json::from_str(&format!("\"{written}\"")).ok()
}
