//! A writer that passes lines on in the manner of the terminal behind it.

use super::Manner;
use std::io::{self, Write};

/// Collects what is written, and passes on each line once it is whole.
pub struct Outlet<W: Write> {
    out: W,
    manner: Manner,
    line: Vec<u8>,
}

impl<W: Write> Outlet<W> {
    /// Writes to `out`. What has no line's end is written when the outlet is flushed or dropped.
    pub fn new(out: W, manner: Manner) -> Self {
        Outlet { out, manner, line: Vec::new() }
    }

    fn pass_on(&mut self, end: &[u8]) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        self.out.write_all(self.manner.written(&String::from_utf8_lossy(&line)).as_bytes())?;
        self.out.write_all(end)
    }
}

impl<W: Write> Write for Outlet<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            match part.strip_suffix(b"\n") {
                Some(rest) => {
                    self.line.extend_from_slice(rest);
                    self.pass_on(b"\n")?;
                }
                None => self.line.extend_from_slice(part),
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.line.is_empty() {
            self.pass_on(b"")?;
        }
        self.out.flush()
    }
}

impl<W: Write> Drop for Outlet<W> {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}
