//! The folder of baselines: what is accepted and what is pending in it, and how both are written.
//!
//! A file is replaced as a whole or not at all. Whoever writes holds a lock on the folder itself, so that two runs, or a
//! run and a review, write one after the other. The lock goes with the process.

use super::Subject;
use super::file::{self, BaselineFile, Trouble};
use super::normalise::Normaliser;
use super::place::{STREAMS, known_name};
use super::portrait::renewed;
use crate::suite::NormaliseRule;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// How the name of a file begins that is being written.
const HALF_WRITTEN: &str = ".airproof-";

/// The folder of baselines.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    /// What files are read with.
    rules: Normaliser,
}

/// Keeps other processes from writing to a folder of baselines until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _folder: File,
}

/// What a folder of baselines holds.
#[derive(Debug, Clone, Default)]
pub struct Contents {
    /// By scenario and subject.
    pub entries: BTreeMap<(String, Subject), Entry>,
    /// What can't be used; the rest was read.
    pub troubles: Vec<Trouble>,
    /// The accepted files that can't be used: they are neither compared nor replaced.
    pub(super) unusable: BTreeSet<PathBuf>,
    /// The files of other connectors, by their names, while files are read.
    foreign: BTreeMap<String, Vec<PathBuf>>,
}

/// The files of one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Whose behaviour it is.
    pub connector: String,
    /// What is accepted, if anything is.
    pub accepted: Option<Value>,
    /// What waits for an answer, if anything does.
    pub pending: Option<Pending>,
}

/// What a pending file says.
#[derive(Debug, Clone, PartialEq)]
pub enum Pending {
    /// This was seen.
    Content(Value),
    /// Nothing of the kind is there any more.
    Gone,
}

impl Store {
    /// The store in a folder, which need not be there.
    pub fn new(folder: impl Into<PathBuf>) -> Store {
        Store { folder: folder.into(), rules: Normaliser::default() }
    }

    /// The same, whose files are read as if these rules had been in force when they were made.
    pub fn normalising(self, rules: impl IntoIterator<Item = NormaliseRule>) -> Store {
        Store { rules: self.rules.and(rules), ..self }
    }

