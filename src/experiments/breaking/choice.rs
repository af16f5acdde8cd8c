//! Choices: which branch of a former one is which of the new one, and what became of those that are gone.

use super::spec::{At, Walk, allowed};
use super::{Change, branches, target};
use crate::protocol::schema::canonical;
use crate::rules::Level;
use serde_json::Value;

const GONE: &str = "a branch of a choice is gone";
const ADDED: &str = "a choice was added of which no branch takes what was valid before";

impl<'s> Walk<'s> {
    /// Compares the choices of two schemas.
    pub fn choices(&mut self, [before, after]: [&'s Value; 2], at: At<'_>, found: &mut Vec<Change>) -> Option<()> {
        match (branches(before), branches(after)) {
            (Some((_, known)), Some((keyword, now))) => {
                let pointer = format!("{}/{keyword}", at.pointer);
                for place in 0..known.len() {
                    self.branch(known, now, place, At { pointer: &pointer, ..at }, found)?;
                }
                Some(())
            }
            // Values that became branches are looked at as values.
            (None, Some((keyword, now))) if allowed(before).is_none() && !now.is_empty() => {
                for branch in now {
                    if !breaks(&self.trial([before, branch], at)?) {
                        return Some(());
                    }
                }
                let pointer = format!("{}/{keyword}", at.pointer);
                found.push(Change::at(pointer, ADDED, Level::Must, [None, after.get(keyword)]));
                Some(())
            }
            _ => Some(()),
        }
    }

    /// Looks for a branch among the new ones: by its discriminator, else by what it takes, by its title, by its place.
    fn branch(
        &mut self,
        known: &'s [Value],
        now: &'s [Value],
        place: usize,
        at: At<'_>,
        found: &mut Vec<Change>,
    ) -> Option<()> {
        let branch = &known[place];
        let constants = constants_of(target(self.roots[0], branch));
        let same = now.iter().position(|other| {
            let others = constants_of(target(self.roots[1], other));
            let shared = || constants.iter().filter_map(|(name, value)| Some((*value, value_of(&others, name)?)));
            shared().next().is_some() && shared().all(|(one, other)| canonical(one) == canonical(other))
        });
        if let Some(same) = same {
            let pointer = format!("{}/{same}", at.pointer);
            return self.compare([branch, &now[same]], At { pointer: &pointer, depth: at.depth + 1, ..at }, found);
        }
        let mut trials = Vec::new();
        for (other, schema) in now.iter().enumerate() {
            let pointer = format!("{}/{other}", at.pointer);
            let trial = self.trial([branch, schema], At { pointer: &pointer, ..at })?;
            if !breaks(&trial) {
                return Some(());
            }
            trials.push(trial);
        }
        let title = target(self.roots[0], branch).get("title");
        let of_title =
            now.iter().position(|other| title.is_some() && target(self.roots[1], other).get("title") == title);
        let of_place = Some(place).filter(|_| known.len() == now.len());
        match of_title.or(of_place).filter(|_| constants.is_empty()) {
            Some(other) => found.append(&mut trials[other]),
            None => {
                let shown = constants.first().map(|(_, value)| *value).or(title).unwrap_or(branch);
                let pointer = format!("{}/{place}", at.pointer);
                found.push(Change::at(pointer, GONE, Level::Must, [Some(shown), None]));
            }
        }
        Some(())
    }

    /// What would have changed if the one were the other.
    fn trial(&mut self, pair: [&'s Value; 2], at: At<'_>) -> Option<Vec<Change>> {
        self.budget = self.budget.checked_sub(1)?;
        let mut found = Vec::new();
        self.compare(pair, At { depth: at.depth + 1, ..at }, &mut found)?;
        Some(found)
    }
}

fn breaks(changes: &[Change]) -> bool {
    changes.iter().any(|change| change.level == Level::Must)
}

/// The properties of a branch that can have one value only: what discriminates it.
fn constants_of(branch: &Value) -> Vec<(&str, &Value)> {
    let properties = branch.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties
        .filter_map(|(name, schema)| match allowed(schema)?.as_slice() {
            [only] => Some((name.as_str(), *only)),
            _ => None,
        })
        .collect()
}

fn value_of<'v>(constants: &[(&str, &'v Value)], name: &str) -> Option<&'v Value> {
    constants.iter().find(|(other, _)| *other == name).map(|(_, value)| *value)
}
