//! One launch: output captured and judged while it runs.

use super::Progress;
use super::wire::Tap;
use crate::baseline::portrait::Portrait;
use crate::capture::{Decoded, Inputs, Line, Manifest, Pass, Secrets, Summary, TranscriptWriter, Watcher};
use crate::experiments::trail::Trail;
use crate::launch::{Channel, Chunk, ExitFacts, LaunchError, LaunchRequest, Launcher, StatesBack, Stop};
use crate::plan::Mark;
use crate::protocol::{Descriptor, Kind};
use crate::rules::{Finding, Judge, Outcome, Rule, Scene};
use jiff::Timestamp;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How many pieces of output wait to be judged before the connector has to.
const WAITING: usize = 16;

/// What is to look at a launch's output.
pub(super) struct Eyes {
    pub judge: Judge,
    pub secrets: Secrets,
    pub streams: Vec<Descriptor>,
    pub trail: Option<Trail>,
    /// What is held against baselines.
    pub portrait: Option<Portrait>,
    /// When it is struck, if it is.
    pub strike: Option<Strike>,
    /// What is shown of the wire.
    pub tap: Option<Tap>,
    /// Who looks on besides, line by line of stdout.
    pub companion: Option<Companion>,
}

/// Takes each line of stdout while the launch goes on; as long as it takes, the connector has to wait.
pub(super) type Companion = Box<dyn FnMut(&Line<'_>) + Send>;

/// Strikes a launch when enough has come out of it.
pub(super) struct Strike {
    mark: Mark,
    states: u64,
    records: u64,
    /// Cancelled when it is struck.
    pub token: CancellationToken,
}

impl Strike {
    /// A strike that waits for its launch.
    pub fn at(mark: Mark) -> Strike {
        Strike { mark, states: 0, records: 0, token: CancellationToken::new() }
    }

    fn watch(&mut self, kind: Option<Kind>) {
        match kind {
            Some(Kind::State) => (self.states, self.records) = (self.states + 1, 0),
            Some(Kind::Record) => self.records += 1,
            _ => return,
        }
        if self.states >= self.mark.states && self.records >= self.mark.records {
            self.token.cancel();
        }
    }
}

impl Eyes {
    /// The eyes of the rules that `wanted` wants; no experiment looks on.
    pub fn of_rules(scene: Scene, inputs: &Inputs, wanted: impl Fn(&Rule) -> bool) -> Eyes {
        let secrets = Secrets::new(&inputs.secret_values());
        let (streams, judge) = (scene.descriptors(), Judge::new(scene, secrets.clone(), wanted));
        Eyes { judge, secrets, streams, trail: None, portrait: None, strike: None, tap: None, companion: None }
    }
}

/// A launch that happened.
pub(super) struct Seen {
    pub exit: ExitFacts,
    pub summary: Summary,
    pub findings: Vec<Finding>,
    pub outcomes: Vec<Outcome>,
    pub trail: Option<Trail>,
    pub portrait: Option<Portrait>,
    pub tap: Option<Tap>,
    /// What must not be told of it.
    pub secrets: Secrets,
    /// Bytes of stderr that were judged and not stored.
    pub stderr_dropped: u64,
    /// Why the transcript could not be stored, if it could not.
    pub storage_error: Option<String>,
}

struct Desk {
    judge: Judge,
    trail: Option<Trail>,
    portrait: Option<Portrait>,
    strike: Option<Strike>,
    tap: Option<Tap>,
    companion: Option<Companion>,
    /// What a script that waits for states is told.
    states: StatesBack,
    progress: Arc<Progress>,
}

impl Watcher for Desk {
    fn watch(&mut self, line: &Line<'_>, summary: &Summary) {
        let kind = match &line.decoded {
            Decoded::Message(message) => Some(message.kind()),
            _ => None,
        };
        if line.channel != Channel::CommandLine {
            self.progress.count(kind);
            if kind == Some(Kind::State) {
                self.states.one_more();
            }
            if let Some(strike) = &mut self.strike {
                strike.watch(kind);
            }
        }
        self.judge.watch(line, summary);
        if let Some(trail) = &mut self.trail {
            trail.absorb(line);
        }
        if let Some(portrait) = &mut self.portrait {
            portrait.absorb(line);
        }
        if let Some(tap) = &mut self.tap {
            tap.watch(line, summary);
        }
        if let Some(companion) = self.companion.as_mut().filter(|_| line.channel == Channel::Stdout) {
            companion(line);
        }
    }
}

/// Launches once outside of any run, and does with its output what a run does: the transcript is stored in `folder`,
/// every rule of the command judges. Gives back what came and what was found; errs where it can't be stored, too.
pub async fn judge_launch(
    launcher: &dyn Launcher,
    request: &LaunchRequest,
    inputs: Inputs,
    folder: &Path,
) -> Result<(Summary, Vec<Finding>), LaunchError> {
    let subject = launcher.prepare().await?;
    let started_at = Timestamp::now().as_millisecond();
    let scene = Scene::new(&request.id, request.command, &inputs, Some(started_at)).map_err(LaunchError::Usage)?;
    let scene = scene.of(&subject);
    let eyes = Eyes::of_rules(scene, &inputs, |_| true);
    let (id, command) = (request.id.clone(), request.command);
    let manifest = Manifest {
        version: 1,
        id,
        command,
        subject,
        started_at,
        inputs,
        exit: None,
        stderr_dropped: 0,
        is_ordinary: true,
    };
    let (progress, stop) = (Arc::new(Progress::new()), Stop::default());
    let seen = launch(launcher, request, eyes, Some((folder, manifest)), progress, &stop).await?;
    match seen.storage_error {
        Some(error) => Err(LaunchError::Environment(error)),
        None => Ok((seen.summary, seen.findings)),
    }
}

/// Launches, captures into a folder if there is one, judges.
pub(super) async fn launch(
    launcher: &dyn Launcher,
    request: &LaunchRequest,
    eyes: Eyes,
    transcript: Option<(&Path, Manifest)>,
    progress: Arc<Progress>,
    stop: &Stop,
) -> Result<Seen, LaunchError> {
    let failed = |error: std::io::Error| {
        let folder = transcript.as_ref().map(|(folder, _)| folder.display().to_string()).unwrap_or_default();
        format!("the transcript of {} can't be stored in {folder}: {error}", request.id)
    };
    let writer =
        transcript.as_ref().map(|(folder, manifest)| TranscriptWriter::create(folder, manifest.clone(), &eyes.secrets));
    let writer = writer.transpose().map_err(|error| LaunchError::Environment(failed(error)))?;
    let secrets = eyes.secrets.clone();
    let strike = eyes.strike.as_ref().map_or_else(|| stop.strike.clone(), |strike| strike.token.clone());
    let stop = Stop { storage: CancellationToken::new(), strike, states: StatesBack::default(), ..stop.clone() };
    let (sender, mut receiver) = mpsc::channel::<Chunk>(WAITING);
    let on_storage_error = stop.storage.clone();
    let (heard, states) = (progress.clone(), stop.states.clone());
    let (streams, judged_secrets) = (eyes.streams.clone(), eyes.secrets.clone());
    let capturing = tokio::task::spawn_blocking(move || {
        let Eyes { judge, trail, portrait, strike, tap, companion, .. } = eyes;
        let desk = Desk { judge, trail, portrait, strike, tap, companion, states, progress };
        let mut pass = Pass::new(&streams, judged_secrets, writer, desk);
        let (mut last, mut storage_error) = (Duration::ZERO, None);
        // All that waits is taken at once: a sender that has to be woken for each chunk costs more than the chunk.
        let mut chunks = Vec::with_capacity(WAITING);
        while receiver.blocking_recv_many(&mut chunks, WAITING) > 0 {
            for chunk in chunks.drain(..) {
                if chunk.channel != Channel::CommandLine {
                    heard.heard(chunk.bytes.len());
                    last = chunk.at;
                }
                if let Err(error) = pass.feed(&chunk) {
                    storage_error = Some(error);
                    on_storage_error.cancel();
                }
            }
        }
        (pass.finish(last), storage_error)
    });
    let exit = launcher.launch(request, sender, &stop).await;
    let ((desk, summary, writer), mut storage_error) =
        capturing.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
    let exit = exit?;
    let stderr_dropped = match writer.map(|writer| writer.finish(&exit)) {
        Some(Ok(dropped)) => dropped,
        Some(Err(error)) => {
            storage_error.get_or_insert(error);
            0
        }
        None => 0,
    };
    let storage_error = storage_error.map(failed);
    let (findings, outcomes) = desk.judge.conclude(&summary, &exit);
    let Desk { mut trail, portrait, tap, .. } = desk;
    if let Some(trail) = &mut trail {
        trail.seal();
    }
    Ok(Seen { exit, summary, findings, outcomes, trail, portrait, tap, secrets, stderr_dropped, storage_error })
}
