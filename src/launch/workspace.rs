//! The private folder of one run: who owns it, which processes it started, and the files given to local connectors.
//!
//! A run that is killed can't clean up. It leaves enough here for the next one to do it: the owner, by which is seen that
//! it is gone, and every process that a launch was seen to start.

use super::handling::PlacedFile;
use super::owner::{Fate, Owner};
use super::{LaunchError, processes};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const PREFIX: &str = "airproof-";
const OWNER: &str = "owner";
const PROCESSES: &str = "processes";
const INPUTS: &str = "inputs";

/// The private folder of one run. Dropped, it is removed.
#[derive(Debug)]
pub struct Workspace {
    folder: PathBuf,
}

impl Workspace {
    /// Makes the folder `airproof-<run id>` in the system's temporary directory, for nobody but this user.
    pub fn create(run_id: &str) -> Result<Workspace, LaunchError> {
        Workspace::create_in(&std::env::temp_dir(), run_id)
    }

    /// Makes the folder in another directory.
    pub fn create_in(parent: &Path, run_id: &str) -> Result<Workspace, LaunchError> {
        let folder = parent.join(format!("{PREFIX}{}", safe_name(run_id)));
        DirBuilder::new().mode(0o700).create(&folder).map_err(|error| refused(&folder, &error))?;
        let workspace = Workspace { folder };
        // First of all: without an owner, no sweep would dare to remove it.
        workspace.write(OWNER, 0o600, Owner::current().to_string().as_bytes())?;
        Ok(workspace)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Remembers a process, so that the sweep can end it should this run be killed.
    pub(super) fn record_process(&self, (pid, started): (i32, u64)) {
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(self.folder.join(PROCESSES));
        // On a full disk the launch goes on: only the clean-up after a crash of our own would miss this process.
        let _unrecorded = file.and_then(|mut file| file.write_all(format!("{pid} {started}\n").as_bytes()));
    }

    /// Writes the files of a launch into a folder of their own, where the connector may read, change and add files.
    pub(super) fn write_inputs(&self, launch: &str, files: &[PlacedFile<'_>]) -> Result<Inputs, LaunchError> {
        let open_folder = |folder: &Path| {
            let made = fs::create_dir_all(folder);
            made.and_then(|()| fs::set_permissions(folder, Permissions::from_mode(0o777)))
                .map_err(|error| refused(folder, &error))
        };
        let written = Inputs { folder: self.folder.join(INPUTS).join(safe_name(launch)) };
        open_folder(&written.folder)?;
        for file in files {
            if let Some(inner) = file.inner_folder() {
                open_folder(&written.path(inner))?;
            }
            self.write(written.path(&file.place), 0o666, file.content)?;
        }
        Ok(written)
    }

    fn write(&self, name: impl AsRef<Path>, mode: u32, content: &[u8]) -> Result<(), LaunchError> {
        let path = self.folder.join(name);
        File::create(&path)
            .and_then(|mut file| {
                file.set_permissions(Permissions::from_mode(mode))?;
                file.write_all(content)
            })
            .map_err(|error| refused(&path, &error))
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        let _left_for_the_sweep = fs::remove_dir_all(&self.folder);
    }
}

/// The input files of one launch of a local connector. Dropped, they are removed.
#[derive(Debug)]
pub(super) struct Inputs {
    folder: PathBuf,
}

impl Inputs {
    /// Where something in their folder is, or would be.
    pub fn path(&self, place: &str) -> PathBuf {
        self.folder.join(place)
    }
}

impl Drop for Inputs {
    fn drop(&mut self) {
        let _left_for_the_workspace = fs::remove_dir_all(&self.folder);
    }
}

/// What a sweep of the temporary directory removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Folders of runs that are gone.
    pub folders: usize,
    /// Processes that such runs had left.
    pub processes: usize,
}

/// Removes what killed runs of this user left in the system's temporary directory, and ends their processes.
pub fn sweep_workspaces() -> SweepReport {
    sweep_workspaces_in(&std::env::temp_dir())
}

/// The same for another directory.
pub fn sweep_workspaces_in(parent: &Path) -> SweepReport {
    let mut report = SweepReport::default();
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let folder = entry.path();
        let named = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        let Some(fate) = fate(&folder).filter(|_| named) else { continue };
        if fate == Fate::Gone {
            report.processes += end_processes(&folder);
        }
        if matches!(fate, Fate::Gone | Fate::OtherBoot) {
            report.folders += usize::from(fs::remove_dir_all(&folder).is_ok());
        }
    }
    report
}

