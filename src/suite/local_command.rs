//! A command of this machine that is the connector: what it is called, and where it is started.

use std::path::{Component, Path, PathBuf};

/// A command line of this machine, and the folder in which it is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalCommand {
    /// Program and arguments, before those of the protocol.
    pub line: String,
    /// The folder of the suite that names it, as seen from this process's own. None where it is started in that one.
    pub folder: Option<PathBuf>,
}

impl LocalCommand {
    /// A command that is started in this process's folder: the command line's.
    pub fn here(line: impl Into<String>) -> Self {
        LocalCommand { line: line.into(), folder: None }
    }

    /// A command that a suite of that folder names. It is started there. What it names that lies there is found; what
    /// lies in this process's folder only is found as well, by a path that is made absolute.
    pub(super) fn beside(line: &str, folder: &Path) -> Self {
        let is_here = folder.components().all(|part| part == Component::CurDir);
        LocalCommand { line: resolved(line, folder), folder: (!is_here).then(|| folder.to_owned()) }
    }
}

/// A command with those paths in it made absolute that would not be found from the folder otherwise.
fn resolved(command: &str, folder: &Path) -> String {
    let (mut resolved, mut rest) = (String::new(), command.trim());
    while !rest.is_empty() {
        let inside = rest.strip_prefix(['"', '\'']).and_then(|inside| inside.split_once(&rest[..1]));
        let quoted = inside.filter(|(_, after)| after.is_empty() || after.starts_with(char::is_whitespace));
        let (word, after) =
            quoted.unwrap_or_else(|| rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())));
        let as_written = &rest[..rest.len() - after.len()];
        let found = if resolved.is_empty() { program(word, folder) } else { argument(word, folder) };
        resolved.push_str(&found.and_then(as_word).unwrap_or_else(|| as_written.to_owned()));
        rest = after.trim_start();
        resolved.push_str(&after[..after.len() - rest.len()]);
    }
    resolved
}

/// The program, where it lies beside the suite: it is looked for before anything is started there.
fn program(word: &str, folder: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(folder.join(word)).ok()?;
    (word.contains('/') && !word.starts_with('/') && path.is_file()).then_some(path)
}

/// A file that an argument names, where it is seen from this process's folder only.
fn argument(word: &str, folder: &Path) -> Option<PathBuf> {
    let names_a_file = word.contains(['/', '.']) && !word.starts_with('/');
    let path = std::path::absolute(word).ok()?;
    (names_a_file && !folder.join(word).exists() && path.is_file()).then_some(path)
}

/// A path as a word of a command line.
fn as_word(path: PathBuf) -> Option<String> {
    let path = path.into_os_string().into_string().ok()?;
    let needs_quotes = path.contains(|letter: char| letter.is_whitespace() || "\"'\\$`".contains(letter));
    Some(if needs_quotes { format!("'{}'", path.replace('\'', r"'\''")) } else { path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_started_in_the_folder_of_the_suite() {
        let folder = |folder: &str| LocalCommand::beside("python -m source_shop", Path::new(folder)).folder;
        assert_eq!((folder(""), folder("."), folder("./")), (None, None, None));
        assert_eq!(folder("suites/shop"), Some("suites/shop".into()));
        assert_eq!(LocalCommand::here("main").folder, None);
    }

    #[test]
    fn what_only_the_caller_sees_is_found_from_there_too() {
        let here = std::env::current_dir().expect("a folder").display().to_string();
        let line = |line: &str| LocalCommand::beside(line, Path::new("src/suite")).line.replace(&here, "<here>");
        assert_eq!(line("cat mod.rs cat/mod.rs 'mod.rs'"), "cat mod.rs cat/mod.rs 'mod.rs'");
        assert_eq!(line("cat src/lib.rs './src/lib.rs' src"), "cat <here>/src/lib.rs <here>/src/lib.rs src");
    }
}
