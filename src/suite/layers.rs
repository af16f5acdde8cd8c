//! What a suite extends: files and shipped suites, read one after the other and laid over each other.

use super::cat;
use super::diagnose::{Mistake, Source, Span, quoted, quoted_path, reason};
use super::fields::found;
use super::hidden;
use super::previous;
use super::yaml::{self, Entry, Kind, Node};
use super::{Depth, Overrides, Shipped, SuiteError};
use crate::text::nearest;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// A larger file is no suite.
const MAX_BYTES: u64 = 4 << 20;

/// Suite files laid over each other.
#[derive(Clone)]
pub(super) struct Layers {
    /// The files, the uppermost first.
    pub sources: Vec<Source>,
    /// What they say together.
    pub root: Node,
    /// False where a layer is missing: what seems to be absent may stand there.
    pub complete: bool,
    /// Whether the first file is one of Airbyte's own acceptance tests.
    pub is_foreign: bool,
    /// Parts of files that were laid over all files, the uppermost last: a connector's entry, a profile.
    pub over: Vec<Span>,
    /// What is wrong so far.
    pub mistakes: Vec<Mistake>,
    /// What whoever wrote the files should know so far.
    pub remarks: Vec<Mistake>,
    /// SHA-256 over all texts, in hex.
    pub digest: String,
}

/// Reads a suite file and all that it extends. If the command line names a depth, its shipped suite is taken in place of
/// the one that is extended.
pub(super) fn of_file(path: &Path, overrides: &Overrides) -> Result<Layers, SuiteError> {
    let text = read_text(path).map_err(|error| {
        let message = format!("the suite {} cannot be read: {}", quoted_path(path), reason(&error));
        let help = match nearest(&path.to_string_lossy(), Shipped::ALL.map(Shipped::name)) {
            Some(near) => format!("did you mean `--suite {near}`?"),
            None => "name a suite file, or a folder with an `airproof.yml`".to_owned(),
        };
        SuiteError::plain(message, help)
    })?;
    let names_connector = overrides.image.is_some() || overrides.exec.is_some();
    let (instead, as_destination) = (overrides.depth, overrides.as_destination);
    let mut stack = Stack { instead, as_destination, names_connector, ..Stack::default() };
    stack.paths.extend(path.canonicalize());
    stack.descend(Source::of_file(path, text))
}

/// Reads the shipped suite that the command line names.
pub(super) fn of_shipped(overrides: &Overrides) -> Result<Layers, SuiteError> {
    let mut stack = Stack { instead: overrides.depth, as_destination: overrides.as_destination, ..Stack::default() };
    let first = stack.shipped(STANDARD);
    stack.descend(first)
}

/// The suite that every other one extends in the end.
const STANDARD: Shipped = Shipped::Depth(Depth::Standard);

fn source_of(shipped: Shipped) -> Source {
    let shown = format!("{} (shipped)", shipped.name());
    Source { shipped: Some(shipped), ..Source::new(shown, PathBuf::new(), shipped.text().to_owned()) }
}

/// Reads a text file of bounded size, without a byte order mark.
pub(super) fn read_text(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other(format!("it is larger than {}", crate::text::bytes(MAX_BYTES))));
    }
    decoded(bytes).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}

/// A text without its byte order mark: UTF-8, or UTF-16 where the mark says so, as YAML has it.
fn decoded(bytes: Vec<u8>) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match bytes.as_slice() {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => {
            let text = String::from_utf8(bytes).ok()?;
            return Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text));
        }
    };
    let (pairs, rest) = bytes[2..].as_chunks();
    rest.is_empty().then_some(())?;
    String::from_utf16(&pairs.iter().copied().map(unit).collect::<Vec<u16>>()).ok()
}

#[derive(Default)]
struct Stack {
    sources: Vec<Source>,
    paths: Vec<PathBuf>,
    nodes: Vec<Node>,
    mistakes: Vec<Mistake>,
    remarks: Vec<Mistake>,
    incomplete: bool,
    is_foreign: bool,
    /// What is taken in place of the first shipped suite of a depth that is reached.
    instead: Option<Depth>,
    /// Whether that of destinations is laid on top of the first shipped suite that is reached.
    as_destination: bool,
    /// Whether the command line says what is launched.
    names_connector: bool,
}

impl Stack {
    fn descend(mut self, first: Source) -> Result<Layers, SuiteError> {
        let mut next = Some(first);
        while let Some(source) = next {
            let (at, is_last) = (self.sources.len(), source.shipped == Some(STANDARD));
            let node = self.parse(at, source);
            if node.is_none() && at == 0 {
                return Err(SuiteError::new(self.sources, self.mistakes));
            }
            self.incomplete |= node.is_none();
            next = match &node {
                _ if is_last => None,
                Some(node) => Some(self.base(at, node)),
                None => Some(self.shipped(STANDARD)),
            };
            self.nodes.extend(node);
        }
        let root = self.nodes.into_iter().rev().reduce(lay_over);
        Ok(Layers {
            digest: digest(&self.sources),
            root: root.unwrap_or_else(|| Node::empty_mapping(Span { source: 0, start: 0, end: 0 })),
            sources: self.sources,
            complete: !self.incomplete,
            is_foreign: self.is_foreign,
            over: Vec::new(),
            mistakes: self.mistakes,
            remarks: self.remarks,
        })
    }