/// What became of a folder's owner. None where that can't be told: another user's folder, or one that somebody else made
/// under such a name.
fn fate(folder: &Path) -> Option<Fate> {
    let about = fs::symlink_metadata(folder).ok()?;
    let ours = about.is_dir() && about.uid() == rustix::process::geteuid().as_raw();
    let owner = fs::read_to_string(folder.join(OWNER)).ok().filter(|_| ours)?;
    Some(owner.parse::<Owner>().ok()?.fate())
}

/// Kills the processes that a run recorded, where they still live, and returns how many did.
fn end_processes(folder: &Path) -> usize {
    let recorded = fs::read_to_string(folder.join(PROCESSES)).unwrap_or_default();
    let names = recorded.lines().filter_map(|line| {
        let (pid, started) = line.split_once(' ')?;
        Some((pid.parse::<i32>().ok()?, started.parse::<u64>().ok()?))
    });
    names.map(processes::kill_with_group).sum()
}

/// A name without what a path or a container's name can't have.
pub(super) fn safe_name(name: &str) -> String {
    name.chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "._-".contains(letter) { letter } else { '-' })
        .collect()
}

fn refused(path: &Path, error: &io::Error) -> LaunchError {
    let path = path.display();
    LaunchError::Environment(match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            format!("There is no space left to write {path}: free some, or set TMPDIR to a folder with space.")
        }
        ErrorKind::PermissionDenied
        | ErrorKind::ReadOnlyFilesystem
        | ErrorKind::NotFound
        | ErrorKind::NotADirectory => {
            format!("{path} can't be written ({error}): set TMPDIR to a folder that you may write to.")
        }
        ErrorKind::AlreadyExists => format!("{path} exists already: a run has the same id. Start again."),
        _ => format!("{path} can't be written: {error}."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_private_and_gone_when_dropped() {
        let temp = tempfile::tempdir().unwrap();
        let workspace = Workspace::create_in(temp.path(), "run/1").unwrap();
        let folder = workspace.path().to_owned();
        assert!(folder.ends_with("airproof-run-1"), "{folder:?}");
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(sweep_workspaces_in(temp.path()), SweepReport::default(), "its owner lives");
        drop(workspace);
        assert!(!folder.exists());
    }

    #[test]
    fn input_files_are_there_for_every_user_until_the_launch_is_over() {
        let temp = tempfile::tempdir().unwrap();
        let workspace = Workspace::create_in(temp.path(), "run").unwrap();
        let config = PlacedFile { place: "in put/config".to_owned(), content: b"{}" };
        let inputs = workspace.write_inputs("sandbox.check", &[config]).unwrap();
        let path = inputs.path("in put/config");
        assert_eq!(fs::read(&path).unwrap(), b"{}");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o666);
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o777);
        drop(inputs);
        assert!(!path.exists());
    }

    #[test]
    fn what_a_run_that_is_gone_left_is_removed() {
        let temp = tempfile::tempdir().unwrap();
        let leave = |name: &str, owner: Owner| {
            let folder = temp.path().join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join(OWNER), owner.to_string()).unwrap();
        };
        let me = Owner::current();
        leave("airproof-dead", Owner { started: "1".into(), ..me.clone() });
        leave("airproof-rebooted", Owner { host: "earlier/1".into(), ..me.clone() });
        leave("airproof-alive", me.clone());
        leave("another-dead", Owner { started: "1".into(), ..me });
        fs::create_dir(temp.path().join("airproof-of-something-else")).unwrap();
        assert_eq!(sweep_workspaces_in(temp.path()), SweepReport { folders: 2, processes: 0 });
        assert!(temp.path().join("airproof-alive").exists() && temp.path().join("another-dead").exists());
        assert!(temp.path().join("airproof-of-something-else").exists(), "it has no owner that we know");
    }

    #[test]
    fn a_folder_that_cannot_be_written_says_what_to_do() {
        let error = Workspace::create_in(Path::new("/proc/nowhere"), "run").unwrap_err();
        assert!(error.to_string().contains("set TMPDIR"), "{error}");
    }
}
