//! One line of output, with everything that capturing found out about it.

use super::Decoded;
use crate::launch::Channel;
use crate::protocol::Kind;
use std::time::Duration;

/// A secret of the config that a line shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leak {
    /// Where in the line it starts, in bytes.
    pub at: usize,
    /// Whether the value stands there as it is; else in an encoded form.
    pub plain: bool,
}

/// A numbered line.
#[derive(Debug)]
pub struct Line<'a> {
    /// Counted from 1 on its channel. On stdout this is the message's number too.
    pub number: u64,
    /// Where it came out.
    pub channel: Channel,
    /// When its end arrived, since the launch began.
    pub at: Duration,
    /// The bytes, without LF, as far as they are held.
    pub bytes: &'a [u8],
    /// The whole length in bytes.
    pub length: u64,
    /// Whether an LF ended it.
    pub terminated: bool,
    /// Where the first byte stands that is not UTF-8. The rest was decoded with U+FFFD in its place, as the platform
    /// does.
    pub invalid_utf8: Option<usize>,
    /// Whether a byte order mark stands at its start.
    pub byte_order_mark: bool,
    /// Where something stands behind the first JSON value of the line.
    pub trailing: Option<usize>,
    /// The kind of another message whose payload stands beside the message's own.
    pub beside: Option<Kind>,
    /// What it is.
    pub decoded: Decoded<'a>,
    /// The stream's place in the configured catalog, for a record, a stream's state or status that is of one.
    pub stream: Option<usize>,
    /// The secrets that it shows: at most the first few.
    pub leaks: Vec<Leak>,
}

impl Line<'_> {
    /// Whether anything about the line is other than a clean message.
    pub fn is_odd(&self) -> bool {
        !matches!(self.decoded, Decoded::Message(_))
            || self.invalid_utf8.is_some()
            || self.byte_order_mark
            || self.trailing.is_some()
            || self.beside.is_some()
            || !self.terminated
    }

    /// Whether a message that has this word in it is lost with the line, as far as a search can tell. What is lost is
    /// a finding of the LINE rules; others are not to miss it.
    pub fn loses(&self, word: &str) -> bool {
        let from = match (&self.decoded, self.trailing) {
            (Decoded::Message(_), None) => return false,
            (Decoded::Message(_), Some(at)) => at,
            _ => 0,
        };
        memchr::memmem::find(&self.bytes[from..], word.as_bytes()).is_some()
    }
}
