//! What is launched in place of the connector: got ready when the first launch asks for it, and once for all of them.

use super::Schedule;
use super::carry::Failure;
use crate::capture::Inputs;
use crate::engine::launchers::{Chosen, choose};
use crate::engine::stored_run::{Recording, Sought, StoredRun};
use crate::launch::workspace::Workspace;
use crate::launch::{LaunchError, Launcher, Stop, Subject};
use crate::plan::{Instead, PlannedLaunch};
use crate::suite::{Connector, Counterpart};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// What stands in for the connector, ready to be launched.
enum Prepared {
    Launched(Box<Launched>),
    Stored(StoredRun),
}

struct Launched {
    chosen: Chosen,
    subject: Subject,
}

/// What stands in for the connector in one launch.
pub(super) struct Standing {
    pub launcher: Arc<dyn Launcher>,
    pub subject: Subject,
    /// What it was launched as, where it is not launched any more.
    pub recording: Option<Recording>,
}

type Cell = Arc<OnceCell<Result<Prepared, String>>>;

/// All that stands in for the connector in a run.
#[derive(Default)]
pub(super) struct StandIns {
    known: Mutex<Vec<(Counterpart, Cell)>>,
}

impl StandIns {
    fn cell(&self, counterpart: &Counterpart) -> Cell {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.iter().find(|(other, _)| other == counterpart) {
            Some((_, cell)) => cell.clone(),
            None => {
                known.push((counterpart.clone(), Cell::default()));
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
            if let Some(Ok(Prepared::Launched(launched))) = cell.get()
                && let Some(daemon) = &launched.chosen.daemon
            {
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
    sought: Sought,
}

impl StandIn {
    /// What is told of a launch that does not come about: that it is left out, or, where nothing can be told without it, an error.
    pub fn failure(&self, reason: String, stop: &Stop) -> Failure {
        match self.instead.is_needed && !stop.interrupt.is_cancelled() {
            true => Failure::Error(LaunchError::Environment(reason)),
            false => Failure::LeftOut(reason),
        }
    }

    /// Gets it ready, unless it is. Errs where it can't be launched, or is not to be, or where no stored launch is the same.
    pub async fn standing(&self, stop: &Stop) -> Result<Standing, Failure> {
        let prepared = tokio::select! {
            biased;
            () = stop.interrupt.cancelled() => Err("the run was interrupted".to_owned()),
            prepared = self.cell.get_or_init(|| self.prepare()) => prepared.as_ref().map_err(Clone::clone),
        };
        match prepared.map_err(|reason| self.failure(reason, stop))? {
            Prepared::Launched(launched) => {
                let Launched { chosen, subject } = launched.as_ref();
                self.refuse_version(subject).map_err(|reason| self.failure(reason, stop))?;
                let (launcher, subject) = (chosen.launcher.clone(), subject.clone());
                Ok(Standing { launcher, subject, recording: None })
            }
            Prepared::Stored(run) => {
                let recording = run.recording(&self.sought).map_err(Failure::LeftOut)?;
                let (launcher, subject) = (recording.launcher.clone(), recording.subject.clone());
                Ok(Standing { launcher, subject, recording: Some(recording) })
            }
        }
    }

    fn refuse_version(&self, subject: &Subject) -> Result<(), String> {
        let version = subject.version();
        if version.is_some() && version == self.instead.unless.as_deref() {
            let why = self.instead.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
            return Err(format!("the suite wants no comparison with the version {}{why}", version.unwrap_or_default()));
        }
        Ok(())
    }

    async fn prepare(&self) -> Result<Prepared, String> {
        let target = match &self.instead.counterpart {
            Counterpart::Launched(target) => target.clone(),
            Counterpart::Stored(folder) => {
                let folder = folder.clone();
                let opened = tokio::task::spawn_blocking(move || StoredRun::open(&folder)).await;
                let opened = opened.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
                return opened.map(Prepared::Stored).map_err(|error| error.to_string());
            }
        };
        let connector = Connector { target, ..self.connector.clone() };
        let chosen = choose(&connector, &self.run_id, self.workspace.clone()).await;
        let chosen = chosen.map_err(|error| error.to_string())?;
        let subject = chosen.launcher.prepare().await.map_err(|error| error.to_string())?;
        Ok(Prepared::Launched(Box::new(Launched { chosen, subject })))
    }
}

impl Schedule<'_> {
    /// What a launch starts in place of the connector, if it does: with the connector's settings.
    pub(super) fn stand_in(&self, planned: &PlannedLaunch, inputs: &Inputs) -> Option<StandIn> {
        let ask = planned.ask.as_ref()?;
        let instead = ask.instead.clone()?;
        let run = self.run;
        let sought = Sought {
            command: ask.command,
            scenario: planned.scenario.map(|place| self.suite.scenarios[place].name.clone()),
            connector: self.suite.name.clone(),
            inputs: inputs.clone(),
            round: ask.round,
        };
        Some(StandIn {
            cell: self.stand_ins.cell(&instead.counterpart),
            connector: run.suite.connector.clone(),
            sought,
            run_id: run.id.clone(),
            workspace: run.workspace.clone(),
            instead,
        })
    }
}