    fn parse(&mut self, at: usize, mut source: Source) -> Option<Node> {
        let path = PathBuf::from(&source.name);
        if let Some(start) = cat::template(&path, &source.text) {
            self.sources.push(source);
            let span = Span { source: at, start, end: start + "{{".len() };
            let mistake =
                Mistake::at(span, "this is a template, not a suite: what stands in `{{ }}` is to be filled in");
            self.mistakes.push(mistake.help("name the file that is made of it"));
            return None;
        }
        let document = yaml::parse(at, &source.text, &mut self.mistakes);
        let is_foreign = document.as_ref().is_some_and(|document| cat::is_one(&path, &document.root));
        let hide = if is_foreign { hidden::values_of_foreign } else { hidden::values };
        source.hidden = document.as_ref().map(hide).unwrap_or_default();
        self.sources.push(source);
        let root = document?.root;
        if is_foreign && root.entries().is_none() {
            let mistake = Mistake::at(root.span, "such a file is a mapping with `acceptance_tests` at its root");
            let help =
                "write `connector_image: NAME` and below it `acceptance_tests:` with `spec`, `connection` and so on";
            self.mistakes.push(mistake.label(format!("this is {}", found(&root))).help(help));
            return None;
        }
        if is_foreign {
            let mut translator = cat::Translator::new(&root, &self.sources[at].folder);
            translator.launches_another = self.names_connector;
            let suite = translator.suite();
            self.mistakes.append(&mut translator.mistakes);
            self.remarks.append(&mut translator.remarks);
            self.is_foreign |= at == 0;
            return Some(suite);
        }
        if root.is_null() {
            return Some(Node::empty_mapping(root.span));
        }
        if root.entries().is_none() {
            let mistake = Mistake::at(root.span, "a suite is a mapping with keys like `connector` and `scenarios`");
            self.mistakes.push(mistake.label(format!("this is {}", found(&root))));
            return None;
        }
        Some(root)
    }

    /// What a layer extends. Where that cannot be read it is a mistake, and `standard` stands in for it.
    fn base(&mut self, at: usize, node: &Node) -> Source {
        let Some(value) = node.get("extends") else { return self.shipped(STANDARD) };
        let Kind::Scalar { text, .. } = &value.kind else {
            return self.no_base(Mistake::at(value.span, "`extends` must be the name of a shipped suite or a path"));
        };
        if let Some(shipped) = Shipped::named(text) {
            return self.shipped(shipped);
        }
        let path = self.sources[at].folder.join(text);
        if path.canonicalize().is_ok_and(|path| self.paths.contains(&path)) {
            let message = format!("`extends` goes round in a circle: {} already extends this file", quoted(text));
            return self.no_base(Mistake::at(value.span, message).help("remove one of the `extends`"));
        }
        match read_text(&path) {
            Ok(text) => {
                self.paths.extend(path.canonicalize());
                Source::of_file(&path, text)
            }
            Err(error) => {
                let near = nearest(text, Shipped::ALL.map(Shipped::name)).map(|name| format!("did you mean `{name}`?"));
                let message = format!("{} cannot be extended: {}", quoted_path(&path), reason(&error));
                let help = "name a shipped suite (`quick`, `standard`, `certification`, `destination`) or a file, relative to this one";
                self.no_base(Mistake::at(value.span, message).help(help).maybe_help(near))
            }
        }
    }

    fn no_base(&mut self, mistake: Mistake) -> Source {
        self.mistakes.push(mistake);
        self.incomplete = true;
        self.shipped(STANDARD)
    }

    fn shipped(&mut self, shipped: Shipped) -> Source {
        let is_wanted = std::mem::take(&mut self.as_destination);
        source_of(match shipped {
            Shipped::Destination => Shipped::Destination,
            Shipped::Depth(_) if is_wanted => Shipped::Destination,
            Shipped::Depth(depth) => Shipped::Depth(self.instead.take().unwrap_or(depth)),
        })
    }
}

/// Lays a suite over the one that it extends. Where it names what to launch, as the connector or as the previous version,
/// it does so alone, whatever the lower layer names.
pub(super) fn lay_over(mut lower: Node, upper: Node) -> Node {
    for (part, targets) in [("connector", &["image", "exec"][..]), ("previous", &previous::TARGET_KEYS)] {
        let is_named = |key: &&str| upper.get(part).is_some_and(|part| part.get(key).is_some());
        if targets.iter().any(is_named)
            && let Kind::Mapping(entries) = &mut lower.kind
            && let Some(Entry { value: Node { kind: Kind::Mapping(below), .. }, .. }) = entries.get_mut(part)
        {
            targets.iter().for_each(|key| drop(below.shift_remove(*key)));
        }
    }
    merge(lower, upper)
}

/// Mappings are merged key by key; anything else is replaced. An empty value leaves a mapping as it is.
fn merge(lower: Node, upper: Node) -> Node {
    if upper.is_null() && lower.entries().is_some() {
        return lower;
    }
    match (lower.kind, upper.kind) {
        (Kind::Mapping(mut below), Kind::Mapping(above)) => {
            for (key, Entry { key: span, value }) in above {
                let value = match below.get_mut(&key) {
                    Some(entry) => merge(std::mem::replace(&mut entry.value, Node::empty_mapping(span)), value),
                    None => value,
                };
                below.insert(key, Entry { key: span, value });
            }
            Node { span: upper.span, kind: Kind::Mapping(below) }
        }
        (_, kind) => Node { span: upper.span, kind },
    }
}

fn digest(sources: &[Source]) -> String {
    let mut hasher = Sha256::new();
    for source in sources {
        hasher.update((source.text.len() as u64).to_le_bytes());
        hasher.update(&source.text);
    }
    hasher.finalize().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
