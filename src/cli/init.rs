//! `airproof init`

use super::Refusal;
use super::args::InitArguments;
use super::session;
use crate::engine::inspect::{Blindness, Inspection, WithConfig, inspect};
use crate::engine::launchers::choose;
use crate::engine::{Interruption, command_line, watch_signals};
use crate::exit::Exit;
use crate::launch::end_descendants;
use crate::launch::workspace::Workspace;
use crate::suite::draft::{Draft, OwnConfig, SCHEMA_FILE, draft, with_ignored};
use crate::suite::{self, Overrides, SCHEMA, Suite, Target};
use crate::text;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

const SUITE_FILE: &str = "airproof.yml";

/// What version control must not take, whoever has written it.
const IGNORED: [&str; 2] = ["secrets/", "airproof-report/"];

pub(super) fn run(arguments: &InitArguments) -> Result<Exit, Refusal> {
    refuse_existing(arguments)?;
    let (suite, inspection) = session::runtime()?.block_on(look(arguments))?;
    write(arguments, &suite, &inspection)?;
    Ok(Exit::Passed)
}

fn refuse_existing(arguments: &InitArguments) -> Result<(), Refusal> {
    let names = [SUITE_FILE, "airproof.yaml"].into_iter();
    // Beside `airproof.yml`, the other name would never be read.
    let mut there = names.map(|name| arguments.folder.join(name)).filter(|file| file.symlink_metadata().is_ok());
    match there.find(|file| !arguments.force || file.ends_with("airproof.yaml")) {
        None => Ok(()),
        Some(file) if file.ends_with("airproof.yaml") => Err(Refusal::usage(format!(
            "error: {} is there already; nothing was launched or written\nMove it away first: init writes {SUITE_FILE}.",
            shown(&file)
        ))),
        Some(file) => Err(Refusal::usage(format!(
            "error: {} is there already; nothing was launched or written\nGive --force to replace it, or name another \
             folder.",
            shown(&file)
        ))),
    }
}

/// Launches the connector, with everything cleaned up behind it.
async fn look(arguments: &InitArguments) -> Result<(Suite, Inspection), Refusal> {
    let id = session::new_run_id();
    let interruption = Interruption::default();
    let watching = watch_signals(&interruption, None)?;
    let preparing = async {
        let workspace = session::workspace(&id)?;
        let suite = provisional(arguments, &workspace)?;
        let chosen = choose(&suite.connector, &id, workspace).await?;
        session::sweep(chosen.daemon.as_ref()).await;
        Ok((suite, chosen))
    };
    let (suite, chosen) = session::unless_interrupted(&interruption, preparing).await?;
    let config = arguments.config.is_some().then(|| &suite.scenarios[0].config);
    let inspection = inspect(chosen.launcher.as_ref(), &suite, config, &interruption).await;
    watching.abort();
    let _ = watching.await;
    if let Some(daemon) = &chosen.daemon {
        daemon.settled().await;
    }
    end_descendants();
    let name = match &suite.connector.target {
        Target::Image(image) => format!("the image {}", text::visible(image)),
        Target::Exec(command) => format!("`{}`", text::visible(&command.line)),
    };
    match inspection {
        Ok(inspection) => Ok((suite, inspection)),
        Err(Blindness::Launch(error)) => Err(error.into()),
        Err(Blindness::Interrupted(exit)) => {
            Err(Refusal { message: "Interrupted: nothing was written.".to_owned(), exit })
        }
        Err(Blindness::NoSpecification(how)) => Err(Refusal {
            message: format!(
                "error: {name} gave no specification, so nothing was written\nIts `spec` ended: {how}\nRun that by \
                 hand; it must print one SPEC message on stdout. `airproof test` with a --config says what is wrong \
                 with what it prints."
            ),
            exit: Exit::Findings,
        }),
    }
}

/// The standard suite with the connector, and with the config where there is one, read as any suite is.
fn provisional(arguments: &InitArguments, workspace: &Workspace) -> Result<Suite, Refusal> {
    let file = workspace.path().join("init.yml");
    std::fs::write(&file, "scenarios: [{ name: sandbox, config: {} }]\n")?;
    let overrides = Overrides {
        image: arguments.target.image.clone(),
        exec: arguments.target.exec.clone(),
        config: arguments.config.clone(),
        ..Overrides::default()
    };
    suite::load(&file, &[], &overrides).map_err(|error| Refusal::usage(error.to_string()))
}

