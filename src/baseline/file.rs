//! One baseline file: what is in it, and what is wrong with one that can't be used.

use super::Subject;
use super::form::what_is_wrong;
use crate::text;
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The format of baseline files.
pub(super) const VERSION: u64 = 1;
/// The key that says that a file is a baseline.
pub(super) const MARK: &str = "airproof_baseline";
/// The most levels that a file may have: the parser takes 127.
const DEEPEST: usize = 120;
/// The most bytes that a file may have.
pub(super) const LARGEST: u64 = 8 << 20;

/// What is wrong with one file or with the folder, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The file or folder.
    pub path: PathBuf,
    /// Whose fault it is.
    pub kind: TroubleKind,
    /// What happened, and what to do.
    pub message: String,
}

/// Whose fault a trouble is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TroubleKind {
    /// What is written there can't be used.
    Content,
    /// The machine is in the way: permissions, a full disk.
    Environment,
    /// Somebody wrote to the baselines at the same time.
    Meanwhile,
}

impl Trouble {
    pub(super) fn content(path: &Path, message: impl Into<String>) -> Trouble {
        Trouble { path: path.to_owned(), kind: TroubleKind::Content, message: message.into() }
    }

    pub(super) fn environment(path: &Path, what: &str, error: &io::Error) -> Trouble {
        let message = format!("{what}: {error}; see to its permissions and to the room on the disk");
        Trouble { path: path.to_owned(), kind: TroubleKind::Environment, message }
    }

    pub(super) fn meanwhile(path: &Path) -> Trouble {
        let message = "it was changed since the question was put; nothing was written: run the command again";
        Trouble { path: path.to_owned(), kind: TroubleKind::Meanwhile, message: message.to_owned() }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", text::visible(&self.path.display().to_string()), self.message)
    }
}

impl std::error::Error for Trouble {}

/// A file as it was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BaselineFile {
    pub connector: String,
    pub scenario: String,
    pub subject: Subject,
    /// None where a pending file says that the connector no longer shows this.
    pub content: Option<Value>,
}

/// The text of a file. Keys are sorted, so that what is equal is written equally.
pub(super) fn render(connector: &str, scenario: &str, subject: &Subject, content: Option<&Value>) -> String {
    let file = json!({
        MARK: VERSION,
        "connector": connector,
        "scenario": scenario,
        "subject": subject.to_value(),
        "content": content.map(sorted),
    });
    format!("{file:#}\n")
}

/// Whether a text of ours is nested so deeply that it could not be read again.
pub(super) fn is_too_deep(text: &str) -> bool {
    // Laid out by us: each level is two spaces more.
    text.lines().any(|line| line.len() - line.trim_start_matches(' ').len() > 2 * DEEPEST)
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut keys: Vec<&String> = members.keys().collect();
            keys.sort_unstable();
            Value::Object(keys.into_iter().map(|key| (key.clone(), sorted(&members[key]))).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        plain => plain.clone(),
    }
}

/// Reads at most so many bytes of a regular file. None where there is no file.
pub(super) fn read_bounded(path: &Path) -> Result<Option<String>, Trouble> {
    let unreadable = |error: io::Error| Trouble::environment(path, "can't be read", &error);
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
        Ok(about) if !about.is_file() => {
            return Err(Trouble::content(path, "a file is expected here; move away what is there"));
        }
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        let most = text::bytes(LARGEST);
        return Err(Trouble::content(path, format!("it has more than {most}, the most that a file may have; {MEND}")));
    }
    String::from_utf8(bytes).map(Some).map_err(|_| Trouble::content(path, format!("it is no UTF-8 text; {MEND}")))
}

/// What to do about a file that can't be used.
const MEND: &str =
    "restore it from version control, or remove it: the next `airproof test` writes what it sees as pending";

