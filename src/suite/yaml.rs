//! YAML as a tree in which every key and value knows its place.
//!
//! The parser gives events; this makes nodes of them. What YAML allows and a suite has no use for (several documents,
//! tags but the standard ones, keys that are no text) is a mistake, and so is a key that is written twice. Expansion of aliases
//! and depth are bounded, so that no file can use up memory or stack.

use super::diagnose::{Mistake, Span, quoted};
use super::scalar;
use indexmap::IndexMap;
use indexmap::map::Entry as Slot;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};
use std::borrow::Cow;
use std::collections::HashMap;

/// Deeper nesting than this is a mistake.
const MAX_DEPTH: usize = 64;
/// Stands for the key `<<` until its mapping is complete: no text has a NUL, so that it is not a key in quotes.
const MERGE: &str = "\0<<";
/// More keys and values than this, aliases expanded, are a mistake.
const MAX_NODES: usize = 50_000;

/// A value and where it is written.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub span: Span,
    pub kind: Kind,
}

/// The three kinds of YAML values.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// `plain` is false for what is quoted, a block of text, or tagged as text: such a scalar is always text.
    Scalar {
        text: String,
        plain: bool,
    },
    Sequence(Vec<Node>),
    Mapping(Entries),
}

/// The keys and values of a mapping, in file order.
pub(super) type Entries = IndexMap<String, Entry>;

/// A value and the place of its key.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub key: Span,
    pub value: Node,
}

impl Node {
    /// A mapping without entries.
    pub fn empty_mapping(span: Span) -> Self {
        Node { span, kind: Kind::Mapping(Entries::new()) }
    }

