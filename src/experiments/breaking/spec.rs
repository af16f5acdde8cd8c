//! Two specifications: what makes a config invalid that was valid, and what Airbyte's acceptance tests call breaking besides.

use super::bounds::bounds;
use super::{BUDGET, Change, DEPTH, branches, targets};
use crate::protocol::schema::{CompiledSchema, canonical, declares, escaped, kinds};
use crate::rules::Level;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

const REQUIRED: &str = "a field must be given that need not be given before";
const TYPE: &str = "a field takes other types than before";
const FORMAT: &str = "a field has another format than before";
const AIRBYTE_TYPE: &str = "a field has another airbyte_type than before";
const VALUES: &str = "a field takes fewer values than before";
const PROPERTY: &str = "a field is gone";
const CLOSED: &str = "a field is gone, and no other than the declared ones may be given";

/// What the specification of a new version changes about that of the former: two `connectionSpecification`s. None where
/// they are too large to be compared.
pub(in crate::experiments) fn changes(before: &Value, after: &Value) -> Option<Vec<Change>> {
    let has_no_references = [before, after].iter().all(|root| has_no_reference(root));
    let mut walk = Walk { roots: [before, after], has_no_references, budget: BUDGET };
    let mut found = Vec::new();
    walk.compare(
        [before, after],
        At { pointer: "/connectionSpecification", depth: 0, given: &BTreeSet::new() },
        &mut found,
    )?;
    let mut known = BTreeSet::new();
    found.retain(|change: &Change| known.insert((change.pointer.clone(), change.what)));
    Some(found)
}

pub(super) struct Walk<'s> {
    pub roots: [&'s Value; 2],
    has_no_references: bool,
    pub budget: usize,
}

/// Where a comparison is.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub pointer: &'a str,
    pub depth: usize,
    /// Names of fields that had to be given by what stands around these schemas.
    pub given: &'a BTreeSet<&'a str>,
}

