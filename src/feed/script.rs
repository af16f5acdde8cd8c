//! The script of one write: what is sent, when it is waited for, how it ends.

use super::{LongRecord, OwnMessages};
use bytes::Bytes;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What goes into a destination's stdin, in order. At its end stdin is closed, unless it is held open.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Script {
    /// What is done, one after the other.
    pub acts: Vec<Act>,
}

/// One step of a script.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Sends bytes, as fast as the destination takes them.
    Send(Supply),
    /// Waits until so many states, counted from the beginning, have come back; goes on after `within` all the same.
    AwaitStates {
        /// How many.
        count: u64,
        /// The longest wait.
        within: Duration,
    },
    /// Sends nothing for some time.
    Pause(Duration),
    /// Keeps stdin open until the destination has ended. What stands behind it is never sent.
    HoldOpen,
}

/// Where bytes come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Supply {
    /// These, whole lines or not.
    Bytes(Arc<[u8]>),
    /// One long line, made while it is sent.
    LongRecord(LongRecord),
    /// A file of messages of the suite's author, changed while they are sent.
    Own(OwnMessages),
    /// A file that is sent as it is.
    File(PathBuf),
}

impl Script {
    /// Sends these lines and closes.
    pub fn of(lines: impl Into<Arc<[u8]>>) -> Script {
        Script::default().then(lines)
    }

    /// Sends these lines as well.
    pub fn then(self, lines: impl Into<Arc<[u8]>>) -> Script {
        self.with(Act::Send(Supply::Bytes(lines.into())))
    }

    /// Does this as well.
    pub fn with(mut self, act: Act) -> Script {
        self.acts.push(act);
        self
    }

    /// What it sends, in order.
    pub fn supplies(&self) -> impl Iterator<Item = &Supply> {
        let sent = self.acts.iter().take_while(|act| **act != Act::HoldOpen);
        sent.filter_map(|act| match act {
            Act::Send(supply) => Some(supply),
            Act::AwaitStates { .. } | Act::Pause(_) | Act::HoldOpen => None,
        })
    }
}

/// The bytes of a supply, piece by piece.
pub enum Pieces {
    /// All at once.
    Whole(Option<Bytes>),
    /// Made one by one.
    Made(Box<dyn Iterator<Item = io::Result<Bytes>> + Send>),
    /// Read one by one.
    Read(File),
}

impl Supply {
    /// Opens it. Errs where it is a file that can't be read.
    pub fn pieces(&self) -> io::Result<Pieces> {
        Ok(match self {
            Supply::Bytes(bytes) => Pieces::Whole(Some(Bytes::copy_from_slice(bytes))),
            Supply::LongRecord(record) => Pieces::Made(Box::new(record.pieces().map(Ok))),
            Supply::Own(messages) => Pieces::Made(Box::new(messages.pieces()?)),
            Supply::File(path) => Pieces::Read(File::open(path)?),
        })
    }
}

impl Iterator for Pieces {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<io::Result<Bytes>> {
        /// In bytes.
        const PIECE: usize = 256 * 1024;
        match self {
            Pieces::Whole(bytes) => bytes.take().map(Ok),
            Pieces::Made(pieces) => pieces.next(),
            Pieces::Read(file) => {
                let mut piece = vec![0; PIECE];
                match file.read(&mut piece) {
                    Ok(0) => None,
                    Ok(read) => {
                        piece.truncate(read);
                        Some(Ok(piece.into()))
                    }
                    Err(error) => Some(Err(error)),
                }
            }
        }
    }
}
