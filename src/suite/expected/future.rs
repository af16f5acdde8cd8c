//! The state of the future, and the form of the cursors in it.

use super::FutureState;
use crate::protocol::schema::Pattern;
use crate::suite::Lack;
use crate::suite::diagnose::{Mistake, Span, quoted};
use crate::suite::fields::Reader;
use crate::suite::files::Named;
use crate::suite::yaml::Node;
use indexmap::IndexMap;
use std::sync::Arc;

/// The keys of a state of the future.
pub(in crate::suite) const FUTURE_STATE_KEYS: [&str; 4] = ["path", "missing", "cursor_format", "reason"];
/// The keys of the form of cursors.
pub(in crate::suite) const CURSOR_FORMAT_KEYS: [&str; 2] = ["format", "streams"];
/// The keys of the form of one stream's cursors.
pub(in crate::suite) const STREAM_FORMAT_KEYS: [&str; 2] = ["name", "format"];

/// The form of a cursor that is text: a regular expression that its beginning must match.
#[derive(Debug, Clone)]
pub struct CursorFormat {
    /// As it is written.
    pub pattern: String,
    compiled: Arc<Pattern>,
}

impl PartialEq for CursorFormat {
    fn eq(&self, other: &Self) -> bool {
        self.pattern == other.pattern
    }
}

impl CursorFormat {
    /// Reads a regular expression. None where it is none that all engines understand alike.
    pub fn parse(pattern: &str) -> Option<CursorFormat> {
        let compiled = Pattern::compile(&format!("^(?:{pattern})"))?;
        Some(CursorFormat { pattern: pattern.to_owned(), compiled: Arc::new(compiled) })
    }

    /// Whether a cursor has that form.
    pub fn takes(&self, cursor: &str) -> bool {
        self.compiled.takes(cursor)
    }
}

impl Reader<'_> {
    /// A state that is later than all data.
    pub(super) fn future_state(&mut self, node: &Node, lacks: &mut Vec<Lack>) -> Option<FutureState> {
        if !self.keys(node, "`future_state`", &FUTURE_STATE_KEYS) {
            return None;
        }
        let mut future = FutureState {
            reason: node.get("reason").and_then(|node| self.text(node, "`reason`")).map(str::to_owned),
            missing: node
                .get("missing")
                .map(|node| self.exception_list(node, "missing", &mut Vec::new()))
                .unwrap_or_default(),
            ..FutureState::default()
        };
        if let Some(format) = node.get("cursor_format")
            && self.keys(format, "`cursor_format`", &CURSOR_FORMAT_KEYS)
        {
            future.format = format.get("format").and_then(|node| self.cursor_format(node));
            future.formats = format.get("streams").map(|node| self.formats(node)).unwrap_or_default();
        }
        match node.get("path") {
            Some(named) => {
                let text = self.text(named, "`path`")?;
                let path = self.path(named.span, text);
                if self.is_there(&path, "state of the future", named.span, lacks) {
                    future.state = self.state_file(&path, Named::Here(named.span)).map(Arc::new);
                }
                future.path = Some(path);
            }
            None if future.reason.is_none() => {
                let remark =
                    Mistake::at(node.span, "`future_state` says neither which state it is nor why there is none");
                self.remarks.push(remark.warning().help("add `path: FILE`, or `reason: …`"));
            }
            None => {}
        }
        Some(future)
    }

    fn formats(&mut self, node: &Node) -> IndexMap<String, CursorFormat> {
        const WHAT: &str = "the form of a stream's cursors";
        let (mut formats, mut first): (IndexMap<String, CursorFormat>, IndexMap<String, Span>) = Default::default();
        for item in self.items(node, "`streams`") {
            if !self.keys(item, WHAT, &STREAM_FORMAT_KEYS) {
                continue;
            }
            let name = self.required(item, "name", WHAT);
            let format = match item.get("format") {
                Some(format) => self.cursor_format(format),
                None => {
                    self.required(item, "format", WHAT);
                    None
                }
            };
            let (Some(name), Some(format)) = (name, format) else { continue };
            if let Some(first) = first.get(&name) {
                let message = format!("the stream {} is listed twice", quoted(&name));
                let mistake = Mistake::at(item.span, message).also(Some(*first), "first here");
                self.mistakes.push(mistake.help("keep one of the two"));
            }
            first.insert(name.clone(), item.span);
            formats.insert(name, format);
        }
        formats
    }

    fn cursor_format(&mut self, node: &Node) -> Option<CursorFormat> {
        let text = self.text(node, "`format`")?;
        let format = CursorFormat::parse(text);
        if format.is_none() {
            let message = format!("{} is no regular expression that is understood alike everywhere", quoted(text));
            let help = "write it without look-around, back references and names of groups, in at most 4000 bytes";
            self.mistakes.push(Mistake::at(node.span, message).help(help));
        }
        format
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_must_match_from_its_beginning() {
        let format = CursorFormat::parse(r"\d{4}-\d{2}|never").expect("a pattern");
        assert!(format.takes("2024-01-31") && format.takes("never") && !format.takes("on 2024-01"));
        assert_eq!(CursorFormat::parse("(?<=a)b"), None);
        assert_eq!(CursorFormat::parse("("), None);
    }
}
