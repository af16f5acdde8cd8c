//! A run that happened earlier, as the folder of its report holds it: which of its launches stands in for one that is asked for.

mod sought;

pub(super) use sought::Sought;

use crate::capture::{Manifest, StoredTranscript};
use crate::launch::replay::{Play, ReplayLauncher};
use crate::launch::{ExitFacts, LaunchError, Launcher, RecordedRun, Subject};
use crate::protocol::ConfiguredCatalog;
use crate::text;
use crate::verdict::{LaunchFacts, LaunchState, Results, SCHEMA_VERSION};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path};
use std::sync::Arc;

/// The results in a report folder.
pub const RESULTS: &str = "results.json";
/// The folder of the transcripts in a report folder; each launch has a folder of its own in it.
pub const TRANSCRIPTS: &str = "launches";

/// An earlier run, and those of its launches that can stand in for others.
pub struct StoredRun {
    /// What is known of the run.
    pub recorded: RecordedRun,
    /// Whether it had several connectors.
    has_several: bool,
    launches: Vec<StoredLaunch>,
}

/// A launch of it: of the connector itself, undisturbed and over.
struct StoredLaunch {
    facts: LaunchFacts,
    exit: ExitFacts,
    manifest: Manifest,
    /// What it was asked to read.
    catalog: Option<ConfiguredCatalog>,
    transcript: Arc<StoredTranscript>,
}

/// A stored launch that stands in for another.
pub(super) struct Recording {
    /// Replays it.
    pub launcher: Arc<dyn Launcher>,
    /// What was launched then.
    pub subject: Subject,
    /// Its messages, by their type on the wire, as they were counted then.
    pub messages: BTreeMap<String, u64>,
    /// Whether it read more streams than it is asked for now.
    pub reads_more: bool,
}

impl StoredRun {
    /// Opens the folder of a report. Errs with what is wrong with it: a usage error where it is none that can be used, one of the environment
    /// where it can't be read.
    pub fn open(folder: &Path) -> Result<StoredRun, LaunchError> {
        let results = results_in(folder)?;
        let run = &results.run;
        let recorded = RecordedRun {
            id: text::visible(&run.id),
            started_at: text::visible(&run.started_at),
            airproof: text::visible(&run.airproof),
            folder: folder.display().to_string(),
        };
        let mut launches = Vec::new();
        for facts in results.launches {
            // The version that an earlier comparison was made with is another connector.
            let LaunchState::Ended { exit } = &facts.outcome else { continue };
            if facts.subject.is_some() || exit.is_cut_short() {
                continue;
            }
            let exit = exit.clone();
            launches.extend(StoredLaunch::open(folder, facts, exit)?);
        }
        if launches.is_empty() {
            return Err(unusable(folder, "none of its launches came to its end"));
        }
        launches.sort_by(|one, other| one.facts.started.total_cmp(&other.facts.started));
        Ok(StoredRun { recorded, has_several: results.connectors.len() > 1, launches })
    }

    /// What stands in for the launch that is sought. Errs with what the run does not hold, in a sentence.
    pub(super) fn recording(&self, sought: &Sought) -> Result<Recording, String> {
        let (launch, reads_more) = sought.among(&self.launches, self.has_several).map_err(|lack| {
            let RecordedRun { started_at, folder, .. } = &self.recorded;
            format!("the stored run of {started_at} ({folder}) {lack}")
        })?;
        let subject = Subject {
            launcher: "replay".to_owned(),
            recorded: Some(self.recorded.clone()),
            ..launch.manifest.subject.clone()
        };
        let transcript = launch.transcript.clone();
        let play: Arc<Play> = Arc::new(move |each| {
            let mut goes_on = true;
            transcript.replay(|chunk| goes_on = goes_on && each(chunk))
        });
        let launcher = Arc::new(ReplayLauncher::new(subject.clone(), play, launch.exit.clone()));
        Ok(Recording { launcher, subject, messages: launch.facts.tally.messages.clone(), reads_more })
    }
}

impl StoredLaunch {
    /// None where it was disturbed, or nobody knows whether it was.
    fn open(folder: &Path, facts: LaunchFacts, exit: ExitFacts) -> Result<Option<StoredLaunch>, LaunchError> {
        let mut parts = Path::new(&facts.id).components();
        if !matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) {
            return Err(unusable(folder, &format!("`{}` is no id of a launch", text::visible(&facts.id))));
        }
        let transcript = StoredTranscript::open(&folder.join(TRANSCRIPTS).join(&facts.id));
        let transcript =
            transcript.map_err(|reason| unusable(folder, &format!("a transcript is missing: {reason}")))?;
        let manifest = transcript.manifest.clone();
        if manifest.exit.is_none() {
            let reason = format!("the transcript of {} is cut off: its manifest does not say how it ended", facts.id);
            return Err(unusable(folder, &reason));
        }
        // What every suite launches was undisturbed before manifests said so.
        if !manifest.is_ordinary && !facts.asked_by.is_empty() {
            return Ok(None);
        }
        let catalog = manifest.inputs.catalog.as_ref().and_then(|raw| ConfiguredCatalog::from_value(raw).ok());
        Ok(Some(StoredLaunch { facts, exit, manifest, catalog, transcript: Arc::new(transcript) }))
    }
}

/// The results of a run.
fn results_in(folder: &Path) -> Result<Results, LaunchError> {
    let file = folder.join(RESULTS);
    let bytes = fs::read(&file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound if !folder.exists() => unusable(folder, "there is no such folder"),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory if folder.join(TRANSCRIPTS).is_dir() => unusable(
            folder,
            "it has transcripts and no results.json: the run was killed, is not over, or was told to write other formats",
        ),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => unusable(folder, "it has no results.json"),
        _ => LaunchError::Environment(format!("{} can't be read: {error}", file.display())),
    })?;
    let not_ours = |reason: String| unusable(folder, &format!("its results.json is none of airproof's: {reason}"));
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| not_ours(error.to_string()))?;
    match value.get("schema_version").and_then(Value::as_u64) {
        None => Err(not_ours("it has no `schema_version`".to_owned())),
        Some(version) if version > u64::from(SCHEMA_VERSION) => Err(unusable(
            folder,
            &format!(
                "its results.json has the form {version} of a newer airproof, and this one reads {SCHEMA_VERSION}"
            ),
        )),
        Some(_) => serde_json::from_value(value).map_err(|error| not_ours(error.to_string())),
    }
}

fn unusable(folder: &Path, reason: &str) -> LaunchError {
    LaunchError::Usage(format!(
        "{} can't be compared with: {reason}\nIt must be the report folder of an earlier `airproof test` or `airproof compare` that came to \
         its end, with `results.json` and `launches`.",
        folder.display()
    ))
}
