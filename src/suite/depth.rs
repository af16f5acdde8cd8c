//! How much a suite finds out, in three steps. Each has a shipped suite of its name.

use super::fields::Reader;
use super::yaml::Node;

/// How much is found out about a connector, and so how many launches it costs. In order: each does all that the one before
/// it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// Spec, check, discover, one read.
    Quick,
    /// What repeats, resumes and is refused, by samples.
    #[default]
    Standard,
    /// Every checkpoint, killed reads, more configs, disturbed processes.
    Certification,
}

impl Depth {
    /// All of them, in order.
    pub const ALL: [Depth; 3] = [Depth::Quick, Depth::Standard, Depth::Certification];

    /// The word for it in suites and on the command line, which is also the name of its shipped suite.
    pub fn name(self) -> &'static str {
        match self {
            Depth::Quick => "quick",
            Depth::Standard => "standard",
            Depth::Certification => "certification",
        }
    }

    /// The depth of this name.
    pub fn named(name: &str) -> Option<Depth> {
        Depth::ALL.into_iter().find(|depth| depth.name() == name)
    }
}

/// A suite that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shipped {
    /// That of a depth, for sources and for what destinations share with them.
    Depth(Depth),
    /// That of destinations.
    Destination,
}

impl Shipped {
    /// All of them.
    pub const ALL: [Shipped; 4] = [
        Shipped::Depth(Depth::Quick),
        Shipped::Depth(Depth::Standard),
        Shipped::Depth(Depth::Certification),
        Shipped::Destination,
    ];

    /// The name by which a suite extends it.
    pub fn name(self) -> &'static str {
        match self {
            Shipped::Depth(depth) => depth.name(),
            Shipped::Destination => "destination",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Shipped> {
        Shipped::ALL.into_iter().find(|shipped| shipped.name() == name)
    }

    /// The depth that it is of.
    pub fn depth(self) -> Option<Depth> {
        match self {
            Shipped::Depth(depth) => Some(depth),
            Shipped::Destination => None,
        }
    }

    /// Its text.
    pub(super) fn text(self) -> &'static str {
        match self {
            Shipped::Depth(Depth::Quick) => include_str!("../../suites/quick.yml"),
            Shipped::Depth(Depth::Standard) => include_str!("../../suites/standard.yml"),
            Shipped::Depth(Depth::Certification) => include_str!("../../suites/certification.yml"),
            Shipped::Destination => include_str!("../../suites/destination.yml"),
        }
    }
}

impl Reader<'_> {
    /// The suite's depth, unless the command line names another.
    pub fn depth(&mut self, node: Option<&Node>) -> Depth {
        let words = Depth::ALL.map(|depth| (depth.name(), depth));
        let written = node.and_then(|node| self.word(node, "`depth`", &words));
        self.overrides.depth.or(written).unwrap_or_default()
    }
}
