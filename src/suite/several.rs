//! Profiles and several connectors in one suite file: what the file says of each connector, laid over what it says of all.

use super::diagnose::{Mistake, Place, Span, quoted, quoted_path};
use super::fields::found;
use super::layers::{Layers, lay_over};
use super::reader::KEYS;
use super::yaml::{Entries, Kind, Node};
use crate::text::nearest;
use std::path::PathBuf;

/// Keys that are about the whole file.
pub(super) const OF_THE_FILE: [&str; 3] = ["extends", "connectors", "profiles"];

/// A connector as a file lists it.
pub(super) enum Listed {
    /// Described there: its name, and what the file says of it.
    Here(String, Layers),
    /// Described by the suite at a path that exists.
    Elsewhere(PathBuf, Span),
    /// Said to be at a path that does not exist.
    Nowhere(PathBuf, Box<Mistake>),
}

/// What a file with suite keys comes to.
pub(super) enum Split {
    /// One connector.
    One(Layers),
    /// What its list says; the mistakes of the list itself are in the layers.
    Several(Layers, Vec<Listed>),
}

/// The names of the profiles that a file offers.
pub(super) fn profiles(root: &Node) -> impl Iterator<Item = &str> {
    root.get("profiles").and_then(Node::entries).into_iter().flat_map(Entries::keys).map(String::as_str)
}

/// Takes a file apart into its connectors. A profile is laid over each: whoever asks for one on the command line means
/// more than what is written.
pub(super) fn split(mut layers: Layers, profile: Option<&str>) -> Split {
    let root = layers.root.clone();
    check_keys(&mut layers, &root, "a suite", &[&OF_THE_FILE[..], KEYS].concat());
    let (profiles, list) = (take(&mut layers.root, "profiles"), take(&mut layers.root, "connectors"));
    take(&mut layers.root, "extends");
    let profile = profiles.and_then(|profiles| profile_of(&mut layers, profiles, profile));
    let Some(list) = list.filter(|list| !list.is_null()) else {
        return Split::One(laid_over(&layers, None, profile.as_ref()));
    };
    let entries = items(&mut layers, &list);
    refuse_idle_keys(&mut layers, &entries);
    let mut named: Vec<(String, Span)> = Vec::new();
    let mut listed = Vec::new();
    for mut entry in entries {
        if let Kind::Scalar { text, .. } = &entry.kind {
            listed.push(elsewhere(&layers, text, entry.span));
        } else if let Some(name) = name_of(&mut layers, &mut entry, &mut named) {
            listed.push(Item::Here(name, entry));
        }
    }
    let listed = listed.into_iter().map(|item| match item {
        Item::Here(name, entry) => Listed::Here(name, laid_over(&layers, Some(&entry), profile.as_ref())),
        Item::Elsewhere(path, span) => Listed::Elsewhere(path, span),
        Item::Nowhere(path, mistake) => Listed::Nowhere(path, mistake),
    });
    let listed = listed.collect();
    Split::Several(layers, listed)
}

/// A listed connector before the file is laid under it: mistakes of the whole list are collected first.
enum Item {
    Here(String, Node),
    Elsewhere(PathBuf, Span),
    /// Said to be at a path that does not exist.
    Nowhere(PathBuf, Box<Mistake>),
}

/// What a file says of one connector: all of it, with the connector's own part and the profile over it.
fn laid_over(layers: &Layers, entry: Option<&Node>, profile: Option<&Node>) -> Layers {
    let mut layers = layers.clone();
    for part in [entry, profile].into_iter().flatten() {
        let root = std::mem::replace(&mut layers.root, Node::empty_mapping(part.span));
        layers.root = lay_over(root, part.clone());
        layers.over.push(part.span);
    }
    layers
}

fn take(root: &mut Node, key: &str) -> Option<Node> {
    match &mut root.kind {
        Kind::Mapping(entries) => entries.shift_remove(key).map(|entry| entry.value),
        _ => None,
    }
}

/// Every profile is looked at, whichever is wanted.
fn profile_of(layers: &mut Layers, profiles: Node, wanted: Option<&str>) -> Option<Node> {
    let Kind::Mapping(entries) = profiles.kind else {
        if !profiles.is_null() {
            let mistake = Mistake::at(profiles.span, "`profiles` must be a mapping");
            let mistake = mistake.label(format!("this is {}", found(&profiles)));
            layers.mistakes.push(mistake.help("write `NAME: { … }` with keys of a suite in it"));
        }
        return None;
    };
    let mut chosen = None;
    for (name, entry) in entries {
        let is_wanted = wanted == Some(name.as_str());
        if !entry.value.is_null() && check_keys(layers, &entry.value, "a profile", KEYS) && is_wanted {
            chosen = Some(entry.value);
        }
    }
    chosen
}

