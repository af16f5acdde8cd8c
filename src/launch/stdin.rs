//! Feeding a connector's stdin.

use super::watch::Pulse;
use super::{FedFacts, LaunchError, LaunchRequest, Stdin, Stop};
use crate::feed::{Act, Pieces, Script, Supply};
use bytes::Bytes;
use std::future::pending;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;

/// Pieces that are made or read while others are sent.
const AHEAD: usize = 4;

/// How many states have come back from a connector that is fed: whoever decodes its output says so, whoever feeds it waits.
#[derive(Debug, Clone)]
pub struct StatesBack(Arc<watch::Sender<u64>>);

impl Default for StatesBack {
    fn default() -> Self {
        StatesBack(Arc::new(watch::Sender::new(0)))
    }
}

impl StatesBack {
    /// One more came back.
    pub fn one_more(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    async fn at_least(&self, count: u64) {
        // The sender lives as long as this does, so that waiting can't fail.
        let mut back = self.0.subscribe();
        let _reached = back.wait_for(|back| *back >= count).await;
    }
}

/// What is sent to one launch while it goes on. Whoever sends has to wait while the launch takes nothing, and learns that it
/// is over when nothing more is taken. Stdin is closed when all senders are gone.
#[derive(Debug, Clone)]
pub struct Inflow(Arc<Mutex<Option<mpsc::Receiver<Bytes>>>>);

/// Makes an inflow in which so many pieces may wait, and its sender.
pub fn inflow(waiting: usize) -> (mpsc::Sender<Bytes>, Inflow) {
    let (sender, receiver) = mpsc::channel(waiting.max(1));
    (sender, Inflow(Arc::new(Mutex::new(Some(receiver)))))
}

impl Inflow {
    fn take(&self) -> Option<mpsc::Receiver<Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// How far a connector was fed.
#[derive(Debug, Default)]
pub(super) struct Fed {
    bytes: AtomicU64,
    whole: AtomicBool,
}

impl Fed {
    /// The same as facts.
    pub fn facts(&self) -> FedFacts {
        FedFacts { bytes: self.bytes.load(Relaxed), whole: self.whole.load(Relaxed) }
    }
}

/// What goes into a stdin that is not closed from the start.
#[derive(Debug)]
pub(super) struct Feed {
    script: Script,
    /// What comes while the launch goes on, after the script.
    live: Option<mpsc::Receiver<Bytes>>,
    held_open: bool,
    fed: Arc<Fed>,
}

impl Feed {
    /// Looks at what is to be fed: before the launch, so that a missing file is found before a process exists. None where
    /// stdin is closed from the start.
    pub async fn open(request: &LaunchRequest) -> Result<Option<Feed>, LaunchError> {
        let held_open = request.handling.stdin_open;
        let mut live = None;
        let script = match &request.stdin {
            Stdin::Closed if !held_open => return Ok(None),
            Stdin::Closed => Script::default(),
            Stdin::Script(script) => script.as_ref().clone(),
            Stdin::Live(inflow) => {
                let taken = inflow.take();
                let used_up = || LaunchError::Environment(format!("What {} was to be sent is used up.", request.id));
                live = Some(taken.ok_or_else(used_up)?);
                Script::default()
            }
        };
        for supply in script.supplies() {
            let Supply::File(path) = supply else { continue };
            let opened = tokio::fs::File::open(path).await;
            opened.map_err(|error| {
                let path = path.display();
                LaunchError::Environment(format!(
                    "The connector's stdin is to be fed from {path}, which can't be read: {error}."
                ))
            })?;
        }
        Ok(Some(Feed { script, live, held_open, fed: Arc::default() }))
    }

    /// How far it got, while it goes on and afterwards.
    pub fn fed(&self) -> Arc<Fed> {
        self.fed.clone()
    }

    /// Plays the script, each piece as fast as the other side takes it, and closes; or never returns where stdin is held
    /// open. A connector may stop reading when it likes. While we keep it waiting, its silence is ours.
    pub async fn into_stdin(mut self, mut stdin: impl AsyncWrite + Unpin, pulse: Arc<Pulse>, stop: Stop) {
        for act in &self.script.acts {
            match act {
                Act::Send(supply) => {
                    let Ok(()) = self.send(supply, &mut stdin, &pulse).await else { return };
                }
                Act::AwaitStates { count, within } => {
                    let back = stop.states.at_least(*count);
                    let _or_goes_on = pulse.while_idle(tokio::time::timeout(*within, back)).await;
                }
                Act::Pause(time) => pulse.while_idle(tokio::time::sleep(*time)).await,
                Act::HoldOpen => {
                    self.fed.whole.store(true, Relaxed);
                    return pulse.while_idle(pending()).await;
                }
            }
        }
        if let Some(mut live) = self.live.take() {
            while let Some(piece) = pulse.while_idle(live.recv()).await {
                let Ok(()) = self.write(&piece, &mut stdin, &pulse).await else { return };
            }
        }
        match self.held_open {
            // Whoever says nothing here waits for what never comes.
            true => pending().await,
            false => {
                // Before the end shows: a connector that ends at it may be gone before this goes on.
                self.fed.whole.store(true, Relaxed);
                let _gone_already = stdin.shutdown().await;
            }
        }
    }

    /// Errs when nobody takes any more, or when a file can't be read to its end.
    async fn send(&self, supply: &Supply, stdin: &mut (impl AsyncWrite + Unpin), pulse: &Pulse) -> io::Result<()> {
        if let Supply::Bytes(bytes) = supply {
            return self.write(bytes, stdin, pulse).await;
        }
        let (sender, mut receiver) = mpsc::channel(AHEAD);
        let pieces = supply.pieces()?;
        let making = spawn_blocking(move || make(pieces, &sender));
        while let Some(piece) = receiver.recv().await {
            self.write(&piece?, stdin, pulse).await?;
        }
        making.await.map_err(io::Error::other)
    }

    async fn write(&self, bytes: &[u8], stdin: &mut (impl AsyncWrite + Unpin), pulse: &Pulse) -> io::Result<()> {
        /// Bytes whose passage is counted at once.
        const PIECE: usize = 256 * 1024;
        for piece in bytes.chunks(PIECE) {
            stdin.write_all(piece).await?;
            self.fed.bytes.fetch_add(piece.len() as u64, Relaxed);
            pulse.fed();
        }
        stdin.flush().await
    }
}

/// Makes pieces until nobody takes them.
fn make(pieces: Pieces, sender: &mpsc::Sender<io::Result<bytes::Bytes>>) {
    for piece in pieces {
        if sender.blocking_send(piece).is_err() {
            return;
        }
    }
}
