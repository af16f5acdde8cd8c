//! Changes of one shape, brought together across subjects, streams and scenarios.
//!
//! What happens to a field shows in several subjects: a new one is in the catalog, in the shape, and in each record. All of
//! that is one event of that field in that stream; and the same event in other streams is the same question.

mod declared;

use super::Subject;
use super::difference::{Change, What, named_types, type_of};
use super::field::{About, about, types};
use super::question::{Matter, NAMES, Question, Spot, told_place};
use crate::protocol::Descriptor;
use crate::text;
use declared::Declared;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Characters of a path or value in a title.
const LONGEST: usize = 80;

/// One change, and in which file.
type Found = (Subject, Change);
/// Changes by the field that they are about.
type ByField = BTreeMap<Vec<String>, Vec<(bool, Found)>>;

/// What is alike in all changes of one question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Shape {
    what: What,
    /// Which field, or where else.
    place: Place,
    before: BTreeSet<String>,
    after: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Field(Vec<String>),
    /// Something that the catalog says of a field.
    Attribute(Vec<String>, String),
    Records,
    /// The form of a state.
    State,
    Other(&'static str, String),
}

/// Changes, sorted into questions as they come.
#[derive(Debug, Default)]
pub(super) struct Groups {
    fields: BTreeMap<(String, Descriptor), ByField>,
    shapes: BTreeMap<Shape, BTreeMap<(String, Subject), Vec<Change>>>,
    declared: Declared,
}

impl Groups {
    /// Takes the changes of one file. Those of catalogs come first, since they explain others.
    pub fn add(&mut self, scenario: &str, subject: &Subject, changes: Vec<Change>) {
        let of_file = is_state(subject).then(|| of_state(&changes));
        for change in changes {
            let explained = self.declared.explains(scenario, subject);
            match (about(subject, &change.pointer), subject.stream()) {
                (About::Field { path, whole }, Some(stream)) => {
                    let fields = self.fields.entry((scenario.to_owned(), stream.clone())).or_default();
                    fields.entry(path).or_default().push((whole, (subject.clone(), change)));
                }
                (About::Record, _) => {
                    let (before, after) = (BTreeSet::new(), BTreeSet::new());
                    let shape = Shape { what: What::Value, place: Place::Records, before, after };
                    self.put(explained.unwrap_or(shape), scenario, (subject.clone(), change));
                }
                _ => {
                    let shape = explained.or_else(|| of_file.clone()).unwrap_or_else(|| other(subject, &change));
                    self.declared.note(scenario, subject, &change, &shape);
                    self.put(shape, scenario, (subject.clone(), change));
                }
            }
        }
    }

    /// Takes what is no longer there, if a change of the catalog explains it; gives it back otherwise.
    pub fn add_absence(&mut self, scenario: &str, subject: &Subject, change: Change) -> Option<Change> {
        match self.declared.explains_absence(scenario, subject) {
            None => Some(change),
            Some(shape) => {
                self.put(shape, scenario, (subject.clone(), change));
                None
            }
        }
    }

    fn put(&mut self, shape: Shape, scenario: &str, (subject, change): Found) {
        self.shapes.entry(shape).or_default().entry((scenario.to_owned(), subject)).or_default().push(change);
    }

    /// The questions, sorted by what happened and to what.
    pub fn questions(mut self) -> Vec<Question> {
        for ((scenario, _), fields) in std::mem::take(&mut self.fields) {
            self.put_fields(&scenario, fields);
        }
        self.join_untyped();
        let questions = self.shapes.into_iter().map(|(shape, files)| {
            let spots = files.into_iter().map(|((scenario, subject), changes)| Spot { scenario, subject, changes });
            let spots: Vec<Spot> = spots.collect();
            Question::new(title(&shape, &spots), Matter::Changed(shape.what), spots)
        });
        questions.collect()
    }

