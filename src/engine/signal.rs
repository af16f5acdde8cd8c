//! Ctrl-C and SIGTERM: the first asks every launch to end in order, so that what was captured is judged and reported;
//! the second ends them at once. Both leave nothing behind.

use super::{Event, Events};
use crate::exit::Exit;
use crate::launch::Stop;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

/// Whether and how the run was interrupted.
#[derive(Debug, Clone, Default)]
pub struct Interruption {
    /// What running launches listen to.
    pub stop: Stop,
    exit: Arc<AtomicU8>,
}

impl Interruption {
    /// How the process is to exit, if the run was interrupted.
    pub fn exit(&self) -> Option<Exit> {
        match self.exit.load(Ordering::SeqCst) {
            0 => None,
            code => Exit::of_code(code),
        }
    }

    /// Waits for an interruption, and says how the process is to exit.
    pub async fn interrupted(&self) -> Exit {
        self.stop.interrupt.cancelled().await;
        self.exit().unwrap_or(Exit::Interrupted)
    }

    fn interrupt(&self, exit: Exit, events: &Events) {
        let kill = self.stop.interrupt.is_cancelled();
        if kill {
            self.stop.kill.cancel();
        } else {
            self.exit.store(exit.code(), Ordering::SeqCst);
            self.stop.interrupt.cancel();
        }
        if let Some(events) = events {
            let _ = events.send(Event::Interrupting { kill });
        }
    }
}

/// Watches for signals until the task is aborted. Errs where the system refuses to say.
pub fn watch_signals(interruption: &Interruption, events: Events) -> std::io::Result<JoinHandle<()>> {
    let (mut interrupts, mut terms) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let interruption = interruption.clone();
    Ok(tokio::spawn(async move {
        loop {
            tokio::select! {
                Some(()) = interrupts.recv() => interruption.interrupt(Exit::Interrupted, &events),
                Some(()) = terms.recv() => interruption.interrupt(Exit::Terminated, &events),
                else => break,
            }
        }
    }))
}
