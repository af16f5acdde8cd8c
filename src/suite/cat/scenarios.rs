//! From entries to scenarios: those of one config, in one environment and with one catalog, are done together.

use super::Translator;
use super::entry::Entry;
use super::layout::{Category, Section};
use super::tree::{list, mapping, text, word};
use crate::suite::diagnose::{Mistake, Span};
use crate::suite::yaml::{Kind, Node};
use std::path::Path;

/// The categories that are parts of a scenario, and the word for each.
const PARTS: [(Category, &str); 5] = [
    (Category::Connection, "check"),
    (Category::Discovery, "discover"),
    (Category::BasicRead, "read"),
    (Category::FullRefresh, "full_refresh"),
    (Category::Incremental, "incremental"),
];

impl Translator<'_> {
    /// The scenarios of all sections.
    pub(super) fn scenarios(&mut self, sections: &[(Category, Section<'_>)]) -> Node {
        let mut groups: Vec<Vec<Entry>> = Vec::new();
        for (category, section) in sections {
            if let (Some((span, _)), false) = (&section.bypass, section.tests.is_empty()) {
                let message = format!("`{}` is bypassed and has tests; they are made", category.key());
                self.remarks.push(Mistake::at(*span, message).note().help("keep one of the two"));
            }
            for node in &section.tests {
                let Some(entry) = self.entry(*category, node) else { continue };
                if *category == Category::Documentation {
                    continue;
                }
                match groups.iter_mut().find(|group| goes_with(&entry, group)) {
                    Some(group) => group.push(entry),
                    None => groups.push(vec![entry]),
                }
            }
        }
        if groups.is_empty() {
            groups.push(Vec::new());
        }
        compare_each_once(&mut groups);
        let names = names_of(&groups);
        let root = self.root.span;
        let scenarios = groups.iter().zip(names).map(|(group, name)| scenario(group, name, sections, root));
        list(root, scenarios.collect())
    }
}

/// Whether an entry can be done together with others.
fn goes_with(entry: &Entry, group: &[Entry]) -> bool {
    let same = |one: &Node, other: &Node| written(one) == written(other);
    let both = |one: &Option<Node>, other: &Option<Node>| one.as_ref().map(written) == other.as_ref().map(written);
    let has_container =
        |entry: &Entry| entry.keys.iter().any(|(key, _)| ["setup", "teardown", "changes"].contains(key));
    if entry.category == Category::Attributes {
        // All that it needs is a catalog.
        return group.iter().all(|other| same(&entry.config, &other.config) && entry.expect == other.expect);
    }
    group.iter().all(|other| {
        let conflicts = |(key, value): &(&str, Node)| {
            let others = other.keys.iter().find(|(known, _)| known == key);
            others.is_some_and(|(key, known)| match *key {
                "streams" => false,
                "previous" => {
                    !value.get("version").zip(known.get("version")).is_some_and(|(one, two)| is_alike(one, two))
                }
                _ => !is_alike(value, known),
            })
        };
        same(&entry.config, &other.config)
            && both(&entry.mode, &other.mode)
            && entry.category != other.category
            && entry.expect == other.expect
            && (!entry.category.reads() || !other.category.reads() || both(&entry.catalog, &other.catalog))
            && (!entry.category.reads() || !other.category.reads() || has_container(entry) == has_container(other))
            && !entry.keys.iter().any(conflicts)
    })
}

/// Where `spec` and `discovery` name different versions to compare with, they are scenarios of one config: the
/// specification is compared in that of `spec` alone.
fn compare_each_once(groups: &mut [Vec<Entry>]) {
    let is_of_spec = |group: &[Entry]| group.iter().any(|entry| entry.category == Category::Spec);
    let specs: Vec<(String, Option<String>)> = groups
        .iter()
        .filter(|group| is_of_spec(group))
        .filter_map(|group| group.iter().find(|entry| entry.category == Category::Spec))
        .map(|entry| (written(&entry.config).to_owned(), entry.mode.as_ref().map(|mode| written(mode).to_owned())))
        .collect();
    for group in groups.iter_mut().filter(|group| !is_of_spec(group)) {
        for entry in group.iter_mut().filter(|entry| entry.category == Category::Discovery) {
            let mode = entry.mode.as_ref().map(|mode| written(mode).to_owned());
            if specs.contains(&(written(&entry.config).to_owned(), mode)) {
                entry.rules.push(("SPEC-046", text(entry.span, "off")));
            }
        }
    }
}

fn written(node: &Node) -> &str {
    match &node.kind {
        Kind::Scalar { text, .. } => text,
        _ => "",
    }
}

/// Whether two nodes say the same.
pub(super) fn is_alike(one: &Node, other: &Node) -> bool {
    match (&one.kind, &other.kind) {
        (Kind::Scalar { text: one, .. }, Kind::Scalar { text: other, .. }) => one == other,
        (Kind::Sequence(one), Kind::Sequence(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_alike(one, other))
        }
        (Kind::Mapping(one), Kind::Mapping(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, entry)| other.get(key).is_some_and(|it| is_alike(&entry.value, &it.value)))
        }
        _ => false,
    }
}

