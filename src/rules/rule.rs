//! What a rule is, and the macro that declares one.

use super::{Ending, Findings, Level, Look, Scene};
use crate::protocol::{Command, Kind};
use serde::{Deserialize, Serialize};

/// What a rule's statement stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// The protocol's schema says so.
    ProtocolSchema,
    /// The protocol's documentation says so.
    ProtocolText,
    /// The platform drops data or fails the sync otherwise.
    PlatformBehaviour,
    /// The common connector development kits do so.
    CdkConvention,
    /// Nobody wrote it; it follows from the rest.
    Inference,
    /// Whoever wrote the suite says so, of this one connector.
    SuiteAuthor,
}

impl Authority {
    /// In words, for people.
    pub fn describe(self) -> &'static str {
        match self {
            Authority::ProtocolSchema => "protocol schema",
            Authority::ProtocolText => "protocol text",
            Authority::PlatformBehaviour => "platform behaviour",
            Authority::CdkConvention => "CDK convention",
            Authority::Inference => "inference",
            Authority::SuiteAuthor => "suite",
        }
    }
}

/// What a rule asks to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    /// Clean messages of a kind, and those that are clean but for what stands behind them.
    Message(Kind),
    /// Records that have `meta` or a file, or do not surely conform to the schema of a configured stream: see
    /// [`Look::surely_conforms`]. For rules that have nothing to say about the others, which are nearly all.
    DoubtfulRecord,
    /// Lines of stdout that are anything but a clean message.
    Oddity,
    /// Messages with something odd within their JSON, see [`Look::oddities`].
    Within,
    /// Every line of stdout.
    EveryLine,
    /// Every line of stderr.
    Stderr,
    /// Lines, of either output, that show a secret.
    Leak,
    /// Command lines of the connector's processes.
    CommandLine,
}

/// What a rule's verdict is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The launch as a whole.
    Launch,
    /// Each stream of the configured catalog, as far as there are messages of it.
    Stream,
}

/// Says whether a rule can judge a launch; the reason if not.
pub type Applies = fn(&Scene) -> Result<(), &'static str>;

/// A rule: what is known about it, and how to start it.
#[derive(Debug)]
pub struct Rule {
    /// The protocol catalogue's code, `READ-006`.
    pub code: &'static str,
    /// A name that reads as the defect, `record-violates-schema`.
    pub name: &'static str,
    /// How much a violation weighs, where the violation itself does not say less (or, for graded rules, more).
    pub level: Level,
    /// The commands whose transcripts it judges.
    pub commands: &'static [Command],
    /// What it stands on.
    pub authority: Authority,
    /// Where that is written.
    pub source: &'static str,
    /// What it asks to see; empty where it only looks at how the launch ended.
    pub watches: &'static [Watch],
    /// What its verdicts are about.
    pub about: About,
    /// Its page, in Markdown.
    pub page: &'static str,
    /// Whether it can judge a launch: the reason if not.
    pub applies: Applies,
    /// A fresh observer for a launch.
    pub start: fn() -> Box<dyn Observer>,
}

/// What is known about a rule or an experiment, whoever judges by it.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    /// The code.
    pub code: &'static str,
    /// The name that reads as the defect.
    pub name: &'static str,
    /// How much a violation weighs.
    pub level: Level,
    /// What it stands on.
    pub authority: Authority,
    /// Where that is written.
    pub source: &'static str,
    /// The commands that it judges.
    pub commands: &'static [Command],
    /// Its page, in Markdown.
    pub page: &'static str,
}

impl Statement {
    /// The family: what stands before the dash of the code.
    pub fn family(&self) -> &'static str {
        self.code.split('-').next().unwrap_or(self.code)
    }
}

impl Rule {
    /// What is known about it.
    pub fn statement(&self) -> Statement {
        Statement {
            code: self.code,
            name: self.name,
            level: self.level,
            authority: self.authority,
            source: self.source,
            commands: self.commands,
            page: self.page,
        }
    }
}

/// A rule at work on one transcript.
pub trait Observer: Send {
    /// Takes the next line that the rule asked for.
    fn observe(&mut self, _look: &Look<'_>, _findings: &mut Findings<'_>) {}

    /// Judges what only shows at the end.
    fn conclude(&mut self, _ending: &Ending<'_>, _findings: &mut Findings<'_>) {}

    /// Once it has concluded: why it could not judge after all, for a reason that is ours. Its silence says nothing then.
    fn unjudged(&self) -> Option<String> {
        None
    }
}

/// Declares a rule: its page as doc comment, what is known about it, and its observer, a type with `Default`.
///
/// Makes a `static RULE` that the registry sees.
macro_rules! rule {
    (
        $(#[doc = $line:literal])+
        $observer:ty {
            code: $code:literal,
            name: $name:literal,
            level: $level:ident,
            commands: [$($command:ident),+],
            authority: $authority:ident,
            source: $source:literal,
            watches: [$($watch:expr),* $(,)?],
            about: $about:ident
            $(, applies: $applies:expr)?
            $(,)?
        }
    ) => {
        $(#[doc = $line])+
        pub(in $crate::rules) static RULE: $crate::rules::Rule = $crate::rules::Rule {
            code: $code,
            name: $name,
            level: $crate::rules::Level::$level,
            commands: &[$($crate::protocol::Command::$command),+],
            authority: $crate::rules::Authority::$authority,
            source: $source,
            watches: &[$($watch),*],
            about: $crate::rules::About::$about,
            page: concat!($($line, "\n"),+),
            applies: $crate::rules::rule::first_or_always([$($applies)?]),
            start: || Box::new(<$observer>::default()),
        };
    };
}
pub(crate) use rule;

/// The given condition, or one that always holds.
pub(super) const fn first_or_always<const N: usize>(given: [Applies; N]) -> Applies {
    if N == 0 { always } else { given[0] }
}

fn always(_: &Scene) -> Result<(), &'static str> {
    Ok(())
}
