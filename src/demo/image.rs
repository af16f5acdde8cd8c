//! The demo source as an image from scratch: an airproof binary, and the libraries that this process has loaded.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Whom it runs as: nobody needs to know the name.
const USER: u32 = 1000;

/// The image's name: a run's own, so that two demos at a time do not take each other's away.
pub fn tag(run_id: &str) -> String {
    format!("airproof/demo-source:{run_id}")
}

/// Whether this binary can run in a Linux container of that architecture, as the daemon names it; the reason if not.
pub fn runs_on(architecture: &str) -> Result<(), String> {
    let same = [("x86_64", "amd64"), ("aarch64", "arm64")];
    let own = std::env::consts::ARCH;
    let is_same = own == architecture || same.contains(&(own, architecture));
    match std::env::consts::OS {
        "linux" if is_same => Ok(()),
        "linux" => Err(format!("the daemon runs {architecture} and this binary is {own}")),
        other => Err(format!("containers run Linux and this binary is for {other}")),
    }
}

/// Instructions for the image, as in a Dockerfile; `labels` say whose it is.
pub fn changes(labels: HashMap<String, String>) -> Vec<String> {
    let mut changes = vec![
        r#"ENTRYPOINT ["/connector","demo-source"]"#.to_owned(),
        "ENV AIRBYTE_ENTRYPOINT=\"/connector demo-source\"".to_owned(),
        "LABEL io.airbyte.name=airproof/demo-source".to_owned(),
        concat!("LABEL io.airbyte.version=", env!("CARGO_PKG_VERSION")).to_owned(),
        format!("USER {USER}:{USER}"),
        "WORKDIR /airbyte".to_owned(),
    ];
    changes.extend(labels.into_iter().map(|(name, value)| format!("LABEL {name}=\"{value}\"")));
    changes
}

/// Writes the image's root file system as a tar archive. `airproof` is the binary that it runs, linked as this process is.
pub fn write_root(airproof: &Path, archive: &Path) -> io::Result<()> {
    let mut tar = tar::Builder::new(BufWriter::new(File::create(archive)?));
    append(&mut tar, airproof, Path::new("connector"), 0o755)?;
    for library in loaded_libraries()? {
        let name = library.strip_prefix("/").unwrap_or(&library).to_owned();
        append(&mut tar, &library, &name, 0o755)?;
    }
    for (name, owner, mode) in [("tmp", 0, 0o1777), ("airbyte", USER, 0o755)] {
        let mut folder = tar::Header::new_gnu();
        folder.set_entry_type(tar::EntryType::Directory);
        folder.set_size(0);
        folder.set_uid(owner.into());
        folder.set_gid(owner.into());
        folder.set_mode(mode);
        tar.append_data(&mut folder, name, io::empty())?;
    }
    tar.into_inner()?.flush()
}

fn append(tar: &mut tar::Builder<impl Write>, source: &Path, name: &Path, mode: u32) -> io::Result<()> {
    let file = File::open(source)?;
    let mut header = tar::Header::new_gnu();
    header.set_size(file.metadata()?.len());
    header.set_mode(mode);
    tar.append_data(&mut header, name, file)
}

/// What the dynamic linker has mapped into this process, itself included; nothing for a static binary.
fn loaded_libraries() -> io::Result<BTreeSet<PathBuf>> {
    let executable = std::env::current_exe()?;
    let maps = fs::read_to_string("/proc/self/maps")?;
    let mapped = maps.lines().filter_map(|line| line.split_whitespace().nth(5)).map(PathBuf::from);
    let mut libraries: BTreeSet<PathBuf> = mapped
        .filter(|path| path.is_absolute() && *path != executable)
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains(".so")))
        .collect();
    libraries.extend(linker_aliases(&libraries));
    Ok(libraries)
}

/// The paths under which executables ask for the dynamic linker, which is mapped under its real one.
fn linker_aliases(libraries: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
    let aliases = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"].map(PathBuf::from);
    let is_mapped = |alias: &PathBuf| fs::canonicalize(alias).is_ok_and(|real| libraries.contains(&real));
    aliases.into_iter().filter(is_mapped).collect()
}
