//! What hands the source's messages on to the destination, while both run.

use crate::capture::{Decoded, Line};
use crate::experiments::pipe::Ledger;
use crate::feed::{Counting, Persisted, Relocation, Sent, record_to, state_of_line, state_to, status_to};
use crate::protocol::{Message, StateScope, TraceBody};
use bytes::Bytes;
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use tokio::sync::mpsc::Sender;

/// How many bytes are put together before they are sent, while the destination has something to do.
const PIECE: usize = 64 * 1024;

/// Hands messages on. All that it keeps is bounded by the number of streams and states, and by the ledger's budget.
pub(super) struct Relay {
    relocation: Relocation,
    ledger: Ledger,
    counting: Counting,
    sender: Option<Sender<Bytes>>,
    /// What is put together.
    piece: Vec<u8>,
    /// The id that was given last, for whoever looks at what comes back.
    last_id: Arc<AtomicU64>,
    /// The source's last states.
    sent: Persisted,
    /// What this sync has handed on.
    pub handed: Handed,
    /// Which streams are complete, by their place.
    complete: Vec<bool>,
}

/// What a sync has handed on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Handed {
    pub records: u64,
    pub states: u64,
    pub bytes: u64,
}

/// What is left of a sync when the source has ended.
pub(super) struct Rest {
    pub piece: Bytes,
    pub sender: Sender<Bytes>,
}

impl Relay {
    /// A relay of one sync into that sender, which goes on with the states of those before.
    pub fn new(
        relocation: Relocation,
        ledger: Ledger,
        sent: Persisted,
        last_id: Arc<AtomicU64>,
        sender: Sender<Bytes>,
    ) -> Relay {
        let complete = vec![false; ledger.streams.len()];
        let (sender, piece, counting, handed) =
            (Some(sender), Vec::with_capacity(PIECE), Counting::default(), Handed::default());
        Relay { relocation, ledger, counting, sender, piece, last_id, sent, handed, complete }
    }

    /// Hands the message on a line on, if it is one that the platform hands on: a record, a state, a stream's status. Waits
    /// while the destination does not take it.
    pub fn watch(&mut self, line: &Line<'_>) {
        let Decoded::Message(message) = &line.decoded else { return };
        let place = line.stream.filter(|place| *place < self.ledger.streams.len());
        match message {
            Message::Record(record) => {
                let Some(place) = place else { return };
                let stream = &mut self.ledger.streams[place];
                let Some(moved) = whole(line).and_then(|text| record_to(&text, &stream.there)) else {
                    stream.held_back += 1;
                    return;
                };
                self.counting.record(&stream.there);
                self.ledger.record(place, record.data.get());
                self.handed.records += 1;
                self.hand_on(&moved, false);
            }
            Message::State(state) => {
                let is_of_stream = matches!(state.scope, StateScope::Stream { .. });
                if (is_of_stream && place.is_none()) || matches!(state.scope, StateScope::Misshapen { .. }) {
                    return;
                }
                self.state(line);
            }
            Message::Trace(trace) => {
                let (TraceBody::StreamStatus(status), Some(place)) = (&trace.body, place) else { return };
                self.complete[place] |= status.status == "COMPLETE";
                let there = &self.ledger.streams[place].there;
                if let Some(moved) = whole(line).and_then(|text| status_to(&text, there)) {
                    self.counting.message(&moved);
                    self.hand_on(&moved, true);
                }
            }
            _ => {}
        }
    }

    fn state(&mut self, line: &Line<'_>) {
        let Some(text) = whole(line) else { return };
        let id = self.last_id.load(SeqCst) + 1;
        let Some(moved) = state_to(&text, id, &self.relocation) else { return };
        if let Some(own) = state_of_line(&text) {
            self.sent.absorb(own);
        }
        // Before it can come back.
        self.last_id.store(id, SeqCst);
        self.counting.message(&moved);
        self.handed.states += 1;
        self.hand_on(&moved, true);
    }

    /// A record may wait for others while the destination has enough to do; what it may wait for itself goes at once.
    fn hand_on(&mut self, text: &str, at_once: bool) {
        let Some(sender) = &self.sender else { return };
        self.handed.bytes += text.len() as u64 + 1;
        self.piece.extend_from_slice(text.as_bytes());
        self.piece.push(b'\n');
        let is_idle = sender.capacity() == sender.max_capacity();
        if (at_once || is_idle || self.piece.len() >= PIECE)
            && sender.blocking_send(std::mem::take(&mut self.piece).into()).is_err()
        {
            // The destination is gone, and nobody takes anything more.
            self.sender = None;
        }
    }

    /// The source has ended: what was not sent yet.
    pub fn end(&mut self) -> Option<Rest> {
        let piece = std::mem::take(&mut self.piece).into();
        self.sender.take().map(|sender| Rest { piece, sender })
    }

    /// What is left when both have ended: the ledger, what was sent, the source's last states, and which streams were never complete.
    pub fn finish(self) -> (Ledger, Sent, Persisted, Vec<usize>) {
        let complete = self.complete.iter().enumerate();
        let incomplete = complete.filter(|(_, is_complete)| !**is_complete).map(|(place, _)| place).collect();
        (self.ledger, self.counting.finish(true), self.sent, incomplete)
    }
}

/// The text of a line's message, as the platform reads it. None where the line is too long to be held.
pub(super) fn whole<'l>(line: &Line<'l>) -> Option<Cow<'l, str>> {
    if line.length != line.bytes.len() as u64 {
        return None;
    }
    let bytes = line.bytes.get(..line.trailing.unwrap_or(line.bytes.len()))?;
    Some(String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)))
}
