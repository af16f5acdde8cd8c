//! Small trees of our own suite format, each part at the place in the foreign file that it stands for.

use crate::suite::diagnose::Span;
use crate::suite::yaml::{Entries, Entry, Kind, Node};

/// Text, as if it were quoted.
pub(super) fn text(span: Span, text: impl Into<String>) -> Node {
    Node { span, kind: Kind::Scalar { text: text.into(), plain: false } }
}

/// A word or number, as if it were not.
pub(super) fn word(span: Span, word: impl Into<String>) -> Node {
    Node { span, kind: Kind::Scalar { text: word.into(), plain: true } }
}

/// A list.
pub(super) fn list(span: Span, items: Vec<Node>) -> Node {
    Node { span, kind: Kind::Sequence(items) }
}

/// A mapping.
pub(super) fn mapping<K: Into<String>>(span: Span, entries: impl IntoIterator<Item = (K, Node)>) -> Node {
    Node { span, kind: Kind::Mapping(entries.into_iter().map(entry).collect::<Entries>()) }
}

/// A key and its value, both at the value's place.
pub(super) fn entry<K: Into<String>>((key, value): (K, Node)) -> (String, Entry) {
    (key.into(), Entry { key: value.span, value })
}
