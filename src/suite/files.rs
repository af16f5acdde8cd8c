//! The JSON files that a suite or the command line names: configs, catalogs, states.

use super::diagnose::{Mistake, Place, Source, Span, boundary, quoted_path, reason, shown};
use super::fields::Reader;
use super::{scalar, yaml};
use serde_json::Value;
use std::path::Path;

/// How a file was named.
#[derive(Debug, Clone, Copy)]
pub(super) enum Named {
    /// By the suite, here.
    Here(Span),
    /// By an option of the command line.
    Option(&'static str),
    /// By a suite, to be made by the set-up of a scenario.
    Made,
}

impl Named {
    fn span(self) -> Option<Span> {
        match self {
            Named::Here(span) => Some(span),
            Named::Option(_) | Named::Made => None,
        }
    }
}

impl Reader<'_> {
    /// Reads a JSON file. The text of a file that may hold secrets is never shown.
    pub fn json(&mut self, path: &Path, what: &str, named: Named, secret: bool) -> Option<Value> {
        let text = match std::fs::read(path).and_then(|bytes| {
            String::from_utf8(bytes).map_err(|_| std::io::Error::from(std::io::ErrorKind::InvalidData))
        }) {
            Ok(text) => text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text),
            Err(error) => {
                self.unreadable(path, what, named, &error);
                return None;
            }
        };
        if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            return self.yaml(path, what, named, text);
        }
        match serde_json::from_str(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.no_json(path, what, named, (!secret).then_some(text), &error);
                None
            }
        }
    }

    /// Reads the text of a YAML file as JSON. Nothing is taken from the environment, and nothing of it is shown.
    fn yaml(&mut self, path: &Path, what: &str, named: Named, text: String) -> Option<Value> {
        let mut mistakes = Vec::new();
        let document = yaml::parse(self.sources.len(), &text, &mut mistakes);
        let value = document.filter(|_| mistakes.is_empty()).and_then(|document| scalar::plain(&document.root));
        if value.is_none() {
            let message = format!("the {what} {} is not valid YAML, or holds what JSON cannot", quoted_path(path));
            self.unfit(path, named, message, "write it as JSON, or as plain YAML: one document, no tags");
        }
        value
    }

    pub(super) fn unreadable(&mut self, path: &Path, what: &str, named: Named, error: &std::io::Error) {
        let message = format!("the {what} {} cannot be read: {}", quoted_path(path), reason(error));
        self.mistakes.push(match named {
            Named::Here(span) => {
                Mistake::at(span, message).help("a relative path starts at the folder of the suite that names it")
            }
            Named::Option(option) => {
                let help = format!("`{option}` takes the path of a JSON file, relative to the current folder");
                Mistake::new(Place::Nowhere, message).help(help)
            }
            Named::Made => Mistake::new(Place::Nowhere, message).help("the scenario's `setup` must make it"),
        });
    }

    fn no_json(&mut self, path: &Path, what: &str, named: Named, text: Option<String>, error: &serde_json::Error) {
        let (line, column) = (error.line(), error.column().max(1));
        let whole = error.to_string();
        let why = whole.split(" at line ").next().unwrap_or(&whole).to_owned();
        let place = match text {
            Some(text) => {
                let start = offset(&text, line, column);
                self.sources.push(Source::of_file(path, text));
                Place::Span(Span { source: self.sources.len() - 1, start, end: start })
            }
            None => Place::File { path: shown(path), at: Some((line, column)) },
        };
        let mistake = Mistake::new(place, format!("the {what} {} is not valid JSON: {why}", quoted_path(path)));
        self.mistakes.push(mistake.also(named.span(), "named here"));
    }

    /// Notes that a file's content is not what it must be.
    pub fn unfit(&mut self, path: &Path, named: Named, message: String, help: &str) {
        let place = Place::File { path: shown(path), at: None };
        self.mistakes.push(Mistake::new(place, message).also(named.span(), "named here").help(help));
    }
}

/// The byte at a line and a column in bytes, both from one.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    boundary(text, start + column - 1)
}
