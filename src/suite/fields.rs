//! Reading single values out of the tree. What cannot be read is a mistake that says what was expected and what was
//! found, and reads as a default: the suite is refused in the end, but the rest of it is still looked at.

use super::diagnose::{Mistake, Place, Source, Span, quoted};
use super::folder::Folder;
use super::interpolate::{self, Environment};
use super::secret_files;
use super::yaml::{Kind, Node};
use super::{ConfigUpdates, LateFile, Overrides, quantity, scalar};
use crate::text::nearest;
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// Walks the tree and collects mistakes.
pub(super) struct Reader<'a> {
    pub sources: Vec<Source>,
    pub mistakes: Vec<Mistake>,
    /// What whoever wrote the suite should know.
    pub remarks: Vec<Mistake>,
    /// Parts of the sources that were laid over all of them, the uppermost last.
    pub over: Vec<Span>,
    /// What lies in the suite's folder; None without a suite file.
    pub folder: Option<Folder>,
    /// Whether what is launched runs the folder's manifest.
    pub runs_manifest: bool,
    /// Whether the suite file is one of Airbyte's own acceptance tests.
    pub is_foreign: bool,
    /// Code and name of every rule.
    pub known: &'a [(&'a str, &'a str)],
    pub overrides: &'a Overrides,
    pub environment: &'a Environment<'a>,
    /// What the environment filled in.
    pub env_values: BTreeSet<String>,
    /// The name of the scenario that is being read, where it is one of several.
    pub scenario: Option<String>,
    /// The files of a scenario that are read when its set-up is over; None where it has none.
    pub late_files: Option<Vec<LateFile>>,
    /// What is done with the config in a CONTROL message.
    pub config_updates: ConfigUpdates,
}

impl<'a> Reader<'a> {
    /// A reader that knows these rules, by code and name.
    pub fn new(
        sources: Vec<Source>,
        mistakes: Vec<Mistake>,
        known: &'a [(&'a str, &'a str)],
        overrides: &'a Overrides,
        environment: &'a Environment<'a>,
    ) -> Self {
        Reader {
            sources,
            mistakes,
            remarks: Vec::new(),
            over: Vec::new(),
            folder: None,
            runs_manifest: false,
            is_foreign: false,
            known,
            overrides,
            environment,
            env_values: BTreeSet::new(),
            scenario: None,
            late_files: None,
            config_updates: ConfigUpdates::default(),
        }
    }
}

