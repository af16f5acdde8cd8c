//! From what differs between two versions to findings: one for each kind of change, with all places.

use super::experiment::{Conclusion, Fault, evidence};
use super::lab::{Lab, Ran};
use crate::compat::{Change, Class, Labels, Step, check_labels};
use crate::launch::RecordedRun;
use crate::rules::Level;
use crate::text;
use std::collections::BTreeMap;

/// How many places a message names, and how much of a value it shows, in characters.
const NAMED: usize = 20;
const SHOWN: usize = 120;

/// Whether the labels of the versions say that something may break.
pub(super) fn may_break(lab: &Lab<'_>, control: &Ran) -> bool {
    let labels = control.subject.version().zip(lab.version.as_deref());
    labels.is_some_and(|(before, after)| check_labels(before, after, Step::Major) == Labels::Enough)
}

/// How much a change weighs: what breaks is a MUST, unless the version says that it does.
pub(super) fn level_of(class: Class, may_break: bool) -> Level {
    match class {
        Class::Breaking if may_break => Level::Should,
        Class::Breaking => Level::Must,
        Class::Behavioural => Level::Should,
        Class::Cosmetic => Level::Info,
    }
}

/// The same of what shows when both run. Since a stored run, what it ran against may have changed (credentials, data), so that nothing is a MUST.
pub(super) fn level_of_run(class: Class, lab: &Lab<'_>, control: &Ran) -> Level {
    level_of(class, may_break(lab, control) || control.subject.recorded.is_some())
}

/// In the middle of a message: what else may be behind a difference from a stored run. Empty for what was launched now.
pub(super) fn or_else(control: &Ran) -> String {
    let run = control.subject.recorded.as_ref();
    let told = |run: &RecordedRun| {
        format!("; the other version is a run of {}, and what it ran against may have changed since", run.started_at)
    };
    run.map(told).unwrap_or_default()
}

/// Puts changes into a conclusion. `control` and `target` are the launches that show them.
pub(super) fn report(
    conclusion: &mut Conclusion,
    (control, target): (&Ran, &Ran),
    changes: &[Change],
    may_break: bool,
) {
    let mut kinds: BTreeMap<&'static str, Vec<&Change>> = BTreeMap::new();
    for change in changes {
        kinds.entry(change.rule.word).or_default().push(change);
    }
    for (word, changes) in kinds {
        let rule = changes[0].rule;
        let places: Vec<String> = changes.iter().take(NAMED).map(|change| describe(change)).collect();
        let more = match changes.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let message = format!(
            "{}{more}. That demands a {} version ({word}; {})",
            places.join("; "),
            rule.step.as_str(),
            rule.source
        );
        for change in changes {
            let [before, after] = [&change.before, &change.after].map(|value| {
                value.as_ref().map_or("nothing".to_owned(), |value| text::shorten(&value.to_string(), SHOWN))
            });
            let mut shown = evidence(&target.id, None, format!("{before}, as in {}", control.id), after);
            shown.pointer = Some(change.pointer.clone());
            let fault = Fault {
                cause: word,
                level: level_of(rule.class, may_break),
                title: format!("{}: {}", rule.class.as_str(), rule.says),
                message: message.clone(),
                evidence: vec![shown],
                case: None,
            };
            conclusion.found(change.stream.as_ref(), fault);
        }
    }
    conclusion.judged(None);
}

fn describe(change: &Change) -> String {
    let shown = |value: &Option<serde_json::Value>| {
        value.as_ref().map(|value| format!("`{}`", text::shorten(&value.to_string(), SHOWN)))
    };
    let values = match (shown(&change.before), shown(&change.after)) {
        (None, Some(after)) => format!("{after} is new"),
        (Some(before), None) => format!("{before} is gone"),
        (before, after) => format!("{}, and now {}", before.unwrap_or_default(), after.unwrap_or_default()),
    };
    match (&change.stream, change.pointer.as_str()) {
        (Some(stream), "") => format!("`{stream}`: {values}"),
        (Some(stream), pointer) => format!("`{stream}` at `{pointer}`: {values}"),
        (None, pointer) => format!("`{pointer}`: {values}"),
    }
}
