//! A file of Airbyte's own acceptance tests, written down as a suite of ours.

use super::cat::Translator;
use super::diagnose::{Mistake, Place, Source, quoted_path};
use super::draft::SCHEMA_FILE;
use super::folder::Folder;
use super::layers::read_text;
use super::{Remarks, SuiteError, cat, diagnose, written, yaml};
use std::path::{Path, PathBuf};

/// A translated suite.
#[derive(Debug, Clone)]
pub struct Migrated {
    /// The file that it was made from.
    pub from: PathBuf,
    /// The text of the `airproof.yml`; its paths start at the folder of that file.
    pub text: String,
    /// Whether it says what to launch, or what lies beside the file does.
    pub names_connector: bool,
    /// What whoever wrote the file should know.
    pub remarks: Remarks,
}

/// Translates an `acceptance-test-config.yml`, or the one in a folder. Errs with all that is wrong with it.
pub fn migrate(path: &Path) -> Result<Migrated, SuiteError> {
    let from = if path.is_dir() { locate_foreign(path)? } else { path.to_owned() };
    let text = read_text(&from).map_err(|error| {
        let message = format!("{} cannot be read: {}", quoted_path(&from), diagnose::reason(&error));
        SuiteError::plain(message, "name an `acceptance-test-config.yml`, or a folder with one")
    })?;
    let source = Source::of_file(&from, text);
    let mut mistakes = Vec::new();
    let document = yaml::parse(0, &source.text, &mut mistakes);
    let Some(root) = document.map(|document| document.root).filter(|_| mistakes.is_empty()) else {
        return Err(SuiteError::new(vec![source], mistakes));
    };
    if !cat::is_one(&from, &root) || root.entries().is_none() || cat::template(&from, &source.text).is_some() {
        let message = format!("{} is no config of Airbyte's acceptance tests", quoted_path(&from));
        let mistake = Mistake::new(Place::Nowhere, message);
        return Err(SuiteError::new(
            vec![source],
            vec![mistake.help("such a file has `acceptance_tests` at its root")],
        ));
    }
    let mut translator = Translator::new(&root, &source.folder);
    let suite = translator.suite();
    let (mistakes, remarks) = (std::mem::take(&mut translator.mistakes), std::mem::take(&mut translator.remarks));
    if !mistakes.is_empty() {
        return Err(SuiteError::new(vec![source], mistakes).beside(remarks));
    }
    let name = from.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let text = format!(
        "# yaml-language-server: $schema={SCHEMA_FILE}\n# Made by `airproof migrate` from {}: it gives the same verdicts.\nextends: standard\n\n{}",
        crate::text::visible(&name),
        written::yaml(&suite)
    );
    let names_image = suite.get("connector").is_some_and(|connector| connector.get("image").is_some());
    let names_connector = names_image || Folder::of(&from).names_image();
    Ok(Migrated {
        from,
        names_connector,
        text: text.trim_end().to_owned() + "\n",
        remarks: Remarks::new(vec![source], remarks),
    })
}

fn locate_foreign(folder: &Path) -> Result<PathBuf, SuiteError> {
    let found = cat::NAMES.map(|name| folder.join(name)).into_iter().find(|file| file.is_file());
    found.ok_or_else(|| {
        let message = format!("there is no `acceptance-test-config.yml` in {}", quoted_path(folder));
        SuiteError::plain(message, "name the file, or its folder")
    })
}
