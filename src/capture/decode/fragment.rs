//! A JSON object that is spread over several lines, as a pretty-printer leaves it.

use serde::de::IgnoredAny;

/// How much of a spread object is joined before it is given up.
const JOINED: usize = 1024 * 1024;

/// The lines that may belong together.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    joined: String,
}

/// What another line did.
pub(super) enum Joined {
    /// It belongs to the object, which is still open.
    Open,
    /// It completes the object.
    Complete,
    /// It does not belong to the object, which is given up.
    No,
}

impl Fragments {
    pub(super) fn is_open(&self) -> bool {
        !self.joined.is_empty()
    }

    pub(super) fn open(&mut self, line: &str) {
        if line.len() < JOINED {
            self.joined = line.to_owned();
        }
    }

    pub(super) fn give_up(&mut self) {
        self.joined = String::new();
    }

    pub(super) fn join(&mut self, line: &str) -> Joined {
        let before = self.joined.len();
        // Between two members, or within a string: a log message that has several lines, written as they are.
        for line_feed in ["\n", "\\n"] {
            self.joined.truncate(before);
            self.joined.push_str(line_feed);
            self.joined.push_str(line);
            match serde_json::from_str::<IgnoredAny>(&self.joined) {
                Ok(_) if line.trim_end().ends_with('}') => {
                    self.give_up();
                    return Joined::Complete;
                }
                Err(error) if error.is_eof() && self.joined.len() < JOINED => return Joined::Open,
                _ => {}
            }
        }
        self.give_up();
        Joined::No
    }
}
