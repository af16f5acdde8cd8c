//! The program that a command line names: found before the first launch, with an explanation if it can't be.

use crate::launch::LaunchError;
use crate::text;
use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Programs that run something of the project in whose folder they are started.
const PROJECT_RUNNERS: [&str; 17] = [
    "uv", "uvx", "poetry", "pdm", "hatch", "pipenv", "rye", "npm", "npx", "pnpm", "yarn", "bun", "cargo", "make",
    "just", "gradle", "mvn",
];

/// A command line, split, and its program, found.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::launch) struct Program {
    /// As the user wrote it.
    pub command_line: String,
    /// The first word.
    pub name: String,
    /// Where the program is.
    pub path: PathBuf,
    /// What comes before the protocol's command.
    pub arguments: Vec<String>,
}

impl Program {
    /// Splits a command line and finds its program, in `search` (or else this process's PATH) unless it has a slash.
    pub fn find(command_line: &str, search: Option<&str>) -> Result<Program, LaunchError> {
        let words = shell_words::split(command_line).map_err(|_| {
            usage(format!("The command line has a quote that is not closed, or ends in a backslash: {command_line}"))
        })?;
        Program::of_words(command_line.to_owned(), words, search)
    }

    /// Finds the program of a command line that is split already.
    pub fn of_words(command_line: String, words: Vec<String>, search: Option<&str>) -> Result<Program, LaunchError> {
        let mut words = words.into_iter();
        let name = words.next().filter(|name| !name.is_empty()).ok_or_else(|| {
            usage(
                "The command line is empty. Give the program that runs the connector, `./main.py` for instance.".into(),
            )
        })?;
        let search = search.map_or_else(|| env::var_os("PATH").unwrap_or_default(), Into::into);
        let folders = env::split_paths(&search).collect::<Vec<_>>();
        let path = if name.contains('/') { in_place(&name)? } else { in_folders(&name, &folders)? };
        Ok(Program { command_line, name, path, arguments: words.collect() })
    }

    /// What of the command line is found from that folder only, in words; none where it can be started anywhere.
    pub fn bound_to(&self, folder: &Path) -> Option<String> {
        let is_there = |word: &str| !word.is_empty() && Path::new(word).is_relative() && folder.join(word).exists();
        let module = self.arguments.iter().skip_while(|word| *word != "-m").nth(1);
        if let Some((module, path)) = module.map(|module| (module, module.replace('.', "/")))
            && (is_there(&path) || is_there(&format!("{path}.py")))
        {
            return Some(format!("the module `{module}` on its command line is found from its own one only"));
        }
        if let Some(word) = self.arguments.iter().find(|word| is_there(word)) {
            return Some(format!("`{word}` on its command line is found from its own one only"));
        }
        let name = Path::new(&self.name).file_name()?.to_str()?;
        let is_runner = PROJECT_RUNNERS.contains(&name);
        is_runner.then(|| format!("`{name}` finds the project by the folder that it is started in"))
    }

    /// Why a program that is there could not be started.
    pub fn cannot_start(&self, error: &io::Error) -> LaunchError {
        let path = self.path.display();
        usage(match error.kind() {
            io::ErrorKind::NotFound => format!(
                "{path} can't be started: it is there, but what its first line (`#!…`) or its binary format asks for \
                 is not. Install that interpreter, or name it on the command line: `python {path}`."
            ),
            io::ErrorKind::PermissionDenied => {
                format!("{path} can't be started: permission denied. Try `chmod +x {path}`.")
            }
            _ => format!("{path} can't be started: {error}."),
        })
    }
}

