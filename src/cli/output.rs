//! Where results go: the report folder and the terminal; and what is said when we are at fault.

use super::Refusal;
use super::files;
use crate::capture::StoredTranscript;
pub(super) use crate::engine::stored_run::{RESULTS, TRANSCRIPTS};
use crate::exit::Exit;
use crate::launch::end_descendants;
use crate::report;
use crate::report::terminal::{Manner, Outlet};
use crate::rules::Level;
use crate::verdict::Results;
use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

/// The name of what else is in a report folder; `files` has the others.
pub(super) const CASES: &str = "cases";

/// Refuses a folder that is somebody else's.
pub(super) fn check_report_dir(folder: &Path) -> Result<(), Refusal> {
    if is_foreign(folder) {
        return Err(Refusal::usage(format!(
            "error: {} is not empty, and what is in it is no report of airproof's; nothing was launched\nName another \
             folder with --report-dir.",
            folder.display()
        )));
    }
    Ok(())
}

/// Whether a folder holds something that was there before a report, or something of somebody else's among what a new
/// report replaces.
fn is_foreign(folder: &Path) -> bool {
    let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_report = is_results(&folder.join(RESULTS));
    entries(folder).any(|path| match path.file_name().and_then(|name| name.to_str()) {
        Some(RESULTS) => !is_report,
        Some(TRANSCRIPTS) => !path.is_dir() || !entries(&path).all(|launch| StoredTranscript::is_all_of(&launch)),
        _ => !is_report,
    })
}

/// Whether a file begins as our results do.
fn is_results(file: &Path) -> bool {
    let mut beginning = String::new();
    let read = fs::File::open(file).and_then(|file| file.take(64).read_to_string(&mut beginning));
    read.is_ok() && beginning.contains("\"schema_version\"")
}

/// Makes the report folder and removes what an earlier run wrote there. A folder with anything else in it is refused.
pub(super) fn prepare_report_dir(folder: &Path) -> Result<(), Refusal> {
    check_report_dir(folder)?;
    let failed = |error: io::Error| {
        Refusal::environment(format!(
            "error: the report folder {} can't be written: {error}\nName another one with --report-dir.",
            folder.display()
        ))
    };
    fs::create_dir_all(folder.join(TRANSCRIPTS)).map_err(failed)?;
    fs::remove_dir_all(folder.join(TRANSCRIPTS)).map_err(failed)?;
    match fs::remove_dir_all(folder.join(CASES)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    for file in files::names() {
        match fs::remove_file(folder.join(file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    fs::create_dir_all(folder.join(TRANSCRIPTS)).map_err(failed)
}

/// Prints findings, doubts and the verdict. That nobody reads them is no error.
pub(super) fn print_results(results: &Results, files: &[String]) -> Result<(), Refusal> {
    match write_results(results, files) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn write_results(results: &Results, files: &[String]) -> io::Result<()> {
    let mut out = Outlet::new(anstream::stdout().lock(), manner());
    writeln!(out)?;
    let (waived, open): (Vec<_>, Vec<_>) = results.findings.iter().partition(|finding| finding.waived.is_some());
    let (shown, told): (Vec<_>, Vec<_>) = open.into_iter().partition(|finding| finding.level > Level::Info);
    report::terminal::write_findings(&shown, &mut out)?;
    report::terminal::write_waived(&waived, &mut out)?;
    if !told.is_empty() {
        writeln!(out, "{} more at INFO: see the report.\n", told.len())?;
    }
    report::terminal::write_pipe(results, &mut out)?;
    report::terminal::write_doubts(results, &mut out)?;
    report::terminal::write_unreviewed(results, &mut out)?;
    report::terminal::write_since(results, &mut out)?;
    report::terminal::write_summary(results, files, &mut out)?;
    out.flush()
}

/// What the terminal behind stdout can show. Where it is none, lines are not folded.
pub(super) fn manner() -> Manner {
    let terminal = console::Term::stdout();
    let size = terminal.is_term().then(|| terminal.size_checked()).flatten();
    Manner::of(|name| std::env::var(name).ok(), size.map(|(_, columns)| usize::from(columns)))
}

/// Where refusals and errors go: their lines are no commands of a CI either, and are not folded.
pub(super) fn stderr() -> impl Write {
    Outlet::new(anstream::stderr(), Manner { width: None, ..manner() })
}

/// A panic is a bug of ours: it is told as such, without a backtrace, and the process ends with the code for it.
pub(super) fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|location| format!(" at {}:{}", location.file(), location.line()));
        let message = panic.payload_as_str().unwrap_or("no message");
        let _ = writeln!(
            anstream::stderr(),
            "\nairproof {} has a bug{}: {message}\nThe connector is not to blame. What was captured is in the report \
             folder; please report this with the command line.",
            env!("CARGO_PKG_VERSION"),
            place.unwrap_or_default()
        );
        // Containers and files of this run are removed by the next run, or by `airproof clean`.
        end_descendants();
        std::process::exit(Exit::Bug.code().into());
    }));
}
