//! What a suite says of a destination: how to see what it stored, how to clean up, and which behaviours it declares.

use super::fields::Reader;
use super::own_data::OwnData;
use super::steps::Step;
use super::yaml::Node;
use super::{diagnose::Mistake, diagnose::quoted};
use crate::feed::Columns;
use std::time::Duration;

/// The keys of `destination`.
pub(super) const KEYS: [&str; 8] =
    ["reader", "cleaner", "namespaces", "outage", "behaviours", "data", "state_within", "namespace_prefix"];
/// The keys of what is done with the storage.
pub(super) const STEP_KEYS: [&str; 2] = ["run", "container"];
/// The keys of a reader.
pub(super) const READER_KEYS: [&str; 5] = ["run", "container", "files", "table", "columns"];
/// The keys of the columns that a destination adds.
pub(super) const COLUMN_KEYS: [&str; 5] = ["raw_id", "extracted_at", "meta", "generation_id", "data"];
/// The keys of an outage.
pub(super) const OUTAGE_KEYS: [&str; 2] = ["begin", "end"];
/// The keys of the behaviours.
pub(super) const BEHAVIOUR_KEYS: [&str; 7] =
    ["invalid_value", "undeclared_field", "union", "untyped", "cdc_delete", "commits", "namespaces"];

/// How a destination is tested, besides being fed.
#[derive(Debug, Clone)]
pub struct Destination {
    /// How to see what is stored; None leaves what needs that unproven.
    pub reader: Option<StorageReader>,
    /// Removes all that a namespace holds, which it finds in the variable `AIRPROOF_NAMESPACE`.
    pub cleaner: Option<Step>,
    /// Prints the names of all namespaces, one a line: what earlier runs left is found by them.
    pub namespaces: Option<Step>,
    /// What makes the storage fail while a write goes on, and what mends it.
    pub outage: Option<(Step, Step)>,
    /// What becomes of what is unusual.
    pub behaviours: Behaviours,
    /// What the author wants to see written, besides what every destination is sent.
    pub data: Vec<OwnData>,
    /// How soon a state is to come back while stdin stays open, if the destination commits while it is fed.
    pub state_within: Duration,
    /// What the namespaces that are written to begin with.
    pub namespace_prefix: String,
}

/// Shows what is stored of a stream, named by the variables `AIRPROOF_NAMESPACE`, `AIRPROOF_STREAM` and `AIRPROOF_TABLE`:
/// one JSON object a line for each row that a user of the destination would see.
#[derive(Debug, Clone)]
pub struct StorageReader {
    /// How.
    pub source: RowSource,
    /// What `AIRPROOF_TABLE` is made of: `{namespace}` and `{stream}` stand for themselves.
    pub table: String,
    /// What the destination's own columns are called.
    pub columns: Columns,
}

/// Where rows come from.
#[derive(Debug, Clone)]
pub enum RowSource {
    /// What a command prints.
    Step(Step),
    /// A file of JSON lines, in which `{namespace}`, `{stream}` and `{table}` are put; one that is not there holds nothing.
    Files {
        /// Its path, absolute.
        path: String,
    },
}

impl StorageReader {
    /// Whether it tells an empty table from one that is not there.
    pub fn tells_missing_tables(&self) -> bool {
        matches!(self.source, RowSource::Step(_))
    }
}

/// What a destination does with what is unusual. What it is not declared to do is a finding where it is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Behaviours {
    /// A value that does not fit its declared type.
    pub invalid_value: InvalidValue,
    /// A field that the schema does not declare.
    pub undeclared_field: UndeclaredField,
    /// A value of one of several types.
    pub union: Handled,
    /// A value without a declared type: an array without items, an object without properties.
    pub untyped: Handled,
    /// A row that the source says was deleted.
    pub cdc_delete: CdcDelete,
    /// When what was written is safe.
    pub commits: Commits,
    /// What becomes of a stream's namespace.
    pub namespaces: Namespaces,
}

/// What becomes of a value that does not fit its declared type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InvalidValue {
    /// It is null, and `_airbyte_meta` says why.
    #[default]
    Nulled,
    /// It is stored as it came.
    Kept,
    /// The sync fails.
    Fails,
}

