//! Proofs, keyword by keyword: what is valid under some schemas is valid under another.
//!
//! A proof is certain; a doubt says nothing but that none was found.

use super::facts::{Facts, Part};
use super::kinds::Kinds;
use super::same::{ASSERTIONS, Comparison, refs_agree};
use super::{Undeclared, finite::Validators};
use crate::protocol::schema::Pattern;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::rc::Rc;

/// How many steps a proof may take.
const STEPS: usize = 100_000;
/// How deep schemas are followed.
const DEPTH: usize = 64;

/// Where a proof failed, and why.
#[derive(Debug, Clone)]
pub(super) struct Doubt {
    /// JSON pointer into the later schema.
    pub at: String,
    pub why: &'static str,
}

impl Doubt {
    pub fn here(why: &'static str) -> Doubt {
        Doubt { at: String::new(), why }
    }

    /// The same, seen from further up.
    pub fn below(mut self, step: &str) -> Doubt {
        self.at.insert_str(0, step);
        self.at.insert(0, '/');
        self
    }
}

pub(super) type Proof = Result<(), Doubt>;

/// A claim within a value: what is known, and the schema that is to follow.
type Claim = (Vec<usize>, Kinds, usize);

/// Proves.
pub(super) struct Prover<'s> {
    pub steps: usize,
    pub undeclared: Undeclared,
    pub validators: Validators<'s>,
    refs_agree: bool,
    depth: usize,
    /// Claims about values further up that are being proven: to come by one again further down proves it, as values end.
    open: Vec<Claim>,
    patterns: HashMap<&'s str, Option<Rc<Pattern>>>,
}

/// Keywords that are proven with another one: they say nothing by themselves.
const WITH_OTHERS: [&str; 4] = ["$ref", "additionalItems", "then", "else"];

impl<'s> Prover<'s> {
    pub fn new(before: &'s Value, after: &'s Value, undeclared: Undeclared) -> Self {
        Prover {
            steps: STEPS,
            undeclared,
            validators: Validators::default(),
            refs_agree: refs_agree(before, after),
            depth: 0,
            open: Vec::new(),
            patterns: HashMap::new(),
        }
    }

    /// Proves that whatever these facts hold of is valid under a schema.
    pub fn implies(&mut self, facts: &Facts<'s>, after: Part<'s>) -> Proof {
        self.step()?;
        if facts.kinds.is_none() {
            return Ok(());
        }
        let after = after.target().ok_or_else(|| Doubt::here("a reference leads nowhere"))?;
        let keywords = match after.schema {
            Value::Bool(true) => return Ok(()),
            Value::Object(keywords) => keywords,
            _ if self.is_impossible(facts) => return Ok(()),
            _ => return Err(Doubt::here("it takes nothing")),
        };
        if facts.parts.iter().any(|part| self.is_same(part.schema, after.schema)) {
            return Ok(());
        }
        if self.depth > DEPTH {
            return Err(Doubt::here("it is nested too deep"));
        }
        self.depth += 1;
        let proof = self.keywords(facts, after, keywords);
        self.depth -= 1;
        proof
    }

    /// Proves something of a value within the value, one step below a keyword.
    pub fn within(&mut self, facts: &Facts<'s>, after: Part<'s>, step: &str) -> Proof {
        self.inside(facts, after).map_err(|doubt| doubt.below(step))
    }

    /// Proves something of a value within the value.
    pub fn inside(&mut self, facts: &Facts<'s>, after: Part<'s>) -> Proof {
        let claim = (facts.identity(), facts.kinds, std::ptr::from_ref(after.schema).addr());
        if self.open.contains(&claim) {
            return Ok(());
        }
        self.open.push(claim);
        let proof = self.implies(facts, after);
        self.open.pop();
        proof
    }