    /// Whether nothing is written here: an empty value, `~` or `null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, plain: true } if scalar::is_null(text))
    }

    /// The entries of a mapping.
    pub fn entries(&self) -> Option<&Entries> {
        match &self.kind {
            Kind::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of a mapping's key, if there is one and it is not null.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()?.get(key).map(|entry| &entry.value).filter(|value| !value.is_null())
    }

    /// The text of a scalar, as it is written.
    pub fn written(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Number of nodes and levels, itself included.
    fn measure(&self) -> (usize, usize) {
        let below = |sizes: &mut dyn Iterator<Item = (usize, usize)>| {
            let (nodes, depth) = sizes.fold((0, 0), |(nodes, depth), (more, deep)| (nodes + more, depth.max(deep)));
            (nodes + 1, depth + 1)
        };
        match &self.kind {
            Kind::Scalar { .. } => (1, 1),
            Kind::Sequence(items) => below(&mut items.iter().map(Node::measure)),
            Kind::Mapping(entries) => below(&mut entries.values().map(|entry| entry.value.measure())),
        }
    }
}

/// A document as it was read.
pub(super) struct Document {
    /// An empty mapping where the text is empty.
    pub root: Node,
    /// Values whose key is a mistake, so that they are not in the tree.
    pub dropped: Vec<Node>,
}

/// Reads one document. None where the text is no YAML that can be used at all.
pub(super) fn parse(source: usize, text: &str, mistakes: &mut Vec<Mistake>) -> Option<Document> {
    let mut builder = Builder::new(source, text);
    let built = builder.run(text);
    mistakes.append(&mut builder.mistakes);
    built.ok()?;
    let root = builder.root.unwrap_or_else(|| Node::empty_mapping(Span { source, start: 0, end: 0 }));
    Some(Document { root, dropped: builder.dropped })
}

/// A mistake was found after which nothing can be made of the text.
struct Unusable;

/// A collection that has begun and not yet ended.
struct Open {
    start: usize,
    anchor: usize,
    held: Held,
}

enum Held {
    Sequence(Vec<Node>),
    Mapping(Entries, Key),
}

/// What is known of the mapping entry that comes next.
enum Key {
    Awaited,
    Read(String, Span),
    Refused,
}

struct Builder {
    source: usize,
    /// The byte offset of each character, and of the end.
    offsets: Vec<usize>,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    documents: usize,
    root: Option<Node>,
    dropped: Vec<Node>,
    mistakes: Vec<Mistake>,
}

impl Builder {
    fn new(source: usize, text: &str) -> Self {
        Builder {
            source,
            offsets: text.char_indices().map(|(at, _)| at).chain([text.len()]).collect(),
            open: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            documents: 0,
            root: None,
            dropped: Vec::new(),
            mistakes: Vec::new(),
        }
    }

    fn run(&mut self, text: &str) -> Result<(), Unusable> {
        if let Some(at) = text.find('\0') {
            let span = Span { source: self.source, start: at, end: at + 1 };
            let mistake = Mistake::at(span, "a NUL character is no part of a YAML text");
            return self.refuse(mistake.help("is this a text file?"));
        }
        let mut parser = Parser::new_from_str(text);
        while let Some(event) = parser.next_event() {
            match event {
                Ok((event, place)) => self.take(event, self.span(place))?,
                Err(error) => return self.refuse(self.syntax(&error)),
            }
        }
        Ok(())
    }

    fn refuse(&mut self, mistake: Mistake) -> Result<(), Unusable> {
        self.mistakes.push(mistake);
        Err(Unusable)
    }

    fn syntax(&self, error: &ScanError) -> Mistake {
        let start = self.byte(error.marker().index());
        let span = Span { source: self.source, start, end: start };
        Mistake::at(span, "this is not valid YAML").label(error.info()).help(what_helps(error.info()))
    }

    /// The parser counts characters.
    fn byte(&self, character: usize) -> usize {
        self.offsets.get(character).or(self.offsets.last()).copied().unwrap_or(0)
    }

    fn span(&self, span: saphyr_parser::Span) -> Span {
        Span { source: self.source, start: self.byte(span.start.index()), end: self.byte(span.end.index()) }
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Unusable> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    let mistake = Mistake::at(span, "a suite is one YAML document, and here a second one begins");
                    return self.refuse(mistake.help("put it into a file of its own"));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let kind = self.tagged(text.into_owned(), style, tag, span);
                self.add(Node { span, kind }, anchor)?;
            }
            Event::SequenceStart(anchor, tag) => self.begin(Held::Sequence(Vec::new()), anchor, tag, span)?,
            Event::MappingStart(anchor, tag) => {
                self.begin(Held::Mapping(Entries::new(), Key::Awaited), anchor, tag, span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span)?,
            Event::Alias(anchor) => self.alias(anchor, span)?,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    /// A scalar with a tag: text where that says so, and for the other standard tags what it is without quotes. Any other
    /// tag is a mistake.
    fn tagged(&mut self, text: String, style: ScalarStyle, tag: Option<Cow<'_, Tag>>, span: Span) -> Kind {
        let is_plain = style == ScalarStyle::Plain;
        let Some(tag) = tag else { return Kind::Scalar { text, plain: is_plain } };
        match standard(&tag) {
            Some("str") => Kind::Scalar { text, plain: false },
            Some("null") => Kind::Scalar { text: String::new(), plain: true },
            Some("bool" | "int" | "float" | "timestamp") => Kind::Scalar { text, plain: true },
            _ if tag.handle.is_empty() && tag.suffix == "!" => Kind::Scalar { text, plain: false },
            _ => {
                self.unknown_tag(&tag, span, "remove it; quotes make a value text");
                Kind::Scalar { text, plain: is_plain }
            }
        }
    }

    fn unknown_tag(&mut self, tag: &Tag, span: Span, help: &str) {
        let message = match standard(tag) {
            Some(name) => format!("the tag {} does not fit here", quoted(&format!("!!{name}"))),
            None => format!("the tag {} is not known", quoted(&tag.to_string())),
        };
        self.mistakes.push(Mistake::at(span, message).help(help));
    }

    fn begin(&mut self, held: Held, anchor: usize, tag: Option<Cow<'_, Tag>>, span: Span) -> Result<(), Unusable> {
        let own = if matches!(held, Held::Sequence(_)) { "seq" } else { "map" };
        if let Some(tag) = tag.filter(|tag| standard(tag) != Some(own)) {
            self.unknown_tag(&tag, span, "remove it");
        }
        self.open.push(Open { start: span.start, anchor, held });
        self.bound(0, 0, span)
    }

    fn end(&mut self, span: Span) -> Result<(), Unusable> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let kind = match open.held {
            Held::Sequence(items) => Kind::Sequence(items),
            Held::Mapping(entries, _) => Kind::Mapping(merged(entries, &mut self.mistakes)),
        };
        let span = Span { source: self.source, start: open.start, end: span.end.max(open.start) };
        self.add(Node { span, kind }, open.anchor)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Unusable> {
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            let mistake = Mistake::at(span, "this alias stands inside of what it stands for");
            return self.refuse(mistake.help("write out here what is meant"));
        };
        let (nodes, depth) = node.measure();
        self.bound(nodes, depth, span)?;
        self.add(node, 0)
    }

    fn bound(&mut self, nodes: usize, depth: usize, span: Span) -> Result<(), Unusable> {
        self.nodes += nodes;
        if self.open.len() + depth > MAX_DEPTH {
            let mistake = Mistake::at(span, format!("more than {MAX_DEPTH} levels deep"));
            return self.refuse(mistake.help("put what is so deep into a JSON file of its own, and name that"));
        }
        if self.nodes > MAX_NODES {
            let mistake = Mistake::at(span, format!("more than {MAX_NODES} values, aliases written out"));
            let help = "each alias (`*name`) repeats all that it stands for: write out only what is needed";
            return self.refuse(mistake.help(help));
        }
        Ok(())
    }

    /// Puts a finished node where it belongs.
    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Unusable> {
        self.bound(1, 0, node.span)?;
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.held) {
            None => self.root = Some(node),
            Some(Held::Sequence(items)) => items.push(node),
            Some(Held::Mapping(entries, key)) => match std::mem::replace(key, Key::Awaited) {
                Key::Awaited => {
                    *key = as_key(node, &mut self.mistakes);
                }
                Key::Refused => self.dropped.push(node),
                Key::Read(text, span) => match entries.entry(text) {
                    Slot::Vacant(slot) => {
                        slot.insert(Entry { key: span, value: node });
                    }
                    Slot::Occupied(first) => {
                        self.mistakes.push(written_twice(first.key(), first.get().key, span));
                        self.dropped.push(node);
                    }
                },
            },
        }
        Ok(())
    }
}