impl<'a> At<'a> {
    /// Of another value, further down.
    fn below(self, pointer: &'a str, none: &'a BTreeSet<&'a str>) -> At<'a> {
        At { pointer, depth: self.depth + 1, given: none }
    }
}

impl<'s> Walk<'s> {
    /// Compares two schemas of one value. None where the budget is used up.
    pub fn compare(&mut self, pair: [&'s Value; 2], at: At<'_>, found: &mut Vec<Change>) -> Option<()> {
        let [before, after] = targets(self.roots, pair, &mut self.budget)?;
        let (Value::Object(one), Value::Object(other)) = (before, after) else { return Some(()) };
        if at.depth > DEPTH || self.is_same([before, after]) {
            return Some(());
        }
        if at.depth > 0 {
            self.types([before, after], at.pointer, found);
            words([one, other], at.pointer, found);
        }
        self.values([before, after], at.pointer, found);
        bounds([one, other], at.pointer, found);
        required([one, other], at, found);
        self.properties([before, after], at, found)?;
        self.items([one, other], at, found)?;
        let mut given: BTreeSet<&str> = at.given.clone();
        given.extend(names(before.get("required")));
        self.choices([before, after], At { given: &given, ..at }, found)?;
        let parts = [one, other].map(|schema| schema.get("allOf").and_then(Value::as_array));
        if let [Some(one), Some(other)] = parts
            && one.len() == other.len()
        {
            for (place, pair) in one.iter().zip(other).enumerate() {
                let pointer = format!("{}/allOf/{place}", at.pointer);
                let at = At { pointer: &pointer, depth: at.depth + 1, given: &given };
                self.compare([pair.0, pair.1], at, found)?;
            }
        }
        Some(())
    }

    /// Whether nothing in them can differ.
    fn is_same(&self, [before, after]: [&Value; 2]) -> bool {
        self.has_no_references && canonical(before) == canonical(after)
    }

    fn types(&self, [before, after]: [&Value; 2], pointer: &str, found: &mut Vec<Change>) {
        if before.get("type").is_none() && allowed(before).is_some() {
            // Its values are looked at one by one.
            return;
        }
        let [one, other] = [kinds(self.roots[0], before), kinds(self.roots[1], after)];
        let level = match (&one, &other) {
            (Some(one), Some(other)) => {
                let missing: Vec<&&str> = one.iter().filter(|kind| !other.contains(kind)).collect();
                let is_whole = |kind: &&&str| **kind == "integer" && other.contains(&"number");
                match missing.as_slice() {
                    [] => return,
                    // A value without fraction is a number as well.
                    missing if missing.iter().all(is_whole) => Level::Should,
                    _ if after.get("type").is_none() && branches(after).is_none() => return,
                    _ => Level::Must,
                }
            }
            (None, Some(_)) if before.get("type").is_none() && after.get("type").is_some() => Level::Must,
            (Some(_), None) if before.get("type").is_some() && after.get("type").is_none() => Level::Should,
            _ => return,
        };
        let values = [before.get("type"), after.get("type")];
        found.push(Change::at(format!("{pointer}/type"), TYPE, level, values));
    }

    /// What stood in an `enum` or `const` and is taken no longer.
    fn values(&self, [before, after]: [&Value; 2], pointer: &str, found: &mut Vec<Change>) {
        let (keyword, limit) = match [after.get("enum"), after.get("const")] {
            [Some(limit), _] => ("enum", limit),
            [None, Some(limit)] => ("const", limit),
            [None, None] => return self.values_of_choice([before, after], pointer, found),
        };
        let now = allowed(after).unwrap_or_default();
        let is_gone = match allowed(before) {
            Some(known) => known.iter().any(|value| !now.iter().any(|other| canonical(other) == canonical(value))),
            None => true,
        };
        if is_gone {
            let stood = before.get("enum").or_else(|| before.get("const"));
            found.push(Change::at(format!("{pointer}/{keyword}"), VALUES, Level::Must, [stood, Some(limit)]));
        }
    }

    /// Values that became the branches of a choice.
    fn values_of_choice(&self, [before, after]: [&Value; 2], pointer: &str, found: &mut Vec<Change>) {
        let (Some(known), Some((keyword, list))) = (allowed(before), branches(after)) else { return };
        let Ok(compiled) = CompiledSchema::compile(after) else { return };
        if known.iter().any(|value| !compiled.accepts(value)) {
            let stood = before.get("enum").or_else(|| before.get("const"));
            let now = Value::from(list.to_vec());
            found.push(Change::at(format!("{pointer}/{keyword}"), VALUES, Level::Must, [stood, Some(&now)]));
        }
    }

    fn properties(&mut self, [before, after]: [&'s Value; 2], at: At<'_>, found: &mut Vec<Change>) -> Option<()> {
        let Some(known) = before.get("properties").and_then(Value::as_object) else { return Some(()) };
        for (name, schema) in known {
            let pointer = format!("{}/properties/{}", at.pointer, escaped(name));
            match after.get("properties").and_then(|properties| properties.get(name)) {
                Some(now) => self.compare([schema, now], at.below(&pointer, &BTreeSet::new()), found)?,
                None if declares(self.roots[1], after, std::slice::from_ref(name)) => {}
                None => {
                    let is_closed = after.get("additionalProperties") == Some(&Value::Bool(false));
                    let (what, level) = if is_closed { (CLOSED, Level::Must) } else { (PROPERTY, Level::Info) };
                    found.push(Change::at(pointer, what, level, [Some(schema), None]));
                }
            }
        }
        Some(())
    }

    fn items(&mut self, [one, other]: [&'s Map<String, Value>; 2], at: At<'_>, found: &mut Vec<Change>) -> Option<()> {
        let none = BTreeSet::new();
        match (one.get("items"), other.get("items")) {
            (Some(Value::Array(one)), Some(Value::Array(other))) => {
                for (place, pair) in one.iter().zip(other).enumerate() {
                    let pointer = format!("{}/items/{place}", at.pointer);
                    self.compare([pair.0, pair.1], at.below(&pointer, &none), found)?;
                }
                Some(())
            }
            (Some(one), Some(other)) => {
                let pointer = format!("{}/items", at.pointer);
                self.compare([one, other], at.below(&pointer, &none), found)
            }
            _ => Some(()),
        }
    }
}

/// The values that a schema takes, where it names them.
pub(super) fn allowed(schema: &Value) -> Option<Vec<&Value>> {
    match schema.get("const") {
        Some(only) => Some(vec![only]),
        None => Some(schema.get("enum")?.as_array()?.iter().collect()),
    }
}

fn has_no_reference(root: &Value) -> bool {
    match root {
        Value::Object(members) => !members.contains_key("$ref") && members.values().all(has_no_reference),
        Value::Array(items) => items.iter().all(has_no_reference),
        _ => true,
    }
}

fn names(required: Option<&Value>) -> impl Iterator<Item = &str> {
    required.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn required([one, other]: [&Map<String, Value>; 2], at: At<'_>, found: &mut Vec<Change>) {
    let known: BTreeSet<&str> = names(one.get("required")).chain(at.given.iter().copied()).collect();
    let new: Vec<Value> = names(other.get("required")).filter(|name| !known.contains(name)).map(Value::from).collect();
    if !new.is_empty() {
        let pointer = format!("{}/required", at.pointer);
        found.push(Change::at(pointer, REQUIRED, Level::Must, [one.get("required"), other.get("required")]));
    }
}

/// Keywords whose words must stay.
fn words([one, other]: [&Map<String, Value>; 2], pointer: &str, found: &mut Vec<Change>) {
    for (keyword, what, when_gone) in [("format", FORMAT, Level::Should), ("airbyte_type", AIRBYTE_TYPE, Level::Must)] {
        let [before, after] = [one.get(keyword), other.get(keyword)];
        if before != after {
            let level = if after.is_none() { when_gone } else { Level::Must };
            found.push(Change::at(format!("{pointer}/{keyword}"), what, level, [before, after]));
        }
    }
}
