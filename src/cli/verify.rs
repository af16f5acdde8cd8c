//! `airproof verify`

use super::Refusal;
use super::args::VerifyArguments;
use super::certificate::digests;
use super::judge::judge_again;
use super::output::{RESULTS, TRANSCRIPTS};
use super::session::runtime;
use crate::exit::Exit;
use crate::experiments::all_statements;
use crate::launch::LaunchError;
use crate::launch::docker::Daemon;
use crate::report::certificate::{Certificate, Digests, FILE, PREDICATE, differences};
use crate::text::{plural, visible};
use crate::verdict::{self, Results};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub(super) fn run(arguments: &VerifyArguments) -> Result<Exit, Refusal> {
    let (file, folder) = placed(&arguments.path);
    let certificate = read_certificate(&file)?;
    let stored = read_results(&folder)?;
    let found = digests(&folder).map_err(unreadable)?;
    let mut failures = stored_files(&certificate, &found, &folder);
    if failures.is_empty() {
        // What was stored is what was certified, so what follows from it can be found out again.
        let statements: Vec<_> = all_statements().collect();
        let remade = Certificate::of(&stored, &found, &statements).to_value();
        failures.extend(differences(&certificate, &remade).into_iter().map(|place| not_remade(&file, &place, &stored)));
        failures.extend(judge_again(&stored, &folder.join(TRANSCRIPTS), &found)?);
    }
    let image = arguments.image.as_deref().map(|image| same_image(&certificate, image)).transpose()?;
    let image = match image {
        None => "not checked: name it with --image".to_owned(),
        Some(Ok(id)) => id,
        Some(Err(failure)) => {
            failures.push(failure);
            "another one".to_owned()
        }
    };
    tell(&file, &certificate, &found, &image, &failures)
}

/// The file of a certificate, and the folder of what it is about.
fn placed(path: &Path) -> (PathBuf, PathBuf) {
    if path.is_dir() {
        return (path.join(FILE), path.to_owned());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    (path.to_owned(), folder.to_owned())
}

fn read_certificate(file: &Path) -> Result<Value, Refusal> {
    let text = fs::read(file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Refusal::usage(format!(
            "error: there is no certificate at {}\n`airproof test --suite certification` ends with one in its report folder.",
            file.display()
        )),
        _ => unreadable(io::Error::new(error.kind(), format!("{} can't be read: {error}", file.display()))),
    })?;
    let foreign = |why: String| {
        Refusal::usage(format!(
            "error: {} is no certificate of airproof's: {why}\nIt must be the file as `airproof test` wrote it; take it out of an \
             envelope first.",
            file.display()
        ))
    };
    let value: Value = serde_json::from_slice(&text).map_err(|error| foreign(format!("it is no JSON: {error}")))?;
    match value["predicateType"].as_str() {
        Some(PREDICATE) => Ok(value),
        Some(other) => Err(foreign(format!("its predicateType is `{}`, not `{PREDICATE}`", visible(other)))),
        None => Err(foreign("it has no predicateType".to_owned())),
    }
}

fn read_results(folder: &Path) -> Result<Results, Refusal> {
    let file = folder.join(RESULTS);
    let beside = "\nA certificate is checked beside what it is about: the whole report folder of the run.";
    let text = fs::read(&file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Refusal::usage(format!("error: there is no {}{beside}", file.display())),
        _ => unreadable(io::Error::new(error.kind(), format!("{} can't be read: {error}", file.display()))),
    })?;
    verdict::read(&text)
        .map_err(|error| Refusal::usage(format!("error: NOT VALID: {} {error}{beside}", file.display())))
}

fn unreadable(error: io::Error) -> Refusal {
    Refusal::environment(format!("error: {error}\nSee to it that the report folder can be read, then try again."))
}

/// What of the stored files is not what was certified: a line each.
fn stored_files(certificate: &Value, found: &Digests, folder: &Path) -> Vec<String> {
    let restore = "fetch the folder as the run left it, or run the certification again";
    let mut failures = Vec::new();
    let predicate = &certificate["predicate"];
    if predicate["results"]["sha256"].as_str() != Some(&found.results) {
        failures.push(format!("{} was changed after it was certified: {restore}", folder.join(RESULTS).display()));
    }
    let launches = folder.join(TRANSCRIPTS);
    let certified = predicate["transcripts"].as_object();
    let files = certified.into_iter().flatten().flat_map(|(launch, files)| {
        files.as_object().into_iter().flatten().map(move |(name, digest)| (launch, name, digest.as_str()))
    });
    for (launch, name, digest) in files {
        let path = visible(&launches.join(launch).join(name).display().to_string()).to_string();
        match found.transcripts.get(launch).and_then(|files| files.get(name)) {
            None => failures.push(format!("{path} is missing: {restore}")),
            Some(here) if Some(here.as_str()) != digest => {
                failures.push(format!("{path} was changed after it was certified: {restore}"));
            }
            Some(_) => {}
        }
    }
    let here = found.transcripts.iter().flat_map(|(launch, files)| files.keys().map(move |name| (launch, name)));
    for (launch, name) in here.filter(|(launch, name)| predicate["transcripts"][launch][name].is_null()) {
        let path = visible(&launches.join(launch).join(name).display().to_string()).to_string();
        failures.push(format!("{path} was not certified: it is none of the run's files; move it away"));
    }
    failures
}

