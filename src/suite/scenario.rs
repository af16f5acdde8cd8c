//! A scenario: a config, how it must turn out, and what goes with it.

use super::{
    Change, CommandLimits, Expected, Lack, LateFile, LeftOut, LevelSetting, Part, Previous, Step, VolatileField,
    expected,
};
use crate::protocol::{ConfiguredCatalog, Descriptor, Expect};
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A config with its expected outcome, and what goes with it.
#[derive(Debug, Clone, Default)]
pub struct Scenario {
    /// Unique within the suite, any text.
    pub name: String,
    /// Always an object.
    pub config: Value,
    /// The file that the suite names for it, if it names one.
    pub config_file: Option<PathBuf>,
    /// How `check` must end.
    pub expect: Expect,
    /// Whether canaries stand in for the secrets of the config: unique texts, so that a leak is seen for certain. Only
    /// where it is expected to fail.
    pub canaries: bool,
    /// Where the configured catalog comes from.
    pub catalog: CatalogSource,
    /// Where an incremental read starts, if not at the beginning.
    pub state: Option<Value>,
    /// Streams that are not like the others.
    pub streams: StreamExceptions,
    /// What the suite's author does to the data, in file order. None where it is expected to fail.
    pub changes: Vec<Change>,
    /// What puts the data back as it was before the changes.
    pub reset: Option<Step>,
    /// What is done before its first launch, in order.
    pub setup: Vec<Step>,
    /// What is done after its last one, whatever came of it.
    pub teardown: Vec<Step>,
    /// The files that are read when its set-up is over.
    pub late_files: Vec<LateFile>,
    /// Variables for the connector, over those that all scenarios have.
    pub environment: IndexMap<String, String>,
    /// When its launches are ended, where that is not as in the rest of the suite.
    pub limits: Option<CommandLimits>,
    /// Levels other than the suite's, by code.
    pub rules: BTreeMap<String, LevelSetting>,
    /// The version of the connector that it is compared with, where the suite names one.
    pub previous: Option<Previous>,
    /// What is not done with it, in file order.
    pub leave_out: Vec<LeftOut>,
    /// What its author expects of the connector.
    pub expected: Expected,
    /// The files that it names and that are not there; such a scenario is not launched.
    pub lacks: Vec<Lack>,
    pub(super) id: String,
}

impl Scenario {
    /// The name as it stands in ids and file names: lower-case ASCII letters, digits and dashes; unique in the suite.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Why a part is left out, if it is.
    pub fn left_out(&self, part: Part) -> Option<&LeftOut> {
        self.leave_out.iter().find(|left| left.part == part)
    }

    /// Whether a part is done: one that is expected to fail is only checked.
    pub fn does(&self, part: Part) -> bool {
        let is_made = self.expect == Expect::Succeeded || part == Part::Check;
        is_made && self.left_out(part).is_none()
    }
}

/// Where a configured catalog comes from.
#[derive(Debug, Clone, Default)]
pub enum CatalogSource {
    /// Made from what `discover` gives.
    #[default]
    Discover,
    /// The user's own.
    File {
        /// Where it was read from.
        path: PathBuf,
        /// Its content.
        catalog: ConfiguredCatalog,
        /// Whether each stream in it is taken as `discover` gives it: the file says which streams, and how they are read.
        rediscovered: bool,
    },
}

/// Streams that are not like the others.
#[derive(Debug, Clone, Default)]
pub struct StreamExceptions {
    /// Without records, and that is right.
    pub empty: Vec<StreamException>,
    /// Whether the suite lists those, be it none.
    pub lists_empty: bool,
    /// Not read.
    pub skip: Vec<StreamException>,
    /// Fields that are not compared between two reads, by the stream's name.
    pub volatile: IndexMap<String, Vec<VolatileField>>,
}

impl StreamExceptions {
    /// The fields of a stream that are not compared between two reads.
    pub fn volatile_of(&self, stream: &Descriptor) -> &[VolatileField] {
        expected::of_stream(&self.volatile, stream).map_or(&[], Vec::as_slice)
    }
}

/// A stream and why it is an exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamException {
    /// Which stream.
    pub stream: Descriptor,
    /// Why, if whoever wrote the suite says so.
    pub reason: Option<String>,
}

impl StreamException {
    /// Why, in words.
    pub fn why(&self) -> &str {
        self.reason.as_deref().unwrap_or("the suite says so, without a reason")
    }
}
