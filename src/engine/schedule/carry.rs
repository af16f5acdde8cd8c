//! Carrying out one launch, with what is done to the data before it and meanwhile.

use super::Ready;
use super::storage::read_back;
use crate::capture::Secrets;
use crate::engine::Progress;
use crate::engine::facts;
use crate::engine::one::{self, Seen};
use crate::engine::stored_run::Recording;
use crate::experiments::Stored;
use crate::launch::step::{StepRequest, carry_out};
use crate::launch::{LaunchError, Launcher, Stop, Subject};
use crate::protocol::{ConfiguredCatalog, Descriptor};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A launch that came back.
pub(super) struct Returned {
    /// Its place in the plan.
    pub place: usize,
    /// What was launched, where it was not the connector.
    pub subject: Option<Subject>,
    pub catalog: Option<ConfiguredCatalog>,
    /// The config that it was given.
    pub config: Option<Value>,
    /// When it began, in seconds since the run did.
    pub started: f64,
    /// What was seen of it.
    pub seen: Result<Seen, Failure>,
    /// Whether what was to be done meanwhile was done before it ended.
    pub meanwhile: Option<bool>,
    /// What was stored when it was over.
    pub stored: Vec<Stored>,
}

/// Why a launch did not happen.
pub(super) enum Failure {
    /// Something around the connector is in the way of the whole run.
    Error(LaunchError),
    /// What was to stand in for the connector can't be had, or is not to be launched.
    LeftOut(String),
}

impl Failure {
    /// The same in words without secrets.
    fn without(self, secrets: &Secrets) -> Failure {
        match self {
            Failure::Error(error) => Failure::Error(error.told(|text| secrets.redact(&text).into_owned())),
            Failure::LeftOut(text) => Failure::LeftOut(secrets.redact(&text).into_owned()),
        }
    }
}

/// What was seen of a stored launch, cut down to the streams that were asked for. Leaves it out where its transcript does not say all that
/// was said then: a secret that was cut out of a number or the like makes a line no message.
fn recorded(
    mut seen: Seen,
    recording: &Recording,
    catalog: Option<&ConfiguredCatalog>,
    stop: &Stop,
) -> Result<Seen, Failure> {
    if stop.interrupt.is_cancelled() {
        return Ok(seen);
    }
    if facts::tally(&seen.summary, &seen.exit, 0).messages != recording.messages {
        let reason =
            "its transcript in the stored run no longer says what it said then: secrets are cut out of its messages";
        return Err(Failure::LeftOut(reason.to_owned()));
    }
    if let Some(catalog) = catalog.filter(|_| recording.reads_more) {
        let kept = |stream: &Descriptor| catalog.find(stream).is_some();
        if !seen.summary.final_state.cut_down(kept) {
            let reason = "the stored run read more streams than these, with one state for all of them";
            return Err(Failure::LeftOut(reason.to_owned()));
        }
    }
    Ok(seen)
}

/// What is done to the data around a launch.
pub(super) struct Steps {
    pub before: Vec<StepRequest>,
    pub meanwhile: Vec<StepRequest>,
    /// What mends it, whatever comes of the launch.
    pub afterwards: Vec<StepRequest>,
    /// How long each may take.
    pub limit: Duration,
}

impl Steps {
    /// Carries out some of them, one after another. Errs with the first that fails, without secrets.
    pub async fn carry_out(
        steps: &[StepRequest],
        limit: Duration,
        stop: &Stop,
        secrets: &Secrets,
    ) -> Result<(), LaunchError> {
        for step in steps {
            let done = carry_out(step, limit, stop).await;
            done.map_err(|error| error.told(|text| secrets.redact(&text).into_owned()))?;
        }
        Ok(())
    }
}

/// Carries out a launch.
pub(super) async fn carry(
    launcher: Arc<dyn Launcher>,
    ready: Ready,
    (folder, started): (PathBuf, f64),
    progress: Arc<Progress>,
    stop: Stop,
) -> Returned {
    let Ready { place, request, eyes, mut manifest, catalog, steps, reads_back, stand_in, feeding: _fed } = ready;
    let (secrets, config) = (eyes.secrets.clone(), manifest.inputs.config.clone());
    let (mut launcher, mut subject, mut recording) = (launcher, None, None);
    if let Some(stand_in) = &stand_in {
        match stand_in.standing(&stop).await {
            Ok(standing) => {
                launcher = standing.launcher;
                manifest.subject = standing.subject.clone();
                subject = Some(standing.subject);
                recording = standing.recording;
            }
            Err(failure) => {
                let seen = Err(failure.without(&secrets));
                let (meanwhile, stored) = (None, Vec::new());
                return Returned { place, subject, catalog, config, started, seen, meanwhile, stored };
            }
        }
    }
    let back = |seen: Result<Seen, LaunchError>, meanwhile, stored| {
        let failed = |error: LaunchError| match &stand_in {
            Some(stand_in) => stand_in.failure(secrets.redact(&error.to_string()).into_owned(), &stop),
            None => Failure::Error(error),
        };
        let mut seen = seen.map_err(failed);
        if let Some(recording) = &recording {
            seen = seen.and_then(|seen| recorded(seen, recording, catalog.as_ref(), &stop));
        }
        Returned { place, subject, catalog, config, started, seen, meanwhile, stored }
    };
    if let Err(error) = Steps::carry_out(&steps.before, steps.limit, &stop, &secrets).await {
        return back(Err(error), None, Vec::new());
    }
    let mark = eyes.strike.as_ref().map(|strike| strike.token.clone()).unwrap_or_default();
    let over = CancellationToken::new();
    let launching = async {
        let seen = one::launch(launcher.as_ref(), &request, eyes, Some((&folder, manifest)), progress, &stop).await;
        over.cancel();
        seen
    };
    let changing = async {
        if steps.meanwhile.is_empty() {
            return Ok(None);
        }
        tokio::select! {
            biased;
            () = mark.cancelled() => {}
            () = over.cancelled() => return Ok(Some(false)),
        }
        Steps::carry_out(&steps.meanwhile, steps.limit, &stop, &secrets).await?;
        Ok(Some(!over.is_cancelled()))
    };
    let (seen, meanwhile) = tokio::join!(launching, changing);
    // An interruption must not keep what was broken from being mended.
    let to_its_end = Stop { interrupt: CancellationToken::new(), ..stop.clone() };
    let mended = Steps::carry_out(&steps.afterwards, steps.limit, &to_its_end, &secrets).await;
    match (seen, mended.and(meanwhile)) {
        (_, Err(error)) => back(Err(error), None, Vec::new()),
        (seen, Ok(meanwhile)) => {
            let stored = read_back(&reads_back, steps.limit, &stop, &secrets).await;
            back(seen, meanwhile, stored)
        }
    }
}
