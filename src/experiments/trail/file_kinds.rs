//! Which kinds of files the records of a read are from.

use crate::protocol::pick;
use std::collections::BTreeSet;

/// Where a record of a connector that reads files says which file it is from.
const FIELD: &str = "_ab_source_file_url";
/// The kinds of files with rows.
pub const WITH_ROWS: [&str; 4] = [".avro", ".csv", ".jsonl", ".parquet"];
/// The kinds of files with text.
pub const WITH_TEXT: [&str; 6] = [".pdf", ".doc", ".docx", ".ppt", ".pptx", ".md"];

/// The kinds that came.
#[derive(Debug, Default)]
pub struct FileKinds {
    /// Their extensions.
    pub seen: BTreeSet<&'static str>,
    field: Vec<String>,
}

impl FileKinds {
    /// Looks at a record.
    pub fn absorb(&mut self, data: &str) {
        if self.field.is_empty() {
            self.field.push(FIELD.to_owned());
        }
        let written = pick(data, &self.field).and_then(|written| serde_json::from_str::<String>(written).ok());
        self.seen.extend(written.and_then(|path| kind_of(&path)));
    }
}

/// The extension of a path, where it is a kind that is looked for.
fn kind_of(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rfind('.').filter(|at| *at > 0).map(|at| name[at..].to_lowercase())?;
    WITH_ROWS.into_iter().chain(WITH_TEXT).find(|kind| *kind == extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_extension() {
        let mut kinds = FileKinds::default();
        for path in ["a/b.CSV", "x.jsonl", "v1.2/readme", ".md", "report.final.pdf"] {
            kinds.absorb(&format!(r#"{{"a":1,"_ab_source_file_url":"{path}"}}"#));
        }
        kinds.absorb(r#"{"a":"b.avro"}"#);
        assert_eq!(kinds.seen, [".csv", ".jsonl", ".pdf"].into());
    }
}