    /// The rules that hold now: those that files are read with, and those that were accepted since.
    pub(super) fn rules_now(&self) -> Result<Normaliser, Trouble> {
        Ok(self.rules.clone().and(self.accepted_rules()?))
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of an accepted baseline.
    pub fn accepted_path(&self, scenario: &str, subject: &Subject) -> PathBuf {
        self.folder.join(scenario).join(subject.file())
    }

    /// The file beside it.
    pub fn pending_path(&self, scenario: &str, subject: &Subject) -> PathBuf {
        self.folder.join(scenario).join(subject.pending_file())
    }

    /// Waits until nobody else writes. Makes the folder if need be.
    pub fn lock(&self) -> Result<Lock, Trouble> {
        let failed =
            |error: io::Error| Trouble::environment(&self.folder, "the folder of baselines can't be used", &error);
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let folder = File::open(&self.folder).map_err(failed)?;
        // Where the file system has no locks, a file is still whole at any time.
        let _unsupported = folder.lock();
        Ok(Lock { _folder: folder })
    }

    /// Reads all files. With a connector's name, those of another one are troubles.
    pub fn read(&self, connector: Option<&str>) -> Contents {
        let mut contents = Contents::default();
        for scenario in self.children(&self.folder, &mut contents.troubles) {
            self.read_folder(&scenario, false, connector, &mut contents);
            for stream in self.children(&scenario.join(STREAMS), &mut contents.troubles) {
                self.read_folder(&stream, true, connector, &mut contents);
            }
        }
        let foreign = std::mem::take(&mut contents.foreign);
        contents.troubles.extend(foreign.iter().map(|(other, files)| self.shared_with(other, files)));
        contents
    }

    /// The folders in a folder that baselines may be in, sorted.
    fn children(&self, folder: &Path, troubles: &mut Vec<Trouble>) -> Vec<PathBuf> {
        let is_folder = |path: &PathBuf| path.is_dir();
        listed(folder, troubles).into_iter().filter(is_folder).collect()
    }

    fn read_folder(&self, folder: &Path, of_stream: bool, connector: Option<&str>, contents: &mut Contents) {
        let files = listed(folder, &mut contents.troubles);
        let known = files.into_iter().filter_map(|path| {
            let pending = known_name(path.file_name()?.to_str()?, of_stream)?;
            Some((pending, path))
        });
        // Accepted before pending.
        let mut known: Vec<(bool, PathBuf)> = known.collect();
        known.sort();
        for (pending, path) in known {
            match self.read_file(&path, pending) {
                Ok(file) if connector.is_some_and(|connector| connector != file.connector) => {
                    contents.unusable.extend((!pending).then(|| path.clone()));
                    contents.foreign.entry(file.connector).or_default().push(path);
                }
                Ok(file) => contents.add(file, pending, &self.rules),
                Err(trouble) => {
                    contents.unusable.extend((!pending).then(|| path.clone()));
                    contents.troubles.push(trouble);
                }
            }
        }
        let Contents { entries, unusable, .. } = contents;
        entries.retain(|(scenario, subject), _| !unusable.contains(&self.accepted_path(scenario, subject)));
    }

    /// What to do where another connector has files in the folder: one trouble, however many there are.
    fn shared_with(&self, other: &str, files: &[PathBuf]) -> Trouble {
        let visible = |text: &str| crate::text::shorten(&crate::text::visible(text), 80);
        let folder = self.folder.file_name().unwrap_or_default().to_string_lossy();
        let more = match files.len() {
            1 => String::new(),
            several => format!(" (and {} beside it)", crate::text::plural(several as u64 - 1, "more file")),
        };
        let message = format!(
            "it is a baseline of the connector `{}`{more}: give each connector a folder of its own, as `baselines: {}/NAME` \
             in its suite; or, if it was renamed, change `connector` in the files",
            visible(other),
            visible(&folder)
        );
        Trouble::content(files.first().unwrap_or(&self.folder), message)
    }

    fn read_file(&self, path: &Path, pending: bool) -> Result<BaselineFile, Trouble> {
        let gone = || Trouble::meanwhile(path);
        let file = file::read(path)?.ok_or_else(gone)?;
        let place = match pending {
            true => self.pending_path(&file.scenario, &file.subject),
            false => self.accepted_path(&file.scenario, &file.subject),
        };
        if place != path {
            let message = format!(
                "what is in it belongs in {}: move it there, or remove it",
                crate::text::visible(&place.display().to_string())
            );
            return Err(Trouble::content(path, message));
        }
        if file.content.is_none() && !pending {
            return Err(Trouble::content(path, "its `content` is null: restore it from version control, or remove it"));
        }
        Ok(file)
    }

    /// The files of one subject as they are now: the accepted content, and what is pending.
    pub(super) fn entry(&self, scenario: &str, subject: &Subject) -> Result<Option<Entry>, Trouble> {
        let mut contents = Contents::default();
        for (pending, path) in
            [(false, self.accepted_path(scenario, subject)), (true, self.pending_path(scenario, subject))]
        {
            if path.exists() {
                contents.add(self.read_file(&path, pending)?, pending, &self.rules);
            }
        }
        Ok(contents.entries.remove(&(scenario.to_owned(), subject.clone())))
    }

    /// Writes a file as a whole. The lock shows that nobody else does.
    pub(super) fn write(&self, _lock: &Lock, path: &Path, text: &str) -> Result<(), Trouble> {
        if text.len() as u64 > file::LARGEST {
            let most = crate::text::bytes(file::LARGEST);
            return Err(Trouble::content(path, format!("it would have more than {most}: leave streams or fields out")));
        }
        if file::is_too_deep(text) {
            let message = "what was seen is nested deeper than a file may be: leave streams or fields out";
            return Err(Trouble::content(path, message));
        }
        let failed = |error: io::Error| Trouble::environment(path, "can't be written", &error);
        replace(path, text).map_err(failed)
    }

    /// Removes a file, and its folder if nothing else is in it.
    pub(super) fn remove(&self, _lock: &Lock, path: &Path) -> Result<(), Trouble> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Trouble::environment(path, "can't be removed", &error));
            }
            _ => {}
        }
        let mut folder = path.parent();
        while let Some(empty) = folder.filter(|folder| *folder != self.folder && folder.starts_with(&self.folder)) {
            if fs::remove_dir(empty).is_err() {
                break;
            }
            folder = empty.parent();
        }
        Ok(())
    }

    /// Removes what a killed process had half written.
    pub(super) fn sweep(&self, _lock: &Lock) {
        let mut ignored = Vec::new();
        let mut folders = vec![self.folder.clone()];
        for scenario in self.children(&self.folder, &mut ignored) {
            folders.extend(self.children(&scenario.join(STREAMS), &mut ignored));
            folders.push(scenario);
        }
        let files = folders.iter().flat_map(|folder| listed(folder, &mut ignored));
        let is_half = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(HALF_WRITTEN) && name.ends_with(".tmp")
        };
        for path in files.filter(is_half).collect::<Vec<_>>() {
            let _next_time = fs::remove_file(path);
        }
    }
}

impl Contents {
    /// As if nothing were pending.
    pub fn forget_pending(&mut self) {
        self.entries.values_mut().for_each(|entry| entry.pending = None);
    }

