//! The search for a counterexample: instances in a fixed order, until one is valid before and not after.
//!
//! Each choice in the making of an instance is made otherwise once, in an instance with the required members and those on
//! the way to what is in doubt, then in one with all members, and so again below each branch; what is left of the tries is made by chance, from a fixed seed.

use super::Undeclared;
use super::chooser::{About, Chance, Chooser, Made};
use super::instances::Maker;
use crate::protocol::schema::CompiledSchema;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// How many instances are tried.
pub(super) const TRIES: usize = 2_000;
/// How many values they have together.
const WORK: usize = 200_000;
/// How many instances whose branches differ are taken apart.
const BASES: usize = 64;
const SEED: u64 = 0x0a1b_70fe;

/// An instance that the first takes and the second does not, as small as leaving members out makes it. `doubt` is
/// where a proof failed, and `tries` how many are made at most.
pub(super) fn counterexample(
    schemas: [&Value; 2],
    compiled: [&CompiledSchema; 2],
    undeclared: Undeclared,
    doubt: &str,
    tries: usize,
) -> Option<Value> {
    let mut maker = Maker::new(schemas, undeclared);
    maker.wanted = doubt.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    let mut search = Search { maker, compiled, tries, work: WORK };
    let found = search.run()?;
    Some(search.smaller(found))
}

struct Search<'s> {
    maker: Maker<'s>,
    compiled: [&'s CompiledSchema; 2],
    tries: usize,
    work: usize,
}

/// The choices of an instance that others are made from.
struct Base {
    otherwise: BTreeMap<usize, usize>,
    is_sparse: bool,
    /// The last choice that was made otherwise: those before it have had their turn.
    from: usize,
}

impl Search<'_> {
    fn run(&mut self) -> Option<Value> {
        let mut bases: VecDeque<Base> =
            [true, false].map(|is_sparse| Base { otherwise: BTreeMap::new(), is_sparse, from: 0 }).into();
        let mut opened = bases.len();
        while let Some(base) = bases.pop_front() {
            let (made, found) = self.attempt(base.otherwise.clone(), base.is_sparse, None)?;
            if found.is_some() {
                return found;
            }
            for (place, choice) in made.iter().enumerate().skip(base.from) {
                for option in (0..choice.options).filter(|option| *option != choice.taken) {
                    let mut otherwise = base.otherwise.clone();
                    otherwise.insert(place, option);
                    let (_, found) = self.attempt(otherwise.clone(), base.is_sparse, None)?;
                    if found.is_some() {
                        return found;
                    }
                    if choice.about == About::Branch && opened < BASES {
                        opened += 1;
                        bases.push_back(Base { otherwise, is_sparse: base.is_sparse, from: place + 1 });
                    }
                }
            }
        }
        let mut chance = Chance(SEED);
        loop {
            let seed = Chance(chance.next());
            let (_, found) = self.attempt(BTreeMap::new(), chance.below(2) == 0, Some(seed))?;
            if found.is_some() {
                return found;
            }
        }
    }

    /// The choices that were made, and the instance if it is what is looked for. None where enough was tried.
    fn attempt(
        &mut self,
        otherwise: BTreeMap<usize, usize>,
        is_sparse: bool,
        chance: Option<Chance>,
    ) -> Option<(Vec<Made>, Option<Value>)> {
        self.tries = self.tries.checked_sub(1)?;
        let mut chooser = Chooser { otherwise, is_sparse, chance, made: Vec::new() };
        let made = self.maker.make(&mut chooser);
        let spent = std::mem::take(&mut self.maker.spent);
        self.work = self.work.checked_sub(1 + chooser.made.len() + spent)?;
        Some((chooser.made, made.filter(|instance| self.tells(instance))))
    }

    fn tells(&self, instance: &Value) -> bool {
        self.compiled[0].accepts(instance) && !self.compiled[1].accepts(instance)
    }

    /// The same without members and items that it tells as much without.
    fn smaller(&self, mut found: Value) -> Value {
        const LOOKS: usize = 2_000;
        let mut looks = LOOKS;
        let mut places = places(&found);
        // What is further down comes later, and is gone with what is above it.
        while let Some(place) = places.pop_front() {
            let Some(left) = looks.checked_sub(1) else { break };
            looks = left;
            if let Some(less) = without(&found, &place)
                && self.tells(&less)
            {
                found = less;
            }
        }
        found
    }
}

/// The places of members and last items, from the top down.
fn places(value: &Value) -> VecDeque<Vec<String>> {
    const PLACES: usize = 2_000;
    let (mut all, mut open) = (VecDeque::new(), VecDeque::from([(Vec::new(), value)]));
    while let Some((path, value)) = open.pop_front() {
        let mut add = |step: String, below| {
            let path: Vec<String> = path.iter().cloned().chain([step]).collect();
            all.push_back(path.clone());
            open.push_back((path, below));
        };
        match value {
            Value::Object(members) => members.iter().for_each(|(name, below)| add(name.clone(), below)),
            Value::Array(items) => {
                items.iter().enumerate().rev().for_each(|(place, below)| add(place.to_string(), below));
            }
            _ => {}
        }
        if all.len() > PLACES {
            break;
        }
    }
    all
}

fn without(value: &Value, path: &[String]) -> Option<Value> {
    let (last, parents) = path.split_last()?;
    let mut less = value.clone();
    let mut place = &mut less;
    for step in parents {
        place = match place {
            Value::Object(members) => members.get_mut(step)?,
            Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    match place {
        Value::Object(members) => members.shift_remove(last).map(|_| ())?,
        Value::Array(items) => {
            let at = last.parse::<usize>().ok().filter(|at| *at < items.len())?;
            items.remove(at);
        }
        _ => return None,
    }
    Some(less)
}
