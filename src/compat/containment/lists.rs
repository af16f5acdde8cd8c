//! Proofs about arrays.

use super::facts::{Facts, Part};
use super::objects::decided;
use super::proof::{Goal, Proof, Prover};
use serde_json::Value;

impl<'s> Prover<'s> {
    /// Proves a keyword about arrays.
    pub fn of_array(&mut self, facts: &Facts<'s>, goal: Goal<'s>) -> Proof {
        let bound = goal.value.as_f64();
        match goal.keyword {
            "items" => self.items(facts, goal.after),
            "minItems" => {
                let known = facts.most("minItems").unwrap_or_default();
                decided(bound.is_some_and(|least| known >= least), "fewer items were taken")
            }
            "maxItems" => {
                let known = facts.least("maxItems");
                let is_less = known.is_some_and(|most| bound.is_some_and(|bound| most <= bound));
                decided(is_less, "more items were taken")
            }
            "uniqueItems" => {
                let is_known = facts.keyword("uniqueItems").any(|unique| unique == &Value::Bool(true));
                let is_single = facts.least("maxItems").is_some_and(|most| most <= 1.0);
                decided(is_known || is_single || goal.value == &Value::Bool(false), "items could be the same")
            }
            _ => {
                let is_known = facts.keyword("contains").any(|known| self.is_same(known, goal.value));
                decided(is_known || self.holds_of_an_item(facts, goal), "no such item may have been there")
            }
        }
    }

    fn holds_of_an_item(&mut self, facts: &Facts<'s>, goal: Goal<'s>) -> bool {
        let has_items = facts.most("minItems").is_some_and(|least| least >= 1.0);
        has_items && self.implies(&item(facts, 0), goal.after.at(goal.value)).is_ok()
    }

    fn items(&mut self, facts: &Facts<'s>, after: Part<'s>) -> Proof {
        let most = facts.least("maxItems");
        let can_be = |place: usize| most.is_none_or(|most| (place as f64) < most);
        // Beyond the longest tuple, all items are alike.
        let longest = longest_tuple(facts);
        match after.keyword("items") {
            Some(Value::Array(tuple)) => {
                for (place, schema) in tuple.iter().enumerate().filter(|(place, _)| can_be(*place)) {
                    self.within(&item(facts, place), after.at(schema), &place.to_string())?;
                }
                let Some(rest) = after.keyword("additionalItems") else { return Ok(()) };
                for place in tuple.len()..=longest.max(tuple.len()) {
                    if can_be(place) {
                        self.implies(&item(facts, place), after.at(rest))?;
                    }
                }
                Ok(())
            }
            Some(schema) => {
                for place in (0..=longest).filter(|place| can_be(*place)) {
                    self.inside(&item(facts, place), after.at(schema))?;
                }
                Ok(())
            }
            None => Ok(()),
        }
    }
}

fn longest_tuple(facts: &Facts<'_>) -> usize {
    facts.keyword("items").filter_map(Value::as_array).map(Vec::len).max().unwrap_or_default()
}

/// What is known of the item at a place, should there be one.
pub(super) fn item<'s>(facts: &Facts<'s>, place: usize) -> Facts<'s> {
    let mut item = Facts::none();
    for part in &facts.parts {
        let schema = match part.keyword("items") {
            Some(Value::Array(tuple)) => tuple.get(place).or_else(|| part.keyword("additionalItems")),
            schema => schema,
        };
        if let Some(schema) = schema {
            item.add(part.at(schema));
        }
    }
    item
}
