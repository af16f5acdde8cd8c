//! Proofs about objects: their members, declared or not.

use super::Undeclared;
use super::facts::{Facts, Part};
use super::kinds::Kinds;
use super::proof::{Doubt, Goal, Proof, Prover};
use crate::protocol::schema::escaped;
use serde_json::{Map, Value};

impl<'s> Prover<'s> {
    /// Proves a keyword about objects.
    pub fn of_object(&mut self, facts: &Facts<'s>, goal: Goal<'s>) -> Proof {
        match goal.keyword {
            "properties" => self.properties(facts, goal.after),
            "patternProperties" => self.pattern_properties(facts, goal.after),
            "additionalProperties" => self.additional(facts, goal.after),
            "required" => required(facts, goal.value),
            "dependencies" => self.dependencies(facts, goal),
            "minProperties" => {
                let mut names: Vec<&str> = facts.required().collect();
                names.sort_unstable();
                names.dedup();
                let known = facts.most("minProperties").unwrap_or_default().max(names.len() as f64);
                decided(goal.value.as_f64().is_some_and(|least| known >= least), "fewer members were taken")
            }
            "maxProperties" => {
                let most = self.most_members(facts);
                let is_less = |most: f64| goal.value.as_f64().is_some_and(|bound| most <= bound);
                decided(most.is_some_and(is_less), "more members were taken")
            }
            _ => {
                let is_known = facts.keyword(goal.keyword).any(|known| self.is_same(known, goal.value));
                decided(is_known, "other names of members may have been taken")
            }
        }
    }

    fn properties(&mut self, facts: &Facts<'s>, after: Part<'s>) -> Proof {
        for (name, schema) in after.members("properties").into_iter().flatten() {
            let member = self.member(facts, name);
            self.within(&member, after.at(schema), &escaped(name))?;
        }
        Ok(())
    }

    fn pattern_properties(&mut self, facts: &Facts<'s>, after: Part<'s>) -> Proof {
        for (text, schema) in after.members("patternProperties").into_iter().flatten() {
            // Where the same pattern stood before, all that it named has its schema.
            let known =
                facts.parts.iter().filter_map(|part| Some(part.at(part.members("patternProperties")?.get(text)?)));
            let known: Vec<Part<'s>> = known.collect();
            if !known.is_empty()
                && self.within(&Facts::none().with_all(&known), after.at(schema), &escaped(text)).is_ok()
            {
                continue;
            }
            let pattern = self.pattern(text).ok_or_else(|| Doubt::here("engines disagree about the pattern"))?;
            for name in facts.named() {
                if pattern.takes(name) {
                    let member = self.member(facts, name);
                    self.within(&member, after.at(schema), &escaped(text))?;
                }
            }
            for others in self.others(facts, None) {
                self.within(&others, after.at(schema), &escaped(text))?;
            }
        }
        Ok(())
    }

    fn additional(&mut self, facts: &Facts<'s>, after: Part<'s>) -> Proof {
        let Some(schema) = after.keyword("additionalProperties").filter(|schema| *schema != &Value::Bool(true)) else {
            return Ok(());
        };
        let schema = after.at(schema);
        for name in facts.named() {
            if !self.names(after, name) {
                let member = self.member(facts, name);
                self.implies(&member, schema)?;
            }
        }
        let own = after.members("patternProperties");
        for others in self.others(facts, own) {
            self.implies(&others, schema)?;
        }
        Ok(())
    }

    /// Whether a schema says something about a member by its name. Yes in doubt means that nothing need be proven, so a
    /// pattern that is in doubt does not count.
    fn names(&mut self, part: Part<'s>, name: &str) -> bool {
        let mut patterns = part.members("patternProperties").into_iter().flatten();
        part.members("properties").is_some_and(|members| members.contains_key(name))
            || patterns.any(|(text, _)| self.pattern(text).is_some_and(|pattern| pattern.takes(name)))
    }

    fn dependencies(&mut self, facts: &Facts<'s>, goal: Goal<'s>) -> Proof {
        for (name, needed) in goal.value.as_object().into_iter().flatten() {
            let is_known = facts
                .keyword("dependencies")
                .filter_map(|known| known.get(name))
                .any(|known| known == needed || self.is_same(known, needed));
            let member = self.member(facts, name);
            if is_known || self.is_impossible(&member) {
                continue;
            }
            match needed {
                Value::Array(_) => required(facts, needed)?,
                schema => self.implies(facts, goal.after.at(schema)).map_err(|doubt| doubt.below(&escaped(name)))?,
            }
        }
        Ok(())
    }

