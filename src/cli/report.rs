//! `airproof report`: results that are there, rendered again, merged, and compared with earlier ones.

use super::args::{Format, ReportArguments, ResultsArguments};
use super::output::{self, RESULTS, TRANSCRIPTS};
use super::{Refusal, files, session};
use crate::exit::Exit;
use crate::experiments::{Experiment, find_experiment};
use crate::protocol::Command;
use crate::verdict::{self, Results};
use std::fs;
use std::path::{Path, PathBuf};

pub(super) fn run(arguments: &ResultsArguments) -> Result<Exit, Refusal> {
    let named: Vec<(String, Results)> =
        arguments.results.iter().map(|path| read_results(path)).collect::<Result<_, _>>()?;
    let earlier = arguments.since.as_deref().map(read_results).transpose()?;
    let mut results =
        verdict::merge(named, &is_judged_once).map_err(|reason| Refusal::usage(format!("error: {reason}")))?;
    if let Some((_, earlier)) = &earlier {
        verdict::compare(&mut results, earlier);
    }
    let report_dir = report_dir(arguments);
    let report = ReportArguments { report_dir, format: arguments.format.clone() };
    let (folder, formats) = (&report.report_dir, &report.format);
    let written = match formats.iter().any(|format| *format != Format::Terminal) {
        false => Ok(Vec::new()),
        true if is_read(folder, arguments) => {
            refuse_to_replace(folder, arguments)?;
            files::write_beside(&results, folder, formats)
        }
        true => {
            prepare(folder)?;
            files::write_reports(&results, folder, formats)
        }
    };
    session::tell(&results, &report, written)
}

/// Rules are judged once of a launch, and so are experiments that are about the specification alone.
fn is_judged_once(code: &str) -> bool {
    let about_specification =
        |experiment: &Experiment| experiment.statement.commands == [Command::Spec] && !experiment.by_scenario;
    find_experiment(code).is_none_or(about_specification)
}

/// The results in a file, or in the folder of a report, with the file's name.
pub(super) fn read_results(path: &Path) -> Result<(String, Results), Refusal> {
    let file = results_file(path);
    let name = file.display().to_string();
    let bytes = fs::read(&file).map_err(|error| {
        Refusal::usage(format!("error: {name} can't be read: {error}\nName a results.json, or the folder of a report."))
    })?;
    let results = verdict::read(&bytes).map_err(|reason| Refusal::usage(format!("error: {name} {reason}")))?;
    Ok((name, results))
}

fn results_file(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(RESULTS) } else { path.to_owned() }
}

/// Where files are written: beside the results, where they are one report's.
fn report_dir(arguments: &ResultsArguments) -> PathBuf {
    let beside = match arguments.results.as_slice() {
        [only] => Some(results_file(only)),
        _ => None,
    };
    let beside = beside.filter(|file| file.file_name().is_some_and(|name| name == RESULTS));
    let beside = beside.and_then(|file| file.parent().map(Path::to_owned));
    let beside = beside.map(|folder| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder });
    arguments.report_dir.clone().or(beside).unwrap_or_else(|| PathBuf::from("airproof-report"))
}

/// Beside results that are merged, nothing is written: what is beside them would tell of others.
fn refuse_to_replace(folder: &Path, arguments: &ResultsArguments) -> Result<(), Refusal> {
    if arguments.results.len() == 1 && is_among(folder, &arguments.results) {
        return Ok(());
    }
    Err(Refusal::usage(format!(
        "error: {} holds results that are read, and a report of others would stand beside them\nName another folder with \
         --report-dir.",
        folder.display()
    )))
}

/// Makes the folder. A report of a run, with its transcripts, is not written over.
fn prepare(folder: &Path) -> Result<(), Refusal> {
    output::check_report_dir(folder)?;
    let holds_transcripts = fs::read_dir(folder.join(TRANSCRIPTS)).is_ok_and(|mut launches| launches.next().is_some());
    if holds_transcripts {
        return Err(Refusal::usage(format!(
            "error: {} is the report of a run, with its transcripts, and would be written over\nName another folder with \
             --report-dir.",
            folder.display()
        )));
    }
    let failed = |error: std::io::Error| {
        Refusal::environment(format!("error: the folder {} can't be written: {error}", folder.display()))
    };
    fs::create_dir_all(folder).map_err(failed)?;
    for file in files::names() {
        match fs::remove_file(folder.join(file)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    Ok(())
}

/// Whether the results in a folder are among those that are read.
fn is_read(folder: &Path, arguments: &ResultsArguments) -> bool {
    is_among(folder, &arguments.results) || is_among(folder, arguments.since.as_slice())
}

fn is_among(folder: &Path, read: &[PathBuf]) -> bool {
    let Ok(there) = folder.join(RESULTS).canonicalize() else { return false };
    read.iter().map(|path| results_file(path)).any(|file| file.canonicalize().is_ok_and(|file| file == there))
}