fn items(layers: &mut Layers, list: &Node) -> Vec<Node> {
    let help =
        "each begins with `- `: a mapping with a `name` and keys of a suite, or the path of a folder or suite file";
    match &list.kind {
        Kind::Sequence(items) if !items.is_empty() => items.clone(),
        Kind::Sequence(_) => {
            layers.mistakes.push(Mistake::at(list.span, "`connectors` lists no connector").help(help));
            Vec::new()
        }
        _ => {
            let mistake = Mistake::at(list.span, "`connectors` must be a list");
            layers.mistakes.push(mistake.label(format!("this is {}", found(list))).help(help));
            Vec::new()
        }
    }
}

/// Nothing is laid over a suite of its own file: where all are such, what this file says besides does nothing.
fn refuse_idle_keys(layers: &mut Layers, entries: &[Node]) {
    let is_path = |entry: &Node| matches!(entry.kind, Kind::Scalar { .. });
    if entries.is_empty() || !entries.iter().all(is_path) {
        return;
    }
    let idle = layers.root.entries().into_iter().flatten();
    let idle = idle.filter(|(_, entry)| layers.sources[entry.key.source].shipped.is_none());
    let mistakes: Vec<Mistake> = idle
        .map(|(key, entry)| {
            let message = format!("`{key}` does nothing here: every connector of this file has a suite of its own");
            Mistake::at(entry.key, message).help("write it into those suites, which can extend a common file")
        })
        .collect();
    layers.mistakes.extend(mistakes);
}

fn elsewhere(layers: &Layers, text: &str, span: Span) -> Item {
    let path: PathBuf = layers.sources[span.source].folder.join(text).components().collect();
    let path = if path.as_os_str().is_empty() { PathBuf::from(".") } else { path };
    if text.trim().is_empty() || !path.exists() {
        let message = format!("there is no connector at {}", quoted_path(&path));
        let help = "name a folder or a suite file, relative to this one; a connector that is described here is a mapping \
                    with a `name`";
        return Item::Nowhere(path, Box::new(Mistake::at(span, message).help(help)));
    }
    Item::Elsewhere(path, span)
}

/// The name of an entry, which is taken out of it. None where the entry is of no use.
fn name_of(layers: &mut Layers, entry: &mut Node, named: &mut Vec<(String, Span)>) -> Option<String> {
    if !check_keys(layers, entry, "a connector of the list", &[&["name"][..], KEYS].concat()) {
        return None;
    }
    let help = "a name stands in the ids of its launches: `- name: orders`";
    let name = match take(entry, "name") {
        Some(Node { kind: Kind::Scalar { text, .. }, span }) if !text.trim().is_empty() => (text, span),
        Some(node) => {
            layers.mistakes.push(Mistake::at(node.span, "`name` must be text").help(help));
            return None;
        }
        None => {
            layers.mistakes.push(Mistake::at(entry.span, "a connector of the list needs a `name`").help(help));
            return None;
        }
    };
    if let Some((_, first)) = named.iter().find(|(other, _)| *other == name.0) {
        let mistake = Mistake::at(name.1, format!("two connectors are called {}", quoted(&name.0)));
        layers.mistakes.push(mistake.also(Some(*first), "first here").help("rename one of them"));
        return None;
    }
    named.push(name.clone());
    Some(name.0)
}

/// Checks that a node is a mapping with known keys only.
fn check_keys(layers: &mut Layers, node: &Node, what: &str, known: &[&str]) -> bool {
    let Some(entries) = node.entries() else {
        let mistake = Mistake::at(node.span, format!("{what} must be a mapping"));
        let mistake = mistake.label(format!("this is {}", found(node)));
        layers.mistakes.push(mistake.help(format!("its keys are {}", known.join(", "))));
        return false;
    };
    for (key, entry) in entries.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
        let help = match nearest(key, known.iter().copied()) {
            _ if OF_THE_FILE.contains(&key.as_str()) => "it is about the whole file: write it at its top".to_owned(),
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known keys are {}", known.join(", ")),
        };
        let mistake = Mistake::at(entry.key, format!("{} is not a key of {what}", quoted(key)));
        layers.mistakes.push(mistake.label("unknown key").help(help));
    }
    true
}

/// The mistake of a profile that no file offers.
pub(super) fn unknown_profile(wanted: &str, offered: &[String]) -> Mistake {
    let list: Vec<String> = offered.iter().map(|name| quoted(name)).collect();
    let (near, help) = match list.len() {
        0 => (None, "the suite has no `profiles`: leave out `--profile`, or add one".to_owned()),
        _ => (nearest(wanted, offered.iter().map(String::as_str)), format!("its profiles are {}", list.join(", "))),
    };
    let help = near.map_or(help.clone(), |near| format!("did you mean {}? {help}", quoted(near)));
    Mistake::new(Place::Nowhere, format!("there is no profile {}", quoted(wanted))).help(help)
}
