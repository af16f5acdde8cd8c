//! A connector that can't be launched, among others that can.

use super::{Chunk, ExitFacts, LaunchError, LaunchRequest, Launcher, Stop, Subject};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

/// Stands in for the launcher of such a connector: whatever is asked of it, it says why.
pub struct Unavailable(pub LaunchError);

impl Launcher for Unavailable {
    fn prepare(&self) -> BoxFuture<'_, Result<Subject, LaunchError>> {
        async { Err(self.0.clone()) }.boxed()
    }

    fn launch<'a>(
        &'a self,
        _request: &'a LaunchRequest,
        _output: mpsc::Sender<Chunk>,
        _stop: &'a Stop,
    ) -> BoxFuture<'a, Result<ExitFacts, LaunchError>> {
        async { Err(self.0.clone()) }.boxed()
    }
}
