//! What of stdout was meant for the log: what the rules about lines and those about logs share out among them.

use super::Look;
use crate::capture::Decoded;

impl Look<'_> {
    /// Whether the line is a line of a log that was written as it is, without a message around it: LOG-002's to tell.
    pub(super) fn is_plain_log(&self) -> bool {
        let text = self.line.bytes.trim_ascii_start();
        let is_text = matches!(self.line.decoded, Decoded::Text { lost: false });
        is_text && !text.starts_with(b"{") && memchr::memchr(0, text).is_none() && self.line.invalid_utf8.is_none()
    }

    /// Whether a LOG begins on the line and breaks off within its text: LOG-006's to tell.
    pub(super) fn tears_a_log(&self) -> bool {
        if !matches!(self.line.decoded, Decoded::Fragment { opening: true }) {
            return false;
        }
        let squeezed: Vec<u8> = self.line.bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        memchr::memmem::find(&squeezed, b"\"log\":{").is_some() && ends_within_a_string(self.line.bytes)
    }
}

fn ends_within_a_string(bytes: &[u8]) -> bool {
    let (mut is_within, mut is_escaped) = (false, false);
    for byte in bytes {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_within,
            b'"' => is_within = !is_within,
            _ => {}
        }
    }
    is_within
}
