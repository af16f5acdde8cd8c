//! Splitting bytes into lines. LF alone ends a line: a chunk's end does not, and neither does U+2028.

/// How much of one line is held, in bytes. The platform refuses lines of 20 million characters and more, so what is
/// longer than this can't be a message.
pub const HELD: usize = 24 * 1024 * 1024;

/// After a long line, the buffer is given back down to this size.
const KEPT: usize = 256 * 1024;

/// A line, without its LF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawLine<'a> {
    /// Its bytes, at most [`HELD`].
    pub bytes: &'a [u8],
    /// Its length in bytes, whether held or not.
    pub length: u64,
    /// Whether an LF ended it; only the last line of an output may lack one.
    pub terminated: bool,
}

/// Splits one channel's bytes.
#[derive(Debug, Default)]
pub struct Lines {
    held: Vec<u8>,
    length: u64,
}

impl Lines {
    /// Takes the next bytes and hands on every line that they complete.
    pub fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(RawLine<'_>)) {
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            if self.length == 0 && line.len() <= HELD {
                each(RawLine { bytes: line, length: line.len() as u64, terminated: true });
            } else {
                self.hold(line);
                each(RawLine { bytes: &self.held, length: self.length, terminated: true });
                self.reset();
            }
            rest = after;
        }
        self.hold(rest);
    }

    /// Hands on what is left when the output has ended.
    pub fn finish(&mut self, mut each: impl FnMut(RawLine<'_>)) {
        if self.length > 0 {
            each(RawLine { bytes: &self.held, length: self.length, terminated: false });
            self.reset();
        }
    }

    fn hold(&mut self, bytes: &[u8]) {
        let room = HELD.saturating_sub(self.held.len()).min(bytes.len());
        self.held.extend_from_slice(&bytes[..room]);
        self.length += bytes.len() as u64;
    }

    fn reset(&mut self) {
        self.held.clear();
        self.held.shrink_to(KEPT);
        self.length = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(chunks: &[&[u8]]) -> Vec<(Vec<u8>, u64, bool)> {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        let mut keep = |line: RawLine<'_>| found.push((line.bytes.to_vec(), line.length, line.terminated));
        for chunk in chunks {
            lines.feed(chunk, &mut keep);
        }
        lines.finish(&mut keep);
        found
    }

    #[test]
    fn lines_do_not_depend_on_the_chunks() {
        let text = "one\n\ntwo\u{2028}still two\r\nthree".as_bytes();
        let whole = split(&[text]);
        assert_eq!(whole.len(), 4);
        assert_eq!(whole[3], (b"three".to_vec(), 5, false));
        for size in 1..text.len() {
            assert_eq!(split(&text.chunks(size).collect::<Vec<_>>()), whole, "chunks of {size}");
        }
    }

    #[test]
    fn a_line_longer_than_the_bound_is_measured_not_held() {
        let chunk = vec![b'x'; HELD / 2 + 1];
        let found = split(&[&chunk, &chunk, &chunk, b"\nshort\n"]);
        assert_eq!((found[0].0.len(), found[0].1), (HELD, 3 * chunk.len() as u64));
        assert_eq!(found[1].0, b"short");
    }
}
