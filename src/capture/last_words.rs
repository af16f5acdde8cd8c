//! What a connector wrote last on stderr: where it crashes, most often the reason.

use super::Secrets;
use crate::text::shorten;
use std::collections::VecDeque;

/// How many lines are kept.
const LINES: usize = 3;
/// How much of a line is held until it is told, in bytes. More than is told, so that secrets are found whole.
const HELD: usize = 16 * 1024;
/// How much of a line is told, in characters.
const TOLD: usize = 160;

/// The last lines that are not blank.
#[derive(Debug, Default)]
pub(super) struct LastWords {
    lines: VecDeque<Vec<u8>>,
}

impl LastWords {
    /// Takes the next line.
    pub fn hear(&mut self, line: &[u8]) {
        let line = line.trim_ascii();
        if line.is_empty() {
            return;
        }
        let mut kept = if self.lines.len() < LINES { None } else { self.lines.pop_front() }.unwrap_or_default();
        kept.clear();
        kept.extend_from_slice(&line[..line.len().min(HELD)]);
        self.lines.push_back(kept);
    }

    /// The lines without secrets, each shortened.
    pub fn told(&self, secrets: &Secrets) -> Vec<String> {
        if self.lines.is_empty() {
            return Vec::new();
        }
        let line = |line: &Vec<u8>| {
            let cut = if line.len() < HELD { "" } else { "…" };
            format!("{}{cut}", String::from_utf8_lossy(line))
        };
        let lines: Vec<String> = self.lines.iter().map(line).collect();
        // A secret of several lines may begin before the first one.
        let whole = secrets.redact_excerpt(&format!("…{}", lines.join("\n")));
        let told = whole.strip_prefix('…').unwrap_or(&whole).lines();
        told.map(|line| secrets.redact_excerpt(&shorten(line, TOLD))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::SecretValue;

    fn told(lines: &[&str], secret: &str) -> Vec<String> {
        let mut words = LastWords::default();
        lines.iter().for_each(|line| words.hear(line.as_bytes()));
        words.told(&Secrets::new(&[SecretValue { value: secret.to_owned(), marked: true }]))
    }

    #[test]
    fn the_last_lines_are_kept_without_blank_ones() {
        assert_eq!(told(&[], "hunter2!"), Vec::<String>::new());
        assert_eq!(told(&["a", "b", "", " c \r", "d", "\t"], "hunter2!"), ["b", "c", "d"]);
    }

    #[test]
    fn they_are_bounded_and_hold_no_secret() {
        assert_eq!(told(&["KeyError: 'hunter2!' of hunter2!"], "hunter2!"), ["KeyError: '***' of ***"]);
        let long = format!("{}hunter2!-and-more", "x".repeat(TOLD - 6));
        assert_eq!(told(&[&long], "hunter2!-and-more"), [format!("{}***", "x".repeat(TOLD - 6))]);
        let endless = "ä".repeat(HELD);
        assert_eq!(told(&[&endless, "end"], "hunter2!"), [format!("{}…", "ä".repeat(TOLD)), "end".to_owned()]);
        let key = "BEGIN\nMIIabcdefgh\nMIIijklmnop\nMIIqrstuvwx\nEND";
        let shown = told(&key.lines().collect::<Vec<_>>(), key).join("\n");
        assert!(!shown.contains("MII"), "{shown}");
    }
}
