//! A message that another writer's message was written into: two writers share one output without a lock.

use super::envelope;
use serde::de::IgnoredAny;

/// How much of a torn message is kept until its rest comes.
const KEPT: usize = 1024 * 1024;

/// How many places of a line are tried.
const TRIED: usize = 100;

/// The beginning of a torn message whose rest has not come yet.
#[derive(Debug, Default)]
pub(super) struct Torn {
    beginning: String,
}

impl Torn {
    /// Keeps what stands before the other message.
    pub(super) fn open(&mut self, line: &str, at: usize) {
        self.beginning = line.get(..at).filter(|text| text.len() < KEPT).unwrap_or_default().to_owned();
    }

    /// Whether the line is the rest of the torn message: whether the two together are whole.
    pub(super) fn is_rest(&mut self, line: &str) -> bool {
        if self.beginning.is_empty() {
            return false;
        }
        let whole = std::mem::take(&mut self.beginning) + line;
        serde_json::from_str::<IgnoredAny>(&whole).is_ok()
    }
}

/// Where another message stands whole within a text that begins as a message does and can't be read. None where there
/// is none. Within a string its quotes would be escaped, so it was not meant to stand there.
pub(super) fn place(body: &str) -> Option<usize> {
    let starts = memchr::memmem::find_iter(body.as_bytes(), b"{\"type\"").filter(|at| *at > 0).take(TRIED);
    { starts }.find(|at| envelope::read(&body[*at..]).is_ok())
}
