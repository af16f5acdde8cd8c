//! Proofs about `allOf`, `anyOf`, `oneOf`, `not` and `if`, and that nothing can be valid under some schemas.

use super::facts::{Facts, Part};
use super::kinds::Kinds;
use super::lists::item;
use super::objects::decided;
use super::proof::{Doubt, Goal, Proof, Prover};

/// How deep it is looked for what can't be.
const DEPTH: usize = 12;

impl<'s> Prover<'s> {
    /// Proves a keyword that combines schemas.
    pub fn of_branches(&mut self, facts: &Facts<'s>, goal: Goal<'s>) -> Proof {
        let after = goal.after;
        match goal.keyword {
            "allOf" => {
                for (place, part) in after.list("allOf").enumerate() {
                    self.implies(facts, part).map_err(|doubt| doubt.below(&place.to_string()))?;
                }
                Ok(())
            }
            "anyOf" => self.branch(facts, after, "anyOf").map(|_| ()),
            "oneOf" => {
                let taken = self.branch(facts, after, "oneOf")?;
                for (place, other) in after.list("oneOf").enumerate() {
                    if place != taken && !self.excludes(facts, other) {
                        let why = "more than one of its branches may take the same value";
                        return Err(Doubt::here(why).below(&place.to_string()));
                    }
                }
                Ok(())
            }
            "not" => decided(self.excludes(facts, after.at(goal.value)), "what it excludes may have been taken"),
            _ => self.condition(facts, after, after.at(goal.value)),
        }
    }

    /// The branch that takes all that these facts hold of.
    fn branch(&mut self, facts: &Facts<'s>, after: Part<'s>, keyword: &'static str) -> Result<usize, Doubt> {
        for (place, branch) in after.list(keyword).enumerate() {
            if self.implies(facts, branch).is_ok() {
                return Ok(place);
            }
            self.step()?;
        }
        Err(Doubt::here("none of its branches takes all that was taken before"))
    }

    fn condition(&mut self, facts: &Facts<'s>, after: Part<'s>, condition: Part<'s>) -> Proof {
        let (then, otherwise) = (after.keyword("then"), after.keyword("else"));
        if let Some(then) = then {
            self.implies(&facts.clone().with(condition.supposed()), after.at(then))?;
        }
        let Some(otherwise) = otherwise else { return Ok(()) };
        match self.implies(facts, condition).is_ok() {
            true => Ok(()),
            false => self.implies(facts, after.at(otherwise)),
        }
    }

    /// Whether nothing that these facts hold of is valid under a schema.
    fn excludes(&mut self, facts: &Facts<'s>, other: Part<'s>) -> bool {
        if other.target().is_none() {
            return false;
        }
        self.is_impossible(&facts.clone().with(other.supposed()))
    }

    /// Whether these facts hold of nothing. No in doubt.
    pub fn is_impossible(&mut self, facts: &Facts<'s>) -> bool {
        self.is_impossible_at(facts, 0)
    }

    fn is_impossible_at(&mut self, facts: &Facts<'s>, depth: usize) -> bool {
        if facts.kinds.is_none() {
            return true;
        }
        if depth > DEPTH || self.step().is_err() {
            return false;
        }
        if let Some(values) = self.finite(facts) {
            return values.is_empty();
        }
        if self.is_negated(facts) {
            return true;
        }
        let kinds: Vec<Kinds> = facts.kinds.each().collect();
        kinds.into_iter().all(|kind| self.has_none_of(facts, kind, depth)) || self.has_no_case(facts, depth)
    }

    /// Whether one choice has no alternative left.
    fn has_no_case(&mut self, facts: &Facts<'s>, depth: usize) -> bool {
        let cases = facts.split();
        cases.is_some_and(|cases| cases.iter().all(|case| self.is_impossible_at(case, depth + 1)))
    }

    /// Whether a `not` excludes all that the others take.
    fn is_negated(&mut self, facts: &Facts<'s>) -> bool {
        let negated: Vec<Part<'s>> =
            facts.parts.iter().filter_map(|part| part.keyword("not").map(|not| part.at(not))).collect();
        negated.into_iter().any(|not| {
            let is_same = facts.parts.iter().any(|part| self.is_same(part.schema, not.schema));
            is_same || self.implies(&without(facts, not), not).is_ok()
        })
    }

    /// Whether no value of one kind is left.
    fn has_none_of(&mut self, facts: &Facts<'s>, kind: Kinds, depth: usize) -> bool {
        let crossed = |least: &'s str, most: &'s str| match (facts.most(least), facts.least(most)) {
            (Some(least), Some(most)) => least > most,
            _ => false,
        };
        let touching = |least: &'s str, most: &'s str| {
            crossed(least, most) || facts.most(least).is_some_and(|least| facts.least(most) == Some(least))
        };
        match kind {
            Kinds::STRING => crossed("minLength", "maxLength"),
            Kinds::WHOLE | Kinds::FRACTION => {
                crossed("minimum", "maximum")
                    || touching("exclusiveMinimum", "maximum")
                    || touching("minimum", "exclusiveMaximum")
                    || touching("exclusiveMinimum", "exclusiveMaximum")
            }
            Kinds::ARRAY => {
                let has_items = facts.most("minItems").is_some_and(|least| least >= 1.0);
                crossed("minItems", "maxItems") || (has_items && self.is_impossible_at(&item(facts, 0), depth + 1))
            }
            Kinds::OBJECT => {
                let required: Vec<&str> = facts.required().collect();
                crossed("minProperties", "maxProperties")
                    || required.into_iter().any(|name| {
                        let member = self.member(facts, name);
                        self.is_impossible_at(&member, depth + 1)
                    })
            }
            _ => false,
        }
    }
}

/// The same facts without the part that negates a schema, so that it does not prove itself.
fn without<'s>(facts: &Facts<'s>, not: Part<'s>) -> Facts<'s> {
    let negates = |part: &Part<'s>| part.keyword("not").is_some_and(|schema| std::ptr::eq(schema, not.schema));
    let parts = facts.parts.iter().copied().filter(|part| !negates(part)).collect();
    Facts { parts, ..facts.clone() }
}