/// What to do about a text that the parser does not take, by what it says of it.
fn what_helps(info: &str) -> &'static str {
    match info {
        _ if info.contains("tab") => "indent with spaces: YAML takes no tabs there",
        _ if info.contains("anchor") || info.contains("alias") => {
            "`*name` stands for an earlier value that is marked `&name`; put a text that begins with `*` or `&` in quotes"
        }
        _ => {
            "here or just above, a quote or bracket is not closed, a key is indented unlike those beside it, or a text \
             with `: ` in it is not in quotes"
        }
    }
}

/// The name of a tag of YAML's own: `map` for `!!map`.
fn standard(tag: &Tag) -> Option<&str> {
    match tag.is_yaml_core_schema() {
        true => Some(tag.suffix.as_str()),
        false => tag.suffix.strip_prefix("tag:yaml.org,2002:").filter(|_| tag.handle.is_empty()),
    }
}

fn written_twice(key: &str, first: Span, again: Span) -> Mistake {
    Mistake::at(again, format!("the key {} is written twice", quoted(key)))
        .label("again here")
        .also(Some(first), "first here")
        .help("keep one of the two")
}

fn as_key(node: Node, mistakes: &mut Vec<Mistake>) -> Key {
    if let Kind::Scalar { text, plain } = node.kind {
        let is_merge = plain && text == "<<";
        return Key::Read(if is_merge { MERGE.to_owned() } else { text }, node.span);
    }
    mistakes.push(Mistake::at(node.span, "a key must be text").help("write a word before the `:`"));
    Key::Refused
}

/// A mapping with the keys of others that its merge key (`<<`) names; its own stand before theirs.
fn merged(mut entries: Entries, mistakes: &mut Vec<Mistake>) -> Entries {
    let Some(merge) = entries.shift_remove(MERGE) else { return entries };
    let others = match merge.value.kind {
        Kind::Sequence(items) => items,
        _ => vec![merge.value],
    };
    for other in others {
        match other.kind {
            Kind::Mapping(more) => {
                for (key, entry) in more {
                    entries.entry(key).or_insert(entry);
                }
            }
            _ => mistakes.push(Mistake::at(other.span, "`<<` takes a mapping, or a list of mappings")),
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_key_takes_over_what_is_not_there_and_a_quoted_one_is_a_key() {
        let text = "base: &base { a: 1, b: 2 }\nown: { a: 3, <<: *base, \"<<\": 4 }\nboth: { <<: [*base, { c: 5 }] }\n";
        let mut mistakes = Vec::new();
        let root = parse(0, text, &mut mistakes).expect("YAML").root;
        assert!(mistakes.is_empty());
        let value = |key: &str| scalar::plain(root.get(key).expect("there")).expect("JSON");
        assert_eq!(value("own"), serde_json::json!({"a": 3, "b": 2, "<<": 4}));
        assert_eq!(value("both"), serde_json::json!({"a": 1, "b": 2, "c": 5}));
        parse(0, "a: { <<: 1 }\n", &mut mistakes);
        assert_eq!(mistakes.len(), 1);
    }
}
