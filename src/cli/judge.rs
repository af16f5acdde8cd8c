//! `airproof judge`

use super::args::{Format, JudgeArguments, ReportArguments};
use super::session::{runtime, select, tell};
use super::{Refusal, files, output};
use crate::capture::{Inputs, StoredTranscript, TranscriptFile};
use crate::engine::{Events, Stored, judge_stored};
use crate::exit::Exit;
use crate::experiments::ALL;
use crate::launch::replay::{Play, ReplayLauncher};
use crate::launch::{Channel, Chunk, ExitFacts, Subject};
use crate::protocol::Expect;
use crate::report::certificate::Digests;
use crate::report::terminal::show_live;
use crate::rules::Level;
use crate::verdict::{LaunchState, Results, Status};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

/// Where output is read from.
type Source = Box<dyn Read + Send>;

/// How much output is read at once.
const PIECE: usize = 64 * 1024;

/// How much of a file is held to tell what it is. What stands above the output of a transcript file is not longer.
const BEGINNING: u64 = 16 * 1024 * 1024;

pub(super) fn run(arguments: &JudgeArguments) -> Result<Exit, Refusal> {
    let format = formats(arguments)?;
    let stored = stored(arguments)?;
    let selection = select(&arguments.rules, &arguments.skipped_rules, &[])?;
    if let Some(folder) = &arguments.report_dir {
        refuse_own_report(&arguments.transcript, folder)?;
        output::prepare_report_dir(folder)?;
    }
    let judge = |events: &Events| {
        Ok(runtime()?.block_on(judge_stored(stored, &selection, arguments.fail_on.into(), events))?)
    };
    let results = if format.contains(&Format::Terminal) { shown(judge)? } else { judge(&None)? };
    let report_dir = arguments.report_dir.clone().unwrap_or_default();
    let written = match arguments.report_dir {
        Some(_) => files::write_reports(&results, &report_dir, &format),
        None => Ok(Vec::new()),
    };
    tell(&results, &ReportArguments { report_dir, format }, written)
}

/// What is written. Without a folder, only what goes to stdout: the default folder of other commands may hold the very run that
/// is judged again.
fn formats(arguments: &JudgeArguments) -> Result<Vec<Format>, Refusal> {
    let wanted = &arguments.format;
    let is_file = |format: &&Format| !matches!(format, Format::Terminal | Format::Github);
    match (&arguments.report_dir, wanted.iter().find(is_file)) {
        (None, Some(format)) => Err(Refusal::usage(format!(
            "error: `--format {}` writes a file, and no folder is named for it\nName one with --report-dir.",
            format.word()
        ))),
        (Some(_), _) if wanted.is_empty() => Ok(vec![Format::Terminal, Format::Html, Format::Json]),
        (None, _) if wanted.is_empty() => Ok(vec![Format::Terminal]),
        _ => Ok(wanted.clone()),
    }
}

/// Judges the transcripts of a run again, each launch by itself, and gives a line for each rule that a transcript breaks at
/// MUST although the results say that it passes there. What an experiment disturbed says nothing by itself, and is left out.
pub(super) fn judge_again(results: &Results, launches: &Path, digests: &Digests) -> Result<Vec<String>, Refusal> {
    let runtime = runtime()?;
    // What several launches show is not found in one.
    let experiments: BTreeSet<&str> = ALL.iter().map(|experiment| experiment.statement.code).collect();
    let selection = select(&[], &[], &[])?;
    let mut failures = Vec::new();
    let ended = results.launches.iter().filter(|launch| matches!(launch.outcome, LaunchState::Ended { .. }));
    for launch in ended.filter(|launch| launch.subject.is_none()) {
        let of_launch = results.verdicts.iter().filter(|it| it.launch == launch.id && it.status == Status::Pass);
        let passed: BTreeSet<&str> =
            of_launch.map(|it| it.rule.as_str()).filter(|it| !experiments.contains(it)).collect();
        // An id that no folder bears is not a path to follow.
        if passed.is_empty() || !digests.transcripts.contains_key(&launch.id) {
            continue;
        }
        let path = launches.join(&launch.id);
        let transcript = StoredTranscript::open(&path).map_err(|reason| Refusal::usage(format!("error: {reason}")))?;
        if !transcript.manifest.is_ordinary {
            continue;
        }
        let again = runtime.block_on(judge_stored(stored_launch(transcript), &selection, Level::Must, &None))?;
        // Waived, or of a lower level in this suite.
        let is_told =
            |rule: &str| results.findings.iter().any(|it| it.rule == rule && it.launches.contains(&launch.id));
        let is_passed = |rule: &str| passed.contains(rule) && !is_told(rule);
        for finding in again.findings.iter().filter(|it| it.level == Level::Must && is_passed(&it.rule)) {
            failures.push(format!(
                "{} breaks {} {}, which passes by the results: look at `airproof judge {}`, and run the certification again",
                path.display(),
                finding.rule,
                finding.name,
                path.display()
            ));
        }
    }
    Ok(failures)
}

