//! What a connector that crashed wrote last on stderr, for the findings about its crash.

use super::Ending;
use crate::text;

/// The words as the end of a message; nothing where it did not crash, or said nothing. They are as hostile as all output:
/// [`Findings`](super::Findings) make them visible and cut secrets out.
pub(super) fn last_words(ending: &Ending<'_>) -> String {
    let lines = &ending.summary.last_on_stderr;
    if lines.is_empty() || !ending.exit.failed_by_itself() {
        return String::new();
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("`{}`", text::visible(line))).collect();
    format!("; its last words on stderr: {}", lines.join(" "))
}
