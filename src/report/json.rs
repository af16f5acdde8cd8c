//! `results.json` on disk, and the JSON schema that describes it.

use crate::verdict::Results;
use serde_json::Value;
use std::fs::Permissions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writes the results, indented. The file is either the whole of them or what stood there before: it is written beside
/// its place and then moved there. The error names the file.
pub fn write(results: &Results, path: &Path) -> io::Result<()> {
    write_whole(results, path).map_err(|error| {
        let message = format!("{} can't be written: {error}; nothing was changed there", path.display());
        io::Error::new(error.kind(), message)
    })
}

fn write_whole(results: &Results, path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A temporary file is private; results are for everyone whom the umask lets read.
    let file = tempfile::Builder::new().permissions(Permissions::from_mode(0o666)).tempfile_in(folder)?;
    let mut writer = BufWriter::new(file);
    serde_json::to_writer_pretty(&mut writer, results)?;
    writer.write_all(b"\n")?;
    let file = writer.into_inner().map_err(|error| error.into_error())?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// The JSON schema (2020-12) of `results.json`, as `reports/results.schema.json` has it.
pub fn schema() -> Value {
    schemars::schema_for!(Results).to_value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Level;
    use crate::verdict::{RunFacts, SCHEMA_VERSION, Status, SuiteFacts};

    fn results() -> Results {
        let run = RunFacts {
            id: "r1".to_owned(),
            airproof: "0.1.0".to_owned(),
            started_at: "2026-03-14T09:12:41Z".to_owned(),
            duration: 1.5,
            platform: "linux x86_64".to_owned(),
            suite: SuiteFacts::default(),
            fail_on: Level::Must,
            status: Status::Pass,
            exit_code: 0,
            verdict_counts: [(Status::Pass, 2)].into(),
            errors: Vec::new(),
            unreviewed: 0,
            depth: None,
            chosen: Vec::new(),
            lane: None,
            command: None,
            shard: None,
            parts: Vec::new(),
        };
        let (connectors, launches, verdicts) = (Vec::new(), Vec::new(), Vec::new());
        let (findings, doubts, questions) = (Vec::new(), Vec::new(), Vec::new());
        Results {
            schema_version: SCHEMA_VERSION,
            run,
            connectors,
            launches,
            verdicts,
            findings,
            doubts,
            questions,
            since: None,
            pipe: None,
        }
    }

    #[test]
    fn results_replace_what_stood_there_and_leave_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("results.json");
        std::fs::write(&path, "older and much longer than nothing").expect("written");
        write(&results(), &path).expect("written");
        let text = std::fs::read_to_string(&path).expect("readable");
        let read: Results = serde_json::from_str(&text).expect("results");
        assert_eq!((read.run.id.as_str(), text.ends_with("}\n")), ("r1", true));
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn an_error_names_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = write(&results(), &folder.path().join("missing/results.json")).expect_err("no such folder");
        assert!(error.to_string().contains("missing/results.json can't be written"), "{error}");
    }
}