/// What becomes of a field that the schema does not declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UndeclaredField {
    /// It is not stored.
    #[default]
    Dropped,
    /// It is stored.
    Kept,
}

/// What becomes of a value without one declared type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Handled {
    /// It is stored, as JSON or as the text of it.
    #[default]
    Kept,
    /// It is null, and `_airbyte_meta` says why.
    Nulled,
    /// The sync fails.
    Fails,
}

/// What becomes of a row that the source says was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CdcDelete {
    /// It is removed.
    #[default]
    Hard,
    /// It stays, with the time of its deletion.
    Soft,
}

/// When what was written is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Commits {
    /// While more is written; states come back meanwhile.
    #[default]
    WhileRunning,
    /// When stdin ends.
    AtEnd,
}

/// What becomes of a stream's namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Namespaces {
    /// Streams of one name in two namespaces are two tables.
    #[default]
    Kept,
    /// All streams are stored in one place.
    Ignored,
}

impl Behaviours {
    /// What is declared and is not what a destination does by default, in sentences: shown beside the verdict.
    pub fn declared(self) -> Vec<&'static str> {
        let said = [
            (self.invalid_value == InvalidValue::Kept, "a value that does not fit its type is stored as it came"),
            (self.invalid_value == InvalidValue::Fails, "a value that does not fit its type fails the sync"),
            (self.undeclared_field == UndeclaredField::Kept, "a field that the schema does not declare is stored"),
            (self.union == Handled::Nulled, "a value of several types is stored as null"),
            (self.union == Handled::Fails, "a value of several types fails the sync"),
            (self.untyped == Handled::Nulled, "a value without a declared type is stored as null"),
            (self.untyped == Handled::Fails, "a value without a declared type fails the sync"),
            (self.cdc_delete == CdcDelete::Soft, "a deleted row stays, with the time of its deletion"),
            (self.commits == Commits::AtEnd, "nothing is safe before stdin has ended"),
            (self.namespaces == Namespaces::Ignored, "namespaces are ignored"),
        ];
        said.into_iter().filter(|(is_declared, _)| *is_declared).map(|(_, words)| words).collect()
    }
}

