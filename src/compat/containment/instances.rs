//! Instances of a schema: values that are meant to be valid under it. Whether one is, the validator says.

use super::Undeclared;
use super::chooser::{About, Chooser};
use super::facts::{Facts, Part};
use super::kinds::Kinds;
use super::lists::item;
use super::proof::Prover;
use super::shapes::{self, Hints};
use super::texts;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// How deep optional members are given, and required ones.
const OPTIONAL: usize = 6;
const REQUIRED: usize = 24;
/// How many values one instance has.
const NODES: usize = 20_000;

/// What it costs to find out the values of a place, in values of an instance.
const VALUES_COST: usize = 20;

/// What the values of a place depend on.
type Place = (Vec<usize>, Kinds, Vec<usize>);

/// Makes instances of the former schema, with an eye on the later one.
pub(super) struct Maker<'s> {
    schemas: [&'s Value; 2],
    undeclared: Undeclared,
    prover: Prover<'s>,
    values: HashMap<Place, Rc<Vec<Value>>>,
    nodes: usize,
    /// Names of optional members that even a sparse instance has: those on the way to what is in doubt.
    pub wanted: HashSet<String>,
    /// How much was spent on finding out values since it was last asked.
    pub spent: usize,
}

impl<'s> Maker<'s> {
    pub fn new(schemas: [&'s Value; 2], undeclared: Undeclared) -> Self {
        let prover = Prover::new(schemas[0], schemas[1], undeclared);
        Maker { schemas, undeclared, prover, values: HashMap::new(), nodes: 0, wanted: HashSet::new(), spent: 0 }
    }

    /// An instance. None where these choices lead to none.
    pub fn make(&mut self, chooser: &mut Chooser) -> Option<Value> {
        self.nodes = NODES;
        let (before, after) = (Part::former(self.schemas[0]), Part::latter(self.schemas[1]));
        self.value(Facts::of(before), &Hints::of([after]), chooser, 0)
    }

    fn value(&mut self, mut facts: Facts<'s>, hints: &Hints<'s>, chooser: &mut Chooser, depth: usize) -> Option<Value> {
        self.nodes = self.nodes.checked_sub(1).filter(|_| depth < REQUIRED)?;
        while let Some(mut cases) = facts.split() {
            let place = chooser.choose(About::Branch, cases.len());
            facts = (place < cases.len()).then(|| cases.swap_remove(place))?;
        }
        let values = self.values_of(&facts, hints);
        // What lists its values has these, whatever kinds they are.
        let is_listed = facts.keyword("enum").chain(facts.keyword("const")).next().is_some();
        let mut forms: Vec<Form> = Vec::new();
        if facts.kinds.meets(Kinds::OBJECT) && !is_listed {
            forms.push(Form::Object);
        }
        if facts.kinds.meets(Kinds::ARRAY) && !is_listed {
            forms.push(Form::Array);
        }
        if !values.is_empty() {
            let is_open = facts.kinds == Kinds::ALL && facts.declared().is_empty();
            forms.insert(if is_open { 0 } else { forms.len() }, Form::Listed);
        }
        let form = match forms.len() {
            0 => return None,
            1 => forms[0],
            several => forms[chooser.choose(About::Branch, several)],
        };
        match form {
            Form::Listed => values.get(chooser.choose(About::Content, values.len())).cloned(),
            Form::Object => self.object(&facts, hints, chooser, depth),
            Form::Array => self.array(&facts, hints, chooser, depth),
        }
    }

    fn values_of(&mut self, facts: &Facts<'s>, hints: &Hints<'s>) -> Rc<Vec<Value>> {
        let known = |part: &Part<'s>| std::ptr::from_ref(part.schema).addr();
        let place = (facts.identity(), facts.kinds, hints.0.iter().map(known).collect());
        if let Some(values) = self.values.get(&place) {
            return Rc::clone(values);
        }
        self.spent += VALUES_COST;
        let values = Rc::new(shapes::values(&mut self.prover, facts, hints));
        self.values.insert(place, Rc::clone(&values));
        values
    }

    fn object(&mut self, facts: &Facts<'s>, hints: &Hints<'s>, chooser: &mut Chooser, depth: usize) -> Option<Value> {
        let declared = facts.declared();
        let required: HashSet<&str> = facts.required().collect();
        let undeclared: Vec<&str> = required.iter().copied().filter(|name| !declared.contains(name)).collect();
        let is_bare = declared.is_empty();
        let mut members = Map::new();
        for name in declared.into_iter().chain(undeclared) {
            let is_required = required.contains(name);
            if !is_required && (depth > OPTIONAL || !chooser.is_present(self.wanted.contains(name))) {
                continue;
            }
            match self.member(facts, hints, name, chooser, depth) {
                Some(value) => {
                    members.insert(name.to_owned(), value);
                }
                None if is_required => return None,
                None => {}
            }
        }
        if depth <= OPTIONAL {
            self.more_members(facts, hints, is_bare, &mut members, chooser, depth);
        }
        Some(Value::Object(members))
    }

    fn member(
        &mut self,
        facts: &Facts<'s>,
        hints: &Hints<'s>,
        name: &str,
        chooser: &mut Chooser,
        depth: usize,
    ) -> Option<Value> {
        let member = self.prover.member(facts, name);
        self.value(member, &hints.member(name), chooser, depth + 1)
    }

    /// Members that the former schema does not declare by name: those that match its patterns or that it takes besides,
    /// and those that only the later one knows, where they may be there.
    fn more_members(
        &mut self,
        facts: &Facts<'s>,
        hints: &Hints<'s>,
        is_bare: bool,
        members: &mut Map<String, Value>,
        chooser: &mut Chooser,
        depth: usize,
    ) {
        let patterns: Vec<&str> = facts
            .parts
            .iter()
            .filter_map(|part| part.members("patternProperties"))
            .flat_map(|patterns| patterns.keys().map(String::as_str))
            .collect();
        let mut names: Vec<String> =
            patterns.into_iter().filter_map(|pattern| texts::matching(pattern).into_iter().next()).collect();
        let is_map = facts.keyword("additionalProperties").any(Value::is_object);
        if is_map || is_bare || self.undeclared == Undeclared::Anything {
            names.extend(hints.names().into_iter().map(str::to_owned));
            names.push("undeclared".to_owned());
        }
        for name in names {
            // The usual instance has none of them.
            if members.contains_key(&name) || chooser.choose(About::Branch, 2) == 0 {
                continue;
            }
            if let Some(value) = self.member(facts, hints, &name, chooser, depth) {
                members.insert(name, value);
            }
        }
    }

    fn array(&mut self, facts: &Facts<'s>, hints: &Hints<'s>, chooser: &mut Chooser, depth: usize) -> Option<Value> {
        let sizes = shapes::sizes(facts, hints);
        let mut size = *sizes.get(chooser.choose(About::Branch, sizes.len()))?;
        if depth > OPTIONAL && sizes.contains(&0) {
            size = 0;
        }
        let is_unique = facts.keyword("uniqueItems").any(|unique| unique == &Value::Bool(true));
        let tuple = facts.keyword("items").filter_map(Value::as_array).map(Vec::len).max().unwrap_or(0);
        let mut items: Vec<Value> = Vec::new();
        for place in 0..size {
            let mut item = item(facts, place);
            if place == 0 {
                // One is to be what `contains` wants.
                let wanted = facts.parts.iter().filter_map(|part| Some(part.at(part.keyword("contains")?)));
                wanted.for_each(|part| item.add(part));
            }
            let hints = hints.item(place);
            let next = match items.last() {
                Some(last) if place > tuple.max(1) && !is_unique => Some(last.clone()),
                Some(_) if is_unique => {
                    let values = self.values_of(&item, &hints);
                    values.iter().find(|value| !items.contains(value)).cloned()
                }
                _ => self.value(item, &hints, chooser, depth + 1),
            };
            match next {
                Some(next) => items.push(next),
                None if sizes.contains(&items.len()) => break,
                None => return None,
            }
        }
        Some(Value::Array(items))
    }
}

#[derive(Clone, Copy)]
enum Form {
    Object,
    Array,
    Listed,
}