    fn keywords(&mut self, facts: &Facts<'s>, after: Part<'s>, keywords: &'s Map<String, Value>) -> Proof {
        if let Some(values) = self.finite(facts) {
            return match values.iter().all(|value| self.validators.accepts(after, value) == Some(true)) {
                true => Ok(()),
                false => Err(Doubt::here("one of a few values is not taken").below(list_of_values(keywords))),
            };
        }
        // What is cheap, and what fails first, stands first.
        for keyword in ASSERTIONS.into_iter().filter(|keyword| !WITH_OTHERS.contains(keyword)) {
            if let Some(value) = keywords.get(keyword) {
                let goal = Goal { after, keyword, value };
                self.by_cases(facts, goal).map_err(|doubt| doubt.below(keyword))?;
            }
        }
        Ok(())
    }

    /// Proves a keyword, case by case where it can't be proven at once.
    fn by_cases(&mut self, facts: &Facts<'s>, goal: Goal<'s>) -> Proof {
        self.step()?;
        if let Some(values) = self.finite(facts) {
            let is_taken = |validators: &mut Validators<'s>, value| validators.accepts(goal.after, value) == Some(true);
            if values.iter().all(|value| is_taken(&mut self.validators, value)) {
                return Ok(());
            }
        }
        let Err(doubt) = self.keyword(facts, goal) else { return Ok(()) };
        if self.depth > DEPTH {
            return Err(doubt);
        }
        self.depth += 1;
        let proof = self.cases(facts, goal, doubt);
        self.depth -= 1;
        proof
    }

    fn cases(&mut self, facts: &Facts<'s>, goal: Goal<'s>, doubt: Doubt) -> Proof {
        if let Some(cases) = facts.split() {
            return cases.iter().try_for_each(|case| self.by_cases(case, goal));
        }
        let is_of_several = facts.kinds.each().nth(1).is_some();
        if is_of_several && ["anyOf", "oneOf", "not", "if", "enum"].contains(&goal.keyword) {
            let kinds: Vec<Kinds> = facts.kinds.each().collect();
            return kinds.into_iter().try_for_each(|kind| self.by_cases(&facts.only(kind), goal));
        }
        if self.is_impossible(facts) { Ok(()) } else { Err(doubt) }
    }

    fn keyword(&mut self, facts: &Facts<'s>, goal: Goal<'s>) -> Proof {
        match goal.keyword {
            "properties"
            | "patternProperties"
            | "additionalProperties"
            | "propertyNames"
            | "dependencies"
            | "required"
            | "minProperties"
            | "maxProperties" => {
                if facts.kinds.meets(Kinds::OBJECT) {
                    self.of_object(facts, goal)
                } else {
                    Ok(())
                }
            }
            "items" | "contains" | "minItems" | "maxItems" | "uniqueItems" => {
                if facts.kinds.meets(Kinds::ARRAY) {
                    self.of_array(facts, goal)
                } else {
                    Ok(())
                }
            }
            "allOf" | "anyOf" | "oneOf" | "not" | "if" => self.of_branches(facts, goal),
            _ => self.of_scalar(facts, goal),
        }
    }

    pub fn is_same(&mut self, one: &Value, other: &Value) -> bool {
        Comparison { steps: &mut self.steps, refs_agree: self.refs_agree }.is_same(one, other)
    }

    /// Takes a step. Errs where there were too many.
    pub fn step(&mut self) -> Proof {
        let left = self.steps.checked_sub(1);
        self.steps = left.unwrap_or_default();
        left.map(|_| ()).ok_or_else(|| Doubt::here("the schemas are too large to be compared"))
    }

    /// A pattern, where it means the same to all engines.
    pub fn pattern(&mut self, text: &'s str) -> Option<Rc<Pattern>> {
        self.patterns.entry(text).or_insert_with(|| Pattern::compile(text).map(Rc::new)).clone()
    }
}

/// A keyword that is to be proven.
#[derive(Clone, Copy)]
pub(super) struct Goal<'s> {
    /// The schema that has it.
    pub after: Part<'s>,
    pub keyword: &'static str,
    pub value: &'s Value,
}

/// The keyword that most likely refuses one of a few values.
fn list_of_values(keywords: &Map<String, Value>) -> &'static str {
    ["const", "enum", "oneOf", "anyOf", "pattern"]
        .into_iter()
        .find(|word| keywords.contains_key(*word))
        .unwrap_or("type")
}
