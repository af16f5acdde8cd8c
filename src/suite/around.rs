//! What is done around the launches of a scenario, and the files that come of it.

use super::diagnose::Span;
use super::fields::Reader;
use super::files::Named;
use super::steps::Step;
use super::yaml::{Kind, Node};
use super::{CatalogSource, Overrides, Scenario};
use crate::protocol::ConfiguredCatalog;
use serde_json::Value;
use std::env::VarError;
use std::path::{Path, PathBuf};

/// The keys of a step that stands for itself.
pub(super) const STEP_KEYS: [&str; 3] = ["run", "request", "container"];

/// A file of a scenario with a set-up: it need not be there before, and is read when that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateFile {
    /// What it is for: `config`, `catalog`, `state`.
    pub what: &'static str,
    /// Its path.
    pub path: PathBuf,
}

impl Scenario {
    /// Whether something is done before or after its launches. Such scenarios are launched one after the other, since they
    /// may share the data that they are about.
    pub fn has_surroundings(&self) -> bool {
        !self.setup.is_empty() || !self.teardown.is_empty()
    }

    /// Reads the files again that its set-up may have made or changed. Errs with what is wrong with all of them.
    pub fn read_late_files(&mut self) -> Result<(), String> {
        let (overrides, environment) = (Overrides::default(), |_: &str| Err(VarError::NotPresent));
        let mut reader = Reader::new(Vec::new(), Vec::new(), &[], &overrides, &environment);
        for LateFile { what, path } in &self.late_files {
            match *what {
                "catalog" => {
                    if let CatalogSource::File { rediscovered: again, .. } = self.catalog {
                        self.catalog = reader.catalog_file(path.clone(), Named::Made).taken(again);
                    }
                }
                "state" => self.state = reader.state_file(path, Named::Made),
                _ => self.config = reader.config_file(path, Named::Made),
            }
        }
        match reader.mistakes.is_empty() {
            true => Ok(()),
            false => Err(reader.mistakes.iter().map(|mistake| mistake.message()).collect::<Vec<_>>().join("; ")),
        }
    }
}

impl CatalogSource {
    /// Whether it takes what `discover` gives to make the catalog of a read.
    pub fn needs_discover(&self) -> bool {
        matches!(self, CatalogSource::Discover | CatalogSource::File { rediscovered: true, .. })
    }

    /// The same file, with its streams as it has them or as `discover` gives them.
    pub(super) fn taken(self, again: bool) -> Self {
        match self {
            CatalogSource::File { path, catalog, .. } => CatalogSource::File { path, catalog, rediscovered: again },
            CatalogSource::Discover => CatalogSource::Discover,
        }
    }

    /// A file that is not there yet.
    pub(super) fn to_come(path: PathBuf, rediscovered: bool) -> Self {
        let catalog = ConfiguredCatalog { raw: serde_json::json!({"streams": []}), streams: Vec::new() };
        CatalogSource::File { path, catalog, rediscovered }
    }
}

impl Reader<'_> {
    /// The steps of `setup` or `teardown`: one, or a list of them.
    pub fn surroundings(&mut self, node: Option<&Node>, what: &str) -> Vec<Step> {
        let steps = match node {
            None => return Vec::new(),
            Some(Node { kind: Kind::Sequence(steps), .. }) => steps.as_slice(),
            Some(step) => std::slice::from_ref(step),
        };
        let mut read = Vec::new();
        for step in steps {
            if self.keys(step, what, &STEP_KEYS) {
                read.extend(self.step(step, what));
            }
        }
        read
    }

    /// Notes that a file is to be read when the set-up of its scenario is over, if there is one. Says whether it is.
    pub fn comes_late(&mut self, path: &Path, what: &'static str) -> bool {
        let is_read_late = matches!(what, "config" | "catalog" | "state");
        let Some(late) = self.late_files.as_mut().filter(|_| is_read_late) else { return false };
        late.push(LateFile { what, path: path.to_owned() });
        true
    }

    /// Reads a file that a scenario names: what comes late is read as far as it is there and good.
    pub fn as_it_is<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.mistakes.len();
        let value = read(self);
        if self.late_files.is_some() {
            self.mistakes.truncate(before);
        }
        value
    }

    /// What a scenario is to begin a read with.
    pub fn state(&mut self, path: &Path, span: Span) -> Option<Value> {
        self.as_it_is(|reader| reader.state_file(path, Named::Here(span)))
    }
}
