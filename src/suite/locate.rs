//! Which suite files a path of the user's means: a file, a folder with one, or a folder with several connectors.

use super::diagnose::quoted_path;
use super::{SuiteError, cat};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The names of a suite file. An earlier one is taken before a later one, and both before one of Airbyte's own tests.
const NAMES: [&str; 2] = ["airproof.yml", "airproof.yaml"];
/// Where Airbyte's repository has its connectors.
const CONNECTORS: &str = "airbyte-integrations/connectors";

/// The suite files that a path means, at least one. A path that is no folder is a suite file, whether it can be read or
/// not. In a folder it is the suite in it, else those of the folders in it, by name.
pub(super) fn suites(path: &Path) -> Result<Vec<PathBuf>, SuiteError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    if let Some(file) = in_folder(path) {
        return Ok(vec![file]);
    }
    let found: Vec<PathBuf> =
        [path.to_owned(), path.join(CONNECTORS)].iter().flat_map(|folder| in_children(folder)).collect();
    if found.is_empty()
        && let Some(template) = template_in(path)
    {
        let message = format!("the folder {} has no suite, only the template of one: {template}", quoted_path(path));
        return Err(SuiteError::plain(
            message,
            "make the file of it that it is for, by filling in what stands in `{{ }}`",
        ));
    }
    if found.is_empty() {
        let message = format!(
            "the folder {} has no suite: no `airproof.yml`, no `acceptance-test-config.yml`, neither in it nor in a folder of it",
            quoted_path(path)
        );
        let help = "name a suite file, write one with `airproof init`, or name the connector by an option, and give `--config`";
        return Err(SuiteError::plain(message, help));
    }
    Ok(found)
}

fn in_folder(folder: &Path) -> Option<PathBuf> {
    NAMES.iter().chain(&cat::NAMES).map(|name| folder.join(name)).find(|file| file.is_file())
}

/// The template of a config of Airbyte's own tests, in a folder.
fn template_in(folder: &Path) -> Option<String> {
    let named = cat::NAMES.map(|name| folder.join(format!("{name}.hbs")));
    named.into_iter().find(|file| file.is_file()).map(|file| quoted_path(&file))
}

/// The suites of the folders in a folder, by the folders' names. Hidden folders are nobody's connectors.
fn in_children(folder: &Path) -> Vec<PathBuf> {
    let is_hidden = |name: &OsStr| name.as_encoded_bytes().starts_with(b".");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name()).filter(|name| !is_hidden(name)).collect();
    names.sort();
    names.iter().filter_map(|name| in_folder(&folder.join(name))).collect()
}

/// What a suite is called by its file: the folder for one that is called as all are, else the file without extension.
pub(super) fn name_of(file: &Path) -> String {
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    if !["airproof", "acceptance-test-config"].contains(&stem.as_str()) {
        return stem;
    }
    let folder = std::path::absolute(file).ok().and_then(|file| Some(file.parent()?.file_name()?.to_owned()));
    folder.map_or(stem, |folder| folder.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[&str]) -> Option<Vec<String>> {
        let folder = tempfile::tempdir().expect("a folder");
        for name in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, "").expect("written");
        }
        let name = |file: PathBuf| file.strip_prefix(folder.path()).expect("inside").display().to_string();
        Some(suites(folder.path()).ok()?.into_iter().map(name).collect())
    }

    #[test]
    fn a_folder_means_its_own_suite_before_those_of_the_folders_in_it() {
        assert_eq!(found(&["airproof.yml", "a/airproof.yml"]), Some(vec!["airproof.yml".to_owned()]));
        let all = found(&["b/airproof.yaml", "a/acceptance-test-config.yml", "c/README.md", ".d/airproof.yml"]);
        assert_eq!(all, Some(vec!["a/acceptance-test-config.yml".to_owned(), "b/airproof.yaml".to_owned()]));
        let both = found(&["a/airproof.yml", "a/acceptance-test-config.yml"]);
        assert_eq!(both, Some(vec!["a/airproof.yml".to_owned()]));
    }

    #[test]
    fn connectors_are_found_where_the_repository_has_them() {
        let file = format!("{CONNECTORS}/source-a/acceptance-test-config.yml");
        assert_eq!(found(&[&file]), Some(vec![file]));
        assert_eq!(found(&["a/b/airproof.yml"]), None);
    }
}
