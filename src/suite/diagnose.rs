//! Mistakes in suites: collected while reading, then shown all at once, each where it was made.

use super::{Remarks, Shipped, SuiteError};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use indexmap::IndexSet;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A text that mistakes point into: a suite file, or a JSON file that one names.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// As the user wrote its path; a shipped suite's name.
    pub name: String,
    /// Where its relative paths start.
    pub folder: PathBuf,
    /// The content, without a byte order mark.
    pub text: String,
    /// Byte ranges that may hold secrets and are therefore not shown beside a mistake on the same line.
    pub hidden: Vec<Range<usize>>,
    /// Which of the suites inside of the binary it is.
    pub shipped: Option<Shipped>,
}

impl Source {
    /// A source with nothing hidden.
    pub fn new(name: String, folder: PathBuf, text: String) -> Self {
        Source { name, folder, text, hidden: Vec::new(), shipped: None }
    }

    /// A source that is a file.
    pub fn of_file(path: &Path, text: String) -> Self {
        Self::new(shown(path), path.parent().unwrap_or(Path::new("")).to_owned(), text)
    }

    /// The text with what is hidden covered up. Every character is replaced by one of the same length in UTF-8, so that
    /// spans and columns stay what they were.
    fn shown(&self) -> String {
        let mut shown = String::with_capacity(self.text.len());
        let mut hidden = self.hidden.iter().peekable();
        for (at, letter) in self.text.char_indices() {
            while hidden.next_if(|range| range.end <= at).is_some() {}
            let covered = hidden.peek().is_some_and(|range| range.contains(&at)) && !letter.is_whitespace();
            shown.push(if covered { ['*', '·', '•', '🞄'][letter.len_utf8() - 1] } else { letter });
        }
        shown
    }
}

/// A range of bytes in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Index of the source.
    pub source: usize,
    /// First byte.
    pub start: usize,
    /// Byte after the last one.
    pub end: usize,
}

/// Where a mistake was made.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// In a text that may be shown.
    Span(Span),
    /// In a file whose text may not be shown, or whose place is not known closer: line and column count from one.
    File { path: String, at: Option<(usize, usize)> },
    /// On the command line, or nowhere.
    Nowhere,
}

/// One mistake: what, where, and what to do.
#[derive(Debug, Clone)]
pub(super) struct Mistake {
    level: Level<'static>,
    message: String,
    place: Place,
    label: String,
    also: Vec<(Span, String)>,
    help: Option<String>,
}

impl Mistake {
    /// A mistake at a place in a source.
    pub fn at(span: Span, message: impl Into<String>) -> Self {
        Self::new(Place::Span(span), message)
    }

    /// A mistake at any kind of place.
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        Mistake {
            level: Level::ERROR,
            message: message.into(),
            place,
            label: String::new(),
            also: Vec::new(),
            help: None,
        }
    }

    /// Makes it a remark: nothing is refused for it, but whoever wrote the file should know.
    pub fn warning(mut self) -> Self {
        self.level = Level::WARNING;
        self
    }

    /// Makes it a note: all is well, and this is how it is read.
    pub fn note(mut self) -> Self {
        self.level = Level::NOTE;
        self
    }

    /// Adds words at the caret.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds a second place that explains the first.
    pub fn also(mut self, span: Option<Span>, label: &str) -> Self {
        self.also.extend(span.map(|span| (span, label.to_owned())));
        self
    }

    /// Adds a place where the same is to be said. Of many, the first few are shown.
    pub fn and_at(&mut self, span: Span) {
        const PLACES: usize = 4;
        let is_known = matches!(self.place, Place::Span(first) if first == span);
        if !is_known && self.also.len() < PLACES && self.also.iter().all(|(known, _)| *known != span) {
            self.also.push((span, "and here".to_owned()));
        }
    }

    /// Adds what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds what to do about it, where that is known.
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// What is wrong, in a clause.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Mistakes are shown in file order; those that are in no suite file come last.
    fn order(&self) -> (usize, usize) {
        match (&self.place, self.also.as_slice()) {
            (Place::Span(span), _) | (_, [(span, _), ..]) => (span.source, span.start),
            _ => (usize::MAX, 0),
        }
    }

    /// The mistake as text. Help stands under the excerpt, or by itself where there is none.
    fn render(&self, renderer: &Renderer, sources: &[Source], texts: &[String]) -> String {
        let group = self.excerpt(sources, texts);
        let Some(help) = self.help.as_deref() else { return renderer.render(&[group]) };
        if matches!(self.place, Place::Span(_)) || !self.also.is_empty() {
            return renderer.render(&[group.element(Level::HELP.message(help))]);
        }
        let help = Group::with_title(Level::HELP.primary_title(help));
        format!("{}\n{}", renderer.render(&[group]), renderer.render(&[help]))
    }

    fn excerpt<'a>(&'a self, sources: &'a [Source], texts: &'a [String]) -> Group<'a> {
        let mut group = Group::with_title(self.level.clone().primary_title(self.message.as_str()));
        let source = match &self.place {
            Place::Span(span) => Some(span.source),
            _ => None,
        };
        let (near, far): (Vec<_>, Vec<_>) = self.also.iter().partition(|(other, _)| Some(other.source) == source);
        match &self.place {
            Place::Span(span) => {
                let snippet = snippet(sources, texts, *span, AnnotationKind::Primary, &self.label);
                let context = |(other, label): &'a (Span, String)| {
                    AnnotationKind::Context.span(first_line(&texts[other.source], *other)).label(label.as_str())
                };
                group = group.element(snippet.annotations(near.into_iter().map(context)));
            }
            Place::File { path, at } => {
                let origin = Origin::path(path.as_str());
                group = group.element(match at {
                    Some((line, column)) => origin.line(*line).char_column(*column),
                    None => origin,
                });
            }
            Place::Nowhere => {}
        }
        far.into_iter().fold(group, |group, (span, label)| {
            group.element(snippet(sources, texts, *span, AnnotationKind::Context, label))
        })
    }
}

