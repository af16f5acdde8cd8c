//! What `airproof review` and `airproof accept` share: which baselines, what is pending, what is wrong with them.

use super::Refusal;
use super::args::BaselinesArguments;
use crate::baseline::{Proposal, Question, Store, Trouble, TroubleKind};
use crate::exit::Exit;
use crate::experiments::all_statements;
use crate::suite::{self, Baselines, NormaliseRule, Overrides};
use crate::text;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder of baselines where nobody names another.
const FOLDER: &str = "baselines";

/// The baselines that a command is about.
pub(super) struct Opened {
    pub store: Store,
    pub questions: Vec<Question>,
    /// What can't be used; it has been told.
    pub troubles: Vec<Trouble>,
}

/// Reads the baselines, and tells what of them can't be used.
pub(super) fn open(arguments: &BaselinesArguments) -> Result<Opened, Refusal> {
    let (folder, rules) = place(arguments)?;
    let store = Store::new(folder);
    let mut troubles = Vec::new();
    let rules = rules.map_or_else(|| store.accepted_rules(), Ok).unwrap_or_else(|trouble| {
        troubles.push(trouble);
        Vec::new()
    });
    let store = store.normalising(rules);
    let contents = store.read(None);
    troubles.extend(contents.troubles.iter().cloned());
    let proposals: Vec<Proposal> = store.proposals().unwrap_or_else(|trouble| {
        troubles.push(trouble);
        Vec::new()
    });
    tell(&troubles)?;
    Ok(Opened { questions: contents.questions(&proposals), store, troubles })
}

/// Where the baselines are, and the rules of their suite, where it can be read.
fn place(arguments: &BaselinesArguments) -> Result<(PathBuf, Option<Vec<NormaliseRule>>), Refusal> {
    let missing = |path: &Path, help: &str| {
        let path = text::visible(&path.display().to_string());
        Refusal::usage(format!("error: there is no {path}\n{help}"))
    };
    if let Some(folder) = &arguments.baselines {
        let help = "Name the folder that the suite names; a run with baselines makes it.";
        return if folder.is_dir() { Ok((folder.clone(), None)) } else { Err(missing(folder, help)) };
    }
    if !arguments.path.exists() {
        let help = "Name a suite file or its folder, or the folder of baselines with --baselines.";
        return Err(missing(&arguments.path, help));
    }
    // A suite that can't be read now (a variable that is not set here) keeps nobody from looking at what is pending.
    if let Some(baselines) = baselines_of_suite(&arguments.path) {
        return Ok((baselines.folder, Some(baselines.rules)));
    }
    let is_folder = arguments.path.is_dir();
    let beside = if is_folder { arguments.path.as_path() } else { arguments.path.parent().unwrap_or(Path::new("")) };
    Ok((beside.join(FOLDER), None))
}

fn baselines_of_suite(path: &Path) -> Option<Baselines> {
    let statements: Vec<_> = all_statements().collect();
    let known: Vec<(&str, &str)> = statements.iter().map(|statement| (statement.code, statement.name)).collect();
    suite::load(path, &known, &Overrides::default()).ok()?.baselines
}

/// Tells troubles, one line each.
pub(super) fn tell(troubles: &[Trouble]) -> Result<(), Refusal> {
    for trouble in troubles {
        writeln!(anstream::stderr(), "error: {trouble}")?;
    }
    Ok(())
}

/// How a command ends: what is in the way outranks what waits for an answer.
pub(super) fn exit(troubles: &[Trouble], otherwise: Exit) -> Exit {
    let of = |trouble: &Trouble| match trouble.kind {
        TroubleKind::Content | TroubleKind::Meanwhile => Exit::Usage,
        TroubleKind::Environment => Exit::Environment,
    };
    Exit::worst(troubles.iter().map(of).chain([otherwise]))
}

/// The command that accepts what is pending here.
pub(super) fn accept_command(arguments: &BaselinesArguments) -> String {
    let mut words = vec!["airproof".to_owned(), "accept".to_owned()];
    if arguments.path != Path::new(".") {
        words.push(arguments.path.display().to_string());
    }
    if let Some(folder) = &arguments.baselines {
        words.extend(["--baselines".to_owned(), folder.display().to_string()]);
    }
    text::visible(&shell_words::join(words))
}
