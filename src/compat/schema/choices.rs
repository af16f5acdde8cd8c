//! Choices: which branch of the former is which of the new one, and what became of those that are gone.

use super::{At, Of, TooLarge, Walk, target};
use crate::compat::rules;
use crate::protocol::schema::canonical;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Whether two branches are the same one.
type Test = fn(&Value, &Value) -> bool;

/// How many branches are looked through for each one.
const BRANCHES: usize = 200;

impl<'s> Walk<'s> {
    /// A field that became a choice, or a choice that became a field. True where that is so.
    pub(super) fn turned(&mut self, [before, after]: [&'s Value; 2], at: &At<'s>) -> Result<bool, TooLarge> {
        let [one, other] = [branches(before), branches(after)];
        if one.is_some() == other.is_some() || at.depth == 0 {
            return Ok(false);
        }
        let rule = self.weighed([before, after], rules::BECAME_CHOICE, rules::CHOICE_WIDENED)?;
        let (keyword, _) = other.or(one).unwrap_or(("oneOf", &[]));
        self.push(rule, at.keyword(keyword), [before, after].map(Some));
        Ok(true)
    }

    /// Compares the branches of two choices.
    pub(super) fn choices(&mut self, [before, after]: [&'s Value; 2], at: &At<'s>) -> Result<(), TooLarge> {
        match [branches(before), branches(after)] {
            [None, None] => Ok(()),
            [Some((_, one)), Some((keyword, other))] => {
                self.spend(one.len().saturating_mul(other.len().min(BRANCHES)))?;
                match self.of {
                    Of::Config => self.branches([before, after], [one, other], keyword, at),
                    Of::Records => self.forms([one, other], keyword, at),
                }
            }
            [one, other] => {
                let keyword = other.or(one).map_or("oneOf", |(keyword, _)| keyword);
                let values = [one.map(|(keyword, _)| &before[keyword]), other.map(|(keyword, _)| &after[keyword])];
                match ([before, after], self.of) {
                    ([Value::Object(one), Value::Object(other)], Of::Config) => {
                        self.composite(keyword, [one, other], values, at)
                    }
                    _ => {
                        self.push(rules::RECORDS_CONSTRAINED, at.keyword(keyword), values);
                        Ok(())
                    }
                }
            }
        }
    }

    fn branches(
        &mut self,
        [before, after]: [&'s Value; 2],
        [one, other]: [&'s [Value]; 2],
        keyword: &str,
        at: &At<'s>,
    ) -> Result<(), TooLarge> {
        let pairs = self.pairs([one, other]);
        for (place, same) in pairs.iter().enumerate() {
            if let Some(same) = same {
                self.compare([&one[place], &other[*same]], &at.branch(&format!("{keyword}/{same}"), before))?;
                continue;
            }
            let is_taken = self.weighed([&one[place], after], rules::BRANCH_REMOVED, rules::CONSTRAINT_CHANGED)?;
            let shown = shown(target(self.roots[0], &one[place]));
            self.push(is_taken, at.keyword(&format!("{keyword}/{place}")), [Some(&shown), None]);
        }
        for (place, branch) in other.iter().enumerate() {
            if !pairs.contains(&Some(place)) {
                let shown = shown(target(self.roots[1], branch));
                self.push(rules::BRANCH_ADDED, at.keyword(&format!("{keyword}/{place}")), [None, Some(&shown)]);
            }
        }
        Ok(())
    }

    /// For each former branch, the place of the new one that it is: by its discriminator, by all that it says, by its title, by
    /// the names of its fields, and where one is left on each side, by that.
    fn pairs(&self, [one, other]: [&'s [Value]; 2]) -> Vec<Option<usize>> {
        let former: Vec<&Value> = one.iter().take(BRANCHES).map(|branch| target(self.roots[0], branch)).collect();
        let latter: Vec<&Value> = other.iter().take(BRANCHES).map(|branch| target(self.roots[1], branch)).collect();
        let mut pairs: Vec<Option<usize>> = vec![None; one.len()];
        let mut free: BTreeSet<usize> = (0..latter.len()).collect();
        let tests: [Test; 4] = [
            |one, other| one == other,
            |one, other| agrees(one, other) == Some(true),
            |one, other| agrees(one, other).is_none() && is_same_member("title", one, other),
            |one, other| {
                agrees(one, other).is_none() && fields(one) == fields(other) && one.get("type") == other.get("type")
            },
        ];
        for test in tests {
            for (place, branch) in former.iter().enumerate() {
                if pairs[place].is_none()
                    && let Some(same) = free.iter().copied().find(|same| test(branch, latter[*same]))
                {
                    free.remove(&same);
                    pairs[place] = Some(same);
                }
            }
        }
        let open: Vec<usize> = (0..former.len()).filter(|place| pairs[*place].is_none()).collect();
        if let ([place], Some(same), 1) = (open.as_slice(), free.first().copied(), free.len())
            && agrees(former[*place], latter[same]).is_none()
            && one.len() == other.len()
        {
            pairs[*place] = Some(same);
        }
        pairs
    }

    /// The forms that a record's field may have: in any order.
    fn forms(&mut self, [one, other]: [&'s [Value]; 2], keyword: &str, at: &At<'s>) -> Result<(), TooLarge> {
        let set = |forms: &[Value]| forms.iter().map(canonical).collect::<BTreeSet<_>>();
        if set(one) == set(other) {
            return Ok(());
        }
        let pairs = self.pairs([one, other]);
        if one.len() == other.len() && pairs.iter().all(Option::is_some) {
            for (branch, same) in one.iter().zip(pairs.into_iter().flatten()) {
                self.compare([branch, &other[same]], &at.within(&format!("{keyword}/{same}")))?;
            }
            return Ok(());
        }
        let values = [one, other].map(|forms| Value::from(forms.to_vec()));
        self.push(rules::COLUMN_RETYPED, at.keyword(keyword), [Some(&values[0]), Some(&values[1])]);
        Ok(())
    }
}

/// The branches of a choice, and the keyword that has them.
fn branches(schema: &Value) -> Option<(&'static str, &[Value])> {
    ["oneOf", "anyOf"].into_iter().find_map(|keyword| Some((keyword, schema.get(keyword)?.as_array()?.as_slice())))
}

/// The properties of a branch that can have one value only: what discriminates it.
fn constants(branch: &Value) -> Vec<(&str, &Value)> {
    let properties = branch.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties
        .filter_map(|(name, schema)| {
            let listed = || schema.get("enum")?.as_array().filter(|values| values.len() == 1)?.first();
            Some((name.as_str(), schema.get("const").or_else(listed)?))
        })
        .collect()
}

/// Whether the constants of both agree. None where they share none.
fn agrees(one: &Value, other: &Value) -> Option<bool> {
    let (one, other) = (constants(one), constants(other));
    let shared = one.iter().filter_map(|(name, value)| {
        other.iter().find(|(known, _)| known == name).map(|(_, now)| canonical(value) == canonical(now))
    });
    shared.reduce(|one, other| one && other)
}

fn is_same_member(keyword: &str, one: &Value, other: &Value) -> bool {
    one.get(keyword).is_some() && one.get(keyword) == other.get(keyword)
}

fn fields(branch: &Value) -> Option<BTreeSet<&String>> {
    Some(branch.get("properties")?.as_object()?.keys().collect())
}

/// What a branch is called.
fn shown(branch: &Value) -> Value {
    match constants(branch).first() {
        Some((name, value)) => json!({ *name: value }),
        None => branch.get("title").unwrap_or(branch).clone(),
    }
}
