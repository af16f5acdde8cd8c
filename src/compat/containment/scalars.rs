//! Proofs about types, texts and numbers.

use super::facts::Facts;
use super::kinds::Kinds;
use super::proof::{Doubt, Goal, Proof, Prover};
use super::same::is_asserted;
use crate::protocol::schema::canonical;
use serde_json::Value;

/// Patterns that every text matches.
const IDLE_PATTERNS: [&str; 6] = ["", "^", "$", ".*", "^.*", ".*$"];

impl<'s> Prover<'s> {
    /// Proves `type`, `enum`, `const` and the keywords of numbers and texts.
    pub fn of_scalar(&mut self, facts: &Facts<'s>, goal: Goal<'s>) -> Proof {
        let (is_text, is_number) = (facts.kinds.meets(Kinds::STRING), facts.kinds.meets(Kinds::NUMBER));
        let (proven, why) = match goal.keyword {
            "type" => (facts.kinds.is_within(Kinds::of_schema(goal.after.schema)), "other types were taken"),
            "enum" | "const" => (false, "other values were taken"),
            "minLength" | "maxLength" | "pattern" | "format" if !is_text => return Ok(()),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" if !is_number => {
                return Ok(());
            }
            "pattern" => {
                let idle = goal.value.as_str().is_some_and(|text| IDLE_PATTERNS.contains(&text));
                (idle || stands(facts, "pattern", goal.value), "texts that match no such pattern may have been taken")
            }
            "format" => {
                let idle = !is_asserted(goal.value);
                (idle || stands(facts, "format", goal.value), "texts of no such format may have been taken")
            }
            "multipleOf" => (is_multiple(facts, goal.value), "other numbers were taken"),
            bound => (is_bounded(facts, bound, goal.value), "values beyond that bound were taken"),
        };
        if proven { Ok(()) } else { Err(Doubt::here(why)) }
    }
}

fn stands<'s>(facts: &Facts<'s>, keyword: &'s str, value: &Value) -> bool {
    facts.keyword(keyword).any(|known| canonical(known) == canonical(value))
}

/// Whether the bounds that are known imply another.
fn is_bounded(facts: &Facts<'_>, keyword: &str, value: &Value) -> bool {
    let Some(bound) = value.as_f64() else { return false };
    let is_whole = !facts.kinds.meets(Kinds::FRACTION);
    // Of whole numbers, the next one within.
    let above = |bound: f64| if is_whole { bound.floor() + 1.0 } else { bound };
    let below = |bound: f64| if is_whole { bound.ceil() - 1.0 } else { bound };
    let (least, most) = (facts.most("minimum"), facts.least("maximum"));
    let (over, under) = (facts.most("exclusiveMinimum"), facts.least("exclusiveMaximum"));
    let known = |known: Option<f64>, holds: &dyn Fn(f64) -> bool| known.is_some_and(holds);
    match keyword {
        "minimum" => {
            known(least, &|least| if is_whole { least.ceil() >= bound } else { least >= bound })
                || known(over, &|over| above(over) >= bound)
        }
        "exclusiveMinimum" => {
            known(over, &|over| over >= bound || (is_whole && above(over) > bound))
                || known(least, &|least| if is_whole { least.ceil() > bound } else { least > bound })
        }
        "maximum" => {
            known(most, &|most| if is_whole { most.floor() <= bound } else { most <= bound })
                || known(under, &|under| below(under) <= bound)
        }
        "exclusiveMaximum" => {
            known(under, &|under| under <= bound || (is_whole && below(under) < bound))
                || known(most, &|most| if is_whole { most.floor() < bound } else { most < bound })
        }
        "minLength" => bound <= 0.0 || facts.most("minLength").is_some_and(|known| known >= bound),
        _ => facts.least("maxLength").is_some_and(|known| known <= bound),
    }
}

fn is_multiple(facts: &Facts<'_>, value: &Value) -> bool {
    let Some(step) = value.as_f64().filter(|step| *step > 0.0) else { return false };
    let is_whole = !facts.kinds.meets(Kinds::FRACTION);
    let known = facts.numbers("multipleOf").chain(is_whole.then_some(1.0));
    // Beyond that, floating point knows no remainders.
    known.into_iter().any(|known| known < 1e15 && (known / step).fract() == 0.0 && (known / step).abs() >= 1.0)
}
