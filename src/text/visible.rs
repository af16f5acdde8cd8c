//! Hostile text made harmless and visible: control characters, terminal escapes and direction overrides as symbols.

/// The text with everything that a terminal or a reader's eye could be fooled by shown as a symbol or an escape.
pub fn visible(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut shown, letter| {
        match letter {
            '\t' => shown.push('→'),
            '\n' => shown.push('⏎'),
            '\0'..='\x1f' => shown.push(char::from_u32(0x2400 + letter as u32).unwrap_or('�')),
            '\x7f' => shown.push('␡'),
            '\u{80}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{fffe}'..='\u{ffff}'
            | '\u{e0000}'..='\u{e007f}' => shown.push_str(&format!("<U+{:04X}>", letter as u32)),
            plain => shown.push(plain),
        }
        shown
    })
}

/// Bytes as visible text; what is not UTF-8 becomes `<0xFF>`.
pub fn visible_bytes(bytes: &[u8]) -> String {
    bytes.utf8_chunks().fold(String::new(), |mut shown, part| {
        shown.push_str(&visible(part.valid()));
        part.invalid().iter().for_each(|byte| shown.push_str(&format!("<0x{byte:02X}>")));
        shown
    })
}

/// The text, cut to `limit` characters with an ellipsis where it is longer.
pub fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_overrides_cannot_act() {
        assert_eq!(visible("a\x1b[31mb\0\u{202e}c"), "a␛[31mb␀<U+202E>c");
        assert_eq!(visible_bytes(b"ok\xff\xfe"), "ok<0xFF><0xFE>");
        assert_eq!(shorten("äöü", 2), "äö…");
    }
}