/// Does the work and shows meanwhile on a terminal how far it is. Elsewhere nothing is shown: what is told belongs to
/// whoever reads it.
fn shown(work: impl FnOnce(&Events) -> Result<Results, Refusal>) -> Result<Results, Refusal> {
    if !io::stderr().is_terminal() {
        return work(&None);
    }
    let (sender, receiver) = mpsc::channel();
    let manner = output::manner();
    let showing = std::thread::spawn(move || show_live(&receiver, manner));
    let events = Some(sender);
    let results = work(&events);
    drop(events);
    let _ = showing.join();
    results
}

/// Refuses to write over the report that the transcript is a part of: the transcript would be lost.
fn refuse_own_report(transcript: &Path, report: &Path) -> Result<(), Refusal> {
    let inside = |transcript: PathBuf| report.canonicalize().is_ok_and(|report| transcript.starts_with(report));
    if transcript.canonicalize().is_ok_and(inside) {
        return Err(Refusal::usage(format!(
            "error: {} is a part of the report in {}, which would be written over\nName another folder with \
             --report-dir.",
            transcript.display(),
            report.display()
        )));
    }
    Ok(())
}

/// Finds out what the transcript is: the folder of a launch, a transcript file, bare output.
fn stored(arguments: &JudgeArguments) -> Result<Stored, Refusal> {
    let path = &arguments.transcript;
    if path == Path::new("-") {
        return single(arguments, Box::new(io::stdin()), None);
    }
    if path.is_dir() {
        return folder(arguments, path);
    }
    let unreadable = |error: io::Error| Refusal::usage(format!("error: {} can't be read: {error}", path.display()));
    let file = File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    single(arguments, Box::new(file), about.is_file().then_some(about.len()))
}

/// A transcript file or bare output. It may be a pipe, and it may be of any size: it is read once, and only its beginning
/// is held.
fn single(arguments: &JudgeArguments, mut source: Source, size: Option<u64>) -> Result<Stored, Refusal> {
    // Whoever pipes a connector's output in and says so is not to wait for the beginning to be complete.
    if size.is_none() && arguments.command.is_some() {
        return bare(arguments, source, size);
    }
    let path = arguments.transcript.display();
    let mut beginning = Vec::new();
    let read = source.by_ref().take(BEGINNING).read_to_end(&mut beginning);
    read.map_err(|error| Refusal::usage(format!("error: {path} can't be read: {error}")))?;
    if !TranscriptFile::is_in(&beginning) {
        return bare(arguments, Box::new(io::Cursor::new(beginning).chain(source)), size);
    }
    let folder = arguments.transcript.parent().unwrap_or(Path::new("."));
    let parsed = TranscriptFile::parse(&beginning, folder);
    transcript_file(
        arguments,
        parsed.map_err(|reason| Refusal::usage(format!("error: {path}: {reason}")))?,
        source,
        size,
    )
}

fn folder(arguments: &JudgeArguments, path: &Path) -> Result<Stored, Refusal> {
    if !StoredTranscript::is_at(path) {
        return Err(Refusal::usage(format!(
            "error: {} is no launch's folder: it has no manifest.json\nName one below `launches` of a report folder.",
            path.display()
        )));
    }
    let transcript = StoredTranscript::open(path).map_err(|reason| Refusal::usage(format!("error: {reason}")))?;
    let stored = stored_launch(transcript);
    Ok(Stored { inputs: overridden(stored.inputs, arguments)?, ..stored })
}

