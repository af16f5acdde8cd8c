//! `airproof judge`

use super::args::{Format, JudgeArguments};
use super::session::{runtime, select};
use super::{Refusal, output};
use crate::capture::{Inputs, StoredTranscript, TranscriptFile};
use crate::engine::{Stored, judge_stored};
use crate::exit::Exit;
use crate::launch::replay::{Play, ReplayLauncher};
use crate::launch::{Channel, Chunk, ExitFacts, Subject};
use crate::protocol::Expect;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How much of a file is looked at to tell what it is, and how much of bare output is read at once.
const PIECE: usize = 64 * 1024;

/// A transcript file that a person wrote is not longer.
const TRANSCRIPT_FILE: u64 = 64 * 1024 * 1024;

pub(super) fn run(arguments: &JudgeArguments) -> Result<Exit, Refusal> {
    let stored = stored(arguments)?;
    let selection = select(&arguments.rules, &arguments.skipped_rules, &[])?;
    if let Some(folder) = &arguments.report_dir {
        refuse_own_report(&arguments.transcript, folder)?;
        output::prepare_report_dir(folder)?;
    }
    let results = runtime()?.block_on(judge_stored(stored, &selection, arguments.fail_on.into()))?;
    let written = arguments
        .report_dir
        .as_ref()
        .map(|folder| output::write_reports(&results, folder, &[Format::Html, Format::Json]))
        .transpose()?;
    output::print_results(&results, &written.unwrap_or_default())?;
    Ok(Exit::of_code(results.run.exit_code).unwrap_or(Exit::Bug))
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
        return bare(arguments, Box::new(io::stdin()));
    }
    if path.is_dir() {
        return folder(arguments, path);
    }
    let unreadable = |error: io::Error| Refusal::usage(format!("error: {} can't be read: {error}", path.display()));
    let mut file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    if length <= TRANSCRIPT_FILE && is_transcript_file(path).map_err(unreadable)? {
        let mut content = Vec::new();
        file.read_to_end(&mut content).map_err(unreadable)?;
        let parsed = TranscriptFile::parse(&content, path.parent().unwrap_or(Path::new(".")));
        let parsed = parsed.map_err(|reason| Refusal::usage(format!("error: {}: {reason}", path.display())))?;
        return transcript_file(arguments, parsed);
    }
    bare(arguments, Box::new(file))
}

fn is_transcript_file(path: &Path) -> io::Result<bool> {
    let mut beginning = Vec::new();
    File::open(path)?.take(16 * PIECE as u64).read_to_end(&mut beginning)?;
    Ok(TranscriptFile::is_in(&beginning))
}

fn folder(arguments: &JudgeArguments, path: &Path) -> Result<Stored, Refusal> {
    if !StoredTranscript::is_at(path) {
        return Err(Refusal::usage(format!(
            "error: {} is no launch's folder: it has no manifest.json\nName one below `launches` of a report folder.",
            path.display()
        )));
    }
    let transcript = StoredTranscript::open(path).map_err(|reason| Refusal::usage(format!("error: {reason}")))?;
    let manifest = transcript.manifest.clone();
    let exit = manifest.exit.unwrap_or_else(|| ExitFacts { code: None, ..exit_facts(0) });
    let subject = Subject { launcher: "replay".to_owned(), ..manifest.subject };
    let play: Arc<Play> = Arc::new(move |each| {
        transcript.replay(|chunk| {
            each(chunk);
        })
    });
    Ok(Stored {
        id: manifest.id,
        command: manifest.command,
        inputs: overridden(manifest.inputs, arguments)?,
        started_at: Some(manifest.started_at),
        recording: ReplayLauncher::new(subject, play, exit),
    })
}

fn transcript_file(arguments: &JudgeArguments, parsed: TranscriptFile) -> Result<Stored, Refusal> {
    let chunks = parsed.chunks;
    let Subject { name, image, labels, .. } = parsed.subject;
    let subject = match image {
        Some(_) if !name.is_empty() => Subject { name, image, labels, ..subject(arguments) },
        _ => Subject { image, labels, ..subject(arguments) },
    };
    let play: Arc<Play> = Arc::new(move |each| {
        let _ = chunks.iter().all(|chunk| each(chunk.clone()));
        Ok(())
    });
    Ok(Stored {
        id: "transcript".to_owned(),
        command: parsed.command,
        inputs: overridden(parsed.inputs, arguments)?,
        started_at: parsed.started_at,
        recording: ReplayLauncher::new(subject, play, parsed.exit),
    })
}

fn bare(arguments: &JudgeArguments, source: Box<dyn Read + Send>) -> Result<Stored, Refusal> {
    let Some(command) = arguments.command else {
        return Err(Refusal::usage(
            "error: which command printed this? Say `--command spec|check|discover|read`, and `--catalog` for a read.",
        ));
    };
    if matches!(command, super::args::CommandWord::Read) && arguments.catalog.is_none() {
        return Err(Refusal::usage("error: a read is judged by its configured catalog: name it with `--catalog`"));
    }
    let source = Mutex::new(source);
    let play: Arc<Play> = Arc::new(move |each| {
        let mut source = source.lock().map_err(|_| io::Error::other("its reader failed"))?;
        let mut buffer = vec![0; PIECE];
        loop {
            let length = source.read(&mut buffer)?;
            let bytes = buffer[..length].to_vec().into();
            if length == 0 || !each(Chunk { channel: Channel::Stdout, bytes, at: Duration::ZERO }) {
                return Ok(());
            }
        }
    });
    Ok(Stored {
        id: "output".to_owned(),
        command: command.into(),
        inputs: overridden(Inputs::default(), arguments)?,
        started_at: None,
        recording: ReplayLauncher::new(subject(arguments), play, exit_facts(arguments.exit)),
    })
}

fn subject(arguments: &JudgeArguments) -> Subject {
    Subject { launcher: "replay".to_owned(), name: arguments.transcript.display().to_string(), ..Subject::default() }
}

fn exit_facts(code: i64) -> ExitFacts {
    ExitFacts {
        code: Some(code),
        signal: (129..=192).contains(&code).then(|| i32::try_from(code - 128).unwrap_or(0)),
        out_of_memory: false,
        ended: None,
        outputs_left_open: false,
        duration: Duration::ZERO,
        lingered: Duration::ZERO,
    }
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