    /// What is known of a member, should there be one.
    pub fn member(&mut self, facts: &Facts<'s>, name: &str) -> Facts<'s> {
        let mut member = Facts::none();
        let mut is_declared = false;
        for part in &facts.parts {
            let own = part.members("properties").and_then(|members| members.get(name));
            if let Some(schema) = own {
                member.add(part.at(schema));
            }
            let (mut is_named, mut in_doubt) = (own.is_some(), false);
            for (text, schema) in part.members("patternProperties").into_iter().flatten() {
                match self.pattern(text) {
                    Some(pattern) if pattern.takes(name) => {
                        is_named = true;
                        member.add(part.at(schema));
                    }
                    Some(_) => {}
                    None => in_doubt = true,
                }
            }
            let additional = part.keyword("additionalProperties");
            if let Some(schema) = additional.filter(|_| !is_named && !in_doubt) {
                member.add(part.at(schema));
            }
            is_declared |= part.is_former && (is_named || in_doubt || additional.is_some_and(Value::is_object));
        }
        // What must be there is there, declared or not.
        let mut former = facts.parts.iter().filter(|part| part.is_former);
        is_declared |= former.any(|part| requires(part, name));
        if !is_declared && self.is_closed(facts) {
            member.kinds = Kinds::NONE;
        }
        member
    }

    /// Whether members that nobody declares are taken for absent.
    fn is_closed(&self, facts: &Facts<'s>) -> bool {
        let former = facts.parts.iter().filter(|part| part.is_former);
        let mut members = former.filter_map(|part| part.members("properties"));
        self.undeclared == Undeclared::Absent && facts.choices.is_empty() && members.any(|members| !members.is_empty())
    }

    /// What is known of members that no part declares by name: alternatives, one of which holds of each. What matches
    /// a pattern of `named` is left out.
    fn others(&mut self, facts: &Facts<'s>, named: Option<&Map<String, Value>>) -> Vec<Facts<'s>> {
        let mut rest = Facts::none();
        let mut patterned = None;
        let mut is_open = false;
        for part in &facts.parts {
            let patterns = part.members("patternProperties").filter(|patterns| !patterns.is_empty());
            let additional = part.keyword("additionalProperties");
            is_open |= part.is_former && (additional.is_some_and(Value::is_object) || patterns.is_some());
            match (patterns, additional) {
                (None, Some(schema)) => rest.add(part.at(schema)),
                // Of several parts with patterns, one says enough: less is known then.
                (Some(_), _) => patterned = Some(*part),
                (None, None) => {}
            }
        }
        if !is_open && self.is_closed(facts) {
            return Vec::new();
        }
        let Some(part) = patterned else { return vec![rest] };
        let patterns = part.members("patternProperties").into_iter().flatten();
        let is_left_out = |text: &String| named.is_some_and(|named| named.contains_key(text));
        let named = patterns.filter(|(text, _)| !is_left_out(text)).map(|(_, schema)| part.at(schema));
        let other = part.keyword("additionalProperties").map(|schema| part.at(schema));
        let mut all: Vec<Facts<'s>> = named.map(|schema| rest.clone().with(schema)).collect();
        all.push(other.map_or_else(|| rest.clone(), |schema| rest.clone().with(schema)));
        all
    }

    fn most_members(&mut self, facts: &Facts<'s>) -> Option<f64> {
        let is_closed = self.is_closed(facts) && self.others(facts, None).is_empty()
            || facts.keyword("additionalProperties").any(|schema| schema == &Value::Bool(false))
                && facts.keyword("patternProperties").next().is_none();
        let declared = is_closed.then(|| facts.named().len() as f64);
        [facts.least("maxProperties"), declared].into_iter().flatten().reduce(f64::min)
    }
}

/// Whether a part's own `required` has a name.
fn requires(part: &Part<'_>, name: &str) -> bool {
    let names = part.keyword("required").and_then(Value::as_array);
    names.is_some_and(|names| names.iter().any(|known| known == name))
}

fn required(facts: &Facts<'_>, names: &Value) -> Proof {
    let known: std::collections::HashSet<&str> = facts.required().collect();
    let mut wanted = names.as_array().into_iter().flatten().filter_map(Value::as_str);
    decided(wanted.all(|name| known.contains(name)), "a member need not have been given")
}

pub(super) fn decided(is_proven: bool, why: &'static str) -> Proof {
    if is_proven { Ok(()) } else { Err(Doubt::here(why)) }
}
