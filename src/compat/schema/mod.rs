//! Two schemas, side by side: every single difference, each under a rule. One cause is one change: what is within a field that
//! is new, gone or of another type is not told again.

mod choices;
mod keywords;
mod members;
mod types;

use super::change::Change;
use super::rules::{self, Rule};
use crate::protocol::schema::{canonical, positions};
use serde_json::{Map, Value};

/// How many steps a comparison may take.
const STEPS: usize = 200_000;
/// What asking whether one schema contains another costs, in steps.
const QUESTION: usize = 40;
/// How deep schemas are followed.
const DEPTH: usize = 48;
/// How many references follow each other at one place.
const HOPS: usize = 8;

/// Two versions that are too large to be compared, or whose schemas refer to themselves too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the two versions are too large to be compared: give them fewer fields, or schemas that refer to themselves less"
)]
pub struct TooLarge;

/// What a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Configs, which are validated and kept.
    Config,
    /// Records, which destinations build columns for.
    Records,
}

/// Every difference between two schemas, with pointers below `pointer`.
pub(super) fn changes(roots: [&Value; 2], of: Of, pointer: &str) -> Result<Vec<Change>, TooLarge> {
    let has_references = |root: &&Value| positions(root).iter().any(|place| place.keyword("$ref").is_some());
    let is_plain = !roots.iter().any(has_references);
    let mut walk = Walk { roots, of, is_plain, steps: STEPS, found: Vec::new() };
    walk.compare(roots, &At { pointer: pointer.to_owned(), depth: 0, known: Vec::new() })?;
    Ok(walk.found)
}

/// A comparison under way.
struct Walk<'s> {
    roots: [&'s Value; 2],
    of: Of,
    /// Whether neither document has references.
    is_plain: bool,
    steps: usize,
    found: Vec<Change>,
}

/// Where a comparison is.
#[derive(Clone)]
struct At<'s> {
    pointer: String,
    depth: usize,
    /// Former schemas around this one that hold of the same value.
    known: Vec<&'s Value>,
}

impl<'s> At<'s> {
    /// Of another value, further down.
    fn within(&self, step: &str) -> At<'s> {
        At { pointer: format!("{}/{step}", self.pointer), depth: self.depth + 1, known: Vec::new() }
    }

    /// Of the same value, in a branch of `schema`.
    fn branch(&self, step: &str, schema: &'s Value) -> At<'s> {
        let known = self.known.iter().copied().chain([schema]).collect();
        At { known, ..self.within(step) }
    }

    fn keyword(&self, keyword: &str) -> String {
        format!("{}/{keyword}", self.pointer)
    }
}

impl<'s> Walk<'s> {
    /// Compares two schemas of one value.
    fn compare(&mut self, pair: [&'s Value; 2], at: &At<'s>) -> Result<(), TooLarge> {
        self.spend(1)?;
        let [before, after] = [target(self.roots[0], pair[0]), target(self.roots[1], pair[1])];
        if at.depth > DEPTH || (self.is_plain && before == after) {
            return Ok(());
        }
        let (Value::Object(one), Value::Object(other)) = (before, after) else {
            if canonical(before) != canonical(after) && is_schema(before) && is_schema(after) {
                self.whole([before, after], at)?;
            }
            return Ok(());
        };
        self.annotations([one, other], at);
        if self.of == Of::Config && self.turned([before, after], at)? {
            return Ok(());
        }
        if self.types([before, after], at)? {
            return Ok(());
        }
        self.keywords([one, other], at)?;
        self.members([before, after], at)?;
        self.items([one, other], at)?;
        self.choices([before, after], at)?;
        self.conjunctions([before, after], at)
    }

    fn items(&mut self, [one, other]: [&'s Map<String, Value>; 2], at: &At<'s>) -> Result<(), TooLarge> {
        match [one.get("items"), other.get("items")] {
            [Some(Value::Array(one)), Some(Value::Array(other))] if one.len() == other.len() => {
                for (place, pair) in one.iter().zip(other).enumerate() {
                    self.compare([pair.0, pair.1], &at.within(&format!("items/{place}")))?;
                }
                Ok(())
            }
            [Some(one), Some(other)] if one.is_array() == other.is_array() && !one.is_array() => {
                self.compare([one, other], &at.within("items"))
            }
            values if same_or_idle(values) => Ok(()),
            values => self.composite("items", [one, other], values, at),
        }
    }

    fn conjunctions(&mut self, [before, after]: [&'s Value; 2], at: &At<'s>) -> Result<(), TooLarge> {
        let parts = [before, after].map(|schema| schema.get("allOf").and_then(Value::as_array));
        if let [Some(one), Some(other)] = parts
            && one.len() == other.len()
        {
            for (place, pair) in one.iter().zip(other).enumerate() {
                self.compare([pair.0, pair.1], &at.branch(&format!("allOf/{place}"), before))?;
            }
            return Ok(());
        }
        let values = [before, after].map(|schema| schema.get("allOf"));
        match ([before, after], values) {
            (_, values) if same_or_idle(values) => Ok(()),
            ([Value::Object(one), Value::Object(other)], values) => self.composite("allOf", [one, other], values, at),
            _ => Ok(()),
        }
    }

    fn push(&mut self, rule: &'static Rule, pointer: String, values: [Option<&Value>; 2]) {
        self.found.push(Change::new(rule, pointer, values));
    }

    fn spend(&mut self, steps: usize) -> Result<(), TooLarge> {
        self.steps = self.steps.checked_sub(steps).ok_or(TooLarge)?;
        Ok(())
    }

    /// `true` or `false`, or something that became one of them.
    fn whole(&mut self, pair: [&'s Value; 2], at: &At<'s>) -> Result<(), TooLarge> {
        let rule = match self.of {
            Of::Records => rules::RECORDS_CONSTRAINED,
            Of::Config => self.weighed(pair, rules::CONSTRAINT_NARROWED, rules::CONSTRAINT_CHANGED)?,
        };
        self.push(rule, at.pointer.clone(), pair.map(Some));
        Ok(())
    }
}

fn is_schema(value: &Value) -> bool {
    value.is_object() || value.is_boolean()
}

/// Whether two values of a keyword are the same, or it is in neither.
fn same_or_idle(values: [Option<&Value>; 2]) -> bool {
    match values {
        [None, None] => true,
        [Some(one), Some(other)] => canonical(one) == canonical(other),
        _ => false,
    }
}

/// The schema that a local reference leads to, or the schema itself.
fn target<'s>(root: &'s Value, mut schema: &'s Value) -> &'s Value {
    for _ in 0..HOPS {
        let reference = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
        match reference.and_then(|pointer| root.pointer(pointer)) {
            Some(next) => schema = next,
            None => break,
        }
    }
    schema
}

/// A part of a document by itself, with the definitions that its references need.
fn standalone(root: &Value, schema: &Value) -> Value {
    let mut whole = schema.clone();
    if let Value::Object(members) = &mut whole {
        for name in ["definitions", "$defs"] {
            if let Some(definitions) = root.get(name).filter(|_| !members.contains_key(name)) {
                members.insert(name.to_owned(), definitions.clone());
            }
        }
    }
    whole
}
