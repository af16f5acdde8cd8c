//! What is odd within the JSON of a message: looked for where there is a reason to, once for all rules about it.

use super::Look;
use crate::protocol::scan::{Scan, has_odd_escape};
use crate::protocol::{Kind, Message};

/// How many records of each stream are scanned for what is odd within them, whatever they look like.
const SCANNED: u64 = 1_000;

impl Look<'_> {
    /// What is odd within the JSON of the line's message, if anything is. Of a stream's records the first are scanned,
    /// later ones only where something cheaper than a scan gives a reason.
    pub fn oddities(&self) -> Option<&Scan> {
        let scanned = || self.is_worth_a_scan().then(|| Scan::of(self.line.bytes)).filter(Scan::is_odd);
        self.scan.get_or_init(scanned).as_ref()
    }

    fn is_worth_a_scan(&self) -> bool {
        match self.message() {
            None => false,
            Some(Message::Record(_)) => {
                let tally = self.line.stream.and_then(|place| self.summary.streams.get(place));
                let came = tally.map_or_else(|| self.summary.count(Kind::Record), |tally| tally.records);
                let glimpse = self.glimpse();
                let may_have = || glimpse.may_have_escapes && has_odd_escape(self.line.bytes);
                came <= SCANNED || glimpse.is_suspect || may_have()
            }
            Some(_) => true,
        }
    }
}
