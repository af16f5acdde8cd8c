//! Violations and the findings that they make: one cause is one finding, with a count and its first evidence.

use super::{Authority, Rule};
use crate::capture::{Line, Secrets, hide_credentials};
use crate::protocol::Descriptor;
use crate::text;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How much a violation weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing.
    Info,
    /// Works, with less than it should.
    Should,
    /// Breaks the protocol, or loses data on the platform.
    Must,
}

impl Level {
    /// The word in results and options.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Should => "should",
            Level::Must => "must",
        }
    }
}

/// How many pieces of evidence a finding keeps.
const EVIDENCE: usize = 3;

/// How many causes one rule tells apart in one launch. A connector that breaks a rule in thousands of different ways
/// is told of the first, and of how many more there were.
const CAUSES: usize = 100;

/// How many streams one finding names. A catalog can have a million.
const STREAMS: usize = 10_000;

/// How much of a line is shown around the place in question, in bytes.
const EXCERPT: usize = 360;

/// Where on the wire a violation shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Evidence {
    /// The launch's id.
    pub launch: String,
    /// The number of the line, on stdout the message's; none where it is the launch as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<u64>,
    /// Whether the line stands on stderr.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stderr: bool,
    /// JSON pointer into the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The line, or the part of it in question, with secrets cut out and control characters made visible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
    /// What would have been right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
}

impl Evidence {
    /// Shows a line that is stored, and so without secrets: the part around the member that the pointer names, else its beginning.
    pub fn show(&mut self, bytes: &[u8]) {
        let name = self.pointer.as_deref().and_then(|pointer| pointer.rsplit('/').next());
        let name = name.map(|name| Value::from(name.replace("~1", "/").replace("~0", "~")).to_string());
        let at = name.and_then(|name| bytes.windows(name.len()).position(|part| part == name.as_bytes()));
        self.excerpt = Some(text::visible(&hide_credentials(&part_around(bytes, at.unwrap_or(0)))));
    }
}

/// One occurrence of a defect, as a rule describes it.
#[derive(Debug, Clone, Default)]
pub struct Violation {
    title: String,
    message: String,
    level: Option<Level>,
    known: Option<&'static str>,
    pointer: Option<String>,
    line: Option<u64>,
    stderr: bool,
    excerpt: Option<String>,
    expected: Option<String>,
    actual: Option<String>,
}

impl Violation {
    /// A violation. `title` names the defect in a few words, the same for every occurrence; `message` says in a
    /// sentence what happened here.
    pub fn new(title: impl Into<String>, message: impl Into<String>) -> Self {
        Violation { title: title.into(), message: message.into(), ..Violation::default() }
    }

    /// Told in these words instead, for what only the end of the launch explains.
    pub fn told(mut self, title: impl Into<String>, message: impl Into<String>) -> Self {
        self.title = title.into();
        self.message = message.into();
        self
    }

    /// On this line; shows its beginning.
    pub fn on(self, line: &Line<'_>) -> Self {
        self.around(line, 0)
    }

    /// On this line; shows the part around a byte.
    pub fn around(mut self, line: &Line<'_>, at: usize) -> Self {
        self.excerpt = Some(part_around(line.bytes, at));
        self.line = Some(line.number);
        self.stderr = line.channel == crate::launch::Channel::Stderr;
        self
    }

    /// At a JSON pointer of this line's message; shows what stands there instead of the line.
    pub fn part(mut self, line: &Line<'_>, pointer: impl Into<String>, value: &Value) -> Self {
        self.line = Some(line.number);
        self.stderr = line.channel == crate::launch::Channel::Stderr;
        self.pointer = Some(pointer.into());
        self.excerpt = Some(text::json(value, EXCERPT));
        self
    }

    /// On the line of this number, which is not at hand any more.
    pub fn at_message(mut self, number: u64) -> Self {
        self.line = Some(number);
        self
    }

    /// At this JSON pointer within the message.
    pub fn pointer(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// Shows this instead of the line.
    pub fn showing(mut self, excerpt: impl Into<String>) -> Self {
        self.excerpt = Some(excerpt.into());
        self
    }

    /// What would have been right, and what was found.
    pub fn expected(mut self, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self.actual = Some(actual.into());
        self
    }

    /// What every connector of a development kit does, `the Python CDK`: told with its name, and never more than
    /// SHOULD, for its author can't mend it.
    pub fn known_of(mut self, kit: &'static str) -> Self {
        self.known = Some(kit);
        self
    }

    /// Weighs this violation by itself, for rules that grade.
    pub fn level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }
}

/// The part of a line around a byte, with an ellipsis where more of it came.
fn part_around(bytes: &[u8], at: usize) -> String {
    let start = at.saturating_sub(EXCERPT / 3).min(bytes.len());
    let start = if at < EXCERPT * 2 / 3 { 0 } else { start };
    let (start, end) = (letter_at(bytes, start), letter_at(bytes, start + EXCERPT));
    let (before, after) = (if start > 0 { "…" } else { "" }, if end < bytes.len() { "…" } else { "" });
    format!("{before}{}{after}", shown(&bytes[start..end]))
}

