//! How fast an output is taken: as fast as it comes, slowly, or only so far.

use super::watch::Pulse;
use super::{Channel, Reader};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What is taken at once, in bytes: a pipe holds no more. A slow reader stalls each time it has taken as much.
const PIECE: u64 = 64 * 1024;

/// The reader of one output, or of both where they come through one connection.
#[derive(Debug)]
pub(super) struct Pace {
    reader: Reader,
    /// Bytes.
    taken: u64,
    /// Cancelled when the connector has ended: nobody would be held up any more.
    ended: CancellationToken,
}

impl Pace {
    /// A reader of a channel. From stderr, no reader goes away.
    pub fn new(reader: Reader, channel: Channel, ended: CancellationToken) -> Pace {
        let reader = match reader {
            Reader::GoesAway { .. } if channel != Channel::Stdout => Reader::Eager,
            reader => reader,
        };
        Pace { reader, taken: 0, ended }
    }

    /// How many bytes are to be taken next, at most; 0 when the reader is to go away.
    pub fn piece(&self) -> usize {
        /// A slow reader reads that often in a second, so that it is slow all the time rather than now and then.
        const READS: u64 = 10;
        let piece = match self.reader {
            Reader::Slow { bytes_per_second, .. } if !self.ended.is_cancelled() => {
                (bytes_per_second / READS).clamp(1, PIECE)
            }
            Reader::GoesAway { after } => after.saturating_sub(self.taken).min(PIECE),
            Reader::Eager | Reader::Slow { .. } => PIECE,
        };
        usize::try_from(piece).unwrap_or(usize::MAX)
    }

    /// Takes note of bytes that were taken, and waits before more are.
    pub async fn took(&mut self, bytes: usize, pulse: &Pulse) {
        let before = self.taken;
        self.taken = self.taken.saturating_add(bytes as u64);
        if let Reader::Slow { bytes_per_second, stall } = self.reader {
            let time = bytes as f64 / bytes_per_second.max(1) as f64;
            let mut pause = Duration::try_from_secs_f64(time).unwrap_or(Duration::MAX);
            if before / PIECE != self.taken / PIECE {
                pause = pause.saturating_add(stall);
            }
            pulse.hold_up(pause, &self.ended).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    #[tokio::test]
    async fn a_slow_reader_keeps_its_pace_until_the_connector_has_ended() {
        let ended = CancellationToken::new();
        let reader = Reader::Slow { bytes_per_second: 1_000_000, stall: Duration::from_millis(200) };
        let mut pace = Pace::new(reader, Channel::Stdout, ended.clone());
        let pulse = Pulse::new();
        let began = Instant::now();
        pace.took(50_000, &pulse).await;
        assert!((0.05..0.2).contains(&began.elapsed().as_secs_f64()), "{:?}", began.elapsed());
        assert_eq!(pace.piece(), PIECE as usize);
        pace.took(50_000, &pulse).await;
        assert!(began.elapsed() >= Duration::from_millis(300), "{:?}", began.elapsed());
        ended.cancel();
        let began = Instant::now();
        pace.took(5_000_000, &pulse).await;
        assert!(began.elapsed() < Duration::from_secs(1));
    }

    #[tokio::test]
    async fn a_reader_that_goes_away_takes_no_byte_too_many() {
        let reader = Reader::GoesAway { after: 70_000 };
        let mut pace = Pace::new(reader, Channel::Stdout, CancellationToken::new());
        let pulse = Pulse::new();
        assert_eq!(pace.piece(), 65_536);
        pace.took(65_536, &pulse).await;
        assert_eq!(pace.piece(), 4_464);
        pace.took(4_464, &pulse).await;
        assert_eq!(pace.piece(), 0);
        assert_eq!(Pace::new(reader, Channel::Stderr, CancellationToken::new()).piece(), 65_536);
    }
}
