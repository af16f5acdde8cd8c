//! Values that can be gone through one by one.

use super::facts::{Facts, Part};
use super::kinds::Kinds;
use super::proof::Prover;
use crate::protocol::schema::CompiledSchema;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// How many values are gone through.
const VALUES: usize = 2_000;
/// How many schemas are compiled for it.
const COMPILED: usize = 2_000;

/// Compiled parts of documents, each compiled once.
#[derive(Default)]
pub(super) struct Validators<'s> {
    known: HashMap<*const Value, Option<CompiledSchema>>,
    documents: std::marker::PhantomData<&'s Value>,
}

impl<'s> Validators<'s> {
    /// Whether a value is valid under a schema. None where that can't be said.
    pub fn accepts(&mut self, part: Part<'s>, value: &Value) -> Option<bool> {
        let key = std::ptr::from_ref(part.schema);
        if !self.known.contains_key(&key) {
            if self.known.len() >= COMPILED {
                return None;
            }
            self.known.insert(key, compile(part));
        }
        let compiled = self.known.get(&key)?.as_ref()?;
        Some(compiled.accepts(value))
    }
}

fn compile(part: Part<'_>) -> Option<CompiledSchema> {
    if !names_references(part.schema) {
        return CompiledSchema::compile(part.schema).ok();
    }
    let definitions = ["definitions", "$defs"].into_iter();
    let mut whole: Map<String, Value> =
        definitions.filter_map(|name| Some((name.to_owned(), part.root.get(name)?.clone()))).collect();
    let own = serde_json::json!([part.schema]);
    whole.insert("allOf".to_owned(), own);
    let whole = Value::Object(whole);
    // A reference to elsewhere would lead somewhere else in the new document.
    let is_elsewhere = |text: &str| !text.starts_with("#/definitions/") && !text.starts_with("#/$defs/");
    if references(&whole).any(is_elsewhere) { None } else { CompiledSchema::compile(&whole).ok() }
}

fn names_references(schema: &Value) -> bool {
    references(schema).next().is_some()
}

fn references(schema: &Value) -> impl Iterator<Item = &str> {
    let mut open = vec![schema];
    std::iter::from_fn(move || {
        while let Some(next) = open.pop() {
            match next {
                Value::Object(members) => {
                    open.extend(members.values());
                    if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                        return Some(reference);
                    }
                }
                Value::Array(items) => open.extend(items),
                _ => {}
            }
        }
        None
    })
}

impl<'s> Prover<'s> {
    /// The values that a value can have, where they can be gone through: those of an `enum` or `const` that all other
    /// parts take, as far as that is known.
    pub fn finite(&mut self, facts: &Facts<'s>) -> Option<Vec<Value>> {
        let listed = |part: &Part<'s>| match part.keyword("const") {
            Some(only) => Some(vec![only]),
            None => Some(part.keyword("enum")?.as_array()?.iter().collect()),
        };
        let shortest = facts.parts.iter().filter_map(listed).min_by_key(Vec::len);
        let values: Vec<Value> = match shortest {
            Some(values) if values.len() <= VALUES => values.into_iter().cloned().collect(),
            None if facts.kinds.is_within(Kinds::NULL.or(Kinds::BOOLEAN)) => {
                vec![Value::Null, Value::Bool(false), Value::Bool(true)]
            }
            _ => return None,
        };
        let is_possible = |value: &Value, prover: &mut Self| {
            Kinds::of_value(value).is_within(facts.kinds)
                && facts.parts.iter().all(|part| prover.validators.accepts(*part, value) != Some(false))
        };
        Some(values.into_iter().filter(|value| is_possible(value, self)).collect())
    }
}
