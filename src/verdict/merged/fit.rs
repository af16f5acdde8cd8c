//! Whether results may be counted together.

use super::parts_of;
use crate::suite::Shard;
use crate::verdict::{ConnectorFacts, Results, RunPart};
use std::collections::BTreeMap;

/// Why results are not merged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mixed {
    /// There is none.
    #[error("there are no results")]
    Nothing,
    /// A run, or a shard of it, is there twice.
    #[error("{one} and {other} are of the same run, {run}: everything in it would count twice\nName each run once.")]
    SameRun {
        /// A file.
        one: String,
        /// Another.
        other: String,
        /// The run's id.
        run: String,
    },
    /// A shard was run twice, or its suite was split in two ways.
    #[error(
        "{one} and {other} are parts of one suite that overlap: {first} and {second}\nMerge the shards of one split, each once."
    )]
    Overlap {
        /// A file.
        one: String,
        /// Another.
        other: String,
        /// The shard in the first.
        first: String,
        /// The shard in the other.
        second: String,
    },
    /// Judged by other means, so that one report about both would say what is true of neither.
    #[error("{one} and {other} can't be one report: {what}, {first} and {second}\n{help}")]
    Unlike {
        /// A file.
        one: Box<str>,
        /// Another.
        other: Box<str>,
        /// What is not the same.
        what: Box<str>,
        /// How it is in the first.
        first: Box<str>,
        /// How it is in the other.
        second: Box<str>,
        /// What to do.
        help: Box<str>,
    },
    /// The same connector was tested twice.
    #[error(
        "{connector} was tested in {one} and in {other}\nRuns of the same connector are compared, not merged: `airproof report {other} --since {one}`."
    )]
    Twice {
        /// A file.
        one: String,
        /// Another.
        other: String,
        /// The connector.
        connector: String,
    },
}

/// Refuses what does not belong together.
pub(super) fn check(files: &[(String, Results)]) -> Result<(), Mixed> {
    same_means(files)?;
    no_run_twice(files)?;
    no_shard_twice(files)?;
    no_connector_twice(files)
}

fn unlike(files: [&str; 2], what: &str, values: [&str; 2], help: &str) -> Mixed {
    let ([one, other], [first, second]) = (files.map(Box::from), values.map(Box::from));
    Mixed::Unlike { one, other, what: what.into(), first, second, help: help.into() }
}

/// The same airproof, and the same level from which on a finding counts.
fn same_means(files: &[(String, Results)]) -> Result<(), Mixed> {
    let Some(((one, first), rest)) = files.split_first() else { return Err(Mixed::Nothing) };
    for (other, second) in rest {
        let (run, more) = (&first.run, &second.run);
        if run.airproof != more.airproof {
            let help = "Test both with the same airproof.";
            return Err(unlike(
                [one, other],
                "they are of different versions of airproof",
                [&run.airproof, &more.airproof],
                help,
            ));
        }
        if run.fail_on != more.fail_on {
            let (values, help) = ([run.fail_on.as_str(), more.fail_on.as_str()], "Test both with the same --fail-on.");
            return Err(unlike([one, other], "they fail from different levels on", values, help));
        }
    }
    Ok(())
}

/// Each run of all files, with the file's name.
fn parts(files: &[(String, Results)]) -> impl Iterator<Item = (&str, RunPart)> {
    files.iter().flat_map(|(file, results)| parts_of(&results.run).into_iter().map(|part| (file.as_str(), part)))
}

fn no_run_twice(files: &[(String, Results)]) -> Result<(), Mixed> {
    let mut known: BTreeMap<(String, Option<String>), &str> = BTreeMap::new();
    for (file, part) in parts(files) {
        if let Some(earlier) = known.insert((part.id.clone(), part.shard), file) {
            return Err(Mixed::SameRun { one: earlier.to_owned(), other: file.to_owned(), run: part.id });
        }
    }
    Ok(())
}

/// Shards of one suite are of one split, and each is there once; a run of the whole suite is not beside them.
fn no_shard_twice(files: &[(String, Results)]) -> Result<(), Mixed> {
    let mut of_suite: BTreeMap<String, Vec<(&str, RunPart)>> = BTreeMap::new();
    for (file, part) in parts(files) {
        of_suite.entry(part.suite_digest.clone()).or_default().push((file, part));
    }
    for runs in of_suite.values().filter(|runs| runs.iter().any(|(_, part)| part.shard.is_some())) {
        for (at, (other, second)) in runs.iter().enumerate() {
            for (one, first) in &runs[..at] {
                if overlap(first.shard.as_deref(), second.shard.as_deref()) {
                    let word = |part: &RunPart| part.shard.clone().unwrap_or_else(|| "the whole".to_owned());
                    let (first, second) = (word(first), word(second));
                    return Err(Mixed::Overlap { one: (*one).to_owned(), other: (*other).to_owned(), first, second });
                }
            }
        }
    }
    Ok(())
}

/// Whether two shards of a suite may share something. What can't be read is taken for the whole.
fn overlap(one: Option<&str>, other: Option<&str>) -> bool {
    let read = |shard: Option<&str>| shard.and_then(|text| text.parse::<Shard>().ok());
    match (read(one), read(other)) {
        (Some(one), Some(other)) => one.way != other.way || one.of != other.of || one.place == other.place,
        _ => true,
    }
}

fn no_connector_twice(files: &[(String, Results)]) -> Result<(), Mixed> {
    let mut known: BTreeMap<&str, (&str, &Results, &ConnectorFacts)> = BTreeMap::new();
    for (file, results) in files {
        for connector in &results.connectors {
            let Some((earlier, before, same)) = known.insert(&connector.name, (file, results, connector)) else {
                continue;
            };
            same_connector((earlier, before, same), (file, results, connector))?;
        }
    }
    Ok(())
}

type Tested<'r> = (&'r str, &'r Results, &'r ConnectorFacts);

/// A connector may be in two files only where they are shards of its suite, and it is the same image in both.
fn same_connector(first: Tested<'_>, second: Tested<'_>) -> Result<(), Mixed> {
    let ((one, before, same), (other, results, connector)) = (first, second);
    let digest = |results: &Results, connector: &ConnectorFacts| {
        let suite = connector.suite.as_ref().unwrap_or(&results.run.suite);
        suite.digest.chars().take(12).collect::<String>()
    };
    let name = &connector.name;
    let digests = [digest(before, same), digest(results, connector)];
    if digests[0] != digests[1] {
        let what = format!("the suite of {name} is not the same in both, by its digest");
        let help = "Test it with one suite, or compare the two runs with --since.";
        return Err(unlike([one, other], &what, [&digests[0], &digests[1]], help));
    }
    let image =
        |connector: &ConnectorFacts| connector.subject.image_id.clone().unwrap_or_else(|| "no image".to_owned());
    let images = [image(same), image(connector)];
    if images[0] != images[1] {
        let what = format!("{name} is not the same image in both");
        let help = "Name the image by its digest, so that every shard tests the same one, or compare the two runs with --since.";
        return Err(unlike([one, other], &what, [&images[0], &images[1]], help));
    }
    let is_shard = |results: &Results| parts_of(&results.run).iter().all(|part| part.shard.is_some());
    match is_shard(before) && is_shard(results) {
        true => Ok(()),
        false => Err(Mixed::Twice { one: one.to_owned(), other: other.to_owned(), connector: name.clone() }),
    }
}