impl Reader<'_> {
    /// What the suite says of a destination.
    pub fn destination(&mut self, node: &Node) -> Option<Destination> {
        if !self.keys(node, "`destination`", &KEYS) {
            return None;
        }
        let state_within = node.get("state_within").map(|node| self.duration(node, "`state_within`"));
        let prefix = node.get("namespace_prefix").and_then(|node| self.namespace_prefix(node));
        Some(Destination {
            reader: node.get("reader").and_then(|node| self.storage_reader(node)),
            cleaner: node.get("cleaner").and_then(|node| self.storage_step(node, "`cleaner`")),
            namespaces: node.get("namespaces").and_then(|node| self.storage_step(node, "`namespaces`")),
            outage: node.get("outage").and_then(|node| self.outage(node)),
            behaviours: node.get("behaviours").map(|node| self.destination_behaviours(node)).unwrap_or_default(),
            data: node.get("data").map(|node| self.own_data(node)).unwrap_or_default(),
            state_within: state_within.unwrap_or(Duration::from_secs(30)),
            namespace_prefix: prefix.unwrap_or_else(|| "airproof".to_owned()),
        })
    }

    /// A step that is no request: what it prints matters.
    fn storage_step(&mut self, node: &Node, what: &str) -> Option<Step> {
        if !self.keys(node, what, &STEP_KEYS) {
            return None;
        }
        self.step(node, what)
    }

    fn storage_reader(&mut self, node: &Node) -> Option<StorageReader> {
        const WHAT: &str = "`reader`";
        if !self.keys(node, WHAT, &READER_KEYS) {
            return None;
        }
        let table = node.get("table").and_then(|node| self.text(node, "`table`")).unwrap_or("{stream}").to_owned();
        let columns = node.get("columns").map(|node| self.columns(node)).unwrap_or_default();
        let source = match node.get("files") {
            Some(files) if node.get("run").is_none() && node.get("container").is_none() => {
                let template = self.text(files, "`files`")?.to_owned();
                RowSource::Files { path: self.path(files.span, &template).to_string_lossy().into_owned() }
            }
            Some(files) => {
                let mistake = Mistake::at(files.span, "`files` and a command both say where rows come from");
                self.mistakes.push(mistake.help("keep one of them"));
                return None;
            }
            None => RowSource::Step(self.step(node, WHAT)?),
        };
        Some(StorageReader { source, table, columns })
    }

    fn columns(&mut self, node: &Node) -> Columns {
        let mut columns = Columns::default();
        if !self.keys(node, "`columns`", &COLUMN_KEYS) {
            return columns;
        }
        let mut named = |key: &str, name: &mut String| {
            if let Some(text) = node.get(key).and_then(|node| self.text(node, &format!("`{key}`"))) {
                *name = text.to_owned();
            }
        };
        named("raw_id", &mut columns.raw_id);
        named("extracted_at", &mut columns.extracted_at);
        named("meta", &mut columns.meta);
        named("generation_id", &mut columns.generation_id);
        let data = node.get("data").and_then(|node| self.text(node, "`data`"));
        columns.data = data.map(str::to_owned);
        columns
    }

    fn outage(&mut self, node: &Node) -> Option<(Step, Step)> {
        if !self.keys(node, "`outage`", &OUTAGE_KEYS) {
            return None;
        }
        let mut step = |key: &str| match node.get(key) {
            Some(step) => self.storage_step(step, &format!("`{key}`")),
            None => {
                let mistake = Mistake::at(node.span, format!("`outage` needs `{key}`"));
                self.mistakes.push(mistake.help("`begin` makes the storage fail, and `end` mends it"));
                None
            }
        };
        let (begin, end) = (step("begin"), step("end"));
        Some((begin?, end?))
    }

    fn namespace_prefix(&mut self, node: &Node) -> Option<String> {
        let prefix = self.text(node, "`namespace_prefix`")?.to_owned();
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if prefix.len() > 24 || !prefix.starts_with(|c: char| c.is_ascii_lowercase()) || !prefix.chars().all(is_plain) {
            let message = format!("{} can't begin the name of a namespace", quoted(&prefix));
            let help = "a lower-case letter, then letters, digits and `_`; at most 24 in all";
            self.mistakes.push(Mistake::at(node.span, message).help(help));
            return None;
        }
        Some(prefix)
    }

    fn destination_behaviours(&mut self, node: &Node) -> Behaviours {
        let mut declared = Behaviours::default();
        if !self.keys(node, "`behaviours`", &BEHAVIOUR_KEYS) {
            return declared;
        }
        let handled = [("kept", Handled::Kept), ("nulled", Handled::Nulled), ("fails", Handled::Fails)];
        self.choose(
            node,
            "invalid_value",
            &mut declared.invalid_value,
            &[("nulled", InvalidValue::Nulled), ("kept", InvalidValue::Kept), ("fails", InvalidValue::Fails)],
        );
        self.choose(
            node,
            "undeclared_field",
            &mut declared.undeclared_field,
            &[("dropped", UndeclaredField::Dropped), ("kept", UndeclaredField::Kept)],
        );
        self.choose(node, "union", &mut declared.union, &handled);
        self.choose(node, "untyped", &mut declared.untyped, &handled);
        self.choose(
            node,
            "cdc_delete",
            &mut declared.cdc_delete,
            &[("hard", CdcDelete::Hard), ("soft", CdcDelete::Soft)],
        );
        self.choose(
            node,
            "commits",
            &mut declared.commits,
            &[("while_running", Commits::WhileRunning), ("at_end", Commits::AtEnd)],
        );
        self.choose(
            node,
            "namespaces",
            &mut declared.namespaces,
            &[("kept", Namespaces::Kept), ("ignored", Namespaces::Ignored)],
        );
        declared
    }

    fn choose<T: Copy>(&mut self, node: &Node, key: &str, chosen: &mut T, words: &[(&str, T)]) {
        let word = node.get(key).and_then(|node| self.word(node, &format!("`{key}`"), words));
        *chosen = word.unwrap_or(*chosen);
    }
}