    /// As if that were pending.
    pub fn expect(&mut self, connector: &str, scenario: &str, subject: &Subject, pending: Pending) {
        let none = Entry { connector: connector.to_owned(), accepted: None, pending: None };
        self.entries.entry((scenario.to_owned(), subject.clone())).or_insert(none).pending = Some(pending);
    }

    fn add(&mut self, file: BaselineFile, pending: bool, rules: &Normaliser) {
        let BaselineFile { connector, scenario, subject, content } = file;
        let content = match content {
            None => None,
            // A sample that a rule makes void is as if it were not there: the next run shows it anew.
            Some(content) => match renewed(&subject, content, rules) {
                None => return,
                renewed => renewed,
            },
        };
        let entry = self.entries.entry((scenario, subject));
        let entry = entry.or_insert(Entry { connector, accepted: None, pending: None });
        match (pending, content) {
            (true, Some(content)) => entry.pending = Some(Pending::Content(content)),
            (true, None) => entry.pending = Some(Pending::Gone),
            (false, content) => entry.accepted = content,
        }
    }
}

/// What is in a folder, sorted; nothing where there is none.
fn listed(folder: &Path, troubles: &mut Vec<Trouble>) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = match fs::read_dir(folder) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(error) => {
            let is_none = matches!(error.kind(), ErrorKind::NotFound);
            troubles.extend((!is_none).then(|| Trouble::environment(folder, "can't be read", &error)));
            Vec::new()
        }
    };
    paths.sort();
    paths
}

/// Writes beside the file, then takes its place.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut options = tempfile::Builder::new();
    // As any file of the user's: the umask takes away what it must.
    options.prefix(HALF_WRITTEN).suffix(".tmp").permissions(Permissions::from_mode(0o666));
    let mut file = options.tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Descriptor;
    use serde_json::json;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path().join("baselines"));
        (folder, store)
    }

    fn put(store: &Store, connector: &str, subject: &Subject, content: &Value) {
        let lock = store.lock().expect("a lock");
        let text = file::render(connector, "s", subject, Some(content));
        store.write(&lock, &store.accepted_path("s", subject), &text).expect("written");
    }

    #[test]
    fn each_file_that_cannot_be_used_is_told_and_the_others_are_read() {
        let (_folder, store) = store();
        let orders = Subject::Catalog(Descriptor::named("orders"));
        put(&store, "shop", &orders, &json!({}));
        put(&store, "other", &Subject::Exits, &json!({}));
        put(&store, "other", &Subject::GlobalState, &json!({}));
        fs::write(store.folder().join("s/messages.json"), "{nonsense").expect("written");
        fs::write(store.folder().join("s/README.json"), "foreign").expect("written");
        fs::copy(store.accepted_path("s", &orders), store.folder().join("s/specification.json")).expect("copied");
        let contents = store.read(Some("shop"));
        assert_eq!(contents.entries.keys().map(|(_, subject)| subject).collect::<Vec<_>>(), [&orders]);
        let told: Vec<String> = contents.troubles.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].contains("messages.json: it is no JSON"), "{told:?}");
        assert!(told[1].contains("specification.json: what is in it belongs in"), "{told:?}");
        let shared =
            "exits.json: it is a baseline of the connector `other` (and 1 more file beside it): give each connector";
        assert!(
            told[2].contains(shared) && told[2].contains("as `baselines: baselines/NAME` in its suite"),
            "{told:?}"
        );
    }

    #[test]
    fn a_file_that_goes_takes_its_empty_folders_along_but_no_foreign_file() {
        let (_folder, store) = store();
        let (orders, users) = (Subject::State(Descriptor::named("orders")), Subject::State(Descriptor::named("users")));
        put(&store, "shop", &orders, &json!({}));
        put(&store, "shop", &users, &json!({}));
        fs::write(store.folder().join("s/streams/users/notes.md"), "mine").expect("written");
        let lock = store.lock().expect("a lock");
        for subject in [&orders, &users] {
            store.remove(&lock, &store.accepted_path("s", subject)).expect("removed");
        }
        assert!(!store.folder().join("s/streams/orders").exists());
        assert!(store.folder().join("s/streams/users/notes.md").exists());
    }

    #[test]
    fn two_never_write_at_once() {
        let (_folder, store) = store();
        let lock = store.lock().expect("a lock");
        let second = File::open(store.folder()).expect("open");
        assert!(second.try_lock().is_err());
        drop(lock);
        assert!(second.try_lock().is_ok());
    }

    #[test]
    fn what_was_half_written_is_swept() {
        let (_folder, store) = store();
        put(&store, "shop", &Subject::Exits, &json!({}));
        let half = store.folder().join("s/.airproof-x1.tmp");
        fs::write(&half, "{").expect("written");
        store.sweep(&store.lock().expect("a lock"));
        assert!(!half.exists() && store.accepted_path("s", &Subject::Exits).exists());
    }
}
