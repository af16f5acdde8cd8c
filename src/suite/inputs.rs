//! What a scenario's launches are given: config, catalog, state, each written out or in a file.

use super::diagnose::{Mistake, Span, quoted, quoted_path, reason};
use super::fields::{Reader, kind_of};
use super::files::Named;
use super::yaml::{Kind, Node};
use super::{CatalogSource, Lack, Scenario, scalar};
use crate::protocol::ConfiguredCatalog;
use serde_json::Value;
use std::path::{Component, Path, PathBuf};

/// The catalog that is not a file.
const FROM_DISCOVER: &str = "from discover";
/// The keys of a catalog.
pub(super) const CATALOG_KEYS: [&str; 2] = ["path", "streams"];

impl Reader<'_> {
    /// Remarks what may be said of several places: once, with all of them.
    pub(super) fn remark(&mut self, span: Span, message: String, help: &str) {
        match self.remarks.iter_mut().find(|known| known.message() == message) {
            Some(known) => known.and_at(span),
            None => self.remarks.push(Mistake::at(span, message).warning().help(help)),
        }
    }

    /// Remarks a file outside of the suite's folder: whoever has the folder alone does not have it.
    pub(super) fn remark_outside(&mut self, path: &Path, what: &str, span: Span) {
        let folder = plain(&self.sources[span.source].folder);
        let is_outside = plain(path).zip(folder).is_some_and(|(whole, folder)| !whole.starts_with(folder));
        if is_outside {
            let message = format!("the {what} {} is outside of the suite's folder", quoted_path(path));
            let help = "keep it beside the suite, so that the folder is all that a run needs";
            self.remark(span, message, help);
        }
    }

    /// Whether a file that a scenario names is there. A scenario without it is not launched; the others are.
    pub fn is_there(&mut self, path: &Path, what: &'static str, span: Span, lacks: &mut Vec<Lack>) -> bool {
        let comes_late = self.comes_late(path, what);
        let Err(error) = std::fs::metadata(path) else {
            self.remark_outside(path, what, span);
            return true;
        };
        if comes_late {
            return false;
        }
        if error.kind() != std::io::ErrorKind::NotFound {
            return true;
        }
        let message = format!("the {what} {} cannot be read: {}", quoted_path(path), reason(&error));
        let help = match what {
            "config" if self.is_default(path, span) => {
                "an entry without a `config_path` takes this one; put the file there, or name another"
            }
            _ => "a relative path starts at the folder of the suite that names it",
        };
        self.remark(span, message.clone(), help);
        lacks.push(Lack { what, message });
        false
    }

    /// Whether a file of Airbyte's own acceptance tests does not write a path there, so that it is the default.
    fn is_default(&self, path: &Path, span: Span) -> bool {
        let written = self.sources.get(span.source).and_then(|source| source.text.get(span.start..span.end));
        let name = path.file_name().and_then(|name| name.to_str());
        self.is_foreign && !written.zip(name).is_some_and(|(written, name)| written.contains(name))
    }

    pub fn config(&mut self, node: &Node, scenario: &mut Scenario) -> Value {
        match &node.kind {
            Kind::Mapping(_) => self.value(node),
            Kind::Scalar { text, plain } if !*plain || matches!(scalar::resolve(text), Ok(Value::String(_))) => {
                let Some(filled) = self.interpolated(node.span, text) else { return Value::Null };
                // What is filled in may be the config itself, or a secret: it is not to be shown as the path of a file.
                let is_content = text.contains("${file:") || filled.text.trim_start().starts_with('{');
                if is_content && !filled.values.is_empty() {
                    let mistake =
                        Mistake::at(node.span, "`config` is a mapping or the path of a file, not what is in one");
                    let help = "write `config: PATH` for a file, or its keys with `${env:NAME}` for single values";
                    self.mistakes.push(mistake.help(help));
                    return Value::Null;
                }
                let path = self.path(node.span, &filled.text);
                if !filled.values.is_empty() && self.late_files.is_none() && !path.exists() {
                    self.lacks_filled_in(text, node.span, scenario);
                    return Value::Null;
                }
                scenario.config_file = self.late_files.is_none().then(|| path.clone());
                let path = self.latest_config(path, node.span);
                self.remark_if_open(&path, node.span);
                match self.is_there(&path, "config", node.span, &mut scenario.lacks) {
                    true => self.as_it_is(|reader| reader.config_file(&path, Named::Here(node.span))),
                    false => Value::Null,
                }
            }
            _ => {
                self.wrong(node, "`config`", "a mapping or the path of a JSON file", None);
                Value::Null
            }
        }
    }

    /// Notes that a config is no file whose path is filled in. Nothing of what is filled in is told: it may be a secret.
    fn lacks_filled_in(&mut self, written: &str, span: Span, scenario: &mut Scenario) {
        let message = format!("the config {} cannot be read: what is filled in there names no file", quoted(written));
        let help = "`config` is the path of a file, or a mapping with `${env:NAME}` for single values";
        self.remark(span, message.clone(), help);
        scenario.lacks.push(Lack { what: "config", message });
    }

    /// A YAML value as JSON: plain scalars as YAML's core schema has them, all others as text.
    pub fn value(&mut self, node: &Node) -> Value {
        match &node.kind {
            Kind::Mapping(entries) => {
                entries.iter().map(|(key, entry)| (key.clone(), self.value(&entry.value))).collect()
            }
            Kind::Sequence(items) => items.iter().map(|item| self.value(item)).collect(),
            Kind::Scalar { text, plain } => {
                let Some(done) = self.interpolated(node.span, text) else { return Value::Null };
                self.env_values.extend(done.values);
                if !plain {
                    return Value::String(done.text);
                }
                scalar::resolve(&done.text).unwrap_or_else(|why| {
                    self.mistakes.push(Mistake::at(node.span, why).help("quote it, to hand it on as text"));
                    Value::Null
                })
            }
        }
    }

    pub(super) fn config_file(&mut self, path: &Path, named: Named) -> Value {
        let Some(config) = self.json(path, "config", named, true) else { return Value::Null };
        if !config.is_object() {
            let message = format!("the config {} must be a JSON object: it is {}", quoted_path(path), kind_of(&config));
            self.unfit(path, named, message, "a config is the object that a connector gets with `--config`");
        }
        config
    }

    /// A path, or a mapping with one that says where the streams in it are taken from.
    pub fn catalog(&mut self, node: &Node, lacks: &mut Vec<Lack>) -> CatalogSource {
        let (named, again) = match node.entries() {
            None => (Some(node), false),
            Some(_) if !self.keys(node, "`catalog`", &CATALOG_KEYS) => return CatalogSource::Discover,
            Some(_) => {
                let words = [("as written", false), (FROM_DISCOVER, true)];
                let again = node.get("streams").and_then(|node| self.word(node, "`streams`", &words));
                (node.get("path"), again.unwrap_or_default())
            }
        };
        let Some(named) = named else {
            self.required(node, "path", "a catalog");
            return CatalogSource::Discover;
        };
        match self.text(named, "`catalog`") {
            None | Some(FROM_DISCOVER) => CatalogSource::Discover,
            Some(text) => {
                let path = self.path(named.span, text);
                let read = match self.is_there(&path, "catalog", named.span, lacks) {
                    true => self.as_it_is(|reader| reader.catalog_file(path.clone(), Named::Here(named.span))),
                    false => CatalogSource::Discover,
                };
                match read {
                    CatalogSource::Discover if self.late_files.is_some() => CatalogSource::to_come(path, again),
                    read => read.taken(again),
                }
            }
        }
    }

    pub(super) fn catalog_file(&mut self, path: PathBuf, named: Named) -> CatalogSource {
        let Some(raw) = self.json(&path, "catalog", named, false) else { return CatalogSource::Discover };
        match ConfiguredCatalog::from_value(&raw) {
            Ok(catalog) => CatalogSource::File { path, catalog, rediscovered: false },
            Err(why) => {
                let why = crate::text::visible(&why);
                let message = format!("the catalog {} is not a configured catalog: {why}", quoted_path(&path));
                self.unfit(
                    &path,
                    named,
                    message,
                    "it must be what a connector gets with `--catalog`, not what `discover` gives",
                );
                CatalogSource::Discover
            }
        }
    }

    /// A file with a state.
    pub fn state_file(&mut self, path: &Path, named: Named) -> Option<Value> {
        let state = self.json(path, "state", named, false)?;
        if !state.is_array() && !state.is_object() {
            let message = format!("the state {} must be a JSON array: it is {}", quoted_path(path), kind_of(&state));
            self.unfit(path, named, message, "a state is the list of messages that a connector gets with `--state`");
        }
        Some(state)
    }
}

/// An absolute path without `..`. The folder of a file that is named alone is empty.
pub(super) fn plain(path: &Path) -> Option<PathBuf> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let mut plain = PathBuf::new();
    for part in std::path::absolute(path).ok()?.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_path_leads_is_known_without_following_it() {
        let here = std::path::absolute(".").expect("a folder");
        assert_eq!(plain(Path::new("")), Some(here.clone()));
        assert_eq!(plain(Path::new("./a/../b")), Some(here.join("b")));
        assert_eq!(plain(Path::new("/a/b/../../../c")), Some(PathBuf::from("/c")));
    }
}