    /// Where only records show that a field came or went, its type may be unknown: then it is the event of that field that
    /// is known from elsewhere, if there is but one.
    fn join_untyped(&mut self) {
        let is_untyped = |shape: &Shape| {
            let is_event = matches!(shape.what, What::Added | What::Removed);
            is_event && matches!(shape.place, Place::Field(_)) && shape.before.is_empty() && shape.after.is_empty()
        };
        let untyped: Vec<Shape> = self.shapes.keys().filter(|shape| is_untyped(shape)).cloned().collect();
        for shape in untyped {
            let is_alike = |other: &&Shape| {
                **other != shape && other.what == shape.what && other.place == shape.place && !is_untyped(other)
            };
            let alike: Vec<Shape> = self.shapes.keys().filter(is_alike).cloned().collect();
            let [typed] = alike.as_slice() else { continue };
            let moved = self.shapes.remove(&shape).unwrap_or_default();
            let files = self.shapes.entry(typed.clone()).or_default();
            moved.into_iter().for_each(|(file, changes)| files.entry(file).or_default().extend(changes));
        }
    }

    /// The changes of one stream's fields. What comes or goes takes along what is in it.
    fn put_fields(&mut self, scenario: &str, fields: ByField) {
        let mut moved: Option<(Vec<String>, Shape)> = None;
        // A field stands before what is in it.
        for (path, found) in fields {
            let within = moved.as_ref().filter(|(outer, _)| path.starts_with(outer)).map(|(_, shape)| shape.clone());
            let event = within.or_else(|| event(&path, &found));
            let is_within = moved.as_ref().is_some_and(|(outer, _)| path.starts_with(outer));
            let comes_or_goes = |shape: &&Shape| matches!(shape.what, What::Added | What::Removed);
            if let Some(shape) = event.as_ref().filter(comes_or_goes).filter(|_| !is_within) {
                moved = Some((path.clone(), shape.clone()));
            }
            for (_, found) in found {
                let explained = || self.declared.explains_reach(scenario, &found, &path);
                let shape = event.clone().or_else(explained).unwrap_or_else(|| of_values(&path, &found));
                self.put(shape, scenario, found);
            }
        }
    }
}

/// What happened to a field as such: it came, it went, or its type is another. The catalog knows best, then the shape.
fn event(path: &[String], found: &[(bool, Found)]) -> Option<Shape> {
    let rank = |subject: &Subject| match subject {
        Subject::Catalog(_) => 0,
        Subject::Shape(_) => 1,
        _ => 2,
    };
    for level in 0..=2 {
        let of_level = || found.iter().filter(|(_, (subject, _))| rank(subject) == level);
        let whole = |what| of_level().any(|(whole, (_, change))| *whole && change.what == what);
        let what = match (whole(What::Added), whole(What::Removed)) {
            (true, false) => What::Added,
            (false, true) => What::Removed,
            _ if of_level().any(|(_, (_, change))| change.what == What::Retyped) => What::Retyped,
            _ => continue,
        };
        let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
        for (whole, (subject, change)) in of_level().filter(|(_, (_, change))| change.what == what) {
            let of = |value: &Option<Value>| match value {
                None => BTreeSet::new(),
                Some(value) if *whole => types(subject, value),
                Some(value) => named_types(value).into_iter().flatten().map(str::to_owned).collect(),
            };
            before.extend(of(&change.before));
            after.extend(of(&change.after));
        }
        if level == 2 {
            // Whether the sample has a null in it is chance.
            before.remove("null");
            after.remove("null");
        }
        return Some(Shape { what, place: Place::Field(path.to_vec()), before, after });
    }
    None
}

/// A change of what a field's values are like, or of something that the catalog says of it.
fn of_values(path: &[String], (subject, change): &Found) -> Shape {
    let place = match subject {
        Subject::Catalog(_) => {
            let attribute = change.pointer.rsplit('/').next().unwrap_or_default();
            Place::Attribute(path.to_vec(), attribute.replace("~1", "/").replace("~0", "~"))
        }
        _ => Place::Field(path.to_vec()),
    };
    let what = if matches!(place, Place::Field(_)) { What::Value } else { change.what };
    Shape { what, place, before: BTreeSet::new(), after: BTreeSet::new() }
}

