//! Where files stand in a repository, for those who show findings beside them.

use crate::verdict::{FindingResult, Results};
use std::path::{Component, Path, PathBuf};

/// The file that is named where the suite is none, or lies outside of the repository.
const NO_SUITE: &str = "airproof.yml";

/// A repository that was checked out, and the folder in it that the run was started from.
#[derive(Debug, Clone)]
pub struct Checkout {
    root: PathBuf,
    here: PathBuf,
}

impl Checkout {
    /// Takes absolute paths: the repository's root, and the folder that paths of the command line are relative to.
    pub fn new(root: &Path, here: &Path) -> Self {
        Checkout { root: tidy(root), here: tidy(here) }
    }

    /// A path as the user named it, from the repository's root, with `/`. None where it is outside.
    pub fn path(&self, named: &str) -> Option<String> {
        let whole = tidy(&self.here.join(named));
        let inner = whole.strip_prefix(&self.root).ok()?;
        let names: Vec<_> = inner.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        (!names.is_empty()).then(|| names.join("/"))
    }

    /// The file that a finding can be mended in, as far as results tell: `metadata.yaml` beside the suite for what is
    /// said there, else the suite.
    pub(super) fn file_of(&self, finding: &FindingResult, results: &Results) -> String {
        let own = results.connectors.iter().find(|connector| connector.name == finding.connector);
        let suite = own.and_then(|connector| connector.suite.as_ref()).unwrap_or(&results.run.suite);
        let suite = suite.path.as_deref().and_then(|named| self.path(named)).unwrap_or_else(|| NO_SUITE.to_owned());
        if !finding.rule.starts_with("META-") {
            return suite;
        }
        suite.rsplit_once('/').map_or("metadata.yaml".to_owned(), |(folder, _)| format!("{folder}/metadata.yaml"))
    }

    /// The suite of the run.
    pub(super) fn suite_of(&self, results: &Results) -> String {
        let named = results.run.suite.path.as_deref();
        named.and_then(|named| self.path(named)).unwrap_or_else(|| NO_SUITE.to_owned())
    }
}

/// The path without `.` and `..`, as it is written: nothing is looked up.
fn tidy(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut tidy, part| {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(tidy.pop()),
            part => tidy.push(part),
        }
        tidy
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_from_the_root_of_the_repository() {
        let checkout = Checkout::new(Path::new("/repo"), Path::new("/repo/connectors/source-orders"));
        assert_eq!(checkout.path("airproof.yml").as_deref(), Some("connectors/source-orders/airproof.yml"));
        assert_eq!(checkout.path("./../b/airproof.yml").as_deref(), Some("connectors/b/airproof.yml"));
        assert_eq!(checkout.path("/repo/airproof.yml").as_deref(), Some("airproof.yml"));
        assert_eq!((checkout.path("/etc/airproof.yml"), checkout.path("../../../a.yml")), (None, None));
    }
}
