//! The previous version of the connector, with which its specification and its catalog are compared.

use super::diagnose::{Mistake, Span};
use super::fields::Reader;
use super::yaml::{Kind, Node};
use super::{LocalCommand, Scenario, Suite, Target};
use crate::protocol::{Command, Expect};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The keys of a previous version.
pub(super) const KEYS: [&str; 5] = ["image", "version", "exec", "unless", "reason"];
/// Those of them that say what is launched.
pub(super) const TARGET_KEYS: [&str; 3] = ["image", "version", "exec"];
/// The keys of `unless`, where the commands differ.
pub(super) const UNLESS_KEYS: [&str; 2] = ["spec", "discover"];
/// The tag of the previous version where nothing names one.
const DEFAULT_TAG: &str = "latest";

/// What stands in for the connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counterpart {
    /// Another version of it, which is launched.
    Launched(Target),
    /// An earlier run of it: the folder of that run's report, whose transcripts are replayed.
    Stored(PathBuf),
}

/// The version of the connector that the tested one is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    /// What stands in for it; or why nothing can, in a sentence.
    pub counterpart: Result<Counterpart, String>,
    /// The previous version with which what the command says is not compared, by command.
    pub unless: BTreeMap<Command, String>,
    /// Why it is not.
    pub reason: Option<String>,
    /// Whether all that both do is compared, records and resources too: `airproof compare`.
    pub is_control: bool,
}

impl Previous {
    /// Whether it is an earlier run, in which nothing can be launched any more.
    pub fn is_stored(&self) -> bool {
        matches!(self.counterpart, Ok(Counterpart::Stored(_)))
    }
}

impl Suite {
    /// Compares the connector with this one, in each scenario that is expected to succeed, whatever the suite says of a previous version.
    pub fn compare_with(&mut self, control: &Counterpart) {
        let is_compared = |scenario: &&mut Scenario| scenario.expect == Expect::Succeeded;
        for scenario in self.scenarios.iter_mut().filter(is_compared) {
            let counterpart = Ok(control.clone());
            scenario.previous = Some(Previous { counterpart, unless: BTreeMap::new(), reason: None, is_control: true });
        }
    }
}

/// What a suite says of the previous version, as it is written.
#[derive(Debug, Clone, Default)]
pub(super) struct WrittenPrevious {
    named: Option<Named>,
    unless: BTreeMap<Command, String>,
    reason: Option<String>,
}

#[derive(Debug, Clone)]
enum Named {
    /// A tag in the repository of the connector's own image.
    Version(String),
    Target(Target),
}

impl WrittenPrevious {
    /// A scenario's own, over that of the suite.
    pub fn over(self, suite: Option<&WrittenPrevious>) -> WrittenPrevious {
        let Some(suite) = suite.cloned() else { return self };
        let mut unless = suite.unless;
        unless.extend(self.unless);
        WrittenPrevious { named: self.named.or(suite.named), unless, reason: self.reason.or(suite.reason) }
    }

    /// The previous version of the connector that is launched so.
    pub fn of(self, connector: &Target) -> Previous {
        let WrittenPrevious { named, unless, reason } = self;
        let counterpart = match named.unwrap_or_else(|| Named::Version(DEFAULT_TAG.to_owned())) {
            Named::Target(target) => Ok(Counterpart::Launched(target)),
            Named::Version(tag) => match connector {
                Target::Image(image) => {
                    Ok(Counterpart::Launched(Target::Image(format!("{}:{tag}", repository(image)))))
                }
                Target::Exec(_) => Err(format!(
                    "the connector is a local command, of which there is no version `{tag}`: name the previous one under \
                     `previous` by `image` or `exec`"
                )),
            },
        };
        Previous { counterpart, unless, reason, is_control: false }
    }
}

/// An image's name without its tag and digest. The colon of a registry's port is part of it.
pub fn repository(image: &str) -> &str {
    let name = image.split_once('@').map_or(image, |(name, _)| name);
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => name,
    }
}