fn in_place(name: &str) -> Result<PathBuf, LaunchError> {
    let path = PathBuf::from(name);
    match fs::metadata(&path) {
        Ok(about) if about.is_dir() => Err(usage(format!("{name} is a folder: give the program to run."))),
        Ok(_) if executable(&path) => Ok(path),
        Ok(_) => Err(usage(format!(
            "{name} is not executable. Try `chmod +x {name}`, or name its interpreter: `python {name}`."
        ))),
        Err(error) => Err(usage(format!(
            "{name} can't be run: {error}.{}",
            similar(name, path.parent().map(Path::to_owned).as_slice())
        ))),
    }
}

fn in_folders(name: &str, folders: &[PathBuf]) -> Result<PathBuf, LaunchError> {
    let found = folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file() && executable(path));
    found.ok_or_else(|| {
        let hint = if Path::new(name).is_file() {
            format!(" There is such a file in the current folder: write `./{name}` to run it.")
        } else {
            similar(name, folders)
        };
        usage(format!("There is no program `{name}` in PATH.{hint}"))
    })
}

/// A sentence about the program whose name is nearest, if there is one.
fn similar(name: &str, folders: &[PathBuf]) -> String {
    let wanted = Path::new(name).file_name().and_then(|name| name.to_str()).unwrap_or(name);
    let entries = folders
        .iter()
        .filter_map(|folder| fs::read_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder }).ok());
    let names = entries
        .flat_map(|entries| entries.flatten())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect::<Vec<_>>();
    match text::nearest(wanted, names.iter().map(String::as_str)) {
        Some(near) => format!(" Did you mean `{}`?", name.replacen(wanted, near, 1)),
        None => String::new(),
    }
}

fn executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o111 != 0)
}

fn usage(message: String) -> LaunchError {
    LaunchError::Usage(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(command_line: &str, search: Option<&str>) -> String {
        match Program::find(command_line, search) {
            Err(LaunchError::Usage(message)) => message,
            other => panic!("{command_line}: {other:?}"),
        }
    }

    #[test]
    fn words_are_split_as_a_shell_does() {
        let program = Program::find(r#"sh -c 'echo "$1"' a\ b "c d" '' "#, None).unwrap();
        assert_eq!(program.arguments, ["-c", r#"echo "$1""#, "a b", "c d", ""]);
        assert!(program.path.is_absolute(), "{:?}", program.path);
    }

    #[test]
    fn what_is_found_from_one_folder_only_is_bound_to_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("source_shop/run")).unwrap();
        fs::write(folder.path().join("main.py"), "").unwrap();
        let bound = |line: &str| {
            let (name, arguments) = line.split_once(' ').unwrap();
            let arguments = shell_words::split(arguments).unwrap();
            let path = PathBuf::from(name);
            Program { command_line: line.to_owned(), name: name.to_owned(), path, arguments }.bound_to(folder.path())
        };
        for (line, what) in [
            ("python main.py", "`main.py`"),
            ("python -m source_shop", "module `source_shop`"),
            ("python -u -m source_shop.run x", "module `source_shop.run`"),
            ("/usr/bin/uv run source-shop", "`uv` finds the project"),
        ] {
            assert!(bound(line).is_some_and(|why| why.contains(what)), "{line}: {:?}", bound(line));
        }
        for line in ["python -m elsewhere", "source-shop --fast", "python -m", "java -jar /opt/main.jar"] {
            assert_eq!(bound(line), None, "{line}");
        }
    }

    #[test]
    fn what_cannot_run_is_explained() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name).display().to_string();
        fs::write(place("source-faker"), "").unwrap();
        let search = folder.path().to_str();
        assert!(refusal("'open", None).contains("not closed"));
        assert!(refusal("  ", None).contains("empty"));
        assert!(refusal("sorce-faker", search).ends_with("Did you mean `source-faker`?"));
        assert!(refusal(&place("sourcefaker"), None).contains("Did you mean `/"));
        assert!(refusal(&place("source-faker"), None).contains("chmod +x"));
        assert!(refusal(&place(""), None).contains("is a folder"));
        assert!(refusal("Cargo.toml", search).contains("`./Cargo.toml`"));
    }
}