/// A launch as its folder holds it.
fn stored_launch(transcript: StoredTranscript) -> Stored {
    let manifest = transcript.manifest.clone();
    let exit = manifest.exit.unwrap_or_else(|| ExitFacts { code: None, ..ExitFacts::by_itself(0) });
    let subject = Subject { launcher: "replay".to_owned(), ..manifest.subject };
    let play: Arc<Play> = Arc::new(move |each| {
        transcript.replay(|chunk| {
            each(chunk);
        })
    });
    Stored {
        id: manifest.id,
        command: manifest.command,
        inputs: manifest.inputs,
        size: None,
        started_at: Some(manifest.started_at),
        recording: ReplayLauncher::new(subject, play, exit),
    }
}

fn transcript_file(
    arguments: &JudgeArguments,
    parsed: TranscriptFile,
    rest: Source,
    size: Option<u64>,
) -> Result<Stored, Refusal> {
    let (chunks, rest) = (parsed.chunks, Mutex::new(rest));
    let Subject { name, image, labels, .. } = parsed.subject;
    let subject = match image {
        Some(_) if !name.is_empty() => Subject { name, image, labels, ..subject(arguments) },
        _ => Subject { image, labels, ..subject(arguments) },
    };
    let play: Arc<Play> = Arc::new(move |each| {
        let at = chunks.last().map_or(Duration::ZERO, |chunk| chunk.at);
        if !chunks.iter().all(|chunk| each(chunk.clone())) {
            return Ok(());
        }
        stream(&rest, at, each)
    });
    Ok(Stored {
        id: "transcript".to_owned(),
        command: parsed.command,
        inputs: overridden(parsed.inputs, arguments)?,
        size,
        started_at: parsed.started_at,
        recording: ReplayLauncher::new(subject, play, parsed.exit),
    })
}

fn bare(arguments: &JudgeArguments, source: Source, size: Option<u64>) -> Result<Stored, Refusal> {
    let Some(command) = arguments.command else {
        return Err(Refusal::usage(
            "error: which command printed this? Say `--command spec|check|discover|read`, and `--catalog` for a read.",
        ));
    };
    if matches!(command, super::args::CommandWord::Read) && arguments.catalog.is_none() {
        return Err(Refusal::usage("error: a read is judged by its configured catalog: name it with `--catalog`"));
    }
    let source = Mutex::new(source);
    let play: Arc<Play> = Arc::new(move |each| stream(&source, Duration::ZERO, each));
    Ok(Stored {
        id: "output".to_owned(),
        command: command.into(),
        inputs: overridden(Inputs::default(), arguments)?,
        size,
        started_at: None,
        recording: ReplayLauncher::new(subject(arguments), play, ExitFacts::by_itself(arguments.exit)),
    })
}

/// Hands on what is left of a source, as stdout that came at that time.
fn stream(source: &Mutex<Source>, at: Duration, each: &mut dyn FnMut(Chunk) -> bool) -> io::Result<()> {
    let mut source = source.lock().map_err(|_| io::Error::other("its reader failed"))?;
    let mut buffer = vec![0; PIECE];
    loop {
        let length = match source.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        let bytes = buffer[..length].to_vec().into();
        if length == 0 || !each(Chunk { channel: Channel::Stdout, bytes, at }) {
            return Ok(());
        }
    }
}

fn subject(arguments: &JudgeArguments) -> Subject {
    Subject { launcher: "replay".to_owned(), name: arguments.transcript.display().to_string(), ..Subject::default() }
}

/// The inputs, with those of the command line in place of the transcript's own.
fn overridden(mut inputs: Inputs, arguments: &JudgeArguments) -> Result<Inputs, Refusal> {
    let read = |path: &Path| -> Result<Value, Refusal> {
        let text = fs::read_to_string(path)
            .map_err(|error| Refusal::usage(format!("error: {} can't be read: {error}", path.display())))?;
        serde_json::from_str(&text)
            .map_err(|error| Refusal::usage(format!("error: {} is no JSON: {error}", path.display())))
    };
    for (place, path) in [
        (&mut inputs.config, &arguments.config),
        (&mut inputs.catalog, &arguments.catalog),
        (&mut inputs.state, &arguments.state),
        (&mut inputs.specification, &arguments.spec),
    ] {
        if let Some(path) = path {
            *place = Some(read(path)?);
        }
    }
    // A whole SPEC message is as good as its payload.
    if let Some(payload) = inputs.specification.as_ref().and_then(|message| message.get("spec")) {
        inputs.specification = Some(payload.clone());
    }
    if arguments.expect_failed {
        inputs.expect = Expect::Failed;
    }
    Ok(inputs)
}
