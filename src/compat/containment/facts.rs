//! What is known of a value: the schemas that it is valid under, taken apart.

use super::kinds::Kinds;
use serde_json::{Map, Value};

/// How many references follow each other at one place.
const HOPS: usize = 16;
/// How many schemas may be known of one value.
const PARTS: usize = 400;

/// A schema, and the document that its references point into.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'s> {
    pub root: &'s Value,
    pub schema: &'s Value,
    /// Whether the former version says it of the value, so that what it declares is all that there is to declare.
    pub is_former: bool,
}

impl<'s> Part<'s> {
    /// A document of the former version.
    pub fn former(root: &'s Value) -> Part<'s> {
        Part { root, schema: root, is_former: true }
    }

    /// A document of the later version.
    pub fn latter(root: &'s Value) -> Part<'s> {
        Part { root, schema: root, is_former: false }
    }

    /// The same, only supposed of the value.
    pub fn supposed(self) -> Part<'s> {
        Part { is_former: false, ..self }
    }

    /// Another schema of the same document.
    pub fn at(self, schema: &'s Value) -> Part<'s> {
        Part { schema, ..self }
    }

    /// Where its reference leads, or itself. None for a reference that leads nowhere, elsewhere, or round.
    pub fn target(self) -> Option<Part<'s>> {
        let mut part = self;
        for _ in 0..HOPS {
            let Some(reference) = part.schema.get("$ref") else { return Some(part) };
            let pointer = reference.as_str()?.strip_prefix('#')?;
            part = part.at(part.root.pointer(pointer)?);
        }
        None
    }

    pub fn keyword(self, name: &str) -> Option<&'s Value> {
        self.schema.get(name)
    }

    pub fn members(self, name: &str) -> Option<&'s Map<String, Value>> {
        self.schema.get(name)?.as_object()
    }

    /// The schemas of a keyword that has a list of them.
    pub fn list(self, name: &str) -> impl Iterator<Item = Part<'s>> {
        self.schema.get(name).and_then(Value::as_array).into_iter().flatten().map(move |schema| self.at(schema))
    }
}

/// What is known of a value.
#[derive(Debug, Clone)]
pub(super) struct Facts<'s> {
    /// Schemas that hold of it: no references, and without what is in `choices`.
    pub parts: Vec<Part<'s>>,
    /// Of each, one alternative holds, which is one or more schemas.
    pub choices: Vec<Vec<Vec<Part<'s>>>>,
    /// What it can be by the `type` of all parts.
    pub kinds: Kinds,
}

impl<'s> Facts<'s> {
    /// Nothing is known.
    pub fn none() -> Self {
        Facts { parts: Vec::new(), choices: Vec::new(), kinds: Kinds::ALL }
    }

    /// It is valid under this schema.
    pub fn of(part: Part<'s>) -> Self {
        Facts::none().with(part)
    }

    /// And under this one.
    pub fn with(mut self, part: Part<'s>) -> Self {
        self.add(part);
        self
    }

    /// And under these.
    pub fn with_all(self, parts: &[Part<'s>]) -> Self {
        parts.iter().fold(self, |facts, part| facts.with(*part))
    }

    /// And is of these kinds.
    pub fn only(&self, kinds: Kinds) -> Self {
        Facts { kinds: self.kinds.and(kinds), ..self.clone() }
    }

    /// What is not understood is left out: less is known then.
    pub fn add(&mut self, part: Part<'s>) {
        let mut open = vec![part];
        while let Some(part) = open.pop() {
            let Some(part) = part.target() else { continue };
            if self.parts.len() >= PARTS || self.parts.iter().any(|known| std::ptr::eq(known.schema, part.schema)) {
                continue;
            }
            if part.schema == &Value::Bool(false) {
                self.kinds = Kinds::NONE;
            }
            if !part.schema.is_object() {
                continue;
            }
            self.kinds = self.kinds.and(Kinds::of_schema(part.schema));
            self.parts.push(part);
            self.add_choices(part);
            let within: Vec<_> = part.list("allOf").collect();
            open.extend(within.into_iter().rev());
        }
    }

    fn add_choices(&mut self, part: Part<'s>) {
        for keyword in ["oneOf", "anyOf"] {
            if part.schema.get(keyword).is_some_and(Value::is_array) {
                self.choices.push(part.list(keyword).map(|branch| vec![branch]).collect());
            }
        }
        if let Some(condition) = part.keyword("if") {
            let then = part.keyword("then").map(|then| part.at(then));
            let otherwise = part.keyword("else").map(|otherwise| part.at(otherwise));
            let met = [Some(part.at(condition)), then].into_iter().flatten().collect();
            self.choices.push(vec![met, otherwise.into_iter().collect()]);
        }
    }

    /// Takes the first choice, and gives what is known in each of its alternatives.
    pub fn split(&self) -> Option<Vec<Facts<'s>>> {
        let (first, others) = self.choices.split_first()?;
        let rest = Facts { choices: others.to_vec(), ..self.clone() };
        Some(first.iter().map(|alternative| rest.clone().with_all(alternative)).collect())
    }

    /// The values of a keyword in all parts.
    pub fn keyword(&self, name: &'s str) -> impl Iterator<Item = &'s Value> + '_ {
        self.parts.iter().filter_map(move |part| part.schema.get(name))
    }

    /// The numbers of a keyword in all parts.
    pub fn numbers(&self, name: &'s str) -> impl Iterator<Item = f64> + '_ {
        self.keyword(name).filter_map(Value::as_f64)
    }

    /// The largest number of a keyword.
    pub fn most(&self, name: &'s str) -> Option<f64> {
        self.numbers(name).reduce(f64::max)
    }

    /// The smallest number of a keyword.
    pub fn least(&self, name: &'s str) -> Option<f64> {
        self.numbers(name).reduce(f64::min)
    }

    /// The names that an object must have.
    pub fn required(&self) -> impl Iterator<Item = &'s str> + '_ {
        self.keyword("required").filter_map(Value::as_array).flatten().filter_map(Value::as_str)
    }

    /// The names that parts declare or require, each once.
    pub fn named(&self) -> Vec<&'s str> {
        let mut all = self.declared();
        let known: std::collections::HashSet<&str> = all.iter().copied().collect();
        let mut more: Vec<&'s str> = self.required().filter(|name| !known.contains(name)).collect();
        more.sort_unstable();
        more.dedup();
        all.append(&mut more);
        all
    }

    /// The names that parts declare, each once.
    pub fn declared(&self) -> Vec<&'s str> {
        let mut seen = std::collections::HashSet::new();
        let all = self.parts.iter().filter_map(|part| part.members("properties")).flat_map(|members| members.keys());
        all.map(String::as_str).filter(|name| seen.insert(*name)).collect()
    }

    /// What it is known by, for comparison.
    pub fn identity(&self) -> Vec<usize> {
        let mut all: Vec<usize> = self.parts.iter().map(|part| std::ptr::from_ref(part.schema).addr()).collect();
        all.sort_unstable();
        all
    }
}