/// A change of something else than fields. Of what the connector declares, the values count; of the rest, their types.
fn other(subject: &Subject, change: &Change) -> Shape {
    let is_declared = matches!(subject, Subject::Catalog(_) | Subject::Specification | Subject::Exits);
    let told = |value: &Option<Value>| {
        let told = value.iter().map(|value| match is_declared {
            true => text::json(value, 2 * LONGEST),
            false => type_of(value).to_owned(),
        });
        told.collect()
    };
    Shape {
        what: change.what,
        place: Place::Other(subject.aspect(), change.pointer.clone()),
        before: told(&change.before),
        after: told(&change.after),
    }
}

fn is_state(subject: &Subject) -> bool {
    matches!(
        subject,
        Subject::State(_) | Subject::GlobalState | Subject::IncrementalState(_) | Subject::GlobalIncrementalState
    )
}

/// All changes of the form of one state: what takes the place of what can't be told.
fn of_state(changes: &[Change]) -> Shape {
    let name = |change: &Change| {
        let pointer = change.pointer.split_once("/fields/").map_or(change.pointer.as_str(), |(_, field)| field);
        pointer.replace("~1", "/").replace("~0", "~")
    };
    let named = |is_it: fn(&Change) -> bool| changes.iter().filter(|change| is_it(change)).map(name).collect();
    Shape {
        what: What::Value,
        place: Place::State,
        before: named(|change| change.before.is_some()),
        after: named(|change| change.after.is_some()),
    }
}

/// What became of the members of a state, in words.
fn told_state(shape: &Shape) -> String {
    let listed = |names: Vec<&String>| {
        let more = names.len().saturating_sub(NAMES);
        let shown: Vec<String> = names.into_iter().take(NAMES).map(|name| format!("`{}`", cut(name))).collect();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{}{more}", shown.join(", "))
    };
    let gone: Vec<&String> = shape.before.difference(&shape.after).collect();
    let new: Vec<&String> = shape.after.difference(&shape.before).collect();
    let other: Vec<&String> = shape.before.intersection(&shape.after).collect();
    let kinds = [(gone, "gone"), (new, "new"), (other, "otherwise")];
    let told = kinds.into_iter().filter(|(names, _)| !names.is_empty());
    told.map(|(names, word)| format!("{word}: {}", listed(names))).collect::<Vec<_>>().join("; ")
}

fn title(shape: &Shape, spots: &[Spot]) -> String {
    let place = told_place(spots);
    let types = |types: &BTreeSet<String>| types.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let in_brackets =
        |set: &BTreeSet<String>| if set.is_empty() { String::new() } else { format!(" ({})", types(set)) };
    match (&shape.place, shape.what) {
        (Place::Field(path), What::Added) => format!("new field {}{} {place}", told(path), in_brackets(&shape.after)),
        (Place::Field(path), What::Removed) => {
            format!("field {}{} is gone {place}", told(path), in_brackets(&shape.before))
        }
        (Place::Field(path), What::Retyped) => {
            let was = if shape.before.is_empty() { "nothing".to_owned() } else { types(&shape.before) };
            format!("field {}: {was} → {} {place}", told(path), types(&shape.after))
        }
        (Place::Field(path), What::Value) => format!("other values of {} {place}", told(path)),
        (Place::Attribute(path, attribute), what) => {
            let attribute = cut(attribute);
            format!("`{attribute}` of field {} {} {place}", told(path), verb(what))
        }
        (Place::Records, _) => {
            let all = || spots.iter().flat_map(|spot| &spot.changes);
            let new = all().filter(|change| change.before.is_none()).count();
            let gone = all().filter(|change| change.after.is_none()).count();
            format!("other records in the sample, {new} new and {gone} gone, {place}")
        }
        (Place::State, _) => format!("the state has another form {place} ({})", told_state(shape)),
        (Place::Other(aspect, pointer), what) => {
            let at = if pointer.is_empty() { String::new() } else { format!(" `{}`", cut(pointer)) };
            format!("{aspect}:{at} {} {place}", verb(what))
        }
    }
}

fn verb(what: What) -> &'static str {
    match what {
        What::Added => "is new",
        What::Removed => "is gone",
        What::Retyped => "has another type",
        What::Value => "is another",
    }
}

fn told(path: &[String]) -> String {
    format!("`{}`", cut(&path.join(".")))
}

fn cut(text: &str) -> String {
    text::shorten(&text::visible(text), LONGEST)
}

#[cfg(test)]
mod tests;