/// Writes the files, and says what they are and what comes next.
fn write(arguments: &InitArguments, suite: &Suite, inspection: &Inspection) -> Result<(), Refusal> {
    let folder = &arguments.folder;
    let schema_file = folder.join(SCHEMA_FILE);
    // The schema's file is always in a folder.
    let schema_folder = schema_file.parent().unwrap_or(folder);
    std::fs::create_dir_all(schema_folder).map_err(|error| unwritable(schema_folder, &error))?;
    let path = arguments.config.as_deref().map(|config| seen_from(folder, config)).transpose()?;
    let streams = inspection.with_config.as_ref().and_then(|found| found.streams.as_deref().ok()).unwrap_or_default();
    let own = path.as_deref().map(|path| OwnConfig { path, content: &suite.scenarios[0].config, streams });
    let draft = draft(&suite.connector.target, &inspection.specification, own);

    let mut entries: Vec<String> = IGNORED.map(str::to_owned).into();
    let is_covered = |path: &str| path.starts_with('/') || path.starts_with(IGNORED[0]);
    entries.extend(path.iter().filter(|path| !is_covered(path)).map(|path| format!("/{}", literal(path))));
    let ignoring = folder.join(".gitignore");
    let before = match std::fs::read_to_string(&ignoring) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        read => read.map_err(|error| unwritable(&ignoring, &error))?,
    };
    let mut written = vec![(folder.join(SUITE_FILE), draft.text.clone()), (schema_file, SCHEMA.to_owned())];
    written.extend(with_ignored(&before, &entries).map(|text| (ignoring, text)));
    for (file, text) in &written {
        std::fs::write(file, text).map_err(|error| unwritable(file, &error))?;
    }
    let files: Vec<&Path> = written.iter().map(|(file, _)| file.as_path()).collect();
    match tell(arguments, inspection.with_config.as_ref(), &draft, &files) {
        // All is written; whoever looks at the exit code alone may have closed stdout.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        told => Ok(told?),
    }
}

fn tell(arguments: &InitArguments, found: Option<&WithConfig>, draft: &Draft, files: &[&Path]) -> std::io::Result<()> {
    let mut out = anstream::stdout().lock();
    if let Some(found) = found {
        let sign =
            if found.works { "" } else { " The suite was written all the same; mend the config before you use it." };
        writeln!(out, "check: {}.{sign}", found.check.trim_end_matches('.'))?;
        match &found.streams {
            Ok(streams) => writeln!(out, "discover: {}.", text::plural(streams.len() as u64, "stream"))?,
            Err(why) => writeln!(out, "discover: {}.", why.trim_end_matches('.'))?,
        }
    }
    if found.is_some_and(|found| found.is_updated) {
        let advice = "a token that is good for one use is used up. Put a new one into the config, and `config_updates: save` into";
        writeln!(out, "The connector has updated the config, and your file is as it was: {advice} {SUITE_FILE}.")?;
    }
    for file in files {
        writeln!(out, "written: {}", shown(file))?;
    }
    if !draft.misfits.is_empty() {
        let places: Vec<&str> = draft.misfits.iter().map(|at| if at.is_empty() { "the whole" } else { at }).collect();
        writeln!(out, "The config does not conform to the specification yet, at: {}", places.join(", "))?;
    }
    writeln!(out, "\nNext:")?;
    if !draft.placeholders.is_empty() {
        writeln!(out, "  put your own values into {SUITE_FILE}: {}", draft.placeholders.join(", "))?;
    }
    for variable in &draft.variables {
        writeln!(out, "  export {variable}=…")?;
    }
    let folder = arguments.folder.to_string_lossy();
    let words = if folder == "." { vec!["airproof", "test"] } else { vec!["airproof", "test", &folder] };
    writeln!(out, "  {}", text::visible(&command_line(words.into_iter())))
}

/// A file's path as a suite in that folder names it.
fn seen_from(folder: &Path, file: &Path) -> Result<String, Refusal> {
    let whole = |path: &Path| path.canonicalize().map_err(|error| unwritable(path, &error));
    let (folder, file) = (whole(folder)?, whole(file)?);
    let path: PathBuf = file.strip_prefix(&folder).unwrap_or(&file).to_owned();
    path.into_os_string().into_string().map_err(|_| {
        Refusal::usage(format!("error: the path {} is not UTF-8, so no suite can name it\nRename it.", shown(&file)))
    })
}

/// A path in which `.gitignore` sees no pattern.
fn literal(path: &str) -> String {
    let escaped =
        |letter: char| matches!(letter, '*' | '?' | '[' | '\\' | ' ').then_some('\\').into_iter().chain([letter]);
    path.chars().flat_map(escaped).collect()
}

fn unwritable(path: &Path, error: &std::io::Error) -> Refusal {
    Refusal::environment(format!("error: {} can't be read or written: {error}", shown(path)))
}

fn shown(path: &Path) -> String {
    text::visible(&path.display().to_string())
}
