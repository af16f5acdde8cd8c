//! The readers of a local process's two outputs.

use super::family::Family;
use crate::launch::pace::Pace;
use crate::launch::watch::Pulse;
use crate::launch::{Channel, Chunk, Reader, Stop};
use bytes::{BufMut, BytesMut};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Child;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The most that outputs may stay open after the process is gone.
const LONGEST_WAIT_FOR_OUTPUTS: Duration = Duration::from_secs(2);

/// The readers of both outputs.
pub(super) struct Outputs {
    readers: JoinSet<()>,
    /// Cancelled when nothing more is to be read.
    stop: CancellationToken,
    /// Cancelled when the process is gone.
    ended: CancellationToken,
    /// Cancelled when the reader of stdout went away before stdout was closed.
    reader_left: CancellationToken,
}

impl Outputs {
    pub fn of(child: &mut Child, reader: Reader, output: Sender<Chunk>, pulse: &Arc<Pulse>) -> Outputs {
        let mut outputs = Outputs {
            readers: JoinSet::new(),
            stop: CancellationToken::new(),
            ended: CancellationToken::new(),
            reader_left: CancellationToken::new(),
        };
        if let Some(stdout) = child.stdout.take() {
            let (reading, left) = (outputs.drain(stdout, Channel::Stdout, reader, &output, pulse), outputs.left());
            outputs.readers.spawn(async move {
                if reading.await {
                    left.cancel();
                }
            });
        }
        if let Some(stderr) = child.stderr.take() {
            let reading = outputs.drain(stderr, Channel::Stderr, reader, &output, pulse);
            outputs.readers.spawn(async move {
                reading.await;
            });
        }
        outputs
    }

    /// Cancelled when the reader of stdout went away before stdout was closed.
    pub fn left(&self) -> CancellationToken {
        self.reader_left.clone()
    }

    /// Reads an output to its end, or until told to stop, and sends it as it comes. Returns true when the reader went away
    /// before.
    fn drain(
        &self,
        mut source: impl AsyncRead + Unpin + Send + 'static,
        channel: Channel,
        reader: Reader,
        output: &Sender<Chunk>,
        pulse: &Arc<Pulse>,
    ) -> impl Future<Output = bool> + Send + 'static {
        /// What a piece of memory holds, in bytes: a pipe holds no more.
        const PIECE: usize = 64 * 1024;
        /// With less room than this, a new piece of memory is taken.
        const LEAST: usize = 16 * 1024;
        let mut pace = Pace::new(reader, channel, self.ended.clone());
        let (output, pulse, stop) = (output.clone(), pulse.clone(), self.stop.clone());
        async move {
            let mut buffer = BytesMut::new();
            loop {
                if pace.piece() == 0 {
                    return true;
                }
                if buffer.capacity() < LEAST {
                    buffer.reserve(PIECE);
                }
                let room = pace.piece().min(buffer.capacity());
                let mut part = (&mut buffer).limit(room);
                let read = tokio::select! {
                    biased;
                    () = stop.cancelled() => return false,
                    read = source.read_buf(&mut part) => read,
                };
                match read {
                    Ok(0) | Err(_) => return false,
                    Ok(count) => {
                        pulse.deliver(&output, channel, buffer.split().freeze()).await;
                        pace.took(count, &pulse).await;
                    }
                }
            }
        }
    }

    /// Waits until both are closed and everything is sent. After the patience with a process that is gone, whoever
    /// keeps them open is ended, and true returned.
    pub async fn closed(&mut self, pulse: &Pulse, grace: Duration, stop: &Stop, family: &Family) -> bool {
        self.ended.cancel();
        let patience = pulse.patience(grace.min(LONGEST_WAIT_FOR_OUTPUTS));
        let left_open = tokio::select! {
            biased;
            () = all_end(&mut self.readers) => false,
            () = patience => true,
            () = stop.kill.cancelled() => false,
        };
        family.end();
        self.stop.cancel();
        // What is read already is still sent, unless nobody may be waited for any more.
        tokio::select! {
            () = all_end(&mut self.readers) => {}
            () = stop.kill.cancelled() => self.readers.abort_all(),
        }
        left_open
    }
}

async fn all_end(readers: &mut JoinSet<()>) {
    while readers.join_next().await.is_some() {}
}