/// Reads a baseline. None where there is no file.
pub(super) fn read(path: &Path) -> Result<Option<BaselineFile>, Trouble> {
    let Some(text) = read_bounded(path)? else { return Ok(None) };
    let wrong = |why: String| Trouble::content(path, format!("{why}; {MEND}"));
    let mut file: Value = serde_json::from_str(&text).map_err(|error| wrong(format!("it is no JSON ({error})")))?;
    match file.get(MARK).map(|version| (version, version.as_u64())) {
        None => return Err(wrong(format!("it is no baseline: the key `{MARK}` is missing"))),
        Some((_, Some(VERSION))) => {}
        Some((_, Some(newer))) if newer > VERSION => {
            return Err(Trouble::content(
                path,
                format!(
                    "it is of format {newer}, and this airproof knows {VERSION}: use the airproof that wrote it, or a newer one"
                ),
            ));
        }
        Some((other, _)) => {
            return Err(wrong(format!("`{MARK}` is {}, not {VERSION}", text::visible(&text::json(other, 40)))));
        }
    }
    let name = |key: &str| {
        let name = file.get(key).and_then(Value::as_str).map(str::to_owned);
        name.ok_or_else(|| wrong(format!("the key `{key}` is missing, or no text")))
    };
    let (connector, scenario) = (name("connector")?, name("scenario")?);
    let subject = file.get("subject").and_then(Subject::from_value);
    let subject = subject.ok_or_else(|| wrong("`subject` does not say what the file is about".to_owned()))?;
    let content = match file.get_mut("content").map(Value::take) {
        None => return Err(wrong("the key `content` is missing".to_owned())),
        Some(Value::Null) => None,
        Some(content) => match what_is_wrong(&subject, &content) {
            Some(why) => return Err(wrong(format!("{why}, so that it says nothing about the connector"))),
            None => Some(content),
        },
    };
    Ok(Some(BaselineFile { connector, scenario, subject, content }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Descriptor;

    fn told(text: &str) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("catalog.json");
        std::fs::write(&path, text).expect("written");
        read(&path).expect_err("it can't be used").message
    }

    #[test]
    fn a_file_is_stable_and_reads_as_it_was_written() {
        let subject = Subject::Catalog(Descriptor::named("orders"));
        let text = render("shop", "sandbox", &subject, Some(&json!({"b": {"d": 1, "c": 2}, "a": []})));
        assert!(text.ends_with("}\n") && text.find("\"c\"") < text.find("\"d\""), "{text}");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("catalog.json");
        std::fs::write(&path, &text).expect("written");
        let read = read(&path).expect("readable").expect("there");
        assert_eq!((read.connector.as_str(), read.scenario.as_str(), &read.subject), ("shop", "sandbox", &subject));
        assert_eq!(render("shop", "sandbox", &subject, read.content.as_ref()), text);
    }

    #[test]
    fn what_cannot_be_used_is_told_with_what_to_do() {
        for (text, why) in [
            ("{", "no JSON"),
            ("[]", "no baseline"),
            (r#"{"airproof_baseline": 2}"#, "of format 2, and this airproof knows 1: use the airproof that wrote it"),
            (r#"{"airproof_baseline": "\u001b[31m"}"#, "not 1"),
            (r#"{"airproof_baseline": 1, "scenario": "s"}"#, "`connector` is missing"),
            (r#"{"airproof_baseline": 1, "connector": "c", "scenario": "s", "subject": {}}"#, "`subject`"),
            (r#"{"airproof_baseline": 1, "connector": "c", "scenario": "s", "subject": {"of": "exits"}}"#, "`content`"),
            (
                r#"{"airproof_baseline": 1, "connector": "c", "scenario": "s", "subject": {"of": "exits"}, "content": {"a": 7}}"#,
                "`content` has other members than objects, so that it says nothing about the connector; restore it",
            ),
        ] {
            let told = told(text);
            assert!(told.contains(why) && !told.contains('\x1b'), "{told}");
        }
        assert!(told(&" ".repeat(LARGEST as usize + 1)).contains("more than 8.0 MiB"));
    }
}
