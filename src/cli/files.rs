//! The files of a report folder, by the formats that are wanted, and what a CI is told beside them.

use super::Refusal;
use super::args::Format;
use super::output::RESULTS;
use crate::experiments::all_statements;
use crate::report::{self, Checkout, certificate};
use crate::verdict::Results;
use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Makes a file's content.
type Render = fn(&Results, &Checkout) -> String;

/// What is written beside `results.json`: for which format, under which name, by what.
const FILES: [(Format, &str, Render); 9] = [
    (Format::Html, "report.html", |results, _| report::html::render_beside(results, RESULTS)),
    (Format::Junit, "junit.xml", |results, _| report::junit::render(results)),
    (Format::Sarif, "results.sarif", |results, checkout| {
        report::sarif::render(results, &all_statements().collect::<Vec<_>>(), checkout)
    }),
    (Format::Markdown, "report.md", |results, _| report::markdown::render(results, report::markdown::COMMENT)),
    (Format::Github, "summary.md", |results, _| report::markdown::render(results, report::github::SUMMARY)),
    (Format::Gitlab, "gl-code-quality.json", report::gitlab::render),
    (Format::Tap, "results.tap", |results, _| report::tap::render(results)),
    (Format::Badge, "badge.svg", |results, _| report::badge::svg(results)),
    (Format::Badge, "badge.json", |results, _| report::badge::endpoint(results)),
];

/// The names of all files that a run may write, transcripts and cases not included.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    [RESULTS, certificate::FILE].into_iter().chain(FILES.iter().map(|(_, name, _)| *name))
}

/// Writes the files that are wanted and returns their paths. `results.json` comes with any of them: by it the next run
/// knows the folder for a report.
pub(super) fn write_reports(results: &Results, folder: &Path, formats: &[Format]) -> Result<Vec<String>, Refusal> {
    let mut written = Vec::new();
    if formats.iter().any(|format| *format != Format::Terminal) {
        let file = folder.join(RESULTS);
        report::json::write(results, &file).map_err(|error| no_room(&error.to_string()))?;
        written.push(file.display().to_string());
    }
    written.extend(write_beside(results, folder, formats)?);
    Ok(written)
}

fn no_room(message: &str) -> Refusal {
    Refusal::environment(format!("error: {message}\nMake room, or name another folder with --report-dir."))
}

/// Writes those of the files that are wanted beside a `results.json` that stays as it is, and returns their paths.
pub(super) fn write_beside(results: &Results, folder: &Path, formats: &[Format]) -> Result<Vec<String>, Refusal> {
    let mut written = Vec::new();
    let checkout = checkout()?;
    for (_, name, render) in FILES.iter().filter(|(format, ..)| formats.contains(format)) {
        let file = folder.join(name);
        fs::write(&file, render(results, &checkout))
            .map_err(|error| no_room(&format!("{} can't be written: {error}", file.display())))?;
        written.push(file.display().to_string());
    }
    Ok(written)
}

/// The repository, as GitHub and GitLab name it; elsewhere the current folder.
fn checkout() -> Result<Checkout, Refusal> {
    let here = env::current_dir()?;
    let root = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"].into_iter().find_map(env::var_os).map(PathBuf::from);
    let root = root.filter(|root| root.is_absolute() && here.starts_with(root)).unwrap_or_else(|| here.clone());
    Ok(Checkout::new(&root, &here))
}

/// Prints annotations and adds to the summary of the step, where GitHub says where that is.
pub(super) fn tell_github(results: &Results) -> Result<(), Refusal> {
    let mut out = anstream::stdout().lock();
    match out.write_all(report::github::annotations(results, &checkout()?).as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error.into()),
        _ => {}
    }
    let Some(file) = env::var_os("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty()).map(PathBuf::from) else {
        return Ok(());
    };
    let summary = report::markdown::render(results, report::github::SUMMARY);
    let open = fs::OpenOptions::new().create(true).append(true).open(&file);
    open.and_then(|mut open| open.write_all(summary.as_bytes())).map_err(|error| {
        Refusal::environment(format!(
            "error: the step's summary, {}, can't be written: {error}\nLeave `github` out of --format, or unset \
             GITHUB_STEP_SUMMARY.",
            file.display()
        ))
    })
}
