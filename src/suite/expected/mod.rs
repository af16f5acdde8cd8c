//! What the author of a suite expects of the connector in a scenario: its specification, records, how it takes a state of
//! the future, kinds of files.

mod field_path;
pub(super) mod future;
pub(super) mod keys;
pub(super) mod records;

pub use field_path::FieldPath;
pub use future::CursorFormat;

use super::StreamException;
use crate::protocol::Descriptor;
use indexmap::IndexMap;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::sync::Arc;

/// All that is expected in a scenario.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Expected {
    /// The specification.
    pub specification: Option<ExpectedSpecification>,
    /// Records of a read of every stream as a whole.
    pub records: Option<ExpectedRecords>,
    /// A state that is later than all data.
    pub future_state: Option<FutureState>,
    /// Kinds of files, of a connector that reads files.
    pub file_types: Option<FileTypes>,
}

/// A specification that was written down.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedSpecification {
    /// Where it was read from.
    pub path: PathBuf,
    /// The payload of a SPEC message; or why there is none, in a sentence.
    pub content: Result<Value, String>,
    /// Whether it is all of it. Of a manifest, `connectionSpecification` alone is known.
    pub is_whole: bool,
}

/// Records that must come, or why none are written down.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExpectedRecords {
    /// Where they were read from; none where a reason stands for them.
    pub path: Option<PathBuf>,
    /// In file order.
    pub records: Arc<[ExpectedRecord]>,
    /// What of a record is compared.
    pub compare: Compare,
    /// Whether they must come in their order, with nothing before or between them.
    pub is_in_order: bool,
    /// Whether records may have members that the expected ones do not have.
    pub extra_fields: bool,
    /// Whether other records of the same streams may come.
    pub extra_records: bool,
    /// What is not compared, by stream.
    pub ignore: IndexMap<String, Vec<FieldPath>>,
    /// Why there are none, if whoever wrote the suite says so.
    pub reason: Option<String>,
}

/// What of a record is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compare {
    /// The primary key; without one, records are counted.
    #[default]
    Keys,
    /// All of it.
    Content,
}

/// A record that must come.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedRecord {
    /// The stream. Without a namespace it may be in any.
    pub stream: Descriptor,
    /// What it says.
    pub data: Map<String, Value>,
    /// Its line in the file, from one.
    pub line: usize,
}

/// A state that is later than all data: a read that goes on from there has nothing to deliver.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FutureState {
    /// Where it was read from; none where a reason stands for it.
    pub path: Option<PathBuf>,
    /// The content of a `--state` file.
    pub state: Option<Arc<Value>>,
    /// Streams that have no such state.
    pub missing: Vec<StreamException>,
    /// The form of all cursors.
    pub format: Option<CursorFormat>,
    /// The form of the cursors of some streams, by the stream's name.
    pub formats: IndexMap<String, CursorFormat>,
    /// Why there is none, if whoever wrote the suite says so.
    pub reason: Option<String>,
}

/// Which kinds of files must be among the data of a connector that reads files.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FileTypes {
    /// Extensions of kinds that it cannot read, with their dot, in lower case.
    pub unsupported: Vec<(String, Option<String>)>,
    /// Why none is looked for, if so.
    pub skip: Option<String>,
}

/// A field that has another value in each read, though the data are the same.
#[derive(Debug, Clone, PartialEq)]
pub struct VolatileField {
    /// Which.
    pub path: FieldPath,
    /// Why, if whoever wrote the suite says so.
    pub reason: Option<String>,
}

impl ExpectedRecords {
    /// What is not compared in a stream.
    pub fn ignored_of(&self, stream: &Descriptor) -> &[FieldPath] {
        of_stream(&self.ignore, stream).map_or(&[], Vec::as_slice)
    }
}

impl FutureState {
    /// The form that is asked of the cursors of a stream, where one is.
    pub fn format_of(&self, stream: &Descriptor) -> Option<&CursorFormat> {
        of_stream(&self.formats, stream).or(self.format.as_ref())
    }
}

/// What is known by a stream's name, which may have its namespace before it.
pub(super) fn of_stream<'m, T>(by_stream: &'m IndexMap<String, T>, stream: &Descriptor) -> Option<&'m T> {
    by_stream.get(&stream.to_string()).or_else(|| by_stream.get(&stream.name))
}
