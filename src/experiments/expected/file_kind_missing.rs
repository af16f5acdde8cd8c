//! SUITE-007.

use crate::experiments::Conclusion;
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::trail::{WITH_ROWS, WITH_TEXT};
use crate::rules::Level;
use crate::suite::FileTypes;
use std::collections::BTreeSet;

experiment! {
    /// No record is from a kind of file that the connector reads.
    ///
    /// # What it checks
    /// The first reads of all scenarios together: by the extension of `_ab_source_file_url`, there are records from Avro, CSV, JSONL and
    /// Parquet files, and from at least one kind of document (PDF, Word, PowerPoint, Markdown), but for those under `file_types.unsupported`.
    /// It is a MUST where a scenario has `file_types`, and a SHOULD where the metadata of a certified connector say that it reads files;
    /// no other connector is judged.
    ///
    /// # Why it matters
    /// Each kind of file has a parser of its own. One that no test reads is one that nobody notices to be broken.
    ///
    /// # Example
    /// ```json
    /// bad:  no record is from a .avro file
    /// good: {"id":7,"_ab_source_file_url":"orders/2024.avro"}
    /// ```
    ///
    /// # How to mend it
    /// Put a file of that kind into the test account, with a stream in a scenario's config that reads it. What the connector cannot read
    /// goes under `file_types.unsupported`, with a reason.
    ///
    /// # What Airbyte's tests see
    /// The same of certified connectors whose metadata say `connectorSubtype: file`; what was seen depends on the order of their tests.
    run {
        code: "SUITE-007",
        name: "kind-of-file-never-read",
        level: Must,
        commands: [Read],
        authority: SuiteAuthor,
        source: "the suite: `file_types`; Airbyte connector acceptance tests: test_all_supported_file_types_present",
        depth: Quick,
        launches: [],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let own = lab.scenario.expected.file_types.as_ref();
    let level = match own {
        Some(FileTypes { skip: Some(reason), .. }) => {
            return Err(Halt::Cannot(format!("the suite looks for no kinds of files: {reason}")));
        }
        Some(_) => Level::Must,
        None if lab.is_of_files => Level::Should,
        None => return Err(Halt::Cannot("nothing says that the connector reads files".to_owned())),
    };
    let read = lab.first_read()?.complete()?;
    let mut seen = BTreeSet::new();
    for other in lab.first_reads()? {
        let kinds = other.trail.as_ref().and_then(|trail| trail.file_kinds.as_ref());
        seen.extend(kinds.into_iter().flat_map(|kinds| kinds.seen.iter().copied()));
    }
    let unsupported: Vec<&str> =
        own.into_iter().flat_map(|types| &types.unsupported).map(|(extension, _)| extension.as_str()).collect();
    let mut conclusion = Conclusion::of(STATEMENT, read);
    conclusion.judged(None);
    for kind in missing(&seen, &unsupported) {
        let fault = Fault {
            cause: "missing",
            level,
            title: "no record is from a kind of file that the connector reads".to_owned(),
            message: format!("no record of any first read is from {kind}"),
            evidence: vec![evidence(&read.id, None, format!("records from {kind}"), "none")],
            case: None,
        };
        conclusion.found_alone(None, &kind, fault);
    }
    Ok(conclusion)
}

/// The kinds that did not come, in words.
fn missing(seen: &BTreeSet<&str>, unsupported: &[&str]) -> Vec<String> {
    let wanted = |kinds: &[&'static str]| -> Vec<&'static str> {
        kinds.iter().filter(|kind| !unsupported.contains(kind)).copied().collect()
    };
    let rows = wanted(&WITH_ROWS).into_iter().filter(|kind| !seen.contains(kind)).map(|kind| format!("a {kind} file"));
    let mut missing: Vec<String> = rows.collect();
    let documents = wanted(&WITH_TEXT);
    if !documents.is_empty() && !WITH_TEXT.iter().any(|kind| seen.contains(kind)) {
        missing.push(format!("a document ({})", documents.join(", ")));
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_with_rows_and_one_with_text_are_wanted() {
        assert_eq!(missing(&[".avro", ".csv", ".jsonl", ".parquet", ".md"].into(), &[]), [""; 0]);
        let some = missing(&[".csv", ".jsonl"].into(), &[".avro", ".doc"]);
        assert_eq!(some, ["a .parquet file", "a document (.pdf, .docx, .ppt, .pptx, .md)"]);
        assert_eq!(missing(&[".avro", ".csv", ".jsonl", ".parquet"].into(), &WITH_TEXT), [""; 0]);
    }
}
