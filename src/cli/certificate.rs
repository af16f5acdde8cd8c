//! The certificate of a run in its report folder: digests of the files there, and the file itself.

use super::Refusal;
use super::output::{RESULTS, TRANSCRIPTS};
use crate::experiments::all_statements;
use crate::report::certificate::{Certificate, DEPTH, Digests, FILE, TranscriptDigests};
use crate::text::hex;
use crate::verdict::Results;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Writes the certificate of a run at the depth of one, and gives its path. It is about `results.json`, so where that was not
/// wanted there is none.
pub(super) fn write(results: &Results, folder: &Path) -> Result<Option<String>, Refusal> {
    if results.run.depth.as_deref() != Some(DEPTH) || !folder.join(RESULTS).is_file() {
        return Ok(None);
    }
    let refuse = |error: io::Error| {
        Refusal::environment(format!(
            "error: the certificate in {} can't be made: {error}\nMake room, or name another folder with --report-dir.",
            folder.display()
        ))
    };
    let digests = digests(folder).map_err(refuse)?;
    let statements: Vec<_> = all_statements().collect();
    let file = folder.join(FILE);
    fs::write(&file, Certificate::of(results, &digests, &statements).to_bytes()).map_err(refuse)?;
    Ok(Some(file.display().to_string()))
}

/// The digests of what a run stored in a folder. The error names the file.
pub(super) fn digests(folder: &Path) -> io::Result<Digests> {
    let mut digests = Digests { results: sha256(&folder.join(RESULTS))?, ..Digests::default() };
    let launches = folder.join(TRANSCRIPTS);
    for launch in entries(&launches)? {
        let mut files = TranscriptDigests::new();
        for file in entries(&launches.join(&launch))? {
            let digest = sha256(&launches.join(&launch).join(&file))?;
            files.insert(file, digest);
        }
        digests.transcripts.insert(launch, files);
    }
    Ok(digests)
}

/// The names in a folder; none where it is not there.
fn entries(folder: &Path) -> io::Result<Vec<String>> {
    let listed = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed.map_err(|error| named(folder, &error))?,
    };
    let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    listed.map(name).collect::<io::Result<_>>().map_err(|error| named(folder, &error))
}

/// Of a regular file; a link or a device among what a run stored is none of its files.
fn sha256(path: &Path) -> io::Result<String> {
    let read = || {
        if !fs::symlink_metadata(path)?.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        let (mut file, mut hash, mut buffer) = (File::open(path)?, Sha256::new(), vec![0; 256 * 1024]);
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(hex(&hash.finalize())),
                Ok(length) => hash.update(&buffer[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    };
    read().map_err(|error| named(path, &error))
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{} can't be read: {error}", path.display()))
}