/// Where the next letter begins, so that no excerpt cuts one in two.
fn letter_at(bytes: &[u8], at: usize) -> usize {
    let at = at.min(bytes.len());
    (at..bytes.len()).take(4).find(|at| bytes[*at] & 0xC0 != 0x80).unwrap_or(at)
}

/// Bytes as text; what is not UTF-8 becomes `<0xFF>`.
fn shown(bytes: &[u8]) -> String {
    bytes.utf8_chunks().fold(String::new(), |mut shown, part| {
        shown.push_str(part.valid());
        part.invalid().iter().for_each(|byte| shown.push_str(&format!("<0x{byte:02X}>")));
        shown
    })
}

/// One defect, with all its occurrences in one launch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's code.
    pub rule: String,
    /// The rule's name.
    pub name: String,
    /// How much it weighs.
    pub level: Level,
    /// What the rule stands on.
    pub authority: Authority,
    /// What occurrences of the same cause share.
    pub cause: String,
    /// The streams that it touches.
    pub streams: Vec<Descriptor>,
    /// The defect in a few words.
    pub title: String,
    /// The first occurrence in a sentence.
    pub message: String,
    /// How many occurrences.
    pub count: u64,
    /// The first of them.
    pub evidence: Vec<Evidence>,
    /// The launch that shows it again when it is made again, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
}

/// Collects the violations of one rule in one launch.
#[derive(Debug)]
pub struct Findings<'j> {
    pub(super) rule: &'static Rule,
    pub(super) launch: &'j str,
    pub(super) secrets: &'j Secrets,
    pub(super) found: &'j mut Vec<Finding>,
    pub(super) unlisted: &'j mut u64,
}

impl Findings<'_> {
    /// Reports a violation about the launch as a whole. Violations with the same `cause` are one finding; `describe`
    /// is called only for those whose evidence is kept.
    pub fn report(&mut self, cause: &str, describe: impl FnOnce() -> Violation) {
        self.add(cause, None, describe);
    }

    /// Reports a violation about a stream: one finding for all streams with the same `cause`.
    pub fn report_stream(&mut self, cause: &str, stream: &Descriptor, describe: impl FnOnce() -> Violation) {
        self.add(cause, Some(stream), describe);
    }

    fn add(&mut self, cause: &str, stream: Option<&Descriptor>, describe: impl FnOnce() -> Violation) {
        if let Some(known) = self.found.iter_mut().find(|finding| finding.cause == cause) {
            known.count += 1;
            let has_room = known.streams.len() < STREAMS;
            // Rules go through a catalog stream by stream: most often it is the last one again.
            let is_last = stream == known.streams.last();
            let is_new = stream.is_some_and(|stream| has_room && !is_last && !known.streams.contains(stream));
            known.streams.extend(stream.filter(|_| is_new).cloned());
            if known.evidence.len() < EVIDENCE {
                let evidence = evidence(describe(), self.launch, self.secrets);
                known.evidence.push(evidence);
            }
            return;
        }
        if self.found.len() >= CAUSES {
            *self.unlisted += 1;
            return;
        }
        let mut violation = describe();
        let mut level = violation.level.unwrap_or(self.rule.level);
        if let Some(kit) = violation.known {
            level = level.min(Level::Should);
            violation.message += &format!("; this is known behaviour of {kit}");
        }
        self.found.push(Finding {
            rule: self.rule.code.to_owned(),
            name: self.rule.name.to_owned(),
            level,
            authority: self.rule.authority,
            cause: self.secrets.redact(cause).into_owned(),
            streams: stream.cloned().into_iter().collect(),
            title: clean(&violation.title, self.secrets),
            message: clean(&violation.message, self.secrets),
            count: 1,
            evidence: vec![evidence(violation, self.launch, self.secrets)],
            case: None,
        });
    }
}

fn evidence(violation: Violation, launch: &str, secrets: &Secrets) -> Evidence {
    let clean = |text: Option<String>| text.map(|text| clean(&text, secrets));
    Evidence {
        launch: launch.to_owned(),
        message: violation.line,
        stderr: violation.stderr,
        pointer: clean(violation.pointer),
        excerpt: clean(violation.excerpt.as_deref().map(hide_credentials)),
        expected: clean(violation.expected),
        actual: clean(violation.actual),
    }
}

/// Text for people: no secret, nothing that a terminal would act on, bounded.
fn clean(text: &str, secrets: &Secrets) -> String {
    // What a rule has shortened by itself may end within a secret.
    let whole = text::shorten(&secrets.redact(text), 4 * EXCERPT);
    text::shorten(&text::visible(&secrets.redact_excerpt(&whole)), 2 * EXCERPT)
}
