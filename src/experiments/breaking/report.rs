//! From changes to findings: one for each kind of change, with all places.

use super::level;
use crate::compat::{Change, Class};
use crate::experiments::Conclusion;
use crate::experiments::experiment::{Fault, evidence};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::plan::Instead;
use crate::protocol::{Command, Version};
use crate::rules::{Evidence, Level};
use crate::text;
use serde_json::Value;
use std::collections::BTreeMap;

/// How many places a message names.
const NAMED: usize = 20;
/// How much of a value is shown, in characters.
const SHOWN: usize = 120;
/// How much of a config.
const SHOWN_OF_CONFIG: usize = 400;

/// What was compared: the same command of two versions.
pub(in crate::experiments) struct Versions<'l> {
    former: &'l Ran,
    latter: &'l Ran,
    /// Why all of it may break, where it may.
    excuse: Option<String>,
    /// A config that was valid and is refused, where one is known.
    refused: Option<String>,
}

/// What is launched for the previous version. Halts where the suite names none, or nothing can be launched for it.
pub(in crate::experiments) fn instead(lab: &Lab<'_>, command: Command) -> Result<Instead, Halt> {
    let previous = lab.scenario.previous.as_ref();
    let previous = previous.ok_or_else(|| Halt::Cannot("the suite names no previous version".to_owned()))?;
    let counterpart = previous.counterpart.clone().map_err(Halt::Cannot)?;
    Ok(Instead {
        counterpart,
        unless: previous.unless.get(&command).cloned(),
        reason: previous.reason.clone(),
        is_needed: false,
    })
}

impl<'l> Versions<'l> {
    /// Halts where both are the same, so that nothing could come of a comparison.
    pub fn of(lab: &Lab<'_>, former: &'l Ran, latter: &'l Ran) -> Result<Self, Halt> {
        former.exit()?;
        let [one, other] = [former, latter].map(|ran| &ran.subject);
        let is_same_image = one.image_id.is_some() && one.image_id == other.image_id;
        if is_same_image || (one.launcher == other.launcher && one.name == other.name) {
            return Err(Halt::Cannot(format!("the previous version is the connector itself: {}", one.name)));
        }
        let excuse = major(lab.version.as_deref(), version(former));
        Ok(Versions { former, latter, excuse, refused: None })
    }

    /// With a config that the former version takes and this one refuses, to be shown with what breaks.
    pub fn refusing(self, config: &Value) -> Self {
        Versions { refused: Some(text::shorten(&config.to_string(), SHOWN_OF_CONFIG)), ..self }
    }

    fn weigh(&self, level: Level) -> Level {
        if self.excuse.is_some() { Level::Info } else { level }
    }

    fn fault(&self, what: &'static str, level: Level, changes: &[&Change]) -> Fault {
        let places = changes.iter().take(NAMED).map(|change| describe(change)).collect::<Vec<_>>();
        let more = match changes.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let excuse = self.excuse.as_deref().map(|excuse| format!(". {excuse}")).unwrap_or_default();
        let refused =
            self.refused.as_deref().filter(|_| changes.iter().any(|change| change.class() == Class::Breaking));
        let refused = refused.map(|config| format!(". A config that was valid and is refused: {config}"));
        let message = format!(
            "{} differs from that of {}: {}{more}{}{excuse}",
            self.latter.id,
            self.former_name(),
            places.join("; "),
            refused.unwrap_or_default()
        );
        let evidence = changes.first().map(|change| self.evidence(change)).into_iter().collect();
        Fault { cause: what, level, title: what.to_owned(), message, evidence, case: Some(self.former.id.clone()) }
    }

    fn former_name(&self) -> String {
        text::shorten(&self.former.subject.name, SHOWN)
    }

    fn evidence(&self, change: &Change) -> Evidence {
        let [before, after] = [&change.before, &change.after].map(|value| shown(value.as_ref()));
        let expected = format!("{before}, as in {}", self.former.id);
        let mut shown = evidence(&self.latter.id, None, expected, after);
        shown.pointer = Some(change.pointer.clone());
        shown
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| text::shorten(&value.to_string(), SHOWN))
}

fn describe(change: &Change) -> String {
    let [before, after] = [&change.before, &change.after].map(|value| shown(value.as_ref()));
    let place = match (&change.stream, change.pointer.as_str()) {
        (Some(stream), "") => return format!("`{stream}`"),
        (Some(stream), pointer) => format!("`{stream}` at `{pointer}`"),
        (None, pointer) => format!("`{pointer}`"),
    };
    format!("{place}: {before}, and now {after}")
}

/// The version of what was launched: as its image says, else as its name does.
fn version(ran: &Ran) -> Option<&str> {
    ran.subject.version().or_else(|| ran.subject.name.rsplit_once(':').map(|(_, tag)| tag))
}

/// Why a version may break what was set up with a former one: it begins a major version of its own.
fn major(latter: Option<&str>, former: Option<&str>) -> Option<String> {
    let (latter, former) = (latter?, former?);
    let is_major = Version::parse(latter)?.major > Version::parse(former)?.major;
    is_major
        .then(|| format!("{latter} begins a new major version after {former}, so it may break what was set up before"))
}

/// Puts what breaks something, or is said to, into the conclusion: a finding for each kind and level.
pub(in crate::experiments) fn report(conclusion: &mut Conclusion, versions: &Versions<'_>, changes: &[Change]) {
    let mut kinds: BTreeMap<(Level, &'static str), Vec<&Change>> = BTreeMap::new();
    for change in changes {
        if let Some(level) = level(change) {
            kinds.entry((versions.weigh(level), change.rule.says)).or_default().push(change);
        }
    }
    for ((level, what), changes) in kinds.iter().rev() {
        let fault = versions.fault(what, *level, changes);
        for (place, change) in changes.iter().enumerate() {
            let fault = match place {
                0 => fault.clone(),
                _ => Fault { evidence: vec![versions.evidence(change)], ..fault.clone() },
            };
            conclusion.found(change.stream.as_ref(), fault);
        }
    }
    if kinds.is_empty() {
        conclusion.judged(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_major_version_may_break() {
        assert!(major(Some("2.0.0"), Some("1.9.3")).is_some_and(|why| why.contains("2.0.0") && why.contains("1.9.3")));
        assert!(major(Some("3.1.4"), Some("1.9.3")).is_some());
        for (latter, former) in [("1.10.0", "1.9.3"), ("1.0.0", "2.0.0"), ("dev", "1.0.0"), ("2.0.0", "latest")] {
            assert_eq!(major(Some(latter), Some(former)), None);
        }
        assert_eq!(major(None, Some("1.0.0")), None);
    }
}
