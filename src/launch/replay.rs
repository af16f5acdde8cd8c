//! Replays output that was captured earlier, as if a connector put it out now.

use super::{Chunk, ExitFacts, LaunchError, LaunchRequest, Launcher, Stop, Subject};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::io;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Hands on the pieces of a recording, in order, until it ends or whoever takes them says false.
pub type Play = dyn Fn(&mut dyn FnMut(Chunk) -> bool) -> io::Result<()> + Send + Sync;

/// Replays one recording, whatever is asked for.
pub struct ReplayLauncher {
    subject: Subject,
    play: Arc<Play>,
    exit: ExitFacts,
}

impl ReplayLauncher {
    /// A launcher for a recording of this subject that ended like that.
    pub fn new(subject: Subject, play: Arc<Play>, exit: ExitFacts) -> Self {
        ReplayLauncher { subject, play, exit }
    }
}

impl Launcher for ReplayLauncher {
    fn prepare(&self) -> BoxFuture<'_, Result<Subject, LaunchError>> {
        async { Ok(self.subject.clone()) }.boxed()
    }

    fn launch<'a>(
        &'a self,
        request: &'a LaunchRequest,
        output: mpsc::Sender<Chunk>,
        stop: &'a Stop,
    ) -> BoxFuture<'a, Result<ExitFacts, LaunchError>> {
        let (play, stop) = (self.play.clone(), stop.clone());
        async move {
            let is_over =
                move || stop.interrupt.is_cancelled() || stop.kill.is_cancelled() || stop.storage.is_cancelled();
            let played = tokio::task::spawn_blocking(move || {
                play(&mut |chunk| !is_over() && output.blocking_send(chunk).is_ok())
            });
            match played.await {
                Ok(Ok(())) => Ok(self.exit.clone()),
                Ok(Err(error)) => {
                    Err(LaunchError::Environment(format!("the transcript of {} can't be read: {error}", request.id)))
                }
                Err(panic) => std::panic::resume_unwind(panic.into_panic()),
            }
        }
        .boxed()
    }
}
