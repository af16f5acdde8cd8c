//! What a catalog says anew of a stream as a whole, and what follows from that: by another key other records are sampled, by
//! another cursor the state is of another form, and without a mode there is no state of it. That is one question.

use super::{Change, Found, Shape, Subject};
use crate::protocol::Descriptor;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const KEY: &str = "source_defined_primary_key";
const CURSOR: &str = "default_cursor_field";
const MODES: &str = "supported_sync_modes";

/// What the catalogs say anew, by scenario and stream.
#[derive(Debug, Default)]
pub(super) struct Declared(BTreeMap<(String, Descriptor), BTreeMap<&'static str, Said>>);

/// What is said anew in one member of a stream.
#[derive(Debug)]
struct Said {
    shape: Shape,
    /// The fields that are named, before or now.
    fields: BTreeSet<Vec<String>>,
}

impl Declared {
    /// Takes a change of the catalog into account, and the question that it belongs to.
    pub fn note(&mut self, scenario: &str, subject: &Subject, change: &Change, shape: &Shape) {
        let Subject::Catalog(stream) = subject else { return };
        let Some(first) = change.pointer.split('/').nth(1) else { return };
        let Some(member) = [KEY, CURSOR, MODES].into_iter().find(|member| *member == first) else { return };
        let members = self.0.entry((scenario.to_owned(), stream.clone())).or_default();
        let said = members.entry(member).or_insert_with(|| Said { shape: shape.clone(), fields: BTreeSet::new() });
        for value in [&change.before, &change.after].into_iter().flatten() {
            said.fields.extend(named(value));
        }
    }

    fn said(&self, scenario: &str, stream: &Descriptor, member: &str) -> Option<&Said> {
        self.0.get(&(scenario.to_owned(), stream.clone()))?.get(member)
    }

    /// The question that a change of something else than a field belongs to, if the catalog explains it.
    pub fn explains(&self, scenario: &str, subject: &Subject) -> Option<Shape> {
        let member = match subject {
            Subject::Records(_) => KEY,
            Subject::State(_) | Subject::IncrementalState(_) => CURSOR,
            _ => return None,
        };
        Some(self.said(scenario, subject.stream()?, member)?.shape.clone())
    }

    /// The same of the years that a field's values lie in: those are told of keys and cursors alone.
    pub fn explains_reach(&self, scenario: &str, found: &Found, path: &[String]) -> Option<Shape> {
        let (Subject::Shape(stream), change) = found else { return None };
        if !change.pointer.split('/').any(|step| step == "years") {
            return None;
        }
        let said = [KEY, CURSOR].into_iter().filter_map(|member| self.said(scenario, stream, member));
        said.filter(|said| said.fields.contains(path)).map(|said| said.shape.clone()).next()
    }

    /// The same of a state that is no longer there.
    pub fn explains_absence(&self, scenario: &str, subject: &Subject) -> Option<Shape> {
        let Subject::IncrementalState(stream) = subject else { return None };
        Some(self.said(scenario, stream, MODES)?.shape.clone())
    }
}

/// The paths of fields in a key, or in a part of one: a list of names, or a list of such lists.
fn named(value: &Value) -> Vec<Vec<String>> {
    let Value::Array(items) = value else {
        return value.as_str().map(|name| vec![name.to_owned()]).into_iter().collect();
    };
    let names: Option<Vec<String>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
    match names {
        Some(path) => vec![path],
        None => items.iter().flat_map(named).collect(),
    }
}