impl Reader<'_> {
    /// What a suite or a scenario says of the previous version.
    pub fn previous(&mut self, node: &Node) -> Option<WrittenPrevious> {
        if !self.keys(node, "`previous`", &KEYS) {
            return None;
        }
        let given: Vec<(&str, &Node)> = TARGET_KEYS.iter().filter_map(|key| Some((*key, node.get(key)?))).collect();
        if let [(first, one), (second, other), ..] = given.as_slice() {
            let message = format!("`{first}` and `{second}` both say what the previous version is");
            let mistake = Mistake::at(other.span, message).also(Some(one.span), "the first");
            self.mistakes.push(mistake.help("keep one of them"));
        }
        let named = match given.first() {
            None => None,
            Some(("version", node)) => Some(Named::Version(self.tag(node)?)),
            Some(("exec", node)) => {
                let command = self.text(node, "`exec`")?;
                let folder = &self.sources[node.span.source].folder;
                Some(Named::Target(Target::Exec(LocalCommand::beside(command, folder))))
            }
            Some((_, node)) => Some(Named::Target(Target::Image(self.image(node)?))),
        };
        let unless = node.get("unless").map(|node| self.unless(node)).unwrap_or_default();
        let reason = node.get("reason").and_then(|node| Some((node.span, self.text(node, "`reason`")?.to_owned())));
        if let Some((span, _)) = &reason {
            self.refuse_reason_alone(*span, node);
        }
        Some(WrittenPrevious { named, unless, reason: reason.map(|(_, reason)| reason) })
    }

    fn refuse_reason_alone(&mut self, span: Span, node: &Node) {
        if node.get("unless").is_none() {
            let message = "`reason` says why there is no comparison with the version under `unless`, and there is none";
            self.mistakes.push(Mistake::at(span, message).help("add `unless: \"VERSION\"`, or remove the reason"));
        }
    }

    fn tag(&mut self, node: &Node) -> Option<String> {
        const LONGEST: usize = 128;
        let tag = self.text(node, "`version`")?;
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let is_tag = tag.len() <= LONGEST
            && tag.starts_with(is_word)
            && tag.chars().all(|letter| is_word(letter) || ".-".contains(letter));
        if !is_tag {
            let mistake = Mistake::at(node.span, "`version` must be the tag of an image, like 1.2.3");
            self.mistakes.push(mistake.help("a whole name, `repository:tag`, is an `image`"));
            return None;
        }
        Some(tag.to_owned())
    }

    /// A text stands for both commands.
    fn unless(&mut self, node: &Node) -> BTreeMap<Command, String> {
        let commands = [Command::Spec, Command::Discover];
        if let Kind::Scalar { .. } = node.kind {
            let version = self.text(node, "`unless`").map(str::to_owned);
            return version
                .map(|version| commands.map(|command| (command, version.clone())).into())
                .unwrap_or_default();
        }
        let mut unless = BTreeMap::new();
        if self.keys(node, "`unless`", &UNLESS_KEYS) {
            for (key, command) in UNLESS_KEYS.into_iter().zip(commands) {
                let version = node.get(key).and_then(|node| self.text(node, &format!("`{key}`")));
                unless.extend(version.map(|version| (command, version.to_owned())));
            }
        }
        unless
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_tag_of_the_same_repository() {
        for (image, repository_is) in [
            ("airbyte/source-x", "airbyte/source-x"),
            ("airbyte/source-x:dev", "airbyte/source-x"),
            ("registry.test:5000/team/source-x", "registry.test:5000/team/source-x"),
            ("registry.test:5000/team/source-x:1.0.0", "registry.test:5000/team/source-x"),
            ("registry.test:5000/source-x:1.0.0@sha256:00ff", "registry.test:5000/source-x"),
            ("source-x@sha256:00ff", "source-x"),
        ] {
            assert_eq!(repository(image), repository_is, "{image}");
            let previous = WrittenPrevious::default().of(&Target::Image(image.to_owned()));
            let latest = Target::Image(format!("{repository_is}:latest"));
            assert_eq!(previous.counterpart, Ok(Counterpart::Launched(latest)));
        }
        let named = Some(Named::Version("1.2.3".to_owned()));
        let written = WrittenPrevious { named, ..WrittenPrevious::default() };
        let of_command = written.of(&Target::Exec(LocalCommand::here("main"))).counterpart;
        assert!(of_command.is_err_and(|reason| reason.contains("no version `1.2.3`")));
    }
}