impl Reader<'_> {
    /// The suite file as a whole; nowhere, without one.
    pub fn whole_file(&self) -> Place {
        match self.sources.first().filter(|source| source.shipped.is_none()) {
            Some(source) => Place::File { path: source.name.clone(), at: None },
            None => Place::Nowhere,
        }
    }

    /// Checks that a node is a mapping with known keys only. False where it is no mapping.
    pub fn keys(&mut self, node: &Node, what: &str, known: &[&str]) -> bool {
        let Some(entries) = node.entries() else {
            let help = format!("its keys are {}", known.join(", "));
            self.wrong(node, what, "a mapping", Some(help));
            return false;
        };
        for (key, entry) in entries.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
            let help = match nearest(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known keys are {}", known.join(", ")),
            };
            let mistake = Mistake::at(entry.key, format!("{} is not a key of {what}", quoted(key)));
            self.mistakes.push(mistake.label("unknown key").help(help));
        }
        true
    }

    /// Notes that a value is not what it must be.
    pub fn wrong(&mut self, node: &Node, what: &str, expected: &str, help: Option<String>) {
        let mistake = Mistake::at(node.span, format!("{what} must be {expected}"));
        self.mistakes.push(mistake.label(format!("this is {}", found(node))).maybe_help(help));
    }

    /// Text that is not empty. Numbers and booleans are text only in quotes.
    pub fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        let Kind::Scalar { text, plain } = &node.kind else {
            self.wrong(node, what, "text", None);
            return None;
        };
        if *plain && !matches!(scalar::resolve(text), Ok(Value::String(_))) {
            self.wrong(node, what, "text", Some(format!("quote it: \"{}\"", text.replace('"', ""))));
            return None;
        }
        if text.trim().is_empty() || text.contains('\0') {
            self.mistakes.push(Mistake::at(node.span, format!("{what} must not be empty")));
            return None;
        }
        if interpolate::refers(text) {
            let message = format!("{what} cannot take a value from the environment or a file");
            let help = "`${env:NAME}` and `${file:PATH}` are read in `config`, in `environment` and in the steps of `changes` only";
            self.mistakes.push(Mistake::at(node.span, message).help(help));
            return None;
        }
        Some(text)
    }

    /// The text of a scalar of any kind as it is written.
    fn written<'n>(&mut self, node: &'n Node, what: &str, expected: &str, help: &str) -> Option<&'n str> {
        match &node.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => {
                self.wrong(node, what, expected, Some(help.to_owned()));
                None
            }
        }
    }

    /// One of a few words.
    pub fn word<T: Copy>(&mut self, node: &Node, what: &str, words: &[(&str, T)]) -> Option<T> {
        let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        let expected = format!("one of {}", names.join(", "));
        let text = self.written(node, what, &expected, "write one of these words")?;
        let word = words.iter().find(|(name, _)| *name == text);
        if word.is_none() {
            let near = nearest(text, names.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            self.mistakes.push(Mistake::at(node.span, format!("{what} must be {expected}")).maybe_help(near));
        }
        word.map(|(_, value)| *value)
    }

    /// A duration with its unit.
    pub fn duration(&mut self, node: &Node, what: &str) -> Duration {
        let help = "write a number and a unit: 500ms, 10s, 5m, 1h";
        let Some(text) = self.written(node, what, "a duration", help) else { return Duration::ZERO };
        quantity::duration(text).unwrap_or_else(|| {
            let message = format!("{what} must be a duration above zero");
            self.mistakes.push(Mistake::at(node.span, message).help(help));
            Duration::ZERO
        })
    }

    /// A size in bytes.
    pub fn size(&mut self, node: &Node, what: &str) -> u64 {
        let help = "write a number of bytes, or one with a unit: 512MiB, 4GiB, 2GB";
        let Some(text) = self.written(node, what, "a size", help) else { return 0 };
        quantity::size(text).unwrap_or_else(|| {
            self.mistakes.push(Mistake::at(node.span, format!("{what} must be a size above zero")).help(help));
            0
        })
    }

    /// A number above zero.
    pub fn number(&mut self, node: &Node, what: &str) -> f64 {
        let value = match &node.kind {
            Kind::Scalar { text, plain: true } => scalar::resolve(text).ok().and_then(|value| value.as_f64()),
            _ => None,
        };
        value.filter(|number| *number > 0.0).unwrap_or_else(|| {
            self.wrong(node, what, "a number above zero", None);
            1.0
        })
    }

    /// A whole number above zero.
    pub fn whole(&mut self, node: &Node, what: &str) -> u64 {
        let value = match &node.kind {
            Kind::Scalar { text, plain: true } => scalar::resolve(text).ok().and_then(|value| value.as_u64()),
            _ => None,
        };
        value.filter(|number| *number > 0).unwrap_or_else(|| {
            self.wrong(node, what, "a whole number above zero", None);
            1
        })
    }

    /// A whole number, zero or more.
    pub fn whole_or_zero(&mut self, node: &Node, what: &str) -> u64 {
        let value = match &node.kind {
            Kind::Scalar { text, plain: true } => scalar::resolve(text).ok().and_then(|value| value.as_u64()),
            _ => None,
        };
        value.unwrap_or_else(|| {
            self.wrong(node, what, "a whole number, zero or more", None);
            0
        })
    }

    /// True or false.
    pub fn flag(&mut self, node: &Node, what: &str) -> bool {
        self.word(node, what, &[("true", true), ("false", false)]).unwrap_or_default()
    }

    /// The items of a list.
    pub fn items<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.kind {
            Kind::Sequence(items) => items,
            _ => {
                self.wrong(node, what, "a list", Some("each item stands on a line of its own after `- `".to_owned()));
                &[]
            }
        }
    }

    /// The layer in which something stands: the greater one is the upper one.
    pub fn layer(&self, span: Span) -> (usize, Reverse<usize>) {
        let holds = |part: &Span| part.source == span.source && part.start <= span.start && span.end <= part.end;
        (self.over.iter().rposition(holds).map_or(0, |at| at + 1), Reverse(span.source))
    }

    /// A path, relative to the file that names it.
    pub fn path(&self, span: Span, text: &str) -> PathBuf {
        self.sources[span.source].folder.join(text).components().collect()
    }

    /// Text with its references to the environment and to files replaced.
    pub fn interpolated(&mut self, span: Span, text: &str) -> Option<interpolate::Interpolated> {
        let read = |path: &str| secret_files::read(&self.path(span, path));
        match interpolate::interpolate(text, self.environment, &read) {
            Ok(done) => {
                for file in &done.files {
                    let path = self.path(span, file);
                    self.remark_outside(&path, "file", span);
                    self.remark_if_open(&path, span);
                }
                Some(done)
            }
            Err(unresolved) => {
                let mistakes = unresolved.into_iter().map(|one| self.unresolved(span, one)).collect::<Vec<_>>();
                self.mistakes.extend(mistakes);
                None
            }
        }
    }
}

impl Reader<'_> {
    /// A reference that leads nowhere; with the scenario that needs it, and how to do without that.
    fn unresolved(&self, span: Span, one: interpolate::Unresolved) -> Mistake {
        let Some(scenario) = self.scenario.as_ref().filter(|_| one.is_absent) else {
            return Mistake::at(span, one.message).help(one.help);
        };
        let help =
            format!("{}; to test the other scenarios alone, list them in a profile (`--profile NAME`)", one.help);
        Mistake::at(span, one.message).label(format!("the scenario {} needs it", quoted(scenario))).help(help)
    }
}

/// What a node is, in words.
pub(super) fn found(node: &Node) -> &'static str {
    match &node.kind {
        Kind::Mapping(_) => "a mapping",
        Kind::Sequence(_) => "a list",
        Kind::Scalar { plain: false, .. } => "text",
        Kind::Scalar { text, .. } => match scalar::resolve(text) {
            Ok(value) => kind_of(&value),
            Err(_) => "a number",
        },
    }
}

/// What a JSON value is, in words.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}
