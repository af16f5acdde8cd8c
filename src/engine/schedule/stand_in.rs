//! What is launched in place of the connector: got ready when the first launch asks for it, and once for all of them.

use super::Schedule;
use super::carry::Failure;
use crate::engine::launchers::{Chosen, choose};
use crate::launch::workspace::Workspace;
use crate::launch::{LaunchError, Launcher, Stop, Subject};
use crate::plan::{Instead, PlannedLaunch};
use crate::suite::{Connector, Target};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// What stands in for the connector, ready to be launched.
pub(super) struct Prepared {
    chosen: Chosen,
    pub subject: Subject,
}

impl Prepared {
    pub fn launcher(&self) -> Arc<dyn Launcher> {
        self.chosen.launcher.clone()
    }
}

type Cell = Arc<OnceCell<Result<Prepared, String>>>;

/// All that stands in for the connector in a run.
#[derive(Default)]
pub(super) struct StandIns {
    known: Mutex<Vec<(Target, Cell)>>,
}

impl StandIns {
    fn cell(&self, target: &Target) -> Cell {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.iter().find(|(other, _)| other == target) {
            Some((_, cell)) => cell.clone(),
            None => {
                known.push((target.clone(), Cell::default()));
                known[known.len() - 1].1.clone()
            }
        }
    }

    /// Waits until every container of a launch that was dropped is removed.
    pub async fn settled(&self) {
        let cells: Vec<Cell> = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.iter().map(|(_, cell)| cell.clone()).collect()
        };
        for cell in cells {
            if let Some(Ok(Prepared { chosen: Chosen { daemon: Some(daemon), .. }, .. })) = cell.get() {
                daemon.settled().await;
            }
        }
    }
}

/// One launch's way to what stands in for the connector.
pub(super) struct StandIn {
    instead: Arc<Instead>,
    cell: Cell,
    connector: Connector,
    run_id: String,
    workspace: Arc<Workspace>,
}

impl StandIn {
    /// What is told of a launch that does not come about: that it is left out, or, where nothing can be told without it, an error.
    pub fn failure(&self, reason: String, stop: &Stop) -> Failure {
        match self.instead.is_needed && !stop.interrupt.is_cancelled() {
            true => Failure::Error(LaunchError::Environment(reason)),
            false => Failure::LeftOut(reason),
        }
    }

    /// Gets it ready, unless it is. Errs with the reason why it can't be launched, or is not to be.
    pub async fn prepared(&self, stop: &Stop) -> Result<&Prepared, String> {
        let prepared = tokio::select! {
            biased;
            () = stop.interrupt.cancelled() => return Err("the run was interrupted".to_owned()),
            prepared = self.cell.get_or_init(|| self.prepare()) => prepared.as_ref().map_err(Clone::clone)?,
        };
        let version = prepared.subject.version();
        if version.is_some() && version == self.instead.unless.as_deref() {
            let why = self.instead.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
            return Err(format!("the suite wants no comparison with the version {}{why}", version.unwrap_or_default()));
        }
        Ok(prepared)
    }

    async fn prepare(&self) -> Result<Prepared, String> {
        let chosen = choose(&self.connector, &self.run_id, self.workspace.clone()).await;
        let chosen = chosen.map_err(|error| error.to_string())?;
        let subject = chosen.launcher.prepare().await.map_err(|error| error.to_string())?;
        Ok(Prepared { chosen, subject })
    }
}

impl Schedule<'_> {
    /// What a launch starts in place of the connector, if it does: with the connector's settings.
    pub(super) fn stand_in(&self, planned: &PlannedLaunch) -> Option<StandIn> {
        let instead = planned.ask.as_ref()?.instead.clone()?;
        let run = self.run;
        Some(StandIn {
            cell: self.stand_ins.cell(&instead.target),
            connector: Connector { target: instead.target.clone(), ..run.suite.connector.clone() },
            run_id: run.id.clone(),
            workspace: run.workspace.clone(),
            instead,
        })
    }
}
