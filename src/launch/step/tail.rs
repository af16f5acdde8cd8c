//! The end of what a step puts out: it is told where the step fails, and kept nowhere.

use crate::text;
use std::fs::File;
use std::io::{self, Seek, Write};

/// What is kept of an output: its end, in bytes.
const MOST_KEPT: usize = 64 * 1024;
/// What is told of it, in characters.
const MOST_TOLD: usize = 500;

/// The end of an output.
#[derive(Debug, Default)]
pub(in crate::launch) struct Tail(Vec<u8>);

impl Tail {
    /// Adds more of the output.
    pub fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
        if self.0.len() > 2 * MOST_KEPT {
            self.0.drain(..self.0.len() - MOST_KEPT);
        }
    }

    /// Its last characters, harmless on a terminal.
    pub fn shown(&self) -> String {
        let output = &self.0[self.0.len().saturating_sub(MOST_KEPT)..];
        let shown = text::visible_bytes(output.trim_ascii());
        let cut = shown.chars().count().saturating_sub(MOST_TOLD);
        let end: String = shown.chars().skip(cut).collect();
        if cut > 0 { format!("…{end}") } else { end }
    }
}

/// All of an output, in a file, or as much of it as may be kept.
#[derive(Debug)]
pub struct Printed {
    file: File,
    room: u64,
    is_cut: bool,
    failure: Option<io::Error>,
}

impl Printed {
    /// At most so many bytes, in a file without a name.
    pub fn at_most(room: u64) -> io::Result<Printed> {
        Ok(Printed { file: tempfile::tempfile()?, room, is_cut: false, failure: None })
    }

    /// Adds more of the output.
    pub(in crate::launch) fn push(&mut self, bytes: &[u8]) {
        let kept = usize::try_from(self.room).unwrap_or(usize::MAX).min(bytes.len());
        self.is_cut |= kept < bytes.len();
        self.room -= kept as u64;
        if self.failure.is_none() {
            self.failure = self.file.write_all(&bytes[..kept]).err();
        }
    }

    /// The file from its beginning, and whether there was more. Errs where it could not be written.
    pub fn finish(mut self) -> io::Result<(File, bool)> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        self.file.rewind()?;
        Ok((self.file, self.is_cut))
    }
}

/// Where an output of a step goes.
pub(in crate::launch) enum Sink<'s> {
    /// Its end is kept for an error.
    Tail(&'s mut Tail),
    /// All of it is wanted.
    Printed(&'s mut Printed),
}

impl Sink<'_> {
    pub fn push(&mut self, bytes: &[u8]) {
        match self {
            Sink::Tail(tail) => tail.push(bytes),
            Sink::Printed(printed) => printed.push(bytes),
        }
    }
}

/// How a command ended, and the end of what it said.
pub(in crate::launch) fn describe(how: String, stderr: &Tail, stdout: &Tail) -> String {
    let said = [("stderr", stderr.shown()), ("stdout", stdout.shown())];
    match said.iter().find(|(_, end)| !end.is_empty()) {
        Some((channel, end)) => format!("{how}. Its {channel} ends with: {end}"),
        None => format!("{how}, and put nothing out"),
    }
}