fn snippet<'a>(
    sources: &'a [Source],
    texts: &'a [String],
    span: Span,
    kind: AnnotationKind,
    label: &'a str,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let text = &texts[span.source];
    let annotation = kind.span(first_line(text, span)).label((!label.is_empty()).then_some(label));
    Snippet::source(text.as_str()).path(sources[span.source].name.as_str()).fold(true).annotation(annotation)
}

/// The part of a span that is on its first line: carets under a whole mapping say no more than under its beginning.
fn first_line(text: &str, span: Span) -> Range<usize> {
    let start = boundary(text, span.start);
    let end = boundary(text, span.end.max(start));
    let line = text[start..end].split(['\n', '\r']).next().unwrap_or_default();
    start..start + line.trim_end().len()
}

/// The nearest place at or before `at` where a character begins, or the end.
pub(super) fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

impl Remarks {
    /// All of them, in the order in which they are shown.
    pub(super) fn new(sources: Vec<Source>, mut mistakes: Vec<Mistake>) -> Self {
        mistakes.sort_by_key(Mistake::order);
        Remarks { sources, mistakes }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.mistakes.len()
    }

    /// All of them as text for people, each with its place and what to do; with terminal colours if `styled`.
    pub fn render(&self, styled: bool) -> String {
        self.shown(styled).collect::<Vec<_>>().join("\n\n")
    }

    /// Those of several suites, each once, as [`render`](Self::render) has them: the first few, and how many more there are.
    /// Empty where nobody has anything to say.
    pub fn of_all<'r>(all: impl IntoIterator<Item = &'r Remarks>, styled: bool) -> String {
        /// Thousands would hide what comes after them.
        const MOST: usize = 20;
        let shown: IndexSet<String> = all.into_iter().flat_map(|remarks| remarks.shown(styled)).collect();
        let more = shown.len().saturating_sub(MOST);
        let more = (more > 0).then(|| format!("and {more} more remarks about the suite"));
        shown.into_iter().take(MOST).chain(more).collect::<Vec<_>>().join("\n\n")
    }

    fn shown(&self, styled: bool) -> impl Iterator<Item = String> {
        let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
        let texts: Vec<String> = self.sources.iter().map(Source::shown).collect();
        self.mistakes.iter().map(move |mistake| mistake.render(&renderer, &self.sources, &texts))
    }
}

impl SuiteError {
    /// An error that is in no file.
    pub(super) fn plain(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Vec::new(), vec![Mistake::new(Place::Nowhere, message).help(help)])
    }

    /// All mistakes, in the order in which they are shown.
    pub(super) fn new(sources: Vec<Source>, mistakes: Vec<Mistake>) -> Self {
        SuiteError { parts: vec![Remarks::new(sources, mistakes)], remarks: Vec::new() }
    }

    /// With what is to be said besides of the same texts.
    pub(super) fn beside(mut self, remarks: Vec<Mistake>) -> Self {
        let sources = self.parts.first().map(|part| part.sources.clone()).unwrap_or_default();
        self.remarks.push(Remarks::new(sources, remarks));
        self
    }

    /// What is wrong in several places that were read for themselves.
    pub(super) fn all(errors: impl IntoIterator<Item = SuiteError>) -> Self {
        let (parts, remarks): (Vec<_>, Vec<_>) = errors.into_iter().map(|error| (error.parts, error.remarks)).unzip();
        SuiteError { parts: parts.into_iter().flatten().collect(), remarks: remarks.into_iter().flatten().collect() }
    }

    /// How many mistakes there are.
    pub fn count(&self) -> usize {
        self.shown(false).len()
    }

    /// What the first mistake is, without its place.
    pub(super) fn first(&self) -> &str {
        self.parts.iter().flat_map(|part| &part.mistakes).next().map_or("", Mistake::message)
    }

    /// All mistakes as text for people, each with its place and what to do, and before them what is to be said besides;
    /// with terminal colours if `styled`.
    pub fn render(&self, styled: bool) -> String {
        let remarks = Some(Remarks::of_all(&self.remarks, styled)).filter(|remarks| !remarks.is_empty());
        remarks.into_iter().chain(self.shown(styled)).collect::<Vec<_>>().join("\n\n")
    }

    /// Each mistake once: what several connectors share is read for each of them.
    fn shown(&self, styled: bool) -> IndexSet<String> {
        self.parts.iter().flat_map(|part| part.shown(styled)).collect()
    }
}

impl fmt::Display for SuiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for SuiteError {}

/// A word of the user's, quoted for a message: bounded, and harmless on a terminal.
pub(super) fn quoted(word: &str) -> String {
    format!("`{}`", crate::text::shorten(&crate::text::visible(word), 80))
}

/// A path, quoted for a message.
pub(super) fn quoted_path(path: &Path) -> String {
    format!("`{}`", shown(path))
}

/// A path, harmless on a terminal.
pub(super) fn shown(path: &Path) -> String {
    crate::text::visible(&path.display().to_string())
}

/// Why a file could not be read, without the number that the system adds.
pub(super) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        std::io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
        _ => error.to_string(),
    }
}