/// Names that tell the scenarios apart: the config's, and what else is different where that is not enough.
fn names_of(groups: &[Vec<Entry>]) -> Vec<String> {
    let stem = |node: &Node| Path::new(written(node)).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let mut names: Vec<String> = Vec::new();
    for group in groups {
        let first = group.first();
        let mut name = first.and_then(|first| stem(&first.config)).unwrap_or_else(|| "without a config".to_owned());
        let taken = |name: &str, names: &[String]| names.iter().any(|known| known == name);
        let more = [
            group.iter().find_map(|entry| entry.mode.as_ref()).map(|mode| written(mode).to_ascii_lowercase()),
            group.iter().find_map(|entry| entry.catalog.as_ref()).and_then(stem),
            first.map(|first| first.expect.to_owned()).filter(|expect| expect != "succeeded"),
            first.map(|first| first.category.key().replace('_', " ")),
        ];
        for word in more.into_iter().flatten() {
            if !taken(&name, &names) {
                break;
            }
            name = format!("{name}, {word}");
        }
        let plain = name.clone();
        for number in 2.. {
            if !taken(&name, &names) {
                break;
            }
            name = format!("{plain} {number}");
        }
        names.push(name);
    }
    names
}

fn scenario(group: &[Entry], name: String, sections: &[(Category, Section<'_>)], root: Span) -> Node {
    let first = group.first();
    let span = first.map_or(root, |first| first.span);
    let config = first.map_or_else(|| mapping::<&str>(root, []), |first| first.config.clone());
    let mut keys = vec![("name", text(span, name)), ("config", config)];
    let expect = first.map_or("succeeded", |first| first.expect);
    if expect != "succeeded" {
        keys.push(("expect", word(span, expect)));
    }
    if let Some(mode) = group.iter().find_map(|entry| entry.mode.clone()) {
        keys.push(("environment", mapping(mode.span, [("DEPLOYMENT_MODE", mode)])));
    }
    if let Some(catalog) = group.iter().find_map(|entry| entry.catalog.clone()) {
        let streams = text(catalog.span, "from discover");
        keys.push(("catalog", mapping(catalog.span, [("path", catalog), ("streams", streams)])));
    }
    for (key, value) in group.iter().flat_map(|entry| &entry.keys) {
        match keys.iter_mut().find(|(known, _)| known == key) {
            Some((_, known)) => merge(known, value),
            None => keys.push((key, value.clone())),
        }
    }
    for (key, of) in
        [("limits", (|entry: &Entry| entry.limits.clone()) as fn(&Entry) -> _), ("rules", |entry| entry.rules.clone())]
    {
        let mut settings: Vec<(&str, Node)> = Vec::new();
        for (name, value) in group.iter().flat_map(of) {
            match settings.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = longer(known, value),
                None => settings.push((name, value)),
            }
        }
        if !settings.is_empty() {
            keys.push((key, mapping(span, settings)));
        }
    }
    if expect == "succeeded" {
        let left: Vec<Node> = PARTS.iter().filter_map(|part| left_out(*part, group, sections, span)).collect();
        if !left.is_empty() {
            keys.push(("leave_out", list(span, left)));
        }
    }
    mapping(span, keys)
}

/// The longer of two times; of two levels, the later one.
fn longer(known: &Node, other: Node) -> Node {
    let seconds = |node: &Node| written(node).strip_suffix('s').and_then(|digits| digits.parse::<u64>().ok());
    match (seconds(known), seconds(&other)) {
        (Some(one), Some(two)) if one >= two => known.clone(),
        _ => other,
    }
}

/// Adds to a mapping what another one has more.
fn merge(known: &mut Node, more: &Node) {
    let (Kind::Mapping(known), Kind::Mapping(more)) = (&mut known.kind, &more.kind) else { return };
    for (key, entry) in more {
        match known.get_mut(key) {
            Some(own) => merge(&mut own.value, &entry.value),
            None => {
                known.insert(key.clone(), entry.clone());
            }
        }
    }
}

/// A part that is not done with a scenario, and why.
fn left_out(
    (category, part): (Category, &'static str),
    group: &[Entry],
    sections: &[(Category, Section<'_>)],
    span: Span,
) -> Option<Node> {
    let does = |entry: &Entry| {
        entry.category == category || (category == Category::Discovery && entry.category == Category::Attributes)
    };
    if group.iter().any(does) {
        return None;
    }
    let section = sections.iter().find(|(known, _)| *known == category).map(|(_, section)| section)?;
    let key = category.key();
    let reason = match &section.bypass {
        _ if !section.tests.is_empty() => Some((span, format!("the entries of `{key}` are for others"))),
        Some(bypass) => Some(bypass.clone()),
        None if section.is_there => Some((span, format!("`{key}` has no tests"))),
        None => None,
    };
    let mut keys = vec![("part", word(span, part))];
    keys.extend(reason.map(|(at, reason)| ("reason", text(at, reason))));
    Some(mapping(span, keys))
}
