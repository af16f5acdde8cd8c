//! The end of what a step puts out: it is told where the step fails, and kept nowhere.

use crate::text;

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

/// How a command ended, and the end of what it said.
pub(in crate::launch) fn describe(how: String, stderr: &Tail, stdout: &Tail) -> String {
    let said = [("stderr", stderr.shown()), ("stdout", stdout.shown())];
    match said.iter().find(|(_, end)| !end.is_empty()) {
        Some((channel, end)) => format!("{how}. Its {channel} ends with: {end}"),
        None => format!("{how}, and put nothing out"),
    }
}
