//! Every rule over its transcripts: those named `flagged*` it must flag, those named `silent*` it must not.
//!
//! What else is found in a transcript, and how it is told, is a snapshot.

use airproof::capture::{Pass, Secrets, TranscriptFile};
use airproof::launch::ExitFacts;
use airproof::protocol::{SecretValue, secret_values};
use airproof::rules::{self, Finding, Judge, Level, Scene};
use libtest_mimic::{Arguments, Failed, Trial};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for rule in rules::ALL {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules").join(rule.code);
        let files = transcripts(&folder);
        for needed in ["flagged", "silent"] {
            let missing = !files.iter().any(|file| stem(file).starts_with(needed));
            let what = format!("{} has a {needed} transcript", rule.code);
            trials.push(Trial::test(what, move || if missing { Err("there is none".into()) } else { Ok(()) }));
        }
        for file in files {
            let name = format!("{} {}", rule.code, stem(&file));
            trials.push(Trial::test(name, move || holds(rule, &file)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn holds(rule: &'static rules::Rule, file: &Path) -> Result<(), Failed> {
    let (findings, exit) = judge(file)?;
    let own: Vec<&Finding> = findings.iter().filter(|finding| finding.rule == rule.code).collect();
    let told = told(&findings);
    if stem(file).starts_with("flagged") {
        if own.is_empty() {
            return Err(format!("{} found nothing; all findings:\n{told}", rule.name).into());
        }
    } else if !own.is_empty() {
        return Err(format!("{} flags what it must not:\n{told}", rule.name).into());
    } else if exit.succeeded() && findings.iter().any(|finding| finding.level == Level::Must) {
        // A launch that failed is another rule's to flag; one that worked is healthy.
        return Err(format!("a healthy transcript is flagged:\n{told}").into());
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/rules");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let name = format!("{}-{}", rule.code, stem(file));
    settings.bind(|| insta::assert_snapshot!(name, told));
    Ok(())
}

fn judge(file: &Path) -> Result<(Vec<Finding>, ExitFacts), Failed> {
    let content = fs::read(file)?;
    let folder = file.parent().expect("a fixture is in a folder");
    let transcript = TranscriptFile::parse(&content, folder)?;
    let inputs = &transcript.inputs;
    let known: Vec<SecretValue> =
        inputs.config.iter().flat_map(|config| secret_values(config, specification(inputs))).collect();
    let secrets = Secrets::new(&known);
    let scene = Scene::new("fixture", transcript.command, inputs, transcript.started_at)?.of(&transcript.subject);
    let descriptors = scene.descriptors();
    let judge = Judge::new(scene, secrets.clone(), |_| true);
    let mut pass = Pass::new(&descriptors, secrets, None, judge);
    for chunk in &transcript.chunks {
        pass.feed(chunk)?;
    }
    let (judge, summary, _) = pass.finish(Duration::ZERO);
    let findings = judge.conclude(&summary, &transcript.exit).0;
    let shown = serde_json::to_string(&findings)?;
    match known.iter().find(|secret| secret.marked && shown.contains(&secret.value)) {
        Some(_) => Err(format!("a finding shows a secret: {shown}").into()),
        None => Ok((findings, transcript.exit)),
    }
}

fn specification(inputs: &airproof::capture::Inputs) -> Option<&serde_json::Value> {
    inputs.specification.as_ref().and_then(|specification| specification.get("connectionSpecification"))
}

fn told(findings: &[Finding]) -> String {
    findings.iter().fold(String::new(), |mut told, finding| {
        let streams: Vec<String> = finding.streams.iter().map(ToString::to_string).collect();
        let _ =
            writeln!(told, "{} {} ×{} [{}]", finding.rule, finding.level.as_str(), finding.count, streams.join(", "));
        let _ = writeln!(told, "  {}\n  {}", finding.title, finding.message);
        for evidence in &finding.evidence {
            let line = evidence.message.map_or("-".to_owned(), |number| number.to_string());
            let pointer = evidence.pointer.as_deref().unwrap_or("-");
            let expected = evidence.expected.as_deref().unwrap_or("-");
            let actual = evidence.actual.as_deref().unwrap_or("-");
            let _ = writeln!(told, "    line {line} at {pointer}: expected {expected}, found {actual}");
        }
        told
    })
}

fn transcripts(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        entries.filter(|file| file.extension().is_some_and(|end| end == "transcript")).collect();
    files.sort();
    files
}

fn stem(file: &Path) -> String {
    file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}