/// A place of the certificate that says something else than the results.
fn not_remade(file: &Path, place: &str, stored: &Results) -> String {
    let (file, wrote, this) = (file.display(), visible(&stored.run.airproof), env!("CARGO_PKG_VERSION"));
    match wrote == this {
        true => format!(
            "{file} says at {place} what the results do not make: it was changed, take the one that the run wrote"
        ),
        false => format!(
            "{file} says at {place} what the results do not make for airproof {this}: check it with airproof {wrote}, which wrote it"
        ),
    }
}

/// Whether the local daemon's image is what was certified: its id, or a line that says what it is instead.
fn same_image(certificate: &Value, image: &str) -> Result<Result<String, String>, Refusal> {
    let id = runtime()?.block_on(async {
        let daemon = Daemon::connect().await?;
        daemon.image_id(image).await?.ok_or_else(|| {
            LaunchError::Environment(format!(
                "there is no image `{}` here: docker pull it, and try again",
                visible(image)
            ))
        })
    })?;
    let certified: Vec<&str> = certificate["subject"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|it| it["digest"]["sha256"].as_str())
        .collect();
    let is_certified = certified.contains(&id.strip_prefix("sha256:").unwrap_or(&id));
    let says = match certified.as_slice() {
        [] => "names no image".to_owned(),
        ids => format!("is about sha256:{}", visible(&ids.join(", sha256:"))),
    };
    Ok(match is_certified {
        true => Ok(id),
        false => Err(format!(
            "the image `{}` is {id}, and the certificate {says}: name the image that was tested, or certify this one",
            visible(image)
        )),
    })
}

fn tell(file: &Path, certificate: &Value, found: &Digests, image: &str, failures: &[String]) -> Result<Exit, Refusal> {
    let predicate = &certificate["predicate"];
    let is_met = predicate["met"] == true;
    let mut out = anstream::stdout().lock();
    for subject in certificate["subject"].as_array().into_iter().flatten() {
        writeln!(out, "subject: {}", visible(subject["name"].as_str().unwrap_or_default()))?;
    }
    let text = |member: &str| visible(predicate[member].as_str().unwrap_or("unknown")).to_string();
    writeln!(out, "run: {} of {}, airproof {}", text("run"), text("started_at"), text("airproof"))?;
    writeln!(out, "image: {image}")?;
    let files: usize = found.transcripts.values().map(|files| files.len()).sum();
    let transcripts = plural(found.transcripts.len() as u64, "transcript");
    writeln!(out, "compared: {RESULTS} and {} of {transcripts}", plural(files as u64, "file"))?;
    if !failures.is_empty() {
        for failure in failures {
            writeln!(out, "not valid: {failure}")?;
        }
        writeln!(out, "NOT VALID: {} does not prove what it says.", file.display())?;
        return Ok(Exit::Usage);
    }
    let waived = predicate["waived"].as_array().map_or(0, Vec::len) as u64;
    if waived > 0 {
        writeln!(out, "waived: {}, each with its reason in the certificate", plural(waived, "finding"))?;
    }
    for (reason, rules) in inapplicable(predicate) {
        writeln!(out, "not applicable: {}: {}", visible(&rules.join(", ")), visible(reason))?;
    }
    for reason in predicate["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        writeln!(out, "not met: {}", visible(reason))?;
    }
    match is_met {
        true => writeln!(out, "VALID, and met: every required rule was judged and holds.")?,
        false => writeln!(out, "VALID, and NOT met.")?,
    }
    Ok(if is_met { Exit::Passed } else { Exit::Findings })
}

/// The required rules that do not apply, by the reason.
fn inapplicable(predicate: &Value) -> BTreeMap<&str, Vec<&str>> {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let unjudged = predicate["unjudged"].as_array().into_iter().flatten();
    for entry in unjudged.filter(|entry| entry["is_inapplicable"] == true) {
        let text = |member: &str| entry[member].as_str().unwrap_or("unknown");
        // Which launch is lacking for it tells nobody more.
        let reason = text("reason").split_once(" was not launched: ").map_or(text("reason"), |(_, root)| root);
        by_reason.entry(reason).or_default().push(text("rule"));
    }
    by_reason
}
