//! Which values, members and sizes are tried at a place: what both schemas name there, and what is next to it.

use super::facts::{Facts, Part};
use super::kinds::Kinds;
use super::proof::Prover;
use super::texts;
use crate::protocol::schema::canonical;
use serde_json::{Number, Value};
use std::collections::HashSet;

/// How many schemas of the later version are looked at for one place.
const HINTS: usize = 64;
/// How many values are tried at one place.
const VALUES: usize = 80;
/// How many items arrays have at most.
const ITEMS: usize = 40;

/// What the later schema says of a place, in whichever branch: places to look for values, nothing that must be so.
#[derive(Debug, Clone, Default)]
pub(super) struct Hints<'s>(pub Vec<Part<'s>>);

impl<'s> Hints<'s> {
    pub fn of(parts: impl IntoIterator<Item = Part<'s>>) -> Self {
        let (mut found, mut open): (Vec<Part<'s>>, Vec<Part<'s>>) = (Vec::new(), parts.into_iter().collect());
        open.reverse();
        while let Some(part) = open.pop().filter(|_| found.len() < HINTS) {
            let Some(part) = part.target() else { continue };
            if !part.schema.is_object() || found.iter().any(|known| std::ptr::eq(known.schema, part.schema)) {
                continue;
            }
            found.push(part);
            open.extend(["allOf", "anyOf", "oneOf"].into_iter().flat_map(|keyword| part.list(keyword)));
            open.extend(
                ["if", "then", "else", "not"].into_iter().filter_map(|name| Some(part.at(part.keyword(name)?))),
            );
        }
        Hints(found)
    }

    pub fn member(&self, name: &str) -> Hints<'s> {
        let of = |part: &Part<'s>| {
            let own = part.members("properties").and_then(|members| members.get(name));
            own.or_else(|| part.members("patternProperties")?.values().next())
                .or_else(|| part.keyword("additionalProperties"))
                .map(|schema| part.at(schema))
        };
        Hints::of(self.0.iter().filter_map(of))
    }

    pub fn item(&self, place: usize) -> Hints<'s> {
        let of = |part: &Part<'s>| {
            let schema = match part.keyword("items")? {
                Value::Array(tuple) => tuple.get(place).or_else(|| part.keyword("additionalItems"))?,
                schema => schema,
            };
            Some(part.at(schema))
        };
        Hints::of(self.0.iter().filter_map(of))
    }

    /// The names that it declares, requires or excludes.
    pub fn names(&self) -> Vec<&'s str> {
        let declared = self.0.iter().filter_map(|part| part.members("properties")).flat_map(|all| all.keys());
        let required = self.0.iter().filter_map(|part| part.keyword("required")?.as_array()).flatten();
        let mut seen = HashSet::new();
        let all = declared.map(String::as_str).chain(required.filter_map(Value::as_str));
        all.filter(|name| seen.insert(*name)).collect()
    }

    fn counts(&self, name: &str) -> impl Iterator<Item = usize> {
        let all = self.0.iter().filter_map(move |part| usize::try_from(part.keyword(name)?.as_u64()?).ok());
        all.collect::<Vec<_>>().into_iter()
    }
}

/// Sizes of an array: the usual one first.
pub(super) fn sizes(facts: &Facts<'_>, hints: &Hints<'_>) -> Vec<usize> {
    let count = |bound: Option<f64>| bound.map(|bound| bound.clamp(0.0, 1e6) as usize);
    let (least, most) = (count(facts.most("minItems")).unwrap_or(0), count(facts.least("maxItems")));
    let around = hints.counts("minItems").map(|bound| bound.saturating_sub(1));
    let around = around.chain(hints.counts("maxItems").map(|bound| bound + 1));
    let all = [least.max(1), least, least + 1, 2].into_iter().chain(most).chain(around);
    let mut seen = HashSet::new();
    let is_possible = |size: &usize| *size >= least && most.is_none_or(|most| *size <= most) && *size <= ITEMS;
    all.filter(is_possible).filter(|size| seen.insert(*size)).collect()
}

/// Values of a place that are neither objects nor arrays, or that the former schema lists: the usual one first. Only what
/// the former schema takes, as far as that is known.
pub(super) fn values<'s>(prover: &mut Prover<'s>, facts: &Facts<'s>, hints: &Hints<'s>) -> Vec<Value> {
    if let Some(values) = prover.finite(facts) {
        return values;
    }
    let mut found = named(&facts.parts);
    found.extend(named(&hints.0));
    if facts.kinds.meets(Kinds::STRING) {
        found.extend(strings(&facts.parts, &hints.0).into_iter().map(Value::from));
    }
    if facts.kinds.meets(Kinds::NUMBER) {
        found.extend(numbers(&facts.parts, &hints.0).into_iter().map(Value::from));
    }
    found.extend([Value::Bool(true), Value::Bool(false), Value::Null]);
    let mut seen = HashSet::new();
    found.retain(|value| {
        Kinds::of_value(value).is_within(facts.kinds)
            && !value.is_object()
            && !value.is_array()
            && facts.parts.iter().all(|part| prover.validators.accepts(*part, value) != Some(false))
            && seen.insert(canonical(value))
    });
    found.truncate(VALUES);
    found
}

/// What schemas give as values.
fn named(parts: &[Part<'_>]) -> Vec<Value> {
    let mut found = Vec::new();
    for part in parts {
        found.extend(part.keyword("default").cloned());
        found.extend(part.keyword("const").cloned());
        for keyword in ["examples", "enum"] {
            found.extend(part.keyword(keyword).and_then(Value::as_array).into_iter().flatten().take(VALUES).cloned());
        }
    }
    found
}

fn strings(known: &[Part<'_>], hints: &[Part<'_>]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let both = || known.iter().chain(hints);
    for pattern in both().filter_map(|part| part.keyword("pattern")?.as_str()) {
        for text in texts::matching(pattern) {
            // Most patterns leave it open how a text goes on.
            found.push(format!("{text}z"));
            found.push(text);
        }
    }
    found.extend(texts::USUAL.map(str::to_owned));
    for part in both() {
        for keyword in ["minLength", "maxLength"] {
            let Some(bound) = part.keyword(keyword).and_then(Value::as_u64) else { continue };
            let lengths = [Some(bound), bound.checked_sub(1), bound.checked_add(1)].into_iter().flatten();
            found.extend(lengths.filter_map(|length| texts::of_length(usize::try_from(length).ok()?)));
        }
    }
    found
}

fn numbers(known: &[Part<'_>], hints: &[Part<'_>]) -> Vec<Number> {
    let mut found = Vec::new();
    for part in known.iter().chain(hints) {
        for keyword in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"] {
            if let Some(bound) = part.keyword(keyword) {
                texts::around(bound, &mut found);
            }
        }
    }
    found.extend(texts::numbers());
    found
}
